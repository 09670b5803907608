import { suite } from "uvu";
import * as assert from "uvu/assert";
import { previewTo } from "../../../src/report/preview.ts";

const preview = suite("preview");

const delivered = {
  id: "a",
  cause: "new",
  version: 1,
  durationMs: 1,
  waitedMs: 1,
  attempts: 1,
  isBulk: false,
} as const;

preview("shows problems with their lines, of what goes well only which file it was", () => {
  const lines: string[] = [];
  const log = {
    emit: (level: string, event: string, _message: string, fields: object = {}) => {
      lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
    },
  };
  const report = previewTo(log, { write: (text) => lines.push(text), colour: false, lang: "en" });
  const problem = {
    code: "missing-key",
    severity: "error",
    line: 1,
    column: 1,
    length: 3,
    params: { key: "title" },
    excerpt: "---",
  } as const;
  report({ kind: "article.rejected", path: "a.md", problems: [problem] });
  report({ kind: "article.doubtful", path: "b.md", problems: [{ ...problem, severity: "warning" }] });
  report({ kind: "article.upserted", path: "c.md", ...delivered });
  report({ kind: "article.deleted", ...delivered });
  report({ kind: "article.held", path: "d.md", reason: "too slow" });
  const found = { trigger: "start", way: "list", why: "no-old-revision" } as const;
  report({ kind: "pass.done", ...found, revision: "r", examined: 3, begun: 2, durationMs: 5 });
  assert.match(
    lines[0] ?? "",
    /^\na\.md:1:1 error title is missing \[missing-key\]\n {2}1 \| ---\n {4}\| \^\^\^\n/,
  );
  assert.match(lines[1] ?? "", /^\nb\.md:1:1 warning /);
  assert.equal(lines.slice(2, 5), [
    'info article.upserted {"path":"c.md"}',
    "info article.deleted {}",
    'warn article.held {"path":"d.md","reason":"too slow"}',
  ]);
  assert.match(lines[5] ?? "", /^debug pass\.done /);
  assert.is(lines.length, 6);
});

preview.run();
