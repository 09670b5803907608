/** What authors do by mistake, and the line that each is told to write, in both languages. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describe } from "../../../src/messages/problems.ts";
import { article, lint, payloadOf } from "../../support/article.ts";

const advice = suite("advice");

const file = (...lines: string[]): string => `---\n${lines.join("\n")}\n---\nBody.\n`;
const titled = (line: string): string => file("id: a", line, "date: 2024-01-02", "description: d");
const more = (line: string): string => article(`description: d\n${line}`);
const inBytes = (hex: string): Uint8Array =>
  Buffer.concat([Buffer.from("---\nid: a\ntitle: "), Buffer.from(hex, "hex"), Buffer.from("\n---\n")]);

/** The file, the code, and what the advice says to write. */
const CASES: Readonly<Record<string, readonly [file: string | Uint8Array, code: string, line: string]>> = {
  "typographic quotes around a colon": [
    titled("title: “Go: fast”"),
    "yaml-colon-in-value",
    'title: "Go: fast"',
  ],
  "typographic quotes": [titled("title: “Go”"), "curly-quotes", 'title: "Go"'],
  "a date in typographic quotes": [
    file("id: a", "title: T", "date: “2024-01-02”"),
    "bad-date",
    "date: 2024-01-02",
  ],
  "tags in typographic quotes": [more("tags: [“a”, “b”]"), "curly-quotes", 'tags: ["a", "b"]'],
  "an indented key": [titled("  title: T"), "yaml-indentation", "title: T"],
  "an indented first key": [file(" id: a", "title: T", "date: 2024-01-02"), "yaml-indentation", "id: a"],
  "a key that a text swallows": [
    file("id: a", "title: |", "  T", "  date: 2024-01-02"),
    "missing-key-indented",
    "date: 2024-01-02",
  ],
  "quotes around a part": [titled('title: "x" and y'), "yaml-after-value", `title: '"x" and y'`],
  "quotes around two parts": [titled('title: "x" and "y"'), "yaml-after-value", `title: '"x" and "y"'`],
  "an apostrophe": [titled("title: 'it's'"), "yaml-after-value", `title: "it's"`],
  "brackets around a part": [titled("title: [Draft] Hello"), "yaml-after-value", 'title: "[Draft] Hello"'],
  "an open quote": [titled('title: "Hello'), "yaml-unclosed-quote", 'title: "Hello"'],
  "an open list": [more("tags: [a, b"), "yaml-unclosed-bracket", "tags: [a, b]"],
  "a backslash": [titled('title: "C:\\Users"'), "yaml-escape", "title: 'C:\\Users'"],
  "a handle": [titled("title: @go"), "yaml-reserved", 'title: "@go"'],
  "a colon": [titled("title: Go: fast"), "yaml-colon-in-value", 'title: "Go: fast"'],
  "a full-width colon": [titled("title：題"), "yaml-wide-colon", 'title: "題"'],
  "no colon": [titled("title Go"), "yaml-colon", "title: Go"],
  "an invisible character in a required key": [titled("ti\u200btle: T"), "key-invisible", "title: T"],
  "an invisible character in a key": [more("ta\u00adgs: [a]"), "key-invisible", "tags: [a]"],
  "an invisible character in any key": [more("my\u200bkey: 1"), "key-invisible", "mykey: 1"],
  "a no-break space after a key": [titled("title\u00a0: T"), "key-invisible", "title: T"],
  "a misspelt key": [more("tag: [a]"), "near-key", "tags: [a]"],
  Shift_JIS: [inBytes("93fa967b8cea82cc83758384"), "other-encoding", "title: 日本語のブヤ"],
  "EUC-JP": [inBytes("c6fccbdcb8eca4cea5d6a5eda5b0"), "other-encoding", "title: 日本語のブログ"],
  "a full-width comma": [more("tags: [日記、旅行]"), "tags-wide-comma", "tags: [日記, 旅行]"],
  "tags as text": [more("tags: “日記”、旅行"), "not-list-text", "tags: [日記, 旅行]"],
  "tags under another name": [more("categories: [a]"), "key-unused", "categories"],
  "a tag that is a sentence": [
    more(`tags: ["${"This is what it is about. ".repeat(4)}"]`),
    "tag-odd",
    "tags:",
  ],
  "tags twice": [more("tags: [a, b, a]"), "tags-twice", "tags: [a, b]"],
  "a number sign in an item": [more("tags:\n  - #go"), "comment-in-value", '- "#go"'],
  "a number sign in a value": [titled("title: C #1"), "comment-in-value", 'title: "C #1"'],
  "a number sign on a second line": [more("cover: a\n  b #c"), "comment-in-value", 'cover: "a b #c"'],
  "a number sign in a list": [more("tags: [a, #go\n  ]"), "comment-in-value", 'tags: [a, "#go"'],
  "a number sign that swallows the end of a list": [
    more("tags: [#go, b]"),
    "yaml-unclosed-bracket",
    'tags: ["#go", b]',
  ],
  "a code fence": [article("description: d", "Text.\r\n~~~js\r\ncode\r\n"), "fence-unclosed", "~~~"],
};

for (const [name, [text, code, line]] of Object.entries(CASES)) {
  advice(`for ${name}`, async () => {
    const { problems } = await lint(text);
    const found = problems.filter((one) => one.code === code);
    assert.is(found.length, 1, JSON.stringify(problems));
    for (const one of found) {
      for (const lang of ["en", "ja"] as const) {
        const { hint } = describe(one, "a.md", lang);
        assert.ok(hint.includes(line), `${lang}: ${hint}`);
      }
    }
  });
}

advice("that is followed makes an article", async () => {
  for (const [name, [text, code, line]] of Object.entries(CASES)) {
    const { problems } = await lint(text);
    const place = problems.find((one) => one.code === code);
    if (typeof text !== "string" || place?.params["fix"] === undefined) continue;
    const lines = text.split("\n");
    lines[place.line - 1] = line;
    assert.ok((await payloadOf(lines.join("\n"))) !== null, name);
  }
});

advice("is not given for what is meant", async () => {
  const lines = [
    'title: "“Go” and more"',
    "title: “Go” and more",
    'cover: "a" # a remark',
    "tags: [a, b] # a remark",
    'tags: ["#a", b]',
    "tags:\n  # a remark\n  - a",
    "cover: a#b",
  ];
  for (const line of lines) {
    const text = line.startsWith("title") ? titled(line) : more(line);
    assert.equal((await lint(text)).problems, [], line);
  }
});

advice("keeps a full-width blank at the beginning of a paragraph", async () => {
  assert.is((await payloadOf(article("", "　字下げ\n")))["html"], "<p>　字下げ</p>\n");
});

advice.run();
