import type { RetryBounds } from "../retry.ts";

/** After so many failures in a row the time between two requests is the shortest backoff. */
const FAILURES = 300;
/** Where the inserter asks for peace, as with 401 or 429, one counts for so many, and none follows sooner. */
const WEIGHT = 6;

/**
 * How soon the next may be sent of many that fail one after the other: the first hundred almost at once,
 * so that what works among them is found soon; thousands ever more slowly, so that an inserter that fails
 * at everything is not flooded. An hour of that costs less than 2,000 requests, however many are pending.
 */
export class Pace {
  readonly #bounds: RetryBounds;
  #failures = 0;
  /** Elapsed milliseconds. */
  nextMs = 0;

  constructor(bounds: RetryBounds) {
    this.#bounds = bounds;
  }

  /** @param isGentle The first ones keep the shortest backoff too. */
  failed(nowMs: number, isGentle = false): void {
    const { minMs, maxMs } = this.#bounds;
    this.#failures += isGentle ? WEIGHT : 1;
    const ms = Math.floor(minMs * (this.#failures / FAILURES) ** 2);
    this.nextMs = nowMs + Math.min(maxMs, isGentle ? Math.max(minMs, ms) : ms);
  }

  reset(): void {
    this.#failures = 0;
    this.nextMs = 0;
  }
}
