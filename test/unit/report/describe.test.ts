/** What happens in the core, as records of the log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AgentEvent, describeEvent } from "../../../src/report/describe.ts";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Problem } from "../../../src/sync/model.ts";

const test = suite("descriptions of events");

const trouble = {
  kind: "denied",
  message: "inserter answered 403",
  hint: "h",
  sinceMs: 0,
  attempts: 2,
} as const;
const delivered = {
  id: "a",
  cause: "new",
  version: 7,
  durationMs: 1.6,
  waitedMs: -3,
  attempts: 1,
  isBulk: false,
} as const;
const problem: Problem = {
  code: "missing-key",
  severity: "error",
  line: 2,
  column: 3,
  length: 1,
  params: { key: "title" },
};
const said = { message: "title is missing", hint: "Add a line `title: ...` to the front matter." };
const described = { ...problem, ...said };
const winner = { path: "a.md", blob: "0", digest: "d" };
const claim = { id: "a", winner, entry: null };

/** One of each kind, with its level and its fields. */
const EXAMPLES: readonly [event: AgentEvent, level: string, fields: object][] = [
  [{ kind: "repository.waiting", reason: "no link", hint: "h" }, "warn", { hint: "h" }],
  [{ kind: "repository.found", revision: "r" }, "info", { revision: "r" }],
  [{ kind: "revision.seen", revision: "r" }, "debug", { revision: "r" }],
  [
    { kind: "revision.unreadable", revision: "r", reason: "a tree is missing", hint: "h" },
    "error",
    { revision: "r", hint: "h" },
  ],
  [{ kind: "revision.readable", revision: "r" }, "info", { revision: "r" }],
  [
    {
      kind: "pass.done",
      trigger: "watch",
      revision: "r",
      way: "walk",
      why: "trees-remembered",
      examined: 1,
      begun: 0,
      durationMs: 1.2,
    },
    "info",
    {
      trigger: "watch",
      revision: "r",
      way: "walk",
      why: "trees-remembered",
      examined: 1,
      begun: 0,
      durationMs: 1,
    },
  ],
  [
    {
      kind: "pass.done",
      trigger: "poll",
      revision: "r",
      way: "none",
      why: "revision-known",
      examined: 0,
      begun: 0,
      durationMs: 1,
    },
    "debug",
    {
      trigger: "poll",
      revision: "r",
      way: "none",
      why: "revision-known",
      examined: 0,
      begun: 0,
      durationMs: 1,
    },
  ],
  [{ kind: "pass.superseded", trigger: "poll" }, "debug", { trigger: "poll" }],
  [
    { kind: "brake.on", deletes: 11, owned: 12, cause: "ids-changed", revision: "r" },
    "error",
    {
      deletes: 11,
      owned: 12,
      cause: "ids-changed",
      revision: "r",
      hint: "If that is meant: sync-agent once --allow-mass-delete, or a larger prune.maxFraction.",
    },
  ],
  [{ kind: "brake.off", revision: "r" }, "info", { revision: "r" }],
  [
    { kind: "article.rejected", path: "a.md", problems: [problem] },
    "warn",
    { path: "a.md", problems: [described], hint: said.hint },
  ],
  [
    { kind: "article.doubtful", path: "a.md", problems: [problem] },
    "info",
    { path: "a.md", problems: [described], hint: said.hint },
  ],
  [
    { kind: "article.withdrawn", path: "a.md", problem },
    "error",
    { path: "a.md", problems: [described], hint: said.hint },
  ],
  [
    { kind: "article.withdrawn", path: "a.md", problem: { ...problem, severity: "warning" } },
    "warn",
    { path: "a.md", problems: [{ ...described, severity: "warning" }], hint: said.hint },
  ],
  [{ kind: "article.held", path: "a.md", reason: "slow" }, "warn", { path: "a.md", reason: "slow" }],
  [{ kind: "article.skipped", path: "a.md", why: "draft" }, "debug", { path: "a.md", why: "draft" }],
  [
    { kind: "article.decided", claim, decision: { kind: "upsert", winner, cause: "new" } },
    "debug",
    { id: "a", decision: "upsert", why: "new", path: "a.md" },
  ],
  [
    {
      kind: "article.decided",
      claim: { id: "a", winner: null, entry: blankEntry("a") },
      decision: { kind: "forget" },
    },
    "debug",
    { id: "a", decision: "forget", why: "no file has it, and the inserter does not hold it" },
  ],
  [
    { kind: "article.upserted", path: "a.md", ...delivered },
    "info",
    { id: "a", path: "a.md", cause: "new", version: 7, durationMs: 2, waitedMs: 0, attempts: 1 },
  ],
  [
    { kind: "article.deleted", ...delivered, isBulk: true },
    "debug",
    { id: "a", cause: "new", version: 7, durationMs: 2, waitedMs: 0, attempts: 1 },
  ],
  [
    { kind: "article.retry", id: "a", operation: "delete", reason: "x", attempts: 2, nextInMs: 1.5 },
    "warn",
    { id: "a", kind: "delete", attempts: 2, nextInMs: 2 },
  ],
  [
    { kind: "article.refused", id: "a", path: "a.md", status: 422, excerpt: "no" },
    "warn",
    { id: "a", kind: "upsert", status: 422, excerpt: "no", path: "a.md" },
  ],
  [{ kind: "article.undeletable", id: "a", reason: "x" }, "warn", { id: "a" }],
  [{ kind: "article.differs", id: "a", sent: "d", listed: "e" }, "warn", { id: "a", sent: "d", listed: "e" }],
  [{ kind: "inserter.waiting", reason: "x" }, "warn", {}],
  [{ kind: "inserter.found" }, "info", {}],
  [
    { kind: "inserter.trouble", trouble, nextInMs: -1 },
    "warn",
    { kind: "denied", attempts: 2, nextInMs: 0, hint: "h" },
  ],
  [{ kind: "inserter.recovered", trouble, forMs: 5 }, "info", { kind: "denied", attempts: 2, forMs: 5 }],
  [{ kind: "inserter.idle", trouble }, "info", { kind: "denied", attempts: 2 }],
  [{ kind: "inserter.no-batch", status: 404 }, "info", {}],
  [{ kind: "inserter.drifted", ids: 3 }, "warn", { ids: 3 }],
  [{ kind: "inventory.unknown", reason: "x", wantedFor: "drift" }, "warn", {}],
  [
    {
      kind: "state.inserter-changed",
      before: { inserter: "i", owner: "o" },
      now: { inserter: "i", owner: "p" },
    },
    "warn",
    { before: { inserter: "i", owner: "o" }, now: { inserter: "i", owner: "p" } },
  ],
  [
    { kind: "state.adopted", held: 3 },
    "error",
    {
      held: 3,
      hint: "Nothing is lost: they are known again. Keep the state on a volume that stays; where it is not to be kept, say so with --state :memory:.",
    },
  ],
  [
    { kind: "state.unavailable", reason: "disk full" },
    "error",
    { hint: "Make room on its disk, or let this user write there. No restart is needed." },
  ],
  [{ kind: "state.recovered" }, "info", {}],
];

test("carry the kind as the name, the level, and the fields that programs read", () => {
  for (const [event, level, fields] of EXAMPLES) {
    const record = describeEvent(event);
    assert.equal([record.event, record.level, record.fields], [event.kind, level, fields]);
    assert.not.match(record.message, /undefined|null|NaN|\[object/, event.kind);
  }
});

test("name the place of what is wrong in a file, and none where another file has its id", () => {
  const messageOf = (problems: readonly Problem[]): string =>
    describeEvent({ kind: "article.rejected", path: "a.md", problems }).message;
  assert.is(messageOf([problem]), "a.md:2:3 rejected: title is missing");
  assert.match(messageOf([{ ...problem, code: "duplicate-id" }]), /^a\.md rejected: /);
});

test("put problems into the words of a language, the first one into the message", () => {
  const event = { kind: "article.rejected", path: "a.md", problems: [problem, problem] } as const;
  assert.is(describeEvent(event).message, "a.md:2:3 rejected: title is missing (1 more in this file)");
  assert.match(describeEvent(event, "ja").message, /^a\.md:2:3 rejected: title .*このファイルにほか 1 件/);
});

test.run();
