import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryAtRest } from "../../../src/wiring/runtime.ts";

const memory = suite("memory at rest");

memory("is given back when a bulk is over, and for nothing less", () => {
  const work = { acknowledged: 0, inFlight: 0, status: () => ({ inFlight: work.inFlight }) };
  let collections = 0;
  const atRest = new MemoryAtRest(work, () => collections++);
  const polled = (acknowledged: number, inFlight: number): number => {
    Object.assign(work, { acknowledged, inFlight });
    collections = 0;
    atRest.poll();
    return collections;
  };
  assert.is(polled(0, 0), 0);
  assert.is(polled(500, 8), 0);
  assert.is(polled(1_000, 8), 0);
  // Something is on its way, then something has just come.
  assert.is(polled(1_000, 1), 0);
  assert.is(polled(1_001, 0), 0);
  assert.equal([polled(1_001, 0), polled(1_001, 0), polled(1_001, 0)], [1, 1, 0]);
  for (let edits = 1_002; edits < 1_060; edits++) {
    assert.equal([polled(edits, 0), polled(edits, 0)], [0, 0]);
  }
  assert.equal([polled(1_065, 0), polled(1_065, 0)], [0, 1]);
});

memory.run();
