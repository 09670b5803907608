/** Dates are judged by the machine's clock; what time has published stays published. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Clock } from "../../../src/sync/ports.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { Passes } from "../../support/passes.ts";
import { article, expiring } from "../../support/state-samples.ts";

const test = suite("clocks");

const NOW_MS = 1_700_000_000_000;
const YEARS_MS = 20 * 31_557_600_000;

for (const jumpMs of [2_500, 3_600_000, YEARS_MS]) {
  test(`ahead for ${jumpMs} ms do not end the schedule`, async () => {
    const passes = new Passes();
    passes.nowMs = NOW_MS;
    await passes.commit({ "a.md": article("a", NOW_MS + 1_000), "b.md": expiring("b", NOW_MS + 2_000) });
    assert.equal(passes.standing, ["b b.md"]);
    passes.nowMs = NOW_MS + jumpMs;
    await passes.pass("schedule");
    assert.equal(passes.standing, ["a a.md"]);
    // Set right: what was published stays, what had expired is there again, what is new waits for its date.
    passes.nowMs = NOW_MS + 10;
    await passes.pass("schedule");
    assert.equal(passes.standing, ["a a.md", "b b.md"]);
    await passes.commit({ "c.md": article("c", NOW_MS + 1_500) });
    assert.equal(passes.standing, ["a a.md", "b b.md"]);
    assert.is(passes.state.counts(passes.nowMs).scheduled, 1);
    for (const trigger of ["start", "resync", "reload"] as const) {
      await passes.pass(trigger);
      assert.equal(passes.begun, []);
    }
    passes.nowMs = NOW_MS + 1_500;
    await passes.pass("schedule");
    assert.equal(passes.standing, ["a a.md", "b b.md", "c c.md"]);
  });
}

test("set back withdraw nothing that has appeared, edited, moved or broken and mended", async () => {
  const passes = new Passes();
  passes.nowMs = NOW_MS;
  await passes.commit({ "a.md": article("a", NOW_MS) });
  passes.nowMs = 0;
  await passes.commit({ "a.md": article("a", NOW_MS, "edited") });
  assert.equal(passes.begun, ["upsert a a.md"]);
  await passes.commit({ "a.md": null, "b.md": article("a", NOW_MS, "moved") });
  assert.equal(passes.begun, ["upsert a b.md"]);
  await passes.commit({ "b.md": { kind: "rejected", id: "a", problems: [] } });
  await passes.commit({ "b.md": article("a", NOW_MS, "again") });
  assert.equal(passes.begun, ["upsert a b.md"]);
  // Unless its author puts it off.
  await passes.commit({ "b.md": article("a", NOW_MS + 1, "later") });
  assert.equal(passes.begun, ["delete a"]);
});

test("of the year 2255 and later number operations all the same", () => {
  const state = new MemoryState();
  let nowMs = NOW_MS;
  const clock: Pick<Clock, "nowMs"> = { nowMs: () => nowMs };
  const versions = new Versions(state, clock as Clock);
  const first = versions.next();
  for (nowMs of [Date.UTC(2255, 5, 6), Date.UTC(2260, 0), 8.64e15, Number.MAX_VALUE]) {
    const last = versions.last;
    assert.is(versions.next(), last + 1);
  }
  nowMs = NOW_MS + 1;
  assert.is(versions.next(), first + 1_000);
});

test.run();
