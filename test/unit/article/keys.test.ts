import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dateInPath, firstHeading, stemOf } from "../../../src/article/fields.ts";
import type { ArticleSettings } from "../../../src/config/settings.ts";
import { article, articleRoom, bytesOf, lint, payloadOf, places, problemsOf } from "../../support/article.ts";

const keys = suite("articles.keys");

const settings = (lists: Partial<ArticleSettings["keys"]>): Partial<ArticleSettings> => ({
  keys: { draft: null, ...lists },
});

/** Some fields of the payload of a file at a path. */
async function payloadAt(path: string, file: string, lists: Partial<ArticleSettings["keys"]>) {
  const room = articleRoom(settings(lists));
  try {
    const content = { kind: "bytes", bytes: bytesOf(file) } as const;
    const { verdict, body } = await room.parse(path, "0".repeat(40), content, 1);
    if (verdict.kind !== "article") throw new Error(JSON.stringify(verdict));
    return JSON.parse(new TextDecoder().decode(body ?? undefined)) as Record<string, unknown>;
  } finally {
    await room.close();
  }
}

keys("take the first name that has something", async () => {
  const lists = { date: ["date", "created"], tags: ["tags", "topics"], cover: ["cover", "header.image"] };
  const file =
    "---\nid: a\ntitle: T\ndate:\ncreated: 2024-05-01\ntopics: [x, 010]\nheader:\n  image: i.png\n---\n";
  const payload = await payloadOf(file, settings(lists));
  assert.is(payload["created_at"], "2024-05-01T00:00:00.000Z");
  assert.equal(payload["tags"], ["x", "010"]);
  assert.is(payload["cover"], "i.png");
});

keys("take an id from the path, a title from heading or file, a date from the path", async () => {
  const lists = { id: ["slug", "path"], title: ["title", "heading", "file"], date: ["date", "path"] };
  const headed = await payloadAt(
    "posts/2024-05-01-hi.md",
    "---\nx: 1\n---\n```\n# no\n```\n# A *b* `c`\n",
    lists,
  );
  assert.equal(
    [headed["id"], headed["title"], headed["created_at"]],
    ["posts/2024-05-01-hi", "A b c", "2024-05-01T00:00:00.000Z"],
  );
  const bare = await payloadAt("2024/05/02/hi/index.md", "---\nslug: 007\n---\ntext\n", lists);
  assert.equal([bare["id"], bare["title"], bare["created_at"]], ["007", "hi", "2024-05-02T00:00:00.000Z"]);
});

keys("end with a literal, and join several keys", async () => {
  const lists = { date: ["date", { literal: "1970-01-01" }], tags: [{ all: ["category", "tags"] }] };
  const payload = await payloadOf("---\nid: a\ntitle: T\ncategory: c\ntags: [d, e]\n---\n", settings(lists));
  assert.is(payload["created_at"], "1970-01-01T00:00:00.000Z");
  assert.equal(payload["tags"], ["c", "d", "e"]);
});

keys("place what is wrong at the key that was written", async () => {
  const lists = { date: ["date", "created"], title: ["title", "name"] };
  const file = "---\nid: a\nname: T\ncreated: soon\n---\n";
  assert.equal(places(await problemsOf(file, settings(lists))), ["bad-date@4:10+4"]);
  const missing = await problemsOf("---\nid: a\nname: T\n---\n", settings(lists));
  assert.equal(places(missing), ["missing-key@1:1+3"]);
});

keys("pass over what another tool means by a name", async () => {
  const lists = { date: ["published", "created"], cover: ["image", "thumbnail"] };
  const file =
    "---\nid: a\ntitle: T\npublished: true\ncreated: 2024-05-01\nimage: { a: 1 }\nthumbnail: t.png\n---\n";
  const payload = await payloadOf(file, settings(lists));
  assert.equal([payload["created_at"], payload["cover"]], ["2024-05-01T00:00:00.000Z", "t.png"]);
});

keys("show the schema what was found", async () => {
  const lists = { title: ["heading"], date: ["created"] };
  let seen: unknown;
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate(value: unknown) {
        seen = value;
        return { value: { only: 1 } };
      },
    },
  };
  const file = "---\nid: a\ncreated: 2024-05-01\n---\n# T\n";
  const payload = await payloadOf(file, { ...settings(lists), schema });
  assert.equal(seen, {
    id: "a",
    title: "T",
    date: "2024-05-01T00:00:00.000Z",
    created: new Date(Date.UTC(2024, 4, 1)),
  });
  assert.equal([payload["title"], payload["created_at"]], ["T", "2024-05-01T00:00:00.000Z"]);
});

keys("say where each field was found, and warn of none of them", async () => {
  const { origins, problems } = await lint(
    "---\nid: a\ncreated: 2024-05-01\ndescription: d\ntag: [x]\n---\n# T\n",
    settings({ title: ["title", "heading"], date: ["date", "created"], tags: ["tag"] }),
  );
  assert.equal(origins.date, { kind: "key", name: "created" });
  assert.is(origins.title?.kind, "heading");
  assert.equal(problems, []);
});

keys("leave all as it was where they say nothing", async () => {
  const payload = await payloadOf(article("created: 2001-01-01\ntopics: [x]"));
  assert.equal([payload["created_at"], payload["tags"]], ["2020-08-07T00:00:00.000Z", []]);
});

keys("find the last date that a path has", () => {
  const dates: [path: string, date: string | null][] = [
    ["_posts/2024-05-01-hello.md", "2024-05-01"],
    ["blog/2024/5/1/hello.md", "2024-05-01"],
    ["20240501.md", "2024-05-01"],
    ["2019-01-01/2024-05-01-x/index.md", "2024-05-01"],
    ["2024-13-45-x.md", null],
    ["2023-02-29-x.md", null],
    ["v1.2.3/x.md", null],
    ["20240501123456.md", null],
    ["release-2024.md", null],
  ];
  for (const [path, date] of dates) assert.is(dateInPath(path), date, path);
});

keys("find the first heading, as it is read", () => {
  const headings: [body: string, heading: string | null][] = [
    ["text\n\n## Two ##\n# One\n", "Two"],
    ["Title\n=====\n", "Title"],
    ["# [link](x.md) **bold** <br> {#own}\n", "link bold"],
    ["~~~\n# no\n~~~\n", null],
    ["#no\n", null],
    ["#\n# yes\n", "yes"],
    ["- item\n---\n", null],
    ["# snake_case_name\n", "snake_case_name"],
  ];
  for (const [body, heading] of headings) assert.is(firstHeading(body), heading, body);
});

keys("take the folder's name for an index file", () => {
  assert.equal(["a/b.md", "a/index.md", "a/_index.md", "index.md"].map(stemOf), ["b", "a", "a", "index"]);
});

keys.run();
