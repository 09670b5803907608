import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Finding, findingOf, heldFinding, prettyFinding } from "../../../src/messages/finding.ts";
import { langOf, languageFor } from "../../../src/messages/language.ts";
import { cells, cut } from "../../../src/messages/terminal.ts";

const finding: Finding = {
  path: "posts/a.md",
  severity: "error",
  code: "no-such-date",
  line: 3,
  column: 7,
  length: 10,
  message: "date does not exist in the calendar: 2024-13-45",
  hint: "Check month, day, time and time zone.",
  excerpt: "date: 2024-13-45",
};

const findings = suite("findings");

findings("pretty: place, sentence, marked line, advice", () => {
  assert.is(
    prettyFinding(finding, false, "en"),
    [
      "posts/a.md:3:7 error date does not exist in the calendar: 2024-13-45 [no-such-date]",
      "  3 | date: 2024-13-45",
      "    |       ^^^^^^^^^^",
      "  Check month, day, time and time zone.",
      "",
    ].join("\n"),
  );
});

findings("pretty: marks below wide, combining and escaped characters", () => {
  const marks = (excerpt: string, column: number, length: number): [string, string] => {
    const [, line = "", mark = ""] = prettyFinding(
      { ...finding, excerpt, column, length },
      false,
      "en",
    ).split("\n");
    return [line.slice(6), mark.slice(6)];
  };
  assert.equal(marks("日本: 語", 5, 1), ["日本: 語", "      ^^"]);
  assert.equal(marks("e\u0301: x", 5, 1), ["e\u0301: x", "   ^"]);
  assert.equal(marks("👩‍👩‍👧 x", 10, 1), ["👩‍👩‍👧 x", "   ^"]);
  assert.equal(marks("a\tb: c", 6, 1), ["a\\tb: c", "      ^"]);
  assert.equal(marks("a: ", 4, 1), ["a: ", "   ^"]);
  assert.equal(marks("ab", 1, 99), ["ab", "^^"]);
});

findings(
  "pretty: shows of a long line what is around the mark, and none where there is nothing to mark",
  () => {
    const excerpt = `${"a".repeat(150)}XYZ${"b".repeat(47)}`;
    const [, line = "", mark = ""] = prettyFinding(
      { ...finding, excerpt, column: 151, length: 3 },
      false,
      "en",
    ).split("\n");
    assert.is(line.slice(6), `…${"a".repeat(21)}XYZ${"b".repeat(40)}…`);
    assert.is(mark.slice(6), `${" ".repeat(22)}^^^`);
    assert.is(prettyFinding({ ...finding, excerpt, column: 999 }, false, "en").split("\n").length, 3);
  },
);

findings("pretty: fits a line in 80 columns, also in a listing and of wide characters", () => {
  const sentence = "塔について、とても長い一行の文章です。";
  const excerpt = `${sentence.repeat(4)}[続き](next.md)${sentence.repeat(3)}`;
  const at = excerpt.indexOf("next.md");
  for (const [column, length] of [
    [at + 1, 7],
    [1, 3],
    [excerpt.length - 2, 3],
    [excerpt.length + 1, 1],
    [20, 120],
  ] as const) {
    const [, line = "", mark = ""] = prettyFinding(
      { ...finding, line: 1_234, excerpt, column, length },
      false,
      "ja",
    ).split("\n");
    assert.ok(cells(line) <= 78, `${cells(line)}: ${line}`);
    assert.ok(cells(line) > 70 && cells(mark) <= cells(line) + 1, line);
    const meant = excerpt.slice(column - 1, column - 1 + length);
    const from = cut(line, mark.indexOf("^")).length;
    assert.ok(line.slice(from).startsWith(length < 10 ? meant : meant.slice(0, 9)), `${line}\n${mark}`);
  }
});

findings("pretty: lets no file move the cursor", () => {
  const text = prettyFinding(
    { ...finding, path: "a\u001b[2J.md", message: "\u0007", excerpt: "x\u009b" },
    false,
    "en",
  );
  assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

findings("pretty: a file as a whole has neither line nor mark", () => {
  const whole = { ...finding, line: null, excerpt: null, severity: "note", hint: "" } as const;
  assert.is(
    prettyFinding(whole, false, "en"),
    "posts/a.md note date does not exist in the calendar: 2024-13-45 [no-such-date]\n",
  );
});

findings("words come from the catalogue, in the language of the environment", () => {
  const problem = {
    code: "missing-key",
    severity: "error",
    line: 1,
    column: 1,
    length: 3,
    params: { key: "title" },
  } as const;
  assert.is(findingOf(problem, "a.md", "en").message, "title is missing");
  assert.not.equal(findingOf(problem, "a.md", "ja").message, "title is missing");
  assert.is(langOf({ LANG: "ja_JP.UTF-8" }), "ja");
  assert.is(langOf({ LANG: "ja_JP.UTF-8", LC_ALL: "C" }), "en");
  assert.is(langOf({}), "en");
  const io = { env: { LANG: "ja_JP.UTF-8" } };
  assert.is(languageFor("people", null, io.env), "ja");
  assert.is(languageFor("programs", null, io.env), "en");
  assert.is(languageFor("programs", "ja", {}), "ja");
  assert.is(languageFor("people", "en", io.env), "en");
});

findings("a file that is held is reported in either language, whatever its state keeps", () => {
  const reason = "Rendering the Markdown took more than 20 s";
  assert.is(heldFinding("a.md", reason, "en").message, reason);
  assert.is(heldFinding("a.md", reason, "ja").message, "Markdown の変換に 20 秒を超える時間がかかりました");
  assert.is(heldFinding("a.md", "Stopped", "ja").message, "Stopped");
});

findings("cells of a terminal", () => {
  for (const [text, count] of [
    ["abc", 3],
    ["日本語", 6],
    ["ｶﾅ", 2],
    ["한글", 4],
    ["🎉", 2],
    ["e\u0301", 1],
    ["Ａ", 2],
    ["", 0],
  ] as const) {
    assert.is(cells(text), count, text);
  }
});

findings.run();
