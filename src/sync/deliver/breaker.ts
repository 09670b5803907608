import { RETRY_AFTER_MS_MAX, type RetryBounds, retryDelayMs } from "../retry.ts";

/** Why the inserter as a whole is not being used at full speed. */
export interface Trouble {
  readonly kind: "unreachable" | "overloaded" | "failing" | "denied";
  readonly message: string;
  readonly hint: string | null;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly attempts: number;
}

/** When something failed, on the clock that runs evenly and on the one for people; and a draw for the delay. */
export interface Moment {
  readonly elapsedMs: number;
  readonly nowMs: number;
  /** From [0, 1). */
  readonly random: number;
}

/**
 * The inserter as a whole: open, or paused until a time and then probed with one request at a time.
 * One article's trouble is not the endpoint's, however often it fails; that of several, with no success
 * between, is. So a dead inserter with 100,000 owed articles sees one probe at a time, and not a storm.
 */
export class CircuitBreaker {
  readonly #concurrency: number;
  readonly #bounds: RetryBounds;
  #trouble: Trouble | null = null;
  #untilMs = 0;
  /** A trouble was forgotten, and nothing was taken since. */
  #isUnsure = false;
  /** Until when the inserter asked for a pause, elapsed milliseconds. */
  #askedMs = 0;
  /** What failed since the last success: ids, and a symbol for each batch. */
  readonly #failing = new Set<string | symbol>();

  constructor(concurrency: number, bounds: RetryBounds) {
    this.#concurrency = concurrency;
    this.#bounds = bounds;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** When the next probe is due, elapsed milliseconds; 0 when nothing is wrong. */
  get untilMs(): number {
    return this.#trouble === null ? 0 : this.#untilMs;
  }

  /** Nothing may leave now, not even a probe. */
  isPaused(elapsedMs: number): boolean {
    return this.#trouble !== null && elapsedMs < this.#untilMs;
  }

  /** How many more requests may leave now. */
  allowance(elapsedMs: number, inFlight: number): number {
    if (this.#trouble === null && !this.#isUnsure) return Math.max(0, this.#concurrency - inFlight);
    return inFlight === 0 && elapsedMs >= this.#untilMs ? 1 : 0;
  }

  /**
   * Something was taken. While a `Retry-After` lasts that is no more than the echo of a request that had
   * left before.
   *
   * @returns The trouble that is over with this, if there was any.
   */
  succeeded(elapsedMs: number): Trouble | null {
    if (elapsedMs < this.#askedMs) return null;
    this.#isUnsure = false;
    return this.#clear();
  }

  /**
   * There is nothing left to probe with, so that whatever was wrong is not known any more. What comes next
   * goes out one by one all the same, until something is taken.
   *
   * @returns The trouble that is forgotten, if there was any.
   */
  forget(elapsedMs: number): Trouble | null {
    if (elapsedMs < this.#askedMs) return null;
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

  /** One article, or one batch, failed; the endpoint is in trouble when it is not the only one. */
  articleFailed(which: string | symbol, message: string, moment: Moment): void {
    this.#failing.add(which);
    if (this.#trouble === null && this.#failing.size < Math.max(this.#concurrency, 3)) return;
    this.failed("failing", message, null, null, moment);
  }

  /** The endpoint itself failed. */
  failed(
    kind: Trouble["kind"],
    message: string,
    hint: string | null,
    retryAfterMs: number | null,
    { elapsedMs, nowMs, random }: Moment,
  ): void {
    if (retryAfterMs !== null) {
      this.#askedMs = Math.max(this.#askedMs, elapsedMs + Math.min(retryAfterMs, RETRY_AFTER_MS_MAX));
    }
    // Requests that left together fail together: that is one failure, not many.
    const isOneMore = this.#trouble === null || elapsedMs >= this.#untilMs;
    if (isOneMore) {
      const attempts = (this.#trouble?.attempts ?? 0) + 1;
      this.#trouble = { kind, message, hint, sinceMs: this.#trouble?.sinceMs ?? nowMs, attempts };
      this.#untilMs = elapsedMs + retryDelayMs(attempts, this.#bounds, random, null);
    }
    this.#untilMs = Math.max(this.#untilMs, this.#askedMs);
  }
}
