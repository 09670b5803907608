/** Bounds of the delay between two attempts, milliseconds. */
export interface RetryBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Longest `Retry-After` that is honoured, so that a hostile header cannot park the daemon: 10 minutes. */
export const RETRY_AFTER_MS_MAX = 600_000;

/**
 * Delay before the next attempt: exponential backoff with full jitter. `Retry-After` is a floor.
 *
 * @param attempts Failed attempts so far, integer >= 1.
 * @param random Draw from [0, 1).
 * @returns Milliseconds, at most the larger of `bounds.maxMs` and `RETRY_AFTER_MS_MAX`.
 * @throws {RangeError} If `attempts` is not an integer >= 1.
 * @see RFC 9110 section 10.2.3; M. Brooker, "Exponential Backoff And Jitter", AWS, 2015
 */
export function retryDelayMs(
  attempts: number,
  bounds: RetryBounds,
  random: number,
  retryAfterMs: number | null,
): number {
  if (!Number.isInteger(attempts) || attempts < 1) throw new RangeError(`attempts: ${attempts}`);
  const ceilingMs = Math.min(bounds.maxMs, bounds.minMs * 2 ** Math.min(attempts - 1, 40));
  // Never a hot loop, however small the draw: half a minimum is the least.
  const backoffMs = Math.max(bounds.minMs / 2, random * ceilingMs);
  return Math.max(backoffMs, Math.min(retryAfterMs ?? 0, RETRY_AFTER_MS_MAX));
}
