/** What an author does in the demonstration, and what has to come of it. */
import type { Stage } from "./stage.ts";

export interface Step {
  /** What the author does, in a few words. */
  readonly what: string;
  readonly act: (stage: Stage) => void;
  /** The article to look at afterwards, and what must hold of it (null: gone from the inserter). */
  readonly id: string;
  readonly expect: (article: Record<string, unknown> | null) => boolean;
  /** What then happened, in plain words. */
  readonly outcome: string;
}

function post(id: string, title: string, body: string, extra = ""): string {
  return `---\nid: ${id}\ntitle: ${title}\ndate: 2026-11-20\n${extra}---\n\n${body}\n`;
}

/** The blog as it is when the agent first sees it. */
export const BLOG: Readonly<Record<string, string>> = {
  "README.md": "# A small blog\n\nWritten in two languages.\n",
  "posts/hello.md": post("hello", "Hello, world", "The first post. *Push and forget.*", "tags: [meta]\n"),
  "posts/git-objects.md": post(
    "git-objects",
    "Git keeps objects",
    "A tree points at blobs.",
    "tags: [git]\n",
  ),
  "posts/sidecars.md": post("sidecars", "On sidecars", "Two containers, one volume.", "tags: [ops]\n"),
  "posts/ja/はじめに.md": post(
    "hajimeni",
    "はじめに",
    "最初の記事です。**プッシュするだけ**で公開されます。",
    "tags: [お知らせ]\n",
  ),
  "posts/ja/検索.md": post("kensaku", "全文検索について", "日本語の記事も検索できます。", "tags: [検索]\n"),
};

export const STORY: readonly Step[] = [
  {
    what: "adds a post",
    act: (stage) => stage.edit({ "posts/new.md": post("new", "A new post", "Fresh from the press.") }),
    id: "new",
    expect: (article) => article?.["title"] === "A new post",
    outcome: "it is there",
  },
  {
    what: "edits a Japanese post",
    act: (stage) =>
      stage.edit({ "posts/ja/はじめに.md": post("hajimeni", "はじめに（改訂）", "書き直しました。") }),
    id: "hajimeni",
    expect: (article) => article?.["title"] === "はじめに（改訂）",
    outcome: "the new title is there",
  },
  {
    what: "renames a file, the id stays",
    act: (stage) =>
      stage.edit({
        "posts/sidecars.md": null,
        "posts/2026/sidecars.md": post(
          "sidecars",
          "On sidecars",
          "Two containers, one volume.",
          "tags: [ops]\n",
        ),
      }),
    id: "sidecars",
    expect: (article) => article?.["path"] === "posts/2026/sidecars.md",
    outcome: "same article, new path; nothing was deleted in between",
  },
  {
    what: "makes a post a draft again",
    act: (stage) =>
      stage.edit({
        "posts/git-objects.md": post("git-objects", "Git keeps objects", "Not yet.", "draft: true\n"),
      }),
    id: "git-objects",
    expect: (article) => article === null,
    outcome: "it was withdrawn",
  },
  {
    what: "deletes a post",
    act: (stage) => stage.edit({ "posts/ja/検索.md": null }),
    id: "kensaku",
    expect: (article) => article === null,
    outcome: "it is gone",
  },
  {
    what: "breaks a post (no title) and adds another in the same push",
    act: (stage) =>
      stage.edit({
        "posts/hello.md": "---\nid: hello\ndate: 2026-11-20\n---\n\nWhere did the title go?\n",
        "posts/beside.md": post("beside", "Beside a broken one", "One bad post never holds up another."),
      }),
    id: "beside",
    expect: (article) => article?.["title"] === "Beside a broken one",
    outcome: "the good one is there; the broken one keeps its last good version",
  },
];
