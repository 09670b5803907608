import { suite } from "uvu";
import * as assert from "uvu/assert";
import { githubFinding, sarif } from "../../../src/commands/check/report.ts";
import type { Finding } from "../../../src/messages/finding.ts";

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

const report = suite("formats of check");

report("github: a workflow command, escaped", () => {
  assert.is(
    githubFinding(finding),
    "::error file=posts/a.md,line=3,endLine=3,col=7,endColumn=17,title=no-such-date::date does not exist in the calendar: 2024-13-45. Check month, day, time and time zone.\n",
  );
  assert.is(
    githubFinding({ ...finding, path: "a,b:c%.md", severity: "note", line: null, message: "x\ny", hint: "" }),
    "::notice file=a%2Cb%3Ac%25.md,title=no-such-date::x%0Ay\n",
  );
});

report("sarif: rules once, places in UTF-16 code units, paths as URIs", () => {
  const log = JSON.parse(
    JSON.stringify(sarif([finding, { ...finding, path: "日本 #1?.md", line: null }], "1.2.3")),
  );
  assert.is(log.version, "2.1.0");
  const [run] = log.runs;
  assert.equal(run.tool.driver, {
    name: "sync-agent",
    semanticVersion: "1.2.3",
    rules: [{ id: "no-such-date" }],
  });
  assert.is(run.columnKind, "utf16CodeUnits");
  const [first, second] = run.results;
  assert.is(first.level, "error");
  assert.equal(first.locations[0].physicalLocation, {
    artifactLocation: { uri: "posts/a.md", uriBaseId: "%SRCROOT%" },
    region: { startLine: 3, startColumn: 7, endColumn: 17, snippet: { text: "date: 2024-13-45" } },
  });
  assert.equal(second.locations[0].physicalLocation, {
    artifactLocation: { uri: "%E6%97%A5%E6%9C%AC%20%231%3F.md", uriBaseId: "%SRCROOT%" },
  });
});

report.run();
