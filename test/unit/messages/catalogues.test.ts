import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WORDS } from "../../../src/messages/words.ts";

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
  ["<1>", "<2>", ["<3>"], "<4>"],
  [["<1>"]],
];

/** What a leaf says; a function is called with words that no language has. */
function said(value: unknown): string {
  const written = (result: unknown): string =>
    typeof result === "object" ? JSON.stringify(result) : String(result);
  if (typeof value !== "function") return String(value);
  const results = ARGUMENTS.flatMap((given) => {
    try {
      return written(value(...given));
    } catch {
      return [];
    }
  });
  assert.is.not(results.length, 0, `Cannot be called: ${String(value)}`);
  return results.join("\n");
}

/** Names that are the same in every language, and what is there for other reasons. */
const SAME =
  /\.(?:comma|once\.rest|plan\.totals|explain\.verdict|explain\.(?:labels\.id|found\.committed)|reasons.*|about\.otherLanguage|kinds\.\w+|referencePage\.id)$/;

wording("every one has its twin", () => {
  const names = (value: unknown): string[] =>
    leaves(value)
      .map(([path]) => path)
      .filter((path) => !path.includes(".reasons"))
      .sort();
  assert.ok(names(WORDS.en).length > 300);
  assert.equal(names(WORDS.ja), names(WORDS.en));
  for (const [path, value] of leaves(WORDS.ja)) {
    const twin = leaves(WORDS.en).find(([other]) => other === path)?.[1];
    if (SAME.test(path) || twin === undefined) continue;
    assert.is(typeof value, typeof twin, path);
  }
});

wording("each language speaks its own", () => {
  for (const [path, value] of leaves(WORDS.en)) {
    if (!SAME.test(path)) assert.not.match(said(value), /[\u3040-\u30ff\u4e00-\u9fff]/, path);
  }
  for (const [path, value] of leaves(WORDS.ja)) {
    if (!SAME.test(path)) assert.match(said(value), /[\u3040-\u30ff\u4e00-\u9fff]/, path);
  }
});

wording("English is plain", () => {
  for (const [path, value] of leaves(WORDS.en)) {
    assert.not.match(said(value), /\b(?:mend|owe|tell|told|whoever|moot|doubt)/i, path);
  }
});

wording.run();
