import { suite } from "uvu";
import * as assert from "uvu/assert";
import { visible, visibleJson } from "../../../src/messages/terminal.ts";

const terminal = suite("text for a terminal");

terminal("shows what would act on the terminal", () => {
  assert.is(visible("a\u001b[2Jb"), "a\\x1b[2Jb");
  assert.is(visible("\u009b31m\u0007\u007f"), "\\x9b31m\\x07\\x7f");
  assert.is(visible("one\r\n\ttwo\u2028"), "one\\r\\n\\ttwo\\u2028");
  assert.is(visible("\u202egnp.exe\u2069"), "\\u202egnp.exe\\u2069");
  assert.is(visible("half \ud83d"), "half \\ud83d");
});

terminal("leaves text of any language alone", () => {
  for (const text of ["记事.md", "日本語 🎉 ÄÖÜ", "עברית", "👩‍👩‍👧"]) assert.is(visible(text), text);
});

terminal("keeps JSON the same JSON", () => {
  const value = { a: "\u009b\u2028\u202e\u001b", 日本: "🎉" };
  const json = visibleJson(JSON.stringify(value));
  assert.equal(JSON.parse(json), value);
  assert.not.match(json, /[\u0080-\u009f\u2028\u202e]/);
});

terminal.run();
