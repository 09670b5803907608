/** Mutants of the core can be made: what they replace is there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MUTANTS, mutate } from "../../simulation/mutants.ts";

const test = suite("mutants");

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

test("replace texts that are in the core exactly once", () => {
  for (const mutant of MUTANTS) {
    for (const [file, text] of mutate(mutant, read)) assert.is.not(text, read(file), mutant.name);
  }
});

test("are at least ten, each of its own", () => {
  assert.ok(MUTANTS.length >= 10);
  assert.is(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
});

test("say which text is not there any more, or there twice", () => {
  const one = { name: "x", edits: [{ file: "a.ts", was: "b", becomes: "c" }] };
  assert.throws(() => mutate(one, () => "none"), '"x": its text is 0 times in a.ts, not once:\nb');
  assert.throws(() => mutate(one, () => "b b"), "its text is 2 times");
});

test.run();
