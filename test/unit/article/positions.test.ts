import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lineAt, problemAt } from "../../../src/article/problem.ts";
import { article, places, problemsOf } from "../../support/article.ts";

const positions = suite("positions of problems");

positions("count lines and columns from 1, in UTF-16 code units", () => {
  assert.equal(lineAt("ab\ncd", 0), { line: 1, column: 1, lineText: "ab" });
  assert.equal(lineAt("ab\ncd", 2), { line: 1, column: 3, lineText: "ab" });
  assert.equal(lineAt("ab\ncd", 4), { line: 2, column: 2, lineText: "cd" });
  assert.equal(lineAt("ab\r\ncd\r\n", 5), { line: 2, column: 2, lineText: "cd" });
  assert.equal(lineAt("\u{1f600}x", 2), { line: 1, column: 3, lineText: "\u{1f600}x" });
  assert.equal(lineAt("", 9), { line: 1, column: 1, lineText: "" });
});

positions("mark no more than the first line", () => {
  assert.is(problemAt("ab\ncd", { offset: 1, length: 4 }, "not-text").length, 1);
  assert.is(problemAt("ab\ncd", { offset: 2, length: 0 }, "not-text").length, 1);
});

positions("show the line, cut to 200 characters and never through one", () => {
  const { excerpt } = problemAt(`${"x".repeat(199)}\u{1f600}`, { offset: 0, length: 1 }, "not-text");
  assert.is(excerpt, `${"x".repeat(199)}\ufffd`);
  assert.not("excerpt" in problemAt("", { offset: 0, length: 1 }, "too-large"));
});

positions("do not count a byte order mark, and count CRLF once", async () => {
  const file = "\ufeff---\r\nid: 日本\r\ntitle: 題\r\ndate: 2024-13-45\r\n---\r\n";
  const [problem] = await problemsOf(file);
  assert.equal(
    [problem?.line, problem?.column, problem?.length, problem?.excerpt],
    [4, 7, 10, "date: 2024-13-45"],
  );
});

positions("point at the value, over several lines at its beginning", async () => {
  assert.equal(places(await problemsOf(article("draft: >\n  maybe"))), ["not-boolean-text@5:8+1"]);
  assert.equal(places(await problemsOf(article('cover: x\n"updated":   "2020-\n  01"'))), [
    "bad-date@6:14+6",
  ]);
  assert.equal(places(await problemsOf(article("説明: あ\ntags: あいう"))), ["not-list-text@6:7+3"]);
});

positions("of what does not parse are where the slip is, not where the parser noticed", async () => {
  const slips: [string, string][] = [
    ["id: a\ntitle: b: c", "yaml-colon-in-value@3:9+1"],
    ["id: a\nid: b", "yaml-duplicate-key@3:1+2"],
    ["id: a\n日本: x\n日本: y", "yaml-duplicate-key@4:1+2"],
    ["title: *bold* text\nid: a", "yaml-alias@2:8+6"],
    ["title: !important\nid: a", "yaml-tag@2:8+10"],
    ['title: "a\nid: b', "yaml-unclosed-quote@2:8+2"],
    ["a: 'x'\ntitle: 'b\nid: c", "yaml-unclosed-quote@3:8+2"],
    ["tags: [a, b\nid: c", "yaml-unclosed-bracket@2:7+5"],
    ["- x\n- [a", "yaml-unclosed-bracket@3:3+2"],
    ["{a: b", "yaml-unclosed-bracket@2:5+1"],
    ["title: 'it's'\nid: a", "yaml-after-value@2:12+2"],
    ["title: [Draft] Hello\nid: a", "yaml-after-value@2:16+5"],
    ["id: a\ntitle\ndate: x", "yaml-colon@3:1+5"],
    ["id: a\ntitle:x\ndate: y", "yaml-colon-blank@3:1+6"],
    ["id:a", "yaml-colon-blank@2:1+3"],
    ["id: a\ntitle：題\ndate: x", "yaml-wide-colon@3:6+1"],
    ["id: a\ntitle:\u3000題\ndate: x", "yaml-wide-blank@3:7+1"],
    ["id: a\ndate:\u00a02026-01-01\ntitle: x", "yaml-wide-blank@3:6+1"],
    ["tags:\n\u3000- 語\nid: a", "yaml-wide-blank@3:1+1"],
    ["title: @x\ndescription: |\n  \u3000段落\nid: a", "yaml-reserved@2:8+1"],
    ["title: @x", "yaml-reserved@2:8+1"],
    ['title: "\\q"', "yaml-escape@2:10+1"],
    ["title: a\u0007b", "yaml-control-character@2:9+1"],
    ["a: b\n  c: d", "yaml-indentation@3:4+1"],
    [" id: a\ntitle: b", "yaml-indentation@2:1+1"],
    ["a: b\n  \tc: d", "yaml-tab@3:3+1"],
    ["id: a\n--- b: c", "yaml-two-documents@3:1+3"],
    ["id: a\u2028---\u2028b", "yaml-line-break@2:6+1"],
    ["- a\n- b", "front-matter-not-map@2:1+1"],
    ["\n# note\njust text", "front-matter-not-map@4:1+1"],
    ["<<: 1", "yaml-syntax@2:5+1"],
  ];
  for (const [lines, place] of slips)
    assert.equal(await slipsOf(`---\n${lines}\n---\nBody\n`), [place], lines);
});

/** What is wrong with the YAML, the keys that are missing besides left out. */
async function slipsOf(file: string): Promise<string[]> {
  return places(await problemsOf(file)).filter((place) => !/^(?:missing-key|bad-date)/.test(place));
}

positions("of an item are right where lines of its list differ", async () => {
  assert.equal(places(await problemsOf(article("tags:\n  - |\n    one\n  - [two,\n     three]"))), [
    "not-scalar@8:5+5",
  ]);
});

positions("are found for all that is wrong though YAML stops at the first", async () => {
  const file = [
    "\ufeff---",
    "id: a",
    "title: Go: the good parts",
    "date：2026-01-01",
    "cover: @home",
    "description:x",
    "tags: go, k8s",
    "updated: 2026-99-01",
    "---",
  ].join("\r\n");
  assert.equal(places(await problemsOf(file)), [
    "yaml-colon-in-value@3:10+1",
    "yaml-wide-colon@4:5+1",
    "yaml-reserved@5:8+1",
    "yaml-colon-blank@6:1+12",
    "not-list-text@7:7+7",
    "no-such-date@8:10+10",
  ]);
  const [, , , , tags] = await problemsOf(file);
  assert.equal(tags?.params, { key: "tags", value: "go, k8s", list: "go, k8s" });
  assert.is(tags?.excerpt, "tags: go, k8s");
});

positions("are not those of a guess", async () => {
  const unknown = "---\nid: a\ntitle: 'it\n  goes on\ndate: 2026-02-30\n---\n";
  assert.equal(places(await problemsOf(unknown)), ["yaml-unclosed-quote@3:8+3"]);
  const lost = "---\nid: a\ntitle\ndate: 2026-01-01\n---\n";
  assert.equal(places(await problemsOf(lost)), ["yaml-colon@3:1+5"]);
  const hooked = await problemsOf("---\ntitle: a: b\ndate: soon\n---\n", {
    attributes: ({ attributes }) => attributes,
  });
  assert.equal(places(hooked), ["yaml-colon-in-value@2:9+1"]);
});

positions("are those of the keys that a hook made others of", async () => {
  const file = "---\nid: a\ntitle: t\ntopics: go, k8s\nday: soon\n---\n";
  const problems = await problemsOf(file, {
    attributes: ({ attributes }) => ({ ...attributes, tags: attributes["topics"], date: attributes["day"] }),
  });
  assert.equal(places(problems), ["not-list-text@4:9+7", "bad-date@5:6+4"]);
  assert.equal(
    problems.map(({ params }) => params["key"]),
    ["topics", "day"],
  );
  const made = await problemsOf(file, {
    attributes: ({ attributes }) => ({ ...attributes, tags: "made up", date: "2026-01-01" }),
  });
  assert.equal(places(made), ["not-list-text@1:1+3"]);
  assert.is(made[0]?.params["key"], "tags");
});

positions("are right with CRLF in broken YAML too", async () => {
  assert.equal(await slipsOf("\ufeff---\r\nid: a\r\nid: b\r\n---\r\n"), ["yaml-duplicate-key@3:1+2"]);
});

positions.run();
