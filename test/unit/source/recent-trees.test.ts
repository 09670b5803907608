import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RecentTrees } from "../../../src/source/recent-trees.ts";

const test = suite("recent trees");

test("are kept as long as there is room", () => {
  const trees = new RecentTrees();
  const [large, small] = [new Uint8Array(8_000_000), new Uint8Array(1_000)];
  for (const [tree, bytes] of [
    ["a", large],
    ["b", large],
    ["c", small],
    ["c", small],
  ] as const) {
    trees.add(tree, bytes);
  }
  assert.is(trees.get("a"), large);
  assert.is(trees.get("b"), undefined);
  assert.is(trees.get("c"), small);
});

test.run();
