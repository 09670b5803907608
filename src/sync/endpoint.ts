import { type RetryBounds, retryDelayMs } from "./retry.ts";

/** Why the inserter as a whole is not being used at full speed. */
export interface Trouble {
  readonly kind: "unreachable" | "overloaded" | "failing" | "denied";
  readonly message: string;
  readonly hint: string | null;
  readonly sinceMs: number;
  readonly attempts: number;
}

/**
 * The inserter as a whole: open, or paused until a time and then probed with one request at a time.
 * One article's trouble is not the endpoint's; that of several in a row, with no success between, is.
 * So a dead inserter with 100,000 owed articles sees one probe at a time, and not a storm.
 */
export class Endpoint {
  readonly #concurrency: number;
  readonly #bounds: RetryBounds;
  #trouble: Trouble | null = null;
  #untilMs = 0;
  /** Failures of single articles since the last success. */
  #failuresInARow = 0;

  constructor(concurrency: number, bounds: RetryBounds) {
    this.#concurrency = concurrency;
    this.#bounds = bounds;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** When the next probe is due; 0 when nothing is wrong. */
  get untilMs(): number {
    return this.#trouble === null ? 0 : this.#untilMs;
  }

  /** How many more requests may leave now. */
  allowance(nowMs: number, inFlight: number): number {
    if (this.#trouble === null) return Math.max(0, this.#concurrency - inFlight);
    return inFlight === 0 && nowMs >= this.#untilMs ? 1 : 0;
  }

  /** @returns The trouble that is over with this, if there was any. */
  succeeded(): Trouble | null {
    const over = this.#trouble;
    this.#trouble = null;
    this.#failuresInARow = 0;
    return over;
  }

  /** One article failed; the endpoint is in trouble when it is not the only one. */
  articleFailed(message: string, nowMs: number, random: number): void {
    this.#failuresInARow++;
    if (this.#trouble === null && this.#failuresInARow < Math.max(this.#concurrency, 3)) return;
    this.failed("failing", message, null, null, nowMs, random);
  }

  /** The endpoint itself failed. */
  failed(
    kind: Trouble["kind"],
    message: string,
    hint: string | null,
    retryAfterMs: number | null,
    nowMs: number,
    random: number,
  ): void {
    // Requests that left together fail together: that is one failure, not many.
    if (this.#trouble !== null && nowMs < this.#untilMs && retryAfterMs === null) return;
    const attempts = (this.#trouble?.attempts ?? 0) + 1;
    const sinceMs = this.#trouble?.sinceMs ?? nowMs;
    this.#trouble = { kind, message, hint, sinceMs, attempts };
    this.#untilMs = Math.max(
      this.#untilMs,
      nowMs + retryDelayMs(attempts, this.#bounds, random, retryAfterMs),
    );
  }
}
