import type { Agent } from "../../src/sync/agent.ts";
import type { MemoryTables } from "../support/memory-tables.ts";

/** So long nothing may be pending that could be sent, milliseconds. */
const STALL_MS = 5_000;

/** Notices that something is pending, could be sent, and is not. */
export class Stall {
  #stateFailedMs = Number.NEGATIVE_INFINITY;
  /** What was pending though nothing was under way, since when, and how many requests had left by then. */
  #idle: { readonly operation: string; readonly sinceMs: number; readonly requests: number } | null = null;

  /** The state could not be read or written: that takes its time. */
  stateFailed(nowMs: number): void {
    this.#stateFailedMs = nowMs;
  }

  /** @returns What is not sent; null when there is a reason, or nothing. */
  complaint(agent: Agent, tables: MemoryTables, nowMs: number, requests: number): string | null {
    const { trouble, inFlight, stateTrouble, attempts } = agent.deliverer.status();
    const isBusy = trouble !== null || inFlight > 0 || stateTrouble !== null || attempts.length > 0;
    const waiting = isBusy ? undefined : tables.entries.values().find(({ pending }) => pending !== null);
    if (waiting === undefined) {
      this.#idle = null;
      return null;
    }
    const operation = `${waiting.pending?.kind} of ${waiting.id} ${waiting.pending?.version}`;
    if (this.#idle?.operation !== operation || this.#idle.requests !== requests) {
      this.#idle = { operation, sinceMs: nowMs, requests };
      return null;
    }
    const sinceMs = Math.max(this.#idle.sinceMs, this.#stateFailedMs);
    return nowMs - sinceMs > STALL_MS ? `the ${operation} is pending, and is not sent` : null;
  }
}
