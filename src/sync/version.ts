import type { Version } from "./model.ts";
import type { Clock, State } from "./ports.ts";

/** Versions are integers below this, so that every JSON reader keeps them exact. */
const VERSION_LIMIT = 2 ** 53;

/** False for a version that nothing can ever be above: an inserter that names it is not to be believed. */
export function isCredible(version: Version): boolean {
  return Number.isSafeInteger(version) && version < VERSION_LIMIT - 2 ** 32;
}

/**
 * Gives each operation a version that rises across restarts, lost state and clocks set back: the
 * largest of (last one + 1, wall clock in microseconds, highest seen at the inserter + 1). A clock of the year
 * 2255 or later is not to be believed, and does not count.
 *
 * `save` belongs into the transaction that stores the operations, so that a version is on disk
 * before it is used. A transaction rolled back leaves a gap, which is harmless.
 */
export class Versions {
  readonly #state: State;
  readonly #clock: Clock;
  #last: Version;

  constructor(state: State, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
    this.#last = Number(state.meta("version") ?? 0);
  }

  /** The last one given or seen: whatever is numbered from now on is above it. */
  get last(): Version {
    return this.#last;
  }

  /** @throws {RangeError} When versions are used up, which takes a hostile inserter. */
  next(): Version {
    const clock = Math.floor(this.#clock.nowMs() * 1000);
    const version = Math.max(this.#last + 1, isCredible(clock) ? clock : 0);
    if (version >= VERSION_LIMIT) throw new RangeError("Cannot number an operation: versions are used up");
    this.#last = version;
    return this.#last;
  }

  /** Takes note of a version seen at the inserter. One that is not credible is ignored. */
  raise(seen: Version): void {
    if (isCredible(seen)) this.#last = Math.max(this.#last, seen);
  }

  save(): void {
    this.#state.setMeta("version", String(this.#last));
  }
}
