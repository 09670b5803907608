import type { Operation } from "../model.ts";

/** What went wrong with one operation so far. */
export interface Attempt {
  /** Version of the operation that these attempts belong to. */
  readonly version: number;
  readonly failures: number;
  /** Not before this, elapsed milliseconds. */
  readonly nextMs: number;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly message: string;
  /** Some attempt ended without an answer. */
  readonly mayHaveLanded: boolean;
  /** How many upserts the inserter had taken when it denied this one; null if it never did. */
  readonly deniedAfter: number | null;
  /** How many operations it had taken when this one first failed. */
  readonly takenBefore?: number;
  /** How many upserts it had taken when it was first too busy for this one. */
  readonly busyAfter?: number;
  /** A delete that found nothing: again as soon as the URL is known to be right. */
  readonly awaitsUrl?: boolean;
}

/** Attempts of the operations in trouble; those that do well are not here. */
export class Attempts {
  readonly #byId = new Map<string, Attempt>();
  /** Ids of which the inserter holds something newer than was sent, whatever was sent. */
  readonly #overtaken = new Map<string, { readonly times: number; readonly nextMs: number }>();

  /** Null for an operation that has not failed; one that replaces another starts afresh. */
  of({ id, version }: Pick<Operation, "id" | "version">): Attempt | null {
    const attempt = this.#byId.get(id);
    return attempt?.version === version ? attempt : null;
  }

  hasFailed(operation: Operation): boolean {
    return (this.of(operation)?.failures ?? 0) > 0;
  }

  /** Whether what was last known to be pending under an id has failed. */
  isFailing(id: string): boolean {
    return (this.#byId.get(id)?.failures ?? 0) > 0 || this.isOvertaken(id);
  }

  /** Whether it is the article that fails, not the inserter: another one was taken since it first did. */
  isAtFault(id: string, taken: number): boolean {
    const attempt = this.#byId.get(id);
    return attempt !== undefined && attempt.failures > 0 && taken > (attempt.takenBefore ?? taken);
  }

  /** Takes note of one more. @param nowMs Epoch milliseconds. */
  note(
    operation: Operation,
    nowMs: number,
    change: Pick<Attempt, "nextMs" | "message"> & Partial<Attempt>,
  ): void {
    const { version } = operation;
    const fresh = { version, failures: 0, sinceMs: nowMs, mayHaveLanded: false, deniedAfter: null };
    this.#byId.set(operation.id, { ...fresh, ...this.of(operation), ...change });
  }

  /** The URL is known to be right. @param nowMs Elapsed milliseconds. */
  urlKnown(nowMs: number): void {
    for (const [id, attempt] of this.#byId) {
      if (attempt.awaitsUrl === true) this.#byId.set(id, { ...attempt, nextMs: nowMs });
    }
  }

  clear(id: string): void {
    this.#byId.delete(id);
    this.#overtaken.delete(id);
  }

  /** What is known of an operation of this id that was replaced by this one is of no use any more. */
  forgetOther({ id, version }: Operation): void {
    if (this.#byId.get(id)?.version !== version) this.#byId.delete(id);
  }

  /**
   * The inserter holds something newer under this id.
   *
   * @returns How often that was so, one time after the other.
   */
  overtaken(id: string): number {
    const times = (this.#overtaken.get(id)?.times ?? 0) + 1;
    this.#byId.delete(id);
    this.#overtaken.set(id, { times, nextMs: 0 });
    return times;
  }

  /** Whether the inserter has said more than once, one time after the other, that it holds something newer. */
  isOvertaken(id: string): boolean {
    return (this.#overtaken.get(id)?.times ?? 0) > 1;
  }

  /** Whatever is pending under this id is not to be sent before. @param nextMs Elapsed milliseconds. */
  postpone(id: string, nextMs: number): void {
    const attempt = this.#byId.get(id);
    if (attempt !== undefined) this.#byId.set(id, { ...attempt, nextMs });
    const overtaken = this.#overtaken.get(id);
    if (overtaken !== undefined) this.#overtaken.set(id, { ...overtaken, nextMs });
  }

  /** The earliest next attempt after this, elapsed milliseconds; null when none waits. */
  nextMs(afterMs: number): number | null {
    let next: number | null = null;
    for (const [, nextMs] of this.#waiting()) {
      if (nextMs > afterMs && (next === null || nextMs < next)) next = nextMs;
    }
    return next;
  }

  /** The id whose next attempt has been due for longest; null when none is. */
  longestDue(nowMs: number, isFree: (id: string) => boolean): string | null {
    let found: { readonly id: string; readonly nextMs: number } | null = null;
    for (const [id, nextMs] of this.#waiting()) {
      if (nextMs > nowMs || (found !== null && nextMs >= found.nextMs)) continue;
      if (isFree(id)) found = { id, nextMs };
    }
    return found?.id ?? null;
  }

  /** Ids that are tried again, and not before when, elapsed milliseconds. */
  *#waiting(): Iterable<[id: string, nextMs: number]> {
    for (const [id, { times, nextMs }] of this.#overtaken) {
      if (times > 1) yield [id, Math.max(nextMs, this.#byId.get(id)?.nextMs ?? 0)];
    }
    for (const [id, { failures, nextMs }] of this.#byId) {
      if (failures > 0 && !this.isOvertaken(id)) yield [id, nextMs];
    }
  }

  entries(): Iterable<[string, Attempt]> {
    return this.#byId.entries();
  }
}
