import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WORDS as COMMANDS } from "../../../src/messages/commands.ts";
import { WORDS as REFERENCE } from "../../../src/messages/reference-page.ts";
import { WORDS as PAGE } from "../../../src/messages/status-page.ts";

const wording = suite("words of commands and pages");

type Leaf = readonly [path: string, value: unknown];

function leaves(value: unknown, path = ""): Leaf[] {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

/** Arguments that some function of the catalogue takes. */
const ARGUMENTS: readonly (readonly unknown[])[] = [
  ["<1>", "<2>", "<3>", "<4>"],
  ["zenn", "<1>"],
  ["new", "<1>", ["<2>"]],
  ["<1>", ["<2>"]],
  [["<1>"]],
];

/** What a leaf says; a function is asked with words that no language has. */
function said(value: unknown): string {
  if (typeof value !== "function") return String(value);
  const results = ARGUMENTS.flatMap((given) => {
    try {
      return String(value(...given));
    } catch {
      return [];
    }
  });
  assert.is.not(results.length, 0, `Cannot be called: ${String(value)}`);
  return results.join("\n");
}

/** Names that are the same in every language, and what stands there for other reasons. */
const SAME =
  /^\.(?:comma|id|once\.rest|plan\.totals|explain\.verdict|explain\.(?:labels\.id|found\.committed)|reasons.*|about\.otherLanguage)$/;

const catalogues = { commands: COMMANDS, "status page": PAGE, "page of the reference inserter": REFERENCE };

for (const [name, { en, ja }] of Object.entries(catalogues)) {
  wording(`${name}: every one has its twin`, () => {
    const names = (value: unknown): string[] =>
      leaves(value)
        .map(([path]) => path)
        .filter((path) => !path.startsWith(".reasons"))
        .sort();
    assert.equal(names(ja), names(en));
    for (const [path, value] of leaves(ja)) {
      const twin = leaves(en).find(([other]) => other === path)?.[1];
      if (SAME.test(path) || twin === undefined) continue;
      assert.is(typeof value, typeof twin, path);
    }
  });

  wording(`${name}: each language speaks its own`, () => {
    for (const [path, value] of leaves(en)) {
      if (!SAME.test(path)) assert.not.match(said(value), /[\u3040-\u30ff\u4e00-\u9fff]/, path);
    }
    for (const [path, value] of leaves(ja)) {
      if (!SAME.test(path)) assert.match(said(value), /[\u3040-\u30ff\u4e00-\u9fff]/, path);
    }
  });
}

wording.run();
