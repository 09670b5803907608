import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Verdict } from "../../../src/sync/model.ts";
import {
  article,
  articleRoom,
  bytesOf,
  lint,
  parse,
  payloadOf,
  places,
  problemsOf,
  rejectionOf,
} from "../../support/article.ts";

const parsing = suite("parsing a file");

parsing("makes the default payload", async () => {
  const file = `---
id: intro
title: Hello
description: A word of welcome
cover: images/hello.png
date: 2020-08-07
updated: 2021-01-02T03:04:05+09:00
tags: [git, sync]
isExternal: true
externalURL: https://example.org/hello
category: kept for hooks only
---
# Hi *there*\r
`;
  assert.equal(await payloadOf(file), {
    id: "intro",
    title: "Hello",
    description: "A word of welcome",
    body: "# Hi *there*\r\n",
    cover: "images/hello.png",
    tags: ["git", "sync"],
    created_at: "2020-08-07T00:00:00.000Z",
    updated_at: "2021-01-01T18:04:05.000Z",
    is_external: true,
    external_url: "https://example.org/hello",
    html: "<h1>Hi <em>there</em></h1>\n",
    path: "posts/a.md",
  });
});

parsing("fills in defaults", async () => {
  assert.equal(await payloadOf(article("", "")), {
    id: "intro",
    title: "Hello",
    description: "",
    body: "",
    cover: "",
    tags: [],
    created_at: "2020-08-07T00:00:00.000Z",
    updated_at: "2020-08-07T00:00:00.000Z",
    is_external: false,
    external_url: "",
    html: "",
    path: "posts/a.md",
  });
});

parsing("seals canonical JSON with its SHA-256", async () => {
  const { verdict, body } = await parse(article("description: é"));
  const text = new TextDecoder().decode(body ?? new Uint8Array());
  assert.ok(text.startsWith('{"body":"Body.\\n","cover":"","created_at":"2020-'), text);
  assert.ok(text.includes('"description":"é"'));
  const digest = createHash("sha256")
    .update(body ?? "")
    .digest("hex");
  assert.equal(verdict, { kind: "article", id: "intro", digest, publishAtMs: null, expiresAtMs: null });
});

parsing("takes null for absent", async () => {
  const payload = await payloadOf(
    article("description: null\ncover: ~\ntags:\ndraft: null\nupdated:\nisExternal: ~\nexternalURL:"),
  );
  assert.equal(
    [payload["description"], payload["cover"], payload["tags"], payload["is_external"]],
    ["", "", [], false],
  );
  assert.equal(
    places(await problemsOf("---\nid:\ntitle: ~\ndate: null\n---\n")).map((place) => place.split("@")[0]),
    ["empty-key", "empty-key", "empty-key"],
  );
});

parsing("takes text as it is written", async () => {
  const written = [
    "2020",
    "010",
    "1e3",
    "1:30",
    "0x1F",
    "1_000",
    "1.0",
    ".inf",
    ".nan",
    "true",
    "False",
    "yes",
    "no",
    "on",
    "2020-08-07",
    "2020-08-07 10:00:00",
    "2024-13-45",
    "+1",
    "-0",
    "12345678901234567890",
    "C# tips",
    "null and void",
  ];
  for (const text of written) {
    const file = `---\nid: ${text}\ntitle: ${text}\ndate: 2020-08-07\ntags: [${text}]\n---\n`;
    const payload = await payloadOf(file);
    assert.equal([payload["id"], payload["title"], payload["tags"]], [text, text, [text]], text);
  }
});

parsing("takes text as it is written in YAML's rarer notations too", async () => {
  const payload = await payloadOf(
    '---\nbase: &base {title: 010}\n<<: *base\n"id": &n 1e3\ndescription: *n\ndate: >-\n  2020/08/07\n' +
      'tags:\n  - &t 007\n  - *t\n  - "2020"\n  - a:b\n---\n',
  );
  assert.equal(payload["id"], "1e3");
  assert.equal(payload["title"], "010");
  assert.equal(payload["description"], "1e3");
  assert.equal(payload["created_at"], "2020-08-07T00:00:00.000Z");
  assert.equal(payload["tags"], ["007", "007", "2020", "a:b"]);
});

parsing("reads front matter whose first line is indented", async () => {
  assert.is((await payloadOf("---\n  id: a\n  title: t\n  date: 2020-08-07\n---\n"))["id"], "a");
});

parsing("keeps what ends in blank lines", async () => {
  assert.is((await payloadOf(article("description: |+\n  text\n\n")))["description"], "text\n\n\n");
  assert.is((await payloadOf(article("description: |-\n  text")))["description"], "text");
});

parsing("finds all that is wrong at once", async () => {
  const file = `---
title:
  - a
date: 2024-13-45
updated: soon
description: { a: b }
tags: one
draft: "yes"
isExternal: true
---
`;
  assert.equal(places(await problemsOf(file)), [
    "missing-key@1:1+3",
    "not-text@2:1+5",
    "no-such-date@4:7+10",
    "bad-date@5:10+4",
    "not-text@6:14+8",
    "not-list-text@7:7+3",
    "not-boolean-text@8:8+5",
    "missing-external-url@9:13+4",
  ]);
});

parsing("lists problems of one item each", async () => {
  const problems = await problemsOf(article("tags:\n  - ok\n  - [no]\n  -\n  - {a: 1}"));
  assert.equal(
    problems.map(({ code, params }) => [code, params["found"]]),
    [
      ["not-scalar", "list"],
      ["not-scalar", "map"],
    ],
  );
  assert.equal(places(problems), ["not-scalar@7:5+4", "not-scalar@9:5+6"]);
});

parsing("suggests what a missing key may have been meant as", async () => {
  const problems = await problemsOf("---\nID: a\ntitel: t\nDate: 2020-08-07\n---\n");
  assert.equal(places(problems), [
    "missing-key-near@2:1+2",
    "missing-key-near@3:1+5",
    "missing-key-near@4:1+4",
  ]);
  assert.equal(
    problems.map(({ params }) => params),
    [
      { key: "id", near: "ID", fix: "id: a" },
      { key: "title", near: "titel", fix: "title: t" },
      { key: "date", near: "Date", fix: "date: 2020-08-07" },
    ],
  );
});

parsing("refuses empty ids and titles", async () => {
  assert.equal(places(await problemsOf('---\nid: ""\ntitle: " "\ndate: ""\n---\n')), [
    "empty-key@2:5+2",
    "empty-key@3:8+3",
    "empty-key@4:7+2",
  ]);
});

parsing("refuses ids that an URL cannot carry", async () => {
  const ids: [string, string][] = [
    [".", "unsafe-id-dots"],
    ["..", "unsafe-id-dots"],
    ['"a\\nb"', "unsafe-id-control"],
    ['"a\\u0085b"', "unsafe-id-control"],
    ['"\\ud800"', "unpaired-surrogate"],
    ["日".repeat(171), "unsafe-id-long"],
  ];
  for (const [id, code] of ids) {
    const { verdict } = await parse(`---\nid: ${id}\ntitle: t\ndate: 2020-08-07\n---\n`);
    assert.equal(
      [rejectionOf(verdict).problems.map((problem) => problem.code), rejectionOf(verdict).id],
      [[code], null],
    );
  }
  for (const id of ["...", "a/b", "a b", "日本語", "日".repeat(170), "%2e%2e", "-"])
    assert.is((await payloadOf(`---\nid: "${id}"\ntitle: t\ndate: 2020-08-07\n---\n`))["id"], id);
});

parsing("refuses half characters in any text", async () => {
  const problems = await problemsOf(article('description: "\\ud83d"\ntags: ["\\udc00"]'));
  assert.equal(
    problems.map(({ code, params }) => [code, params["key"]]),
    [
      ["unpaired-surrogate", "description"],
      ["unpaired-surrogate", "tags"],
    ],
  );
  assert.is((await payloadOf(article('description: "\\ud83d\\ude00"')))["description"], "\u{1f600}");
});

parsing("withdraws drafts, whatever hooks would say", async () => {
  const { verdict, body } = await parse(article("draft: true"), {
    map: () => {
      throw new Error("not to be asked");
    },
  });
  assert.equal([verdict, body], [{ kind: "withdrawn", id: "intro", why: "draft" }, null]);
  assert.is((await parse(article("draft: false"))).verdict.kind, "article");
});

parsing("schedules by the date where that is configured", async () => {
  const { verdict } = await parse(article("updated: 2030-01-01"), { future: "schedule" });
  assert.is(verdict.kind === "article" && verdict.publishAtMs, Date.UTC(2020, 7, 7));
});

parsing("reads dates in the configured zone", async () => {
  const payload = await payloadOf(article("updated: 2020-08-08 12:00:00"), { timezone: "Asia/Tokyo" });
  assert.is(payload["created_at"], "2020-08-06T15:00:00.000Z");
  assert.is(payload["updated_at"], "2020-08-08T03:00:00.000Z");
});

parsing("renders safe, raw or nothing", async () => {
  const file = article("", "<b>x</b> [y](javascript:alert(1)) &amp; é\n");
  assert.is((await payloadOf(file))["html"], "<p><b>x</b> <a>y</a> &amp; é</p>\n");
  assert.is(
    (await payloadOf(file, { html: "raw" }))["html"],
    '<p><b>x</b> <a href="javascript:alert(1)">y</a> &amp; é</p>\n',
  );
  assert.not("html" in (await payloadOf(file, { html: false })));
});

parsing("takes only an address of the web for externalURL", async () => {
  for (const url of [
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "https://",
    "example.com/post",
    "/post",
    "//example.com",
    '" https://example.com"',
    '"https://example.com/a b"',
    '"java\\tscript:alert(1)"',
    "https://example.com/\u3000x",
    '"https://example.com/\\u202ex"',
  ])
    for (const more of ["", "\nisExternal: true"])
      assert.equal(
        (await problemsOf(article(`externalURL: ${url}${more}`))).map(({ code }) => code),
        ["bad-url"],
        url,
      );
  for (const url of ["https://example.com", "HTTP://example.com/a?b#c", "https://例え.jp/記事"])
    assert.is((await payloadOf(article(`externalURL: ${url}\nisExternal: true`)))["external_url"], url);
});

parsing("takes any cover that is no script and no other data than an image", async () => {
  for (const cover of [
    "javascript:alert(1)",
    "JavaScript:x",
    "vbscript:x",
    "data:text/html,x",
    '"\\tjava\\nscript:x"',
    '" data:,x"',
    '"\\u0001javascript:x"',
  ])
    assert.equal(
      (await problemsOf(article(`cover: ${cover}`))).map(({ code }) => code),
      ["unsafe-cover"],
      cover,
    );
  for (const cover of [
    "./my photo.jpg",
    "data:image/png;base64,AAAA",
    "https://example.com/a.png",
    "図 1.png",
  ])
    assert.is((await payloadOf(article(`cover: ${cover}`)))["cover"], cover);
});

parsing("keeps the full-width blank that indents a Japanese paragraph", async () => {
  const html = async (body: string) => (await payloadOf(article("", body)))["html"];
  assert.is(await html("\u3000字下げ\n"), "<p>\u3000字下げ</p>\n");
  assert.is(
    await html(" \t\n \u3000一\n\u3000二\u3000\n\n\u3000三\n"),
    "<p>\u3000一\n\u3000二\u3000</p>\n<p>\u3000三</p>\n",
  );
  assert.is(
    await html("- \u3000項目\n\n> \u3000引用\n"),
    "<ul>\n<li>\u3000項目</li>\n</ul>\n<blockquote>\n<p>\u3000引用</p>\n</blockquote>\n",
  );
  assert.is(await html("a  \t \n"), "<p>a</p>\n");
});

parsing("says what is no article", async () => {
  const none = async (file: string): Promise<unknown> => {
    const { slip, ...verdict } = (await parse(file)).verdict as Extract<Verdict, { kind: "none" }>;
    return verdict;
  };
  assert.equal(await none("# Title\n"), { kind: "none", why: "no-front-matter" });
  assert.equal(await none("---\n\ntext\n"), { kind: "none", why: "no-front-matter" });
});

parsing("rejects a lost fence, and still reads the id", async () => {
  const rejection = rejectionOf(
    (await parse("---\r\nid: intro # x\r\ntitle: Hello\r\n\r\nBody\r\n")).verdict,
  );
  assert.equal([rejection.id, places(rejection.problems)], ["intro", ["unclosed-front-matter@1:1+3"]]);
});

parsing("still reads the id of front matter that is no YAML", async () => {
  for (const line of ['id: "intro"', "id: 'intro'", "id :  intro"]) {
    const { verdict } = await parse(`---\n${line}\ntitle: [\n---\n`);
    assert.is(rejectionOf(verdict).id, "intro", line);
  }
  for (const line of ["id: *x", "id: ..", "id:", "Id: intro", " id: intro", "id: |"]) {
    const { verdict } = await parse(`---\n${line}\ntitle: [\n---\n`);
    assert.is(rejectionOf(verdict).id, null, line);
  }
});

parsing("rejects content that is missing or too large", async () => {
  const room = articleRoom({ maxSizeBytes: 100 });
  const missing = await room.parse("a.md", "0", { kind: "missing" }, 1);
  assert.equal(places(rejectionOf(missing.verdict).problems), ["missing-blob@1:1+1"]);
  const reported = await room.parse("a.md", "0", { kind: "too-large", sizeBytes: 101 }, 1);
  const seen = await room.parse("a.md", "0", { kind: "bytes", bytes: new Uint8Array(101) }, 1);
  for (const { verdict } of [reported, seen])
    assert.equal(rejectionOf(verdict).problems[0]?.params, { sizeBytes: 101, maxBytes: 100 });
  const file = bytesOf(article("", "x".repeat(100 - article("", "").length)));
  assert.is((await room.parse("a.md", "0", { kind: "bytes", bytes: file }, 1)).verdict.kind, "article");
  await room.close();
});

parsing("rejects bytes that are no text", async () => {
  const file = Buffer.concat([bytesOf(article("", "ab")), Uint8Array.from([0xff])]);
  assert.equal(places(await problemsOf(file)), ["not-utf8@6:3+1"]);
  assert.equal(places(await problemsOf(article("", "a\0b"))), ["nul-byte@6:2+1"]);
  assert.equal(places(await problemsOf(Buffer.from("\ufeff---\n", "utf16le"))), ["utf-16@1:1+1"]);
});

parsing("gives the same fingerprint for the same configuration only", () => {
  const print = (changes = {}, options = {}): string => articleRoom(changes, options).fingerprint;
  const map = (): null => null;
  assert.is(print(), print());
  assert.match(print(), /^[0-9a-f]{64}$/);
  for (const changes of [{ html: "raw" as const }, { timezone: "Asia/Tokyo" }, { exclude: [] }])
    assert.is.not(print(changes), print());
  assert.is.not(print({}, { agentVersion: "0.0.1" }), print());
  assert.is.not(print({ map }), print({ map }));
  assert.is(print({ map }, { fingerprintSalt: "x" }), print({ map }, { fingerprintSalt: "x" }));
  assert.is(print({}, { fingerprintSalt: "x" }), print());
});

parsing("refuses a file whose texts grow out of proportion, alike for everyone who looks", async () => {
  const nested = `${"![".repeat(5_000)}${"x".repeat(175_000)}${"](y)".repeat(5_000)}`;
  const file = article("", nested);
  const room = articleRoom({});
  const silent = articleRoom({ html: false });
  try {
    const { verdict, problems, references } = await room.lint("a.md", bytesOf(file), 0, 10);
    assert.is(rejectionOf(verdict).problems[0]?.code, "outline-too-large");
    assert.ok(JSON.stringify([problems, references]).length < 5_000);
    const content = { kind: "bytes", bytes: bytesOf(file) } as const;
    assert.equal((await room.parse("a.md", "0", content, 10)).verdict, verdict);
    // Where nothing is derived from the body nothing can grow.
    const plain = (await silent.parse("a.md", "0", content, 10)).verdict;
    assert.is(plain.kind, "article");
    assert.equal((await silent.lint("a.md", bytesOf(file), 0, 10)).verdict, plain);
  } finally {
    await room.close();
    await silent.close();
  }
});

parsing("has a limit for what a message quotes", async () => {
  const long = "k".repeat(100_000);
  const files = [article(`${long}: 1\n${long}: 2`), article(`tags: a, ${long}`), article(`${long}: [`)];
  for (const file of [...files, article(`tags: [a、${long}]`), article(`tag${long}: a`)]) {
    const { problems } = await lint(file);
    assert.ok(JSON.stringify(problems).length < 10_000, JSON.stringify(problems).slice(0, 300));
  }
});

parsing.run();
