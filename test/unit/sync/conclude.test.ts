/** What answers mean for an article and for the endpoint, where one answer alone cannot tell. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attempts } from "../../../src/sync/deliver/attempts.ts";
import { CircuitBreaker } from "../../../src/sync/deliver/breaker.ts";
import { Conclusions, type Ready } from "../../../src/sync/deliver/conclude.ts";
import type { Settlement } from "../../../src/sync/deliver/settle.ts";
import { blankEntry, setUndeletable } from "../../../src/sync/entry.ts";
import type { Pending } from "../../../src/sync/model.ts";
import type { Reply } from "../../../src/sync/ports.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";

const test = suite("conclusions");

const RETRY = { minMs: 200, maxMs: 60_000 };

/** Conclusions over an endpoint of their own. */
function scene() {
  let elapsedMs = 0;
  const clock = { nowMs: () => elapsedMs, elapsedMs: () => elapsedMs, sleep: () => Promise.resolve() };
  const breaker = new CircuitBreaker(8, RETRY);
  const settled: Settlement[] = [];
  const events: string[] = [];
  const owed = new Set<string>();
  const conclusions = new Conclusions({
    attempts: new Attempts(),
    breaker,
    versions: new Versions(new MemoryState(), clock),
    clock,
    random: () => 0.5,
    report: ({ kind }) => events.push(kind),
    retry: RETRY,
    consequences: {
      settle: (settlement) => settled.push(settlement),
      release: () => {},
      lookAgain: () => {},
      seekEvidence: () => {},
      owesUpsert: (id) => owed.has(id),
      taken: () => {},
      isBulk: () => false,
    },
  });
  const conclude = (one: Ready, status: number): void => {
    elapsedMs += 100_000;
    conclusions.conclude(one, answer(status), elapsedMs);
  };
  return { conclusions, conclude, breaker, settled, events, owed };
}

function answer(status: number): Reply {
  return { kind: "answer", status, retryAfterMs: null, version: null, location: null, excerpt: "" };
}

const removal = (id: string, version: number): Ready => {
  const operation: Pending = { kind: "delete", version, cause: "deleted", sinceMs: 0 };
  return { id, operation, body: null };
};

const article = (id: string, version: number): Ready => {
  const place = { digest: `d-${id}`, path: `${id}.md`, blob: "0" };
  const operation: Pending = { kind: "upsert", version, ...place, cause: "new", sinceMs: 0 };
  return { id, operation, body: new Uint8Array() };
};

test("a delete that may have landed before it was declined leaves in doubt what stands there", () => {
  const { conclude, settled } = scene();
  conclude(removal("a", 1), 500);
  conclude(removal("a", 1), 405);
  assert.is(settled.length, 1);
  const [settlement] = settled;
  assert.ok(settlement?.kind === "undeletable" && settlement.mayHaveLanded);
  const { operation } = settlement;
  const entry = { ...blankEntry("a"), acknowledged: { digest: "d", version: 0 }, pending: operation };
  assert.is(setUndeletable(entry, operation, true).uncertain, true);
  assert.is(setUndeletable(entry, operation, false).uncertain, false);
});

test("a delete that was declined at once did not land", () => {
  const { conclude, settled } = scene();
  conclude(removal("a", 1), 405);
  assert.ok(settled[0]?.kind === "undeletable" && !settled[0].mayHaveLanded);
});

test("an article that was denied and is not wanted any more does not hide that deletes are declined", () => {
  const { conclusions, conclude, settled, owed } = scene();
  owed.add("gone");
  conclude(article("gone", 1), 403);
  conclude(removal("a", 2), 403);
  conclusions.judgeDeletes(true);
  conclude(removal("a", 2), 403);
  assert.equal(settled, [], "it may be the token");
  owed.delete("gone");
  conclusions.judgeDeletes(true);
  conclude(removal("a", 2), 403);
  assert.is(settled[0]?.kind, "undeletable");
});

test("a declined delete is no sign that an endpoint which denies articles takes them again", () => {
  const { conclusions, conclude, breaker, events, settled, owed } = scene();
  conclude(removal("a", 1), 403);
  conclusions.judgeDeletes(true);
  assert.is(breaker.trouble, null);
  owed.add("b");
  conclude(article("b", 2), 403);
  assert.is(breaker.trouble?.kind, "denied");
  events.length = 0;
  conclude(removal("a", 1), 403);
  assert.is(settled[0]?.kind, "undeletable");
  assert.is(breaker.trouble?.kind, "denied");
  assert.not(events.includes("inserter.recovered"));
});

test.run();
