import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Planned, PlanReport } from "../../../src/commands/plan/planned.ts";
import { planText } from "../../../src/commands/plan/text.ts";
import { cells } from "../../../src/messages/terminal.ts";

const plan = suite("text of a plan");

const counts = {
  published: 0,
  pending: 0,
  scheduled: 0,
  withdrawn: 0,
  held: 0,
  rejected: 0,
  refused: 0,
  undeletable: 0,
};

const upsert = (id: string, path: string, cause: Planned["cause"], why: string): Planned => ({
  do: "upsert",
  id,
  path,
  cause,
  why,
  fields: null,
});

const report = (more: Partial<PlanReport>): PlanReport => ({
  config: null,
  revision: "0123456789abcdef0123456789abcdef01234567",
  note: null,
  planned: [],
  kept: [],
  foreign: [],
  findings: [],
  brake: null,
  counts,
  ...more,
});

const text = (more: Partial<PlanReport>, columns = 80, colour = false): string =>
  planText(report(more), { colour, columns, lang: "en" });

plan("aligns columns, also where characters are two cells wide", () => {
  const shown = text({
    planned: [
      upsert("a", "posts/a.md", "new", "new"),
      upsert("入門", "記事.md", "changed", "changed: title"),
    ],
  });
  assert.is(
    shown,
    [
      "+ a     posts/a.md  (new)",
      "~ 入門  記事.md     (changed: title)",
      "At 0123456789ab: 1 new, 1 changed, 0 to delete.",
      "",
    ].join("\n"),
  );
});

plan("stays within the terminal, and loses nothing", () => {
  const id = "a-name-that-is-rather-long-but-not-too-long";
  const path = `content/posts/${id}.md`;
  const shown = text({ planned: [upsert(id, path, "changed", "changed: body, html, title")] });
  for (const line of shown.split("\n")) assert.ok(cells(line) <= 80, line);
  assert.is(shown.split("\nAt")[0], `~ ${id}\n    ${path}\n    (changed: body, html, title)`);
});

plan("has no colour unless it is wanted", () => {
  const planned = [upsert("a", "a.md", "new", "new")];
  assert.not.match(text({ planned }), "\u001b");
  assert.match(text({ planned }, 80, true), "\u001b[32m+ a");
});

plan("tells rejected files with where, why and what stays meanwhile", () => {
  const finding = {
    path: "b.md",
    severity: "error",
    code: "missing-key",
    line: 3,
    column: 1,
    length: 5,
    message: "title is missing",
    hint: "",
    excerpt: null,
  } as const;
  const shown = text({
    findings: [finding, { ...finding, line: 4 }],
    kept: [{ id: "b", path: "b.md" }],
    counts: { ...counts, rejected: 1 },
  });
  assert.match(shown, "! b.md:3:1  title is missing  (1 more in this file; b stays published)\n");
  assert.match(shown, "0 to delete, 1 rejected.");
});

plan("sets apart what is sent again, sums it up, and tells of the brake", () => {
  const planned = Array.from(
    { length: 25 },
    (_, index): Planned => ({
      ...upsert(`n${index}`, `n${index}.md`, "resend", "unchanged"),
      do: "resend",
    }),
  );
  const shown = text({ planned, brake: { deletes: 12, owned: 20, cause: "ids-changed" } });
  assert.match(shown, "= n0   n0.md   (unchanged)\n");
  assert.match(shown, "and 5 more; --json has all\n");
  assert.match(
    shown,
    "Brake: 12 deletes of 20 articles are held back.\n  Likely cause: the files are still there",
  );
  assert.match(shown, "12 deletes held back, 25 to send again unchanged.");
});

plan("shows nothing that would act on the terminal", () => {
  assert.not.match(text({ planned: [upsert("a\u001b[2J", "a.md", "new", "new")] }), "\u001b");
});

plan.run();
