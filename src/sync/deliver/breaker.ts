import type { Trouble } from "../model.ts";
import type { World } from "../ports.ts";
import { RETRY_AFTER_MS_MAX, type RetryBounds, retryDelayMs } from "../retry.ts";

export interface BreakerOptions {
  /** Most requests at a time. */
  readonly concurrency: number;
  /** Between two probes, and between two attempts of one operation. */
  readonly retry: RetryBounds;
}

/**
 * The circuit breaker of the inserter as a whole: closed (requests flow), open (paused until a time), then
 * half-open (probed with one request at a time). The failures of one article never open it, however many;
 * those of max(`concurrency`, 3) articles, with no success between, do. So a dead inserter with 100,000
 * pending articles sees one probe at a time, and not a storm.
 */
export class CircuitBreaker {
  readonly #world: Pick<World, "clock" | "random">;
  readonly #options: BreakerOptions;
  #trouble: Trouble | null = null;
  #untilMs = 0;
  /** A trouble was forgotten, and nothing was taken since. */
  #isUnsure = false;
  /** Until when the inserter asked for a pause, elapsed milliseconds. */
  #askedMs = 0;
  /** What failed since the last success: ids, and a symbol for each batch. */
  readonly #failing = new Set<string | symbol>();

  constructor(world: Pick<World, "clock" | "random">, options: BreakerOptions) {
    this.#world = world;
    this.#options = options;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** When the next probe is due, elapsed milliseconds; 0 when nothing is wrong. */
  get untilMs(): number {
    return this.#trouble === null ? 0 : this.#untilMs;
  }

  /** Nothing may leave now, not even a probe. */
  get isPaused(): boolean {
    return this.#trouble !== null && this.#world.clock.elapsedMs() < this.#untilMs;
  }

  /** How many more requests may leave now. @param nowMs Elapsed milliseconds. */
  allowance(nowMs: number, inFlight: number): number {
    if (this.#trouble === null && !this.#isUnsure) return Math.max(0, this.#options.concurrency - inFlight);
    return inFlight === 0 && nowMs >= this.#untilMs ? 1 : 0;
  }

  /**
   * Something was taken. While a `Retry-After` lasts that is no more than the echo of a request that had
   * left before.
   *
   * @returns The trouble that is over with this, if there was any.
   */
  succeeded(): Trouble | null {
    if (this.#world.clock.elapsedMs() < this.#askedMs) return null;
    this.#isUnsure = false;
    return this.#clear();
  }

  /**
   * There is nothing left to probe with, so that whatever was wrong is not known any more. What comes next
   * goes out one by one all the same, until something is taken.
   *
   * @returns The trouble that is forgotten, if there was any.
   */
  forget(): Trouble | null {
    if (this.#world.clock.elapsedMs() < this.#askedMs) return null;
    this.#isUnsure ||= this.#trouble !== null;
    return this.#clear();
  }

  #clear(): Trouble | null {
    const over = this.#trouble;
    this.#trouble = null;
    this.#untilMs = 0;
    this.#failing.clear();
    return over;
  }

  /** One article, or one batch, failed. Opens the breaker when that makes max(`concurrency`, 3) of them. */
  failed(which: string | symbol, message: string): void {
    this.#failing.add(which);
    if (this.#trouble === null && this.#failing.size < Math.max(this.#options.concurrency, 3)) return;
    this.pause("failing", message, null, null);
  }

  /** The inserter itself failed. */
  pause(kind: Trouble["kind"], message: string, hint: string | null, retryAfterMs: number | null): void {
    const { clock, random } = this.#world;
    const nowMs = clock.elapsedMs();
    if (retryAfterMs !== null) {
      this.#askedMs = Math.max(this.#askedMs, nowMs + Math.min(retryAfterMs, RETRY_AFTER_MS_MAX));
    }
    // Requests that left together fail together: that is one failure, not many.
    const isOneMore = this.#trouble === null || nowMs >= this.#untilMs;
    if (isOneMore) {
      const attempts = (this.#trouble?.attempts ?? 0) + 1;
      const sinceMs = this.#trouble?.sinceMs ?? clock.nowMs();
      this.#trouble = { kind, message, hint, sinceMs, attempts };
      this.#untilMs = nowMs + retryDelayMs(attempts, this.#options.retry, random(), null);
    }
    this.#untilMs = Math.max(this.#untilMs, this.#askedMs);
  }
}
