import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readFenceInfo } from "../../../src/markdown/fence.ts";
import { rendererOf } from "../../../src/markdown/flavour.ts";

const fences = suite("what stands behind a fence");

fences("is a language, and perhaps a file", () => {
  for (const [info, language, title] of [
    ["", "", ""],
    ["js", "js", ""],
    ["js:file.js", "js", "file.js"],
    ["js:src/日本 語.js", "js", "src/日本"],
    ["ts{1,3}", "ts", ""],
    ["ts {1,3}", "ts", ""],
    ["js,ignore", "js", ""],
    ["{.python .numberLines}", "python", ""],
    ["{r}", "r", ""],
    [".css", "css", ""],
    ["c++", "c++", ""],
    ["c#", "c#", ""],
    [":file.txt", "", "file.txt"],
    ["diff js:file.js", "diff", "file.js"],
    ["diff_js:file.js {1}", "diff_js", "file.js"],
    ['jsx title="src/a b.jsx" showLineNumbers', "jsx", "src/a b.jsx"],
    ["js filename='a.js'", "js", "a.js"],
    ["go {file=main.go}", "go", "main.go"],
    ["ts:line-numbers {1}", "ts", ""],
    ["language-js", "language-js", ""],
  ])
    assert.equal(readFenceInfo(info ?? ""), { language, title }, info);
});

for (const markdown of ["commonmark", "gfm"] as const) {
  fences(`is read by ${markdown}`, async () => {
    const source = '```js:a&amp;b.js\n<x>\n```\n\n~~~ language-c "d\n~~~\n\n```\ne\n```\n';
    const renderer = await rendererOf({ markdown, math: false, containers: false }, source);
    assert.is(
      renderer.render(source, { html: "safe", outline: false }, 60_000).html,
      '<pre><code class="language-js" data-title="a&amp;b.js">&lt;x&gt;\n</code></pre>\n<pre><code class="language-c"></code></pre>\n<pre><code>e\n</code></pre>\n',
    );
  });
}

fences.run();
