import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rendererOf } from "../../../src/markdown/flavour.ts";
import type { Outline, Wanted } from "../../../src/markdown/renderer.ts";
import { OutOfTime, TooComplex, TooLarge } from "../../../src/markdown/renderer.ts";

const gfm = suite("GitHub's flavour");

const renderer = await rendererOf({ markdown: "gfm", math: false, containers: false }, "<b>");

const html = (markdown: string, kind: Wanted["html"] = "safe", timeMs = 60_000): string =>
  renderer.render(markdown, { html: kind, outline: false }, timeMs).html ?? "";

function outlineOf(markdown: string): Outline {
  const { outline } = renderer.render(markdown, { html: false, outline: true }, 60_000);
  if (outline === null) throw new Error("No outline");
  return outline();
}

gfm("gives headings the ids that links of GitHub lead to", () => {
  const markdown =
    "# Hello, *World*!\n\n## 日本語 の見出し\n\n## Hello World\n\n# `a_b` {#own-id}\n\n# ???\n\n# own-id\n";
  const ids = ["hello-world", "日本語-の見出し", "hello-world-1", "own-id", "section", "own-id-1"];
  assert.equal(
    [...html(markdown).matchAll(/<h\d id="([^"]*)"/g)].map(([, id]) => id),
    ids,
  );
  assert.equal(
    outlineOf(markdown).headings.map(({ slug }) => slug),
    ids,
  );
  assert.match(html("# A {#b}\n"), '<h1 id="b">A</h1>');
  assert.match(html("# A {#b c}\n"), '<h1 id="a-b-c">A {#b c}</h1>');
});

gfm("puts footnotes at the end, with links there and back", () => {
  const rendered = html(
    "One[^a] two[^b] one again[^a]. ^[not a note] [^none]\n\n[^b]: B\n[^a]: A *x*\n\n[^c]: C\n",
  );
  assert.match(rendered, '<sup class="footnote-ref"><a href="#fn1" id="fnref1">1</a></sup> two');
  assert.match(
    rendered,
    'again<sup class="footnote-ref"><a href="#fn1" id="fnref1:1">1</a></sup>. ^[not a note] [^none]',
  );
  assert.match(rendered, /<li id="fn1" class="footnote-item"><p>A <em>x<\/em>.*href="#fnref1"/);
  assert.not.match(rendered, "C");
});

gfm("makes alerts of quotes that say so", () => {
  assert.is(
    html("> [!WARNING]\n> Hot *iron*\n"),
    '<div class="markdown-alert markdown-alert-warning">\n<p class="markdown-alert-title">Warning</p>\n<p>Hot <em>iron</em></p>\n</div>\n',
  );
  assert.match(html("> [!OTHER]\n> x\n"), "<blockquote>");
});

gfm("takes no file name for a link", () => {
  assert.is(
    html("README.md a.rs main.py foo.io (https://a.jp/b). [https://c.jp](/d)\n"),
    '<p>README.md a.rs main.py foo.io (<a href="https://a.jp/b">https://a.jp/b</a>). <a href="/d">https://c.jp</a></p>\n',
  );
});

gfm("takes no version of a package for an address of mail", () => {
  assert.is(html("a@1.2.3 b@v0.0.21 c@d.e1\n"), "<p>a@1.2.3 b@v0.0.21 c@d.e1</p>\n");
});

gfm("has code and other images in the description of an image", () => {
  assert.is(html("![a `b` *c* ![d](e)](f)\n"), '<p><img src="f" alt="a b c d" /></p>\n');
});

gfm("emphasises beside the punctuation of Chinese, Japanese and Korean", () => {
  for (const [markdown, expected] of [
    ["**太字（…）**です", "<strong>太字（…）</strong>です"],
    [
      "これは**私のやりたかったこと。**だからするの。",
      "これは<strong>私のやりたかったこと。</strong>だからするの。",
    ],
    ["税込**¥10,000**で", "税込<strong>¥10,000</strong>で"],
    [
      "**C#**や**F#**は**「.NET」**という",
      "<strong>C#</strong>や<strong>F#</strong>は<strong>「.NET」</strong>という",
    ],
    ["**真，**她", "<strong>真，</strong>她"],
    ["𰻞𰻞**（ビャンビャン）**麺", "𰻞𰻞<strong>（ビャンビャン）</strong>麺"],
    ["**스크립트(script)**라고", "<strong>스크립트(script)</strong>라고"],
    ["葛󠄀**(こちらが正式表記)**城市", "葛󠄀<strong>(こちらが正式表記)</strong>城市"],
    ["a**〽**a", "a<strong>〽</strong>a"],
    ["~~取り消し（線）~~です", "<del>取り消し（線）</del>です"],
    ["a**a∇**a", "a**a∇**a"],
    [
      "**[製品ほげ](./a)**と**[製品ふが](./b)**を",
      '<strong><a href="./a">製品ほげ</a></strong>と<strong><a href="./b">製品ふが</a></strong>を',
    ],
  ])
    assert.is(html(`${markdown}\n`), `<p>${expected}</p>\n`);
});

gfm("has text, links and images with the line of their block", () => {
  const { text, links, images } = outlineOf(
    "a [b *c*](d.md) www.e.jp\n\n| f | g |\n|---|---|\n| h | ![i [j](k.md)](l.png) |\n\n- [x] m\n\n```js\nn();\n```\n\nx[^1]\n\n[^1]: o\n",
  );
  assert.is(text, "a b c www.e.jp\n\nf g\n\nh i j\n\nm\n\nn();\n\nx\n\no");
  assert.equal(links, [
    { href: "d.md", text: "b c", line: 1 },
    { href: "http://www.e.jp", text: "www.e.jp", line: 1 },
    { href: "k.md", text: "j", line: 5 },
  ]);
  assert.equal(images, [{ src: "l.png", alt: "i j", line: 5 }]);
});

gfm("stops soon after its time, whatever it is given", () => {
  const hostile = [
    "[a](b",
    "- ",
    "> a\n>",
    "![a](",
    "x <!-- ",
    "*a **b ",
    "`a``b",
    "[a]: b\n[",
    "<a b",
    "~a ~~b ",
    "|a|b\n-|-\n",
  ];
  hostile.push(
    "a@b.c ",
    "https://",
    "www.",
    "[^a]: b\n",
    "[^a]",
    "> [!NOTE]\n> a\n",
    "- [ ] a\n",
    "**太（",
    "# a\n",
    "_a@",
    "&",
    ":",
  );
  for (const piece of hostile) {
    const startMs = performance.now();
    try {
      html(piece.repeat(60_000 / piece.length), "safe", 20);
    } catch (error) {
      if (!(error instanceof TooComplex || error instanceof TooLarge))
        assert.instance(error, OutOfTime, piece);
    }
    // Far less than it would take, far more than a busy machine adds.
    assert.ok(performance.now() - startMs < 1_500, piece);
  }
});

gfm("refuses to make more than memory is good for", () => {
  const refuses = (markdown: string, kind: new () => Error): void =>
    assert.throws(
      () => html(markdown),
      (error: unknown) => error instanceof kind,
    );
  refuses("*a*".repeat(300_000), TooComplex);
  refuses(`[a]: /${"b&".repeat(10_000)}\n\n${"[a] ".repeat(5_000)}`, TooLarge as never);
});

gfm.run();
