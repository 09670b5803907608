import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nearest } from "../../../src/messages/nearest.ts";

const nearestName = suite("nearest name");
const names = ["run", "once", "plan", "check", "explain", "status", "init", "inserter"];

for (const [wrong, meant] of [
  ["statsu", "status"],
  ["stauts", "status"],
  ["chekc", "check"],
  ["ONCE", "once"],
  ["isnerter", "inserter"],
  ["explian", "explain"],
  ["pln", "plan"],
] as const) {
  nearestName(`takes ${wrong} for ${meant}`, () => assert.is(nearest(wrong, names), meant));
}

for (const wrong of ["", "xyz", "publish", "posts/intro.md", "日本語"]) {
  nearestName(`suggests nothing for ${JSON.stringify(wrong)}`, () => assert.is(nearest(wrong, names), null));
}

nearestName("prefers the nearer, then the first", () => {
  assert.is(nearest("abcd", ["abxx", "abce", "abcf"]), "abce");
  assert.is(nearest("a", ["b"]), null);
});

nearestName("does not spend long on what is absurdly long", () => {
  assert.is(nearest("status".repeat(100_000), names), null);
});

nearestName.run();
