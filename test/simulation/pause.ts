import type { Reply } from "../../src/sync/ports.ts";
import { RETRY_AFTER_MS_MAX } from "../../src/sync/retry.ts";

/** What the answers so far ask of a process: to wait, or to probe with one request at a time. */
export class Pause {
  #untilMs = 0;
  /** Connecting failed, and nothing came through since. */
  #isUnreachable = false;
  /** Requests of the time before may still be on their way then. */
  #stragglers = 0;

  /** Something came through that asks for nothing. */
  reached(): void {
    this.#isUnreachable = false;
  }

  /** Something was answered. */
  heard(reply: Reply, nowMs: number): void {
    if (reply.kind === "failure") {
      if (reply.why === "connect") this.#isUnreachable = true;
      return;
    }
    this.#isUnreachable = false;
    if ((reply.status === 429 || reply.status === 503) && reply.retryAfterMs !== null) {
      this.#untilMs = Math.max(this.#untilMs, nowMs + Math.min(reply.retryAfterMs, RETRY_AFTER_MS_MAX));
    }
  }

  /** Why a request must not leave now; null when it may. */
  complaint(nowMs: number, inFlight: number): string | null {
    if (nowMs < this.#untilMs) return `${Math.round(this.#untilMs - nowMs)} ms before a Retry-After is over`;
    if (!this.#isUnreachable) {
      this.#stragglers = inFlight + 1;
      return null;
    }
    if (inFlight > this.#stragglers) return `${inFlight} others probe an unreachable inserter`;
    this.#stragglers = Math.min(this.#stragglers, inFlight);
    return null;
  }
}
