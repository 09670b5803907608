/** What outcomes change, where one answer alone does not say; and when they are written. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judge, judgeInventoryAsked } from "../../../src/sync/deliver/judge.ts";
import { DeliveryMemory } from "../../../src/sync/deliver/memory.ts";
import { Recorder } from "../../../src/sync/deliver/record.ts";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Entry, Operation } from "../../../src/sync/model.ts";
import { type Reply, StateUnavailable } from "../../../src/sync/ports.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { MemoryTables } from "../../support/memory-tables.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("records");

const RETRY = { minMs: 200, maxMs: 60_000 };

/** A recorder over a state with these entries. */
function scene(...operations: readonly Operation[]) {
  let elapsedMs = 0;
  let isDiskFull = false;
  const events: string[] = [];
  const tables = new MemoryTables();
  const state = new MemoryState(tables, (call) => {
    if (call === "commit" && isDiskFull) throw new StateUnavailable("disk full");
  });
  const world = worldOf({
    state,
    clock: { nowMs: () => elapsedMs, elapsedMs: () => elapsedMs, sleep: () => Promise.resolve() },
    report: ({ kind }) => events.push(kind),
  });
  for (const operation of operations) {
    const { id, ...pending } = operation;
    const acknowledged = { digest: "before", version: 0 };
    state.putEntry({ ...blankEntry(id), path: `${id}.md`, blob: "0", acknowledged, pending });
  }
  const options = {
    concurrency: 8,
    ratePerSecond: 0,
    batch: false,
    retry: RETRY,
    bodiesBytesMax: 0,
  } as const;
  const memory = new DeliveryMemory(world, 0, options, 0);
  let looks = 0;
  const recorder = new Recorder(world, new Versions(state, world.clock), memory, RETRY, () => looks++);
  const probe = (answered: boolean): void => {
    const { denials, breaker } = memory;
    const upsertDenied = denials.hasDeniedUpsert((id) => state.entry(id)?.pending?.kind === "upsert");
    const known = { upserts: denials.upserts, trouble: breaker.trouble };
    recorder.record(judgeInventoryAsked(answered, upsertDenied, known));
  };
  return {
    state,
    memory,
    recorder,
    events,
    probe,
    looks: () => looks,
    pass: (ms: number) => {
      elapsedMs += ms;
    },
    fillDisk: (is: boolean) => {
      isDiskFull = is;
    },
    /** The inserter answers an operation, long after anything else. */
    answer: (operation: Operation, status: number): void => {
      elapsedMs += 100_000;
      memory.inFlight.add(operation, false);
      recorder.record(judge(operation, reply(status), memory.contextOf(operation, elapsedMs)));
    },
    /** The entry, when all is written. */
    entry: (id: string): Entry | null => {
      recorder.flush();
      return state.entry(id);
    },
  };
}

function reply(status: number): Extract<Reply, { kind: "answer" }> {
  return { kind: "answer", status, retryAfterMs: null, version: null, location: null, excerpt: "" };
}

const removal = (id: string, version: number): Operation => ({
  id,
  kind: "delete",
  version,
  cause: "deleted",
  sinceMs: 0,
});

const upsert = (id: string, version: number): Operation => ({
  id,
  kind: "upsert",
  version,
  digest: `d-${id}`,
  path: `${id}.md`,
  blob: "0",
  cause: "new",
  sinceMs: 0,
});

test("a delete that may have landed before it was declined leaves in doubt what stands there", () => {
  const a = removal("a", 1);
  const { answer, entry } = scene(a);
  answer(a, 500);
  answer(a, 405);
  assert.ok(entry("a")?.undeletable);
  assert.is(entry("a")?.uncertain, true);
});

test("a delete that was declined at once did not land", () => {
  const a = removal("a", 1);
  const { answer, entry } = scene(a);
  answer(a, 405);
  assert.ok(entry("a")?.undeletable);
  assert.is(entry("a")?.uncertain, false);
});

test("an article that was denied and is not wanted any more does not hide that deletes are declined", () => {
  const [gone, a] = [upsert("gone", 1), removal("a", 2)];
  const { answer, entry, probe, state } = scene(gone, a);
  answer(gone, 403);
  answer(a, 403);
  probe(true);
  answer(a, 403);
  assert.is(entry("a")?.undeletable, false, "it may be the token");
  state.dropEntry("gone");
  probe(true);
  answer(a, 403);
  assert.is(entry("a")?.undeletable, true);
});

test("a declined delete is no sign that an inserter which denies articles takes them again", () => {
  const [a, b] = [removal("a", 1), upsert("b", 2)];
  const { answer, entry, probe, memory, events } = scene(a, b);
  answer(a, 403);
  probe(true);
  assert.is(memory.breaker.trouble, null);
  answer(b, 403);
  assert.is(memory.breaker.trouble?.kind, "denied");
  events.length = 0;
  answer(a, 403);
  assert.is(entry("a")?.undeletable, true);
  assert.is(memory.breaker.trouble?.kind, "denied");
  assert.not(events.includes("inserter.recovered"));
});

test("a single answer is written at once, and many that come together are gathered", () => {
  const all = ["a", "b", "c", "d", "e"].map((id, i) => upsert(id, i + 1));
  const { answer, recorder, memory, pass, state } = scene(...all);
  answer(all[0] as Operation, 200);
  assert.is(memory.inFlight.has("a"), true, "until it is written nothing newer overtakes it");
  pass(4);
  assert.is(recorder.writeDue(), Number.POSITIVE_INFINITY);
  assert.is(state.entry("a")?.pending, null);
  assert.is(memory.inFlight.has("a"), false);

  const startMs = recorder.writeDue();
  assert.is(startMs, Number.POSITIVE_INFINITY);
  for (const one of all.slice(1)) recorder.record(judge(one, reply(200), memory.contextOf(one, 0)));
  pass(4);
  assert.ok(recorder.writeDue() < Number.POSITIVE_INFINITY, "four in 4 ms are a bulk");
  assert.is(recorder.isEmpty, false);
  pass(80);
  recorder.writeDue();
  assert.is(recorder.isEmpty, true);
});

test("what cannot be written is kept, and nothing is sent until it can", () => {
  const [a, b] = [upsert("a", 1), upsert("b", 2)];
  const { answer, recorder, memory, events, fillDisk, pass, state } = scene(a, b);
  fillDisk(true);
  answer(a, 200);
  recorder.flush();
  assert.is(memory.stateTrouble, "disk full");
  assert.is(memory.isFlowing, false);
  assert.is(memory.inFlight.has("a"), true);
  answer(b, 200);
  fillDisk(false);
  pass(60_000);
  recorder.writeDue();
  assert.is(recorder.isEmpty, true);
  assert.is(memory.stateTrouble, null);
  assert.equal([state.entry("a")?.pending, state.entry("b")?.pending], [null, null]);
  assert.equal(
    events.filter((kind) => kind.startsWith("state.")),
    ["state.unavailable", "state.recovered"],
  );
});

test("what the inserter holds in a newer version is numbered above it, and planned anew", () => {
  const a = upsert("a", 1);
  const { recorder, memory, entry, state, looks } = scene(a);
  const newer: Reply = { ...reply(412), version: 77 };
  recorder.record(judge(a, newer, memory.contextOf(a, 0)));
  assert.is(entry("a")?.pending, null);
  assert.is(entry("a")?.uncertain, true);
  assert.equal(state.touched(null, 9), ["a"]);
  assert.is(state.meta("version"), "77");
  assert.is(looks(), 1);
});

test("an article that the inserter is too busy for time after time is tried ever more seldom", () => {
  const a = upsert("a", 1);
  const { answer, memory, entry } = scene(a);
  answer(a, 429);
  assert.is(memory.attempts.failures(a), 0);
  for (let times = 1; times <= 5; times++) {
    answer(a, 429);
    assert.is(memory.attempts.failures(a), times);
  }
  assert.ok((memory.attempts.of(a)?.nextMs ?? 0) > 600_000);
  answer(a, 200);
  assert.is(entry("a")?.pending, null);
  assert.is(memory.attempts.of(a), null);
});

test.run();
