import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proseLines, unrenderedIn } from "../../../src/article/unrendered.ts";

const writings = suite("what is not rendered");

const PLAIN = { markdown: "commonmark", math: false, containers: false } as const;

const found = (body: string, changes = {}): string[] =>
  unrenderedIn(body, { ...PLAIN, ...changes }).map(({ writing, line }) => `${writing}@${line}`);

writings("is found with its line, each kind once", () => {
  for (const [body, expected] of [
    ["a\n\n| b | c |\n|---|:-:|\n| d | e |\n\nf | g\n- | -\n", "tables@4"],
    ["a ~~b~~ c\n", "strike-through@1"],
    ["- [ ] a\n- [x] b\n", "task lists@1"],
    ["a[^1]\n\n[^1]: b\n", "footnotes@1"],
    ["> [!NOTE]\n> a\n", "alerts@1"],
    ["a https://b.jp c\n", "bare links@1"],
    ["a $x^2$ b\n", "math@1"],
    ["$$\nx\n$$\n", "math@1"],
    ["\n:::message\na\n:::\n", "containers@2"],
    ["{% include a.html %}\n", "templates@1"],
    ["a {{ site.url }} b\n", "templates@1"],
    ['{{< figure src="a" >}}\n', "shortcodes@1"],
    ["a [[Page|b]] ![[c.png]]\n", "wiki links@1"],
    ["<Tabs>\n\n<Tab title='a' />\n\n</Tabs>\n", "components@1"],
  ])
    assert.equal(found(body ?? ""), [expected], body);
});

writings("is nothing where it is rendered, or is code, or only looks like it", () => {
  const gfm = "| b | c |\n|---|---|\n\na ~~b~~ https://c.jp [^1]\n\n- [ ] a\n\n> [!TIP]\n";
  assert.equal(found(gfm, { markdown: "gfm" }), []);
  assert.equal(found("$x^2$\n:::note\n:::\n", { math: true, containers: true }), []);
  for (const body of [
    "```\n{% a %}\n$x^2$\n```\n\n~~~ {{< b >}}\n[[c]]\n~~~\n\n    {{ d }}\n\n`{{ e }}` ``{% f ` %}`` [[`",
    "[a](https://b.jp) <https://c.jp> ![d](https://e.jp/f.png) [g]\n\n[g]: https://h.jp\n",
    "$5 and $10, US$3, $HOME and $PATH\n",
    "a ~ b ~ c, ~~~\n",
    "a | b\n\n---\n",
    "array[[0]](x) [a]: [b] {a} {{}}\n",
    "Vec<T, U> a < B > c <b>\n",
    "::: \n:::\n",
    "[[menus.main]]\nname = 1\n",
  ])
    assert.equal(found(body), [], body);
});

writings("are looked for in time that grows with the text alone", () => {
  for (const piece of [
    "`a",
    "``a`",
    "$a_",
    "~~a",
    "[[a",
    "{{a",
    "{%a",
    "<A ",
    "| a",
    "a https:",
    "[^",
    ":::",
    " ",
  ]) {
    const line = piece.repeat(1_990 / piece.length);
    const startMs = performance.now();
    found(`${line}\n`.repeat(200));
    assert.ok(performance.now() - startMs < 3_000, piece);
  }
  assert.equal(proseLines("x".repeat(3_000)), [""]);
});

writings.run();
