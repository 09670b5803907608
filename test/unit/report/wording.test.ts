import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wordProblems } from "../../../src/report/wording.ts";

const wording = suite("wording of problems");

wording("puts codes into words, and leaves all else alone", () => {
  const records: unknown[][] = [];
  const log = wordProblems({ emit: (...record) => records.push(record) }, "en");
  const problem = {
    code: "missing-key",
    severity: "error",
    line: 1,
    column: 1,
    length: 3,
    params: { key: "title" },
  };
  log.emit("warn", "article.rejected", "a.md:1:1 rejected", { path: "a.md", problems: [problem, problem] });
  log.emit("info", "pass.done", "Done", { path: "a.md", problems: 3 });
  log.emit("info", "bare", "No fields");
  const said = { message: "title is missing", hint: "Add a line `title: ...` to the front matter." };
  const worded = { ...problem, ...said };
  assert.equal(records, [
    [
      "warn",
      "article.rejected",
      "a.md:1:1 rejected: title is missing (1 more in this file)",
      { path: "a.md", problems: [worded, worded], hint: said.hint },
    ],
    ["info", "pass.done", "Done", { path: "a.md", problems: 3 }],
    ["info", "bare", "No fields", undefined],
  ]);
});

wording.run();
