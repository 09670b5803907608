import commonmarkSpec from "commonmark-spec";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rendererOf } from "../../../src/markdown/flavour.ts";
import type { Flavour } from "../../../src/markdown/renderer.ts";
import { AUTOLINKS, STRIKETHROUGH, TABLES, TASKS } from "../../support/gfm-examples.ts";

const specs = suite("examples of the specifications");

const PLAIN: Flavour = { markdown: "commonmark", math: false, containers: false };
const GFM: Flavour = { ...PLAIN, markdown: "gfm" };

/** Why these examples of CommonMark 0.31.2 are otherwise in GitHub's flavour. */
const GFM_DIFFERS: Readonly<Record<number, string>> = {
  602: "a bare https:// is a link",
  608: "a bare https:// is a link",
  611: "a bare https:// is a link",
  612: "a bare address of mail is a link",
};

async function render(markdown: string, flavour: Flavour): Promise<string> {
  const renderer = await rendererOf(flavour, markdown);
  return renderer.render(markdown, { html: "raw", outline: false }, 60_000).html ?? "";
}

/** Headings of GitHub's flavour have ids, about which CommonMark says nothing. */
const withoutIds = (html: string): string => html.replace(/(<h\d) id="[^"]*"/g, "$1");

const { tests } = commonmarkSpec;

specs("are there", () => assert.is(tests.length, 652));

for (const [name, flavour, known] of [
  ["CommonMark", PLAIN, {}],
  ["CommonMark with math and containers", { ...PLAIN, math: true, containers: true }, {}],
  ["GitHub's flavour", GFM, GFM_DIFFERS],
] as const) {
  specs(`of CommonMark 0.31.2 pass with ${name}`, async () => {
    const differ: number[] = [];
    for (const { number, markdown, html } of tests) {
      const rendered = withoutIds(await render(markdown.replaceAll("→", "\t"), flavour));
      if (rendered !== html.replaceAll("→", "\t")) differ.push(number);
    }
    assert.equal(differ.map(String), Object.keys(known));
  });
}

for (const [name, examples] of Object.entries({ TABLES, STRIKETHROUGH, AUTOLINKS })) {
  specs(`of GFM 0.29 pass: ${name.toLowerCase()}`, async () => {
    for (const [markdown, html] of examples) assert.is(await render(markdown, GFM), html);
  });
}

specs("of GFM 0.29 pass: task lists, but for classes", async () => {
  for (const [markdown, html] of TASKS) {
    const rendered = (await render(markdown, GFM))
      .replace(/ class="(?:contains-)?task-list(?:-item)?"/g, "")
      .replace(
        /<input type="checkbox" class="[^"]*"( checked="")?( disabled="") \/>/g,
        (_, checked = "", disabled) => `<input${checked}${disabled} type="checkbox">`,
      );
    assert.is(rendered, html);
  }
});

specs.run();
