import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KINDS_EN, SENTENCES_EN } from "../../../src/messages/en/problems.ts";
import { KINDS_JA, SENTENCES_JA } from "../../../src/messages/ja/problems.ts";
import { describe, LANGS, sentence } from "../../../src/messages/problems.ts";

const messages = suite("messages");

const parameters = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

messages("are there in both languages, with the same parameters", () => {
  assert.equal(LANGS, ["en", "ja"]);
  assert.equal(Object.keys(SENTENCES_JA).sort(), Object.keys(SENTENCES_EN).sort());
  assert.equal(Object.keys(KINDS_JA).sort(), Object.keys(KINDS_EN).sort());
  for (const [code, english] of Object.entries(SENTENCES_EN)) {
    const japanese = SENTENCES_JA[code as keyof typeof SENTENCES_EN];
    assert.equal(new Set(parameters(japanese.message)), new Set(parameters(english.message)), code);
  }
});

messages("say something in each language", () => {
  for (const [code, { message, hint }] of Object.entries(SENTENCES_EN)) {
    assert.match(message, /^[A-Z{*a-z]/, code);
    assert.not.match(message, /\.$/, code);
    assert.match(hint, /[.?]$/, code);
  }
  for (const [code, { message, hint }] of Object.entries(SENTENCES_JA)) {
    assert.match(message, /[ぁ-ん]/, code);
    assert.match(hint, /。$/, code);
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
