import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rendererOf } from "../../../src/markdown/flavour.ts";

const extensions = suite("math and containers");

async function html(markdown: string, flavour: "commonmark" | "gfm", isOn = true): Promise<string> {
  const renderer = await rendererOf({ markdown: flavour, math: isOn, containers: isOn }, markdown);
  return renderer.render(markdown, { html: "safe", outline: false }, 60_000).html ?? "";
}

for (const flavour of ["commonmark", "gfm"] as const) {
  extensions(`has math as text in ${flavour}`, async () => {
    for (const [markdown, expected] of [
      ["式$x_1*y*$は", '<p>式<span class="math">x_1*y*</span>は</p>\n'],
      ["a $$b<c$$ d", '<p>a <span class="math display">b&lt;c</span> d</p>\n'],
      ["$`x`$", '<p><span class="math">x</span></p>\n'],
      ["$$\n\\int_0\n\\\\\n$$", '<div class="math">\\int_0\n\\\\</div>\n'],
      ["$$ a $$", '<div class="math">a</div>\n'],
      ["> $$\n> a\n> $$", '<blockquote>\n<div class="math">a</div>\n</blockquote>\n'],
      ["```math\na & b\n```", '<div class="math">a &amp; b\n</div>\n'],
      ["$5 to $10, US$3 and \\$4$", "<p>$5 to $10, US$3 and $4$</p>\n"],
      ["`$a$` $ b$ $$\n\nc", "<p><code>$a$</code> $ b$ $$</p>\n<p>c</p>\n"],
    ])
      assert.is(await html(`${markdown}\n`, flavour), expected);
    assert.is(await html("$x_1$\n", flavour, false), "<p>$x_1$</p>\n");
  });

  extensions(`has containers in ${flavour}`, async () => {
    for (const [markdown, expected] of [
      [":::message\na *b*\n:::", '<aside class="message">\n<p>a <em>b</em></p>\n</aside>\n'],
      [":::message alert\na\n:::", '<aside class="message alert">\n<p>a</p>\n</aside>\n'],
      ["::: note warn\na\n:::\nb", '<aside class="note warn">\n<p>a</p>\n</aside>\n<p>b</p>\n'],
      [
        ":::tip[A *b*]\nc\n:::",
        '<aside class="tip">\n<p class="title">A <em>b</em></p>\n<p>c</p>\n</aside>\n',
      ],
      [
        "::::details A b\n:::note\nc\n:::\n```\n:::\n```\n::::",
        '<details>\n<summary>A b</summary>\n<aside class="note">\n<p>c</p>\n</aside>\n<pre><code>:::\n</code></pre>\n</details>\n',
      ],
      [":::details\na", "<details>\n<p>a</p>\n</details>\n"],
      ["::: code-group\na\n:::", "<p>::: code-group\na\n:::</p>\n"],
    ])
      assert.is(await html(`${markdown}\n`, flavour), expected);
    assert.is(await html(":::message\na\n:::\n", flavour, false), "<p>:::message\na\n:::</p>\n");
  });
}

extensions("stays within its time", async () => {
  const renderer = await rendererOf({ markdown: "gfm", math: true, containers: true }, "");
  for (const piece of [
    "$a ",
    "$$\n",
    "$$a",
    "\\$",
    ":::note\n",
    ":::note\n:::\n",
    "> $$\n",
    ":::details a\n```\n",
  ]) {
    const startMs = performance.now();
    try {
      renderer.render(piece.repeat(60_000 / piece.length), { html: "safe", outline: false }, 20);
    } catch (error) {
      assert.instance(error, Error);
    }
    // Far less than it could take, far more than a busy machine adds.
    assert.ok(performance.now() - startMs < 1_500, piece);
  }
});

extensions.run();
