import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FileRow, Verdict } from "../../../src/sync/model.ts";
import type { Content } from "../../../src/sync/ports.ts";
import { createLinter, type LinterOptions } from "../../../src/wiring/linter.ts";
import { article, articleRoom, places } from "../../support/article.ts";

const linting = suite("linter");

const NOW = Date.UTC(2026, 7, 7);

/** Warnings about one text at `posts/a.md`, beside other files; null for a text that is not linted. */
async function warningsOf(
  text: string | Content,
  others: Readonly<Record<string, Verdict | "file">> = {},
  options: Partial<LinterOptions> = {},
) {
  const articles = articleRoom();
  const content: Content =
    typeof text === "string" ? { kind: "bytes", bytes: new TextEncoder().encode(text) } : text;
  const linter = createLinter({
    articles,
    source: {
      read: async () => content,
      existing: async (paths) => new Set(paths.filter((path) => path in others)),
    },
    state: {
      entry: () => null,
      file: (path) => {
        const verdict = others[path];
        return typeof verdict === "object" ? ({ path, verdict } as FileRow) : null;
      },
    },
    nowMs: () => NOW,
    ...options,
  });
  try {
    const notes = await linter.lint("posts/a.md", "0".repeat(40));
    if (notes === null) return null;
    const [problems = []] = await linter.confirm([notes]);
    return { linter, notes, problems };
  } finally {
    await articles.close();
  }
}

const published: Verdict = { kind: "article", id: "b", digest: "0", publishAtMs: null, expiresAtMs: null };

linting("is what check warns of, in the order of the file", async () => {
  const file = article(
    "description: C# tips #1\ntag: [x]\ncover: no.png",
    "![a](a.png) [b](b.md)\n[c](c.md) [d](d.md) [e](e.md) [f](f.md)\n",
  );
  const found = await warningsOf(file, {
    "posts/a.png": "file",
    "posts/b.md": published,
    "posts/c.md": { kind: "withdrawn", id: "c", why: "draft" },
    "posts/d.md": { ...published, publishAtMs: NOW + 1 },
    "posts/f.md": { kind: "none", why: "no-front-matter" },
  });
  assert.equal(places(found?.problems ?? []), [
    "comment-in-value@5:22+1",
    "near-key@6:1+3",
    "image-missing@7:8+6",
    "link-unpublished@10:5+4",
    "link-unpublished@10:15+4",
    "link-missing@10:25+4",
  ]);
  assert.ok(found?.problems.every(({ severity }) => severity === "warning"));
});

linting("leaves out what is wrong, and what is ignored", async () => {
  assert.equal(places((await warningsOf("---\nid: x\ntag: a\n---\n"))?.problems ?? []), ["near-key@3:1+3"]);
  const codes = async (options: Partial<LinterOptions>) =>
    (await warningsOf(article(), {}, options))?.problems.map(({ code }) => code);
  assert.equal(await codes({}), ["description-missing"]);
  assert.equal(await codes({ ignored: new Set(["description-missing"]) }), []);
  assert.equal(places((await warningsOf(`\n${article()}`))?.problems ?? []), [
    "front-matter-not-first@1:1+1",
  ]);
});

linting("does not miss what most of many lack", async () => {
  const found = await warningsOf(article());
  assert.ok(found);
  const { linter, notes } = found;
  const codes = async (count: number) => {
    const judged = await linter.confirm(Array.from({ length: count }, () => notes));
    return judged.flat().length;
  };
  assert.is(await codes(10), 10);
  assert.is(await codes(11), 0);
});

linting("is not asked of what is too large, or not there", async () => {
  assert.is(await warningsOf({ kind: "missing" }), null);
  assert.is(await warningsOf({ kind: "too-large", sizeBytes: 9 }), null);
  assert.is(await warningsOf({ kind: "bytes", bytes: new Uint8Array(1_048_577) }), null);
});

linting("keeps little of an article that leads to very many places", async () => {
  const long = "x".repeat(40);
  const body = Array.from({ length: 120 }, (_, n) => `[a](${long}${n}.md)\n`).join("");
  const many = Array.from({ length: 500 }, (_, n) => `k${n}: a #b`).join("\n");
  const found = await warningsOf(article(many, body));
  assert.is(found?.notes.problems.length, 20);
  assert.is(found?.notes.references.length, 100);
  assert.ok(JSON.stringify(found?.notes).length < 200_000);
});

linting("takes a tenth of the time for Markdown that is made to last, and reports what it can", async () => {
  const file = article("tag: x", `${"[a](b".repeat(20_000)}\n`);
  const found = await warningsOf(file);
  assert.equal(
    found?.problems.map(({ code }) => code),
    ["description-missing", "near-key"],
  );
  const room = articleRoom();
  const patiences: (number | undefined)[] = [];
  const lint: typeof room.lint = async (path, bytes, nowMs, patience) => {
    patiences.push(patience);
    return room.lint(path, bytes, nowMs, patience);
  };
  await warningsOf(article(), {}, { articles: { lint } });
  await room.close();
  assert.equal(patiences, [0.1]);
});

linting.run();
