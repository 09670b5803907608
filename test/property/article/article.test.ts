import { createHash } from "node:crypto";
import { HtmlRenderer, Parser } from "commonmark";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDate, zoneOf } from "../../../src/article/date.ts";
import { scanEntries } from "../../../src/article/front-matter/entries.ts";
import { parseEntries } from "../../../src/article/front-matter/entries-yaml.ts";
import { split } from "../../../src/article/front-matter/fence.ts";
import { parseYaml } from "../../../src/article/front-matter/yaml.ts";
import { seal } from "../../../src/article/payload.ts";
import { commonmark } from "../../../src/markdown/commonmark.ts";
import { articleRoom, bytesOf } from "../../support/article.ts";

const articles = suite("articles of any content");

const room = articleRoom({ timezone: "Asia/Tokyo" });
articles.after(() => room.close());

/** Bits that mean something to front matter or Markdown, strung together. */
const pieces = (...own: string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...own) },
        { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
      ),
      { maxLength: 60 },
    )
    .map((list) => list.join(""));

const yamlish = pieces(
  ..."\n|\n|\n|: |- |# |#|'|\"|[|]|{|}|, |&a|*a|!x|? |<<|%|@|`|\t|  |~|null|2020-08-07|2024-13-45|010|1e3|true|>|\r\n|---|...|\\|\u2028|\ufeff".split(
    "|",
  ),
  "|",
  "id: ",
  "title: ",
  "date: ",
  "tags: ",
  "draft: ",
);
const markdownish = pieces(
  ...[
    "\n",
    "\n\n",
    "*",
    "**",
    "_",
    "`",
    "``",
    "[",
    "]",
    "(",
    ")",
    "](",
    "![",
    "<",
    ">",
    "> ",
    "- ",
    "1. ",
    "# ",
    "&amp;",
    "\\",
  ],
  ...[
    "\\!",
    '"',
    "'",
    "<!a",
    "<!--",
    "-->",
    "<a b='c'>",
    "[a]: b",
    "\n---\n",
    "\n===\n",
    "    ",
    "\t",
    "```",
    "javascript:",
    "\r\n",
  ],
);

articles("are parsed without an exception and in time, from any bytes", async () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.constant("---\nid: a\n"), yamlish, fc.constant("\n---\n"), markdownish)
      .map((parts) => bytesOf(parts.join(""))),
    fc
      .tuple(fc.constant("---\n"), fc.uint8Array({ maxLength: 200 }))
      .map(([fence, bytes]) => Buffer.concat([bytesOf(fence), bytes])),
  );
  await fc.assert(
    fc.asyncProperty(anyBytes, async (bytes) => {
      const startMs = performance.now();
      const { verdict, body } = await room.parse("a.md", "0", { kind: "bytes", bytes }, 1);
      assert.ok(performance.now() - startMs < 5_000);
      assert.is(body !== null, verdict.kind === "article");
      if (verdict.kind === "rejected") {
        assert.ok(verdict.problems.length > 0);
        const codes = verdict.problems.map(({ code }) => code);
        assert.not(codes.includes("examination-failed"), JSON.stringify(verdict));
        for (const { line, column, length } of verdict.problems)
          assert.ok(line > 0 && column > 0 && length > 0);
      }
      assert.equal((await room.parse("a.md", "0", { kind: "bytes", bytes }, 1)).verdict, verdict);
    }),
    { numRuns: 500 },
  );
});

articles("are linted without an exception", async () => {
  await fc.assert(
    fc.asyncProperty(yamlish, markdownish, async (yaml, body) => {
      const file = `---\nid: a\ntitle: t\ndate: 2020-08-07\n${yaml}\n---\n${body}`;
      const { verdict } = await room.lint("posts/a.md", bytesOf(file), 0);
      assert.is.not(verdict.kind, "none");
    }),
    { numRuns: 300 },
  );
});

articles("lose nothing between their fences", () => {
  const line = fc
    .string({ unit: "binary" })
    .filter((text) => !/[\n\r]/.test(text) && !/^(---|\.\.\.)/.test(text));
  const ending = fc.constantFrom("\n", "\r\n");
  const blanks = fc.constantFrom("", " ", "\t ", "\u3000");
  fc.assert(
    fc.property(
      fc.array(line),
      ending,
      blanks,
      fc.constantFrom("---", "..."),
      fc.string({ unit: "binary" }),
      (lines, newline, blank, closing, body) => {
        const yaml = lines.map((one) => one + newline).join("");
        const block = split(`---${blank}${newline}${yaml}${closing}${blank}${newline}${body}`);
        if (block.kind !== "block") throw new Error(block.kind);
        const text = `---${blank}${newline}${yaml}${closing}${blank}${newline}${body}`;
        assert.is(text.slice(block.yamlStart, block.yamlEnd), yaml);
        assert.is(text.slice(block.bodyStart), body);
      },
    ),
  );
});

articles("seal to JSON that reads back the same, in any order of keys", () => {
  const value = fc.jsonValue({ noUnicodeString: false, maxDepth: 4 });
  const wellFormed = (json: unknown): boolean =>
    JSON.stringify(json).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(json));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (payload) => {
      fc.pre(wellFormed(payload));
      const { body, digest } = seal(payload);
      // -0 is 0 in JSON.
      assert.equal(JSON.parse(new TextDecoder().decode(body)), JSON.parse(JSON.stringify(payload)));
      assert.is(digest, createHash("sha256").update(body).digest("hex"));
      const turned = Object.fromEntries(Object.entries(payload).reverse());
      assert.is(seal(turned).digest, digest);
    }),
  );
});

articles("are rendered as commonmark does it", () => {
  fc.assert(
    fc.property(markdownish, fc.boolean(), (markdown, safe) => {
      // It strips these from paragraphs too, though the specification says just spaces and tabs.
      fc.pre(!/[^\S \t\r\n]/.test(markdown));
      // What it leaves out of HTML, and of the information of a fence, is otherwise on purpose.
      fc.pre(!/(?:`{3}|~{3})[^\n]*[^`\n]/.test(markdown) && (!safe || !markdown.includes("<")));
      const { html } = commonmark.render(markdown, { html: safe ? "safe" : "raw", outline: false }, 60_000);
      assert.is(html, new HtmlRenderer({ safe }).render(new Parser().parse(markdown)));
    }),
    { numRuns: 1000 },
  );
});

articles("have the words that their values were made from", () => {
  const isOdd = (value: unknown): boolean =>
    typeof value === "number" || typeof value === "boolean" || value instanceof Date;
  fc.assert(
    fc.property(yamlish, (yaml) => {
      const source = `id: 010\n${yaml}\ntitle: 1e3\n`;
      const parsed = parseYaml(source);
      if (parsed.kind !== "map") return;
      for (const found of [scanEntries(source), parseEntries(source)]) {
        for (const [key, { value }] of found ?? []) {
          const read = parsed.attributes[key];
          if (value.text === null || !isOdd(read)) continue;
          const again = parseYaml(`v: ${value.text}\n`);
          assert.equal(again.kind === "map" && again.attributes["v"], read, JSON.stringify(source));
        }
      }
    }),
    { numRuns: 3000 },
  );
});

articles("have dates that read back the same in every zone", () => {
  const zones = ["UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"].map(
    (name) => [name, zoneOf(name)] as const,
  );
  const date = fc.date({ min: new Date("1950-01-01"), max: new Date("2060-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.constantFrom(...zones), (instant, [name, zone]) => {
      const ms = Math.floor(instant.getTime() / 1000) * 1000;
      const local = new Date(ms).toLocaleString("sv-SE", { timeZone: name });
      const reading = readDate(local, zone);
      if (reading.kind !== "instant") throw new Error(reading.kind);
      // An hour that comes twice is read as its first occurrence, the same on the clock.
      assert.is(new Date(reading.ms).toLocaleString("sv-SE", { timeZone: name }), local);
      assert.ok(reading.ms <= ms);
    }),
  );
});

articles.run();
