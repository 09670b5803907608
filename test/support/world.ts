/** A world for one part of the core: what a test does not give must not be asked for. */
import type { World } from "../../src/sync/ports.ts";
import { MemoryState } from "./memory-state.ts";

/** @param known What the part may use. Time stands still at 0. */
export function worldOf(known: Partial<World>): World {
  const neverAsked = (): never => {
    throw new Error("not asked for");
  };
  return {
    identity: { owner: "tester", derive: neverAsked },
    state: new MemoryState(),
    source: { head: neverAsked, compare: neverAsked, read: neverAsked },
    sink: { inventory: neverAsked, send: neverAsked, sendBatch: neverAsked },
    articles: { fingerprint: "f", parse: neverAsked },
    clock: { nowMs: () => 0, elapsedMs: () => 0, sleep: () => Promise.resolve() },
    random: () => 0.5,
    report: () => {},
    ...known,
  };
}
