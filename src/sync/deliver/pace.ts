import type { RetryBounds } from "../retry.ts";

/** After so many failures in a row the time between two requests is the shortest backoff. */
const FAILURES = 500;

/**
 * How soon the next may be sent of many that fail one after the other: the first few hundred almost at once,
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

  failed(nowMs: number): void {
    const { minMs, maxMs } = this.#bounds;
    const factor = (++this.#failures / FAILURES) ** 3;
    this.nextMs = nowMs + Math.min(maxMs, Math.floor(minMs * factor));
  }

  reset(): void {
    this.#failures = 0;
    this.nextMs = 0;
  }
}
