/** Whatever an author's file is full of, the work in the main thread grows no faster than the file. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { article, articleRoom, bytesOf } from "../../support/article.ts";
import { OperationCounter } from "../../support/operations.ts";

const growth = suite("work that a file costs the main thread");

/** Rendering and the YAML of long front matter have their own limit, and end when it is reached. */
const isOurs = (path: string): boolean =>
  /^src\/(?:article|messages|commands)\//.test(path) ||
  /^node_modules\/(?:js-yaml|yaml|canonicalize|smol-toml)\//.test(path);

const operations = new OperationCounter(isOurs);
const rooms = [articleRoom({}), articleRoom({ attributes: ({ attributes }) => attributes })];
growth.after(async () => {
  operations.close();
  for (const room of rooms) await room.close();
});

const repeat = (count: number, item: (index: number) => string, between = ""): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(between);
const front = (lines: string): string => article(lines);
const body = (text: string): string => article("", text);
const broken = (lines: string): string => `---\nid: a\ntitle: t\n${lines}\ndate: x\n---\n`;

/** Each of some ten characters an item. */
const KINDS: Readonly<Record<string, (count: number) => string>> = {
  "tags in a row": (n) => front(`tags: [${repeat(n, () => "1", ", ")}]`),
  "different tags": (n) => front(`tags: [${repeat(n, (i) => `${i}.5`, ", ")}]`),
  "tags below one another": (n) => front(`tags:\n${repeat(n, () => "  - 2020-01-01", "\n")}`),
  "tags that are texts": (n) => front(`tags: [${repeat(n, () => "a、b", ", ")}]`),
  "tags that are none": (n) => front(`tags: [${repeat(n, () => "{}", ", ")}]`),
  "lists in lists": (n) =>
    front(`deep: ${repeat(90, () => "[")}${repeat(n, () => "1", ", ")}${repeat(90, () => "]")}`),
  "numbers under many keys": (n) => front(repeat(n, (i) => `k${i}: 1`, "\n")),
  "dates under many keys": (n) => front(repeat(n, (i) => `publish_at${i}: 2020-01-01`, "\n")),
  "keys like known ones": (n) => front(repeat(n, (i) => `tag${i}: a`, "\n")),
  "keys that hide": (n) => front(repeat(n, (i) => `draft${String.fromCodePoint(0xe000 + i)}: yes`, "\n")),
  "a long key": (n) => front(`${"k".repeat(n * 10)}: 1`),
  "a long key with an odd letter": (n) => front(`"${"draft ".repeat(n)}": 1`),
  "a long value": (n) => front(`description: ${"word ".repeat(n)}`),
  "a long date": (n) => front(`updated: ${"1".repeat(n * 10)}`),
  "the same anchor": (n) => front(`a: &a 1\ntags: [${repeat(n, () => "*a", ", ")}]`),
  "comments in a line": (n) => front(`description: x${" #".repeat(n * 5)}\u2028`),
  "comments in lines": (n) => front(repeat(n, (i) => `k${i}: a #b`, "\n")),
  "blanks in a line": (n) => front(`description: a${" ".repeat(n * 10)}b`),
  "blank lines": (n) => front(`${"\n".repeat(n * 10)}tags: 1`),
  "blank lines before tags that are none": (n) =>
    front(`${"\n".repeat(n)}tags: [${repeat(n, () => "{}", ", ")}]`),
  "carriage returns": (n) => front(`description: a${"\r".repeat(n * 10)}b: c`),
  "a broken front matter": (n) => broken(repeat(n, (i) => `k${i}: a: b`, "\n")),
  "a key many times": (n) => broken(repeat(n, () => "k: 1", "\n")),
  "quotes that are not closed": (n) => broken(`k: "${"a' ".repeat(n * 3)}`),
  "no closing fence": (n) => `---\n${repeat(n, (i) => `k${i}: 1`, "\n")}`,
  "bad bytes": (n) => `---\nid: a\n${"\ufffd".repeat(n * 3)}`,
  headings: (n) => body(repeat(n, () => "# a", "\n")),
  "headings with numbers": (n) => body(repeat(n, (i) => `# a-${i % 2 === 0 ? i : ""}`, "\n")),
  links: (n) => body(repeat(n, (i) => `[a](b${i})`, " ")),
  "links in lines": (n) => body(repeat(n, (i) => `[a](b${i}.md)`, "\n")),
  "links in paragraphs": (n) => body(repeat(n, (i) => `[a](b${i}.md)`, "\n\n")),
  images: (n) => body(repeat(n, (i) => `![a](b${i})`, " ")),
  "images in images": (n) => body(`${"![".repeat(n)}a${"](b)".repeat(n)}`),
  "links by reference": (n) => body(`[a]: /${"u".repeat(n * 5)}\n\n${"[a] ".repeat(n)}`),
  delimiters: (n) => body("*a **b ".repeat(n)),
  brackets: (n) => body("[".repeat(n * 10)),
  quotes: (n) => body(`${">".repeat(n * 10)} a`),
  HTML: (n) => body("<a b='c'>".repeat(n)),
  "open elements": (n) => body("<div>".repeat(n * 2)),
  "a fence of many backticks": (n) => body("`".repeat(n * 10)),
  fences: (n) => body("```\na\n```\n".repeat(n)),
  "fences in lines of tildes": (n) => body(`${"~".repeat(900)}\r\n`.repeat(Math.ceil(n / 90))),
  entities: (n) => body("&amp;".repeat(n * 2)),
  "lines of text": (n) => body("a\n".repeat(n * 5)),
};

/** Of some ten characters. */
const PER_ITEM_MAX = 4_000;
/** What may take long elsewhere is given up soon. */
const PATIENCE = 0.05;

const FEW = 250;
const MANY = 1_000;

for (const [name, fileOf] of Object.entries(KINDS)) {
  growth(`grows no faster than a file of ${name}`, async () => {
    for (const room of rooms) {
      const costOf = async (count: number): Promise<number> =>
        operations.count(() => room.lint("a.md", bytesOf(fileOf(count)), 0, PATIENCE));
      const few = await costOf(FEW);
      const many = await costOf(MANY);
      assert.ok(many <= few * 5 + 20_000, `${few} operations for ${FEW}, ${many} for ${MANY}`);
      assert.ok(many <= MANY * PER_ITEM_MAX, `${many} operations for ${MANY}`);
    }
  });
}

growth.run();
