import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rendererOf } from "../../../src/markdown/flavour.ts";
import { Budget, OutOfTime, TooLarge } from "../../../src/markdown/renderer.ts";
import { leftOut, sanitize } from "../../../src/markdown/sanitize.ts";

const sanitizing = suite("sanitizing of raw HTML");

const safe = (html: string): string => sanitize(html, false, new Budget(60_000, html.length));

sanitizing("keeps what GitHub keeps", () => {
  for (const html of [
    '<img src="a.png" width="300" alt="A &amp; B" />',
    "a<br />b <sub>c</sub> <sup>d</sup> <kbd>e</kbd> <ruby>漢<rt>かん</rt></ruby>",
    '<details open=""><summary>x</summary><p>y</p></details>',
    '<table><tr><td align="center" colspan="2">z</td></tr></table>',
    '<video src="https://a.jp/b.mp4" controls="" poster="c.png"></video>',
    '<picture><source media="(prefers-color-scheme: dark)" srcset="d.png 1x, https://a.jp/e.png 2x" /><img src="l.png" /></picture>',
    '<a href="#b" id="c" name="d">e</a> <a href="mailto:a@b.jp">f</a> <a href="../g.md">h</a>',
    '<p align="center">i</p>',
    '<pre><code class="language-js" data-title="j.js">k</code></pre>',
  ])
    assert.is(safe(html), html);
});

sanitizing("leaves out what acts, with what is in it where that is no text", () => {
  for (const [html, expected] of [
    ["<script>alert(1)</script>a", "a"],
    ["<SCRIPT/src=x>alert(1)</SCRIPT >a", "a"],
    ["<style>a{}</style><iframe src=x>b</iframe><svg><a onload=x>c</a></svg>d", "d"],
    ["<form action=x><button>a</button></form>", "a"],
    ['<b onclick="x" style="y" class="z" data-a="b">a</b>', "<b>a</b>"],
    ['<a href="javascript:x">a</a>', "<a>a</a>"],
    ['<a href=" java\tscript&colon;x">a</a>', "<a>a</a>"],
    ['<a href="&#1;javascript:x">a</a>', "<a>a</a>"],
    ['<a href="data:text/html,x">a</a>', "<a>a</a>"],
    ['<img src="data:text/html,x" onerror=x>', "<img />"],
    ['<img srcset="a.png, javascript:x 2x">', "<img />"],
    ["<input type=text value=a><input type=checkbox>", '<input type="checkbox" disabled="" />'],
    ["<!-- a --><!DOCTYPE b><?c?>d", "d"],
    ['a < b > c & "d" &lt;script&gt;', "a &lt; b &gt; c &amp; &quot;d&quot; &lt;script&gt;"],
    ['<a href="a\'b&quot;c">d</a>', '<a href="a\'b&quot;c">d</a>'],
    ["<b constructor=a><constructor toString=a>d", "<b>d</b>"],
  ])
    assert.is(safe(html ?? ""), expected);
});

sanitizing("closes what is open, and nothing else", () => {
  assert.is(safe("</div></p><div><b>a"), "<p></p><div><b>a</b></div>");
  assert.is(safe("<div>a</div></div></div>b"), "<div>a</div>b");
});

sanitizing("names what it leaves out, in the order of the text", () => {
  const html = '<div style="a" class="b"><script>c</script><img src="x" onerror="d"></div><!-- e -->';
  assert.equal(leftOut(html), [
    { name: "style", offset: 0 },
    { name: "<script>", offset: html.indexOf("<script") },
    { name: "onerror", offset: html.indexOf("<img") },
  ]);
  assert.equal(leftOut("<details><summary>a</summary></b> <https://a.b> <a@b.c> a < b"), []);
});

sanitizing("keeps to its budget", () => {
  for (const piece of [
    "<b>",
    "</i>",
    "<b></i>",
    "<p>",
    "<a b=c ",
    "<!--",
    "<b/",
    "&amp",
    "<table><td>",
    "<script>",
  ]) {
    const startMs = performance.now();
    try {
      const html = piece.repeat(100_000);
      sanitize(html, false, new Budget(20, html.length));
    } catch (error) {
      assert.ok(error instanceof OutOfTime || error instanceof TooLarge, String(error));
    }
    // Far less than it could take, far more than a busy machine adds.
    assert.ok(performance.now() - startMs < 1_500, piece);
  }
  const deep = safe("<b>".repeat(5_000));
  assert.is(deep.split("<b>").length - 1, 256);
});

for (const markdown of ["commonmark", "gfm"] as const) {
  sanitizing(`is a part of ${markdown}`, async () => {
    const source =
      '<div align="center">\n\n# *A* <kbd>K</kbd>\n\n</div>\n\n![a <b c="d">](e)\n\n<script>x</script>\n<!-- y -->\n\n[z](javascript:x)\n';
    const renderer = await rendererOf({ markdown, math: false, containers: false }, source);
    const html = renderer.render(source, { html: "safe", outline: false }, 60_000).html ?? "";
    assert.match(html, /^<div align="center">\n<h1( id="a-k")?><em>A<\/em> <kbd>K<\/kbd><\/h1>\n<\/div>\n/);
    assert.match(html, "<a>z</a>");
    assert.not.match(html, /script|<!--|<b /);
  });
}

sanitizing.run();
