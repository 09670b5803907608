import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LANGS } from "../../../src/messages/language.ts";
import { type Code, describe, sentence } from "../../../src/messages/problems.ts";
import { WORDS } from "../../../src/messages/words.ts";

const messages = suite("messages");

const CODES = Object.keys(WORDS.en.problems) as readonly Code[];
const parameters = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

messages("are there in both languages, with the same parameters", () => {
  assert.equal(LANGS, ["en", "ja"]);
  for (const code of CODES) {
    const [english, japanese] = [sentence(code, {}, "en"), sentence(code, {}, "ja")];
    assert.equal(new Set(parameters(japanese.message)), new Set(parameters(english.message)), code);
  }
});

messages("say what is wrong and how to fix it, a line each", () => {
  for (const code of CODES) {
    for (const lang of LANGS) assert.is(WORDS[lang].problems[code].split("\n").length, 2, code);
    const english = sentence(code, {}, "en");
    assert.match(english.message, /^[A-Z{*a-z]/, code);
    assert.not.match(english.message, /\.$/, code);
    assert.match(english.hint, /[.?]$/, code);
    const japanese = sentence(code, {}, "ja");
    assert.match(japanese.message, /[ぁ-ん]/, code);
    assert.match(japanese.hint, /。$/, code);
  }
});

messages("are filled in and say where", () => {
  const problem = {
    code: "not-text",
    severity: "error",
    line: 3,
    column: 8,
    length: 1,
    params: { key: "title", found: "list" },
  } as const;
  assert.equal(describe(problem, "posts/a.md", "en"), {
    where: "posts/a.md:3:8",
    message: "title must be text, but is a list",
    hint: "Put the value in quotes if it is meant as text.",
  });
  assert.is(describe(problem, "a.md", "ja").message, "title は文字列でなければなりませんが、リストです");
});

messages("do not fill in what is no parameter, twice, or inherited", () => {
  assert.is(
    sentence("bad-date", { key: "{value}", value: "$& {key}" }, "en").message,
    "{value} is not a date: $& {key}",
  );
  assert.is(sentence("bad-date", {}, "en").message, "{key} is not a date: {value}");
  assert.equal(sentence("toString", {}, "en"), { message: "toString", hint: "" });
});

messages.run();
