/** No input makes published HTML act: judged by a parser of another kind, which builds trees as browsers do. */
import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rendererOf } from "../../../src/markdown/flavour.ts";

const safety = suite("HTML in safe mode");

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ..."<script>|</script>|<script|<svg>|<math>|<style>|</style>|<iframe src=|<img src=|<a href=|<b |</b>|<p>|</p>|<!--|-->|<![CDATA[|]]>|<?|<textarea>|</textarea>|<title>|<noscript>|<template>|<table>|<select>|<details>|<input |<video src=|<xmp>|<plaintext>|</".split(
        "|",
      ),
      ..."onerror=alert(1)|onclick='x'|style=\"x\"|srcdoc='<script>'|javascript:|JaVaScRiPt:|java\tscript:|&#106;avascript:|&Tab;|&colon;|vbscript:|data:text/html,|data:image/svg+xml,|data:image/png;base64,x|formaction=|xlink:href=|srcset=|https://a.b".split(
        "|",
      ),
      ..."\n|\n\n|>|/>|\"|'|`|=|/| |\t|&lt;|&amp;|&quot|\\|\u0000|\u00a0|\u2028".split("|"),
      ..."[a](|)|![|](|<|[b]: |[^1]|[^1]: |```|``` |~|$|$$|:::note |:::details |:::|> [!NOTE]\n|> |- |- [ ] |# |{#|}|*|_|||\n|-|-\n|www.a.b/|http://|a@b.c".split(
        "|",
      ),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);
const source = fc.array(piece, { maxLength: 40 }).map((list) => list.join(""));

const ELEMENTS_THAT_ACT =
  /^(?:script|style|iframe|frame|frameset|object|embed|applet|form|button|textarea|select|base|link|meta|svg|math|template|noscript|title|xmp|plaintext|portal)$/;
const ATTRIBUTES_THAT_ACT =
  /^(?:on.*|style|srcdoc|formaction|action|xlink:.*|background|http-equiv|ping|target)$/;
// What browsers leave out of an address, and controls that some do.
const acts = (address: string): boolean =>
  /^(?:javascript|vbscript|file|data(?!:image\/(?:png|gif|jpeg|webp)[;,])):/i.test(
    address.replace(/[\p{Cc}\p{Z}]/gu, ""),
  );

function check(node: DefaultTreeAdapterTypes.ChildNode): void {
  assert.not.equal(node.nodeName, "#comment");
  if (!("tagName" in node)) return;
  assert.not.match(node.tagName, ELEMENTS_THAT_ACT);
  for (const { name, value } of node.attrs) {
    assert.not.match(name, ATTRIBUTES_THAT_ACT);
    const addresses = name === "srcset" ? value.split(",") : [value];
    if (/^(?:href|src|srcset|poster|cite|longdesc)$/.test(name)) assert.not.ok(addresses.some(acts), value);
  }
  node.childNodes.forEach(check);
}

for (const markdown of ["commonmark", "gfm"] as const) {
  for (const isOn of [false, true]) {
    safety(`does nothing: ${markdown}${isOn ? " with math and containers" : ""}`, async () => {
      const renderer = await rendererOf({ markdown, math: isOn, containers: isOn }, "<b>");
      fc.assert(
        fc.property(source, (text) => {
          const { html } = renderer.render(text, { html: "safe", outline: false }, 60_000);
          parseFragment(html ?? "").childNodes.forEach(check);
        }),
        { numRuns: 2_000 },
      );
    });
  }
}

safety.run();
