import { HtmlRenderer, Parser } from "commonmark";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commonmark } from "../../../src/markdown/commonmark.ts";
import { OutOfTime, TooComplex, TooLarge } from "../../../src/markdown/renderer.ts";

const rendering = suite("rendering within a budget");

const html = (markdown: string, timeMs = 60_000, safe = true): string | null =>
  commonmark.render(markdown, { html: safe ? "safe" : "raw", outline: false }, timeMs).html;
const bare = (markdown: string, safe = true): string =>
  new HtmlRenderer({ safe }).render(new Parser().parse(markdown));

rendering("gives what commonmark gives", () => {
  const samples = [
    "",
    "# A\n\nb *c* **d** `e` [f](g 'h') ![i](j) <k@l.m> <https://n.o> &amp; &copy; \\* <p>q</p>\n",
    "1. a\n2. b\n\n   c\n- d\n* * *\n> e\nf\n\n```g h\ni\n```\n\n    j\n\nk\n===\n",
    '[a](b "c \\" \\! \\\\ d") [e](f \'g \\\' h\') [i](j (k \\) l)) [m]: n\n\n[o]: p "q \\"r"\n\n[o] [a](b "c\n\nd")\n',
    'x <!DOCTYPE html> <!a> <!A b> <!1> <!-- c --> <?d?> <![CDATA[e]]> <!a "\n> b" y\n',
    "<b onclick='x'> [a](javascript:x) ![b](data:text/html,x) [c](data:image/png;base64,x) [d](VBSCRIPT:x)\n",
    "a & b < c > d \"e\" 'f'\n",
    "\u{1f600} 日本語 *強調*です。\r\n\r\nと\r\n",
  ];
  for (const sample of samples) {
    assert.is(html(sample, 60_000, false), bare(sample, false), sample);
    if (!sample.includes("<")) assert.is(html(sample), bare(sample), sample);
  }
});

rendering("leaves the next article alone after one that was stopped", () => {
  const sample = "[a](b) & *c*\n";
  for (let round = 0; round < 3; round++) {
    assert.throws(
      () => html("[a](b".repeat(20_000), 5),
      (error: unknown) => error instanceof OutOfTime,
    );
    assert.is(html(sample), bare(sample));
  }
});

rendering("stops soon after its time", () => {
  const hostile = ["[a](b", "- ", "> a\n>", "![a](", "x <!-- ", "*a **b ", "`a``b", "[a]: b\n[", "<a b"];
  for (const piece of hostile) {
    const startMs = performance.now();
    try {
      html(piece.repeat(60_000 / piece.length), 20);
    } catch (error) {
      assert.instance(error, OutOfTime, piece);
    }
    // Far less than it would take, far more than a busy machine adds.
    assert.ok(performance.now() - startMs < 1500, piece);
  }
});

rendering("is quick with what commonmark needs exponential time for", () => {
  for (const title of ['"', "'", "("]) assert.ok(html(`[a](b ${title}${"\\!".repeat(5000)}\n`), title);
  assert.ok(html(`x <!${"a".repeat(60_000)}\n`));
});

rendering("refuses to make more elements than memory is good for", () => {
  assert.throws(
    () => html("&".repeat(1_000_000)),
    (error: unknown) => error instanceof TooComplex,
  );
});

rendering("refuses to multiply a long definition", () => {
  const markdown = `[a]: /${"b&".repeat(10_000)}\n\n${"[a] ".repeat(5_000)}`;
  assert.throws(
    () => html(markdown),
    (error: unknown) => error instanceof TooLarge,
  );
  assert.ok(html(">".repeat(900)), "deep nesting grows by itself");
});

rendering("knows what could take long in a single step", () => {
  for (const run of [" ".repeat(256), "`".repeat(256), " \t".repeat(128), "\t".repeat(256)]) {
    assert.ok(commonmark.isHazardous(run));
    assert.ok(commonmark.isHazardous(`a\n# b${run}c`));
    assert.not(commonmark.isHazardous(`a${run.slice(1)}b${run.slice(1)}`));
  }
});

rendering.run();
