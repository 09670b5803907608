/** What always holds is checked: each check speaks up for what breaks it, and for nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InFlight } from "../../../src/sync/deliver/in-flight.ts";
import { blankEntry } from "../../../src/sync/entry.ts";
import { checkDecision, checkEntry, checkPage, INVARIANTS } from "../../../src/sync/invariants.ts";
import type { Entry, Pending } from "../../../src/sync/model.ts";
import type { Decision } from "../../../src/sync/plan/plan.ts";

const test = suite("invariants");

const place = { path: "a.md", blob: "1" };
const upsert: Pending = { kind: "upsert", version: 5, digest: "d", ...place, cause: "new", sinceMs: 0 };
const removal: Pending = { kind: "delete", version: 5, cause: "deleted", sinceMs: 0 };
const refusal = { digest: "d", status: 422, excerpt: "", sinceMs: 0 };
const entry = (fields: Partial<Entry>): Entry => ({ ...blankEntry("a"), ...place, ...fields });

/** What speaks up; null when nothing does. */
function broken(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    assert.is(name, "InvariantBroken");
    return INVARIANTS.find((one) => message.endsWith(one)) ?? message;
  }
}

test("of an entry", () => {
  const rows: readonly [before: Partial<Entry> | null, entry: Partial<Entry>, broken: RegExp | null][] = [
    [null, {}, null],
    [null, { pending: upsert }, null],
    [{ pending: { ...removal, version: 4 } }, { pending: upsert }, null],
    [{ pending: removal }, { pending: removal, undeletable: true }, null],
    [null, { refusal, undeletable: true, foreignOwner: "others" }, null],
    [null, { pending: { ...upsert, version: 6 } }, /was given/],
    [null, { pending: { ...upsert, version: 0.5 } }, /was given/],
    [{ pending: { ...removal, version: 6 } }, { pending: upsert }, /higher version/],
    [null, { pending: upsert, path: "b.md" }, /names the file/],
    [null, { pending: upsert, blob: "2" }, /names the file/],
    [null, { pending: upsert, refusal }, /refused or undeletable/],
    [null, { pending: removal, refusal }, /refused or undeletable/],
    [null, { pending: upsert, undeletable: true }, /refused or undeletable/],
    [null, { pending: removal, foreignOwner: "others" }, /another owner/],
  ];
  for (const [before, next, expected] of rows) {
    const found = broken(() => checkEntry(before === null ? null : entry(before), entry(next), 5));
    if (expected === null) assert.is(found, null);
    else assert.match(found ?? "", expected);
  }
});

test("of a decision", () => {
  const winner = { ...place, digest: "d" };
  const sent: Decision = { kind: "upsert", winner, cause: "new" };
  const gone: Decision = { kind: "delete", cause: "deleted", again: false };
  const foreign = entry({ foreignOwner: "others" });
  assert.is(
    broken(() => checkDecision({ id: "a", winner, entry: null }, sent)),
    null,
  );
  assert.is(
    broken(() => checkDecision({ id: "a", winner: null, entry: entry({}) }, gone)),
    null,
  );
  assert.is(
    broken(() => checkDecision({ id: "a", winner, entry: foreign }, { kind: "nothing" })),
    null,
  );
  assert.match(
    broken(() => checkDecision({ id: "a", winner, entry: entry({}) }, gone)) ?? "",
    /a file has it/,
  );
  assert.match(broken(() => checkDecision({ id: "a", winner, entry: foreign }, sent)) ?? "", /another owner/);
});

test("of pages and of requests", () => {
  assert.is(
    broken(() => checkPage(null, [{ id: "a" }])),
    null,
  );
  assert.is(
    broken(() => checkPage("a", [{ id: "b" }])),
    null,
  );
  assert.is(
    broken(() => checkPage("a", [])),
    null,
  );
  assert.match(broken(() => checkPage("a", [{ id: "a" }])) ?? "", /byte order/);
  const inFlight = new InFlight();
  const operation = { id: "a", kind: "upsert", version: 1 } as const;
  inFlight.add(operation, false);
  assert.match(broken(() => inFlight.add(operation, false)) ?? "", /one request at a time/);
  inFlight.delete("a");
  assert.is(
    broken(() => inFlight.add(operation, false)),
    null,
  );
});

test.run();
