import type { Operation } from "../model.ts";

/** What went wrong with one operation so far. */
export interface Attempt {
  /** Version of the operation that these attempts belong to; of the last one where it was overtaken. */
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
  /** How many upserts it had taken when it first failed at this one, or was too busy for it; null if it never did. */
  readonly takenBefore: number | null;
  /** A delete that found nothing: again as soon as the URL is known to be right. */
  readonly awaitsUrl: boolean;
  /** How often, one time after the other, the inserter said that it holds something newer: whatever was sent. */
  readonly overtaken: number;
  /** A pass has begun another operation of this id since: that one has not failed. */
  readonly isReplaced: boolean;
}

const FRESH = {
  failures: 0,
  mayHaveLanded: false,
  deniedAfter: null,
  takenBefore: null,
  awaitsUrl: false,
  overtaken: 0,
  isReplaced: false,
} as const;

/** Attempts of the operations in trouble; those that do well are not here. */
export class Attempts {
  readonly #byId = new Map<string, Attempt>();

  /** Null for an operation that has not failed; one that replaces another starts afresh, unless that was overtaken. */
  of({ id, version }: Pick<Operation, "id" | "version">): Attempt | null {
    const attempt = this.#byId.get(id);
    return attempt !== undefined && (attempt.version === version || attempt.overtaken > 0) ? attempt : null;
  }

  failures(operation: Operation): number {
    return this.of(operation)?.failures ?? 0;
  }

  /** Whether what is pending under an id has failed, as far as is known without a look at it. */
  isFailing(id: string): boolean {
    const attempt = this.#byId.get(id);
    return attempt !== undefined && attempt.failures > 0 && !attempt.isReplaced;
  }

  /** How many upserts had been taken when what is pending under an id first failed; null if it has not. */
  takenBefore(id: string): number | null {
    const attempt = this.#byId.get(id);
    return attempt === undefined || attempt.isReplaced ? null : attempt.takenBefore;
  }

  /** Takes note of one more. @param nowMs Epoch milliseconds. */
  note(
    operation: Operation,
    nowMs: number,
    change: Pick<Attempt, "nextMs" | "message"> & Partial<Attempt>,
  ): void {
    const { id, version } = operation;
    const before = this.of(operation) ?? { ...FRESH, sinceMs: nowMs };
    this.#byId.set(id, { ...before, isReplaced: false, version, ...change });
  }

  /** The URL is known to be right. @param nowMs Elapsed milliseconds. */
  urlKnown(nowMs: number): void {
    for (const [id, attempt] of this.#byId) {
      if (attempt.awaitsUrl) this.#byId.set(id, { ...attempt, nextMs: nowMs });
    }
  }

  clear(id: string): void {
    this.#byId.delete(id);
  }

  /** A pass begins another operation of this id. */
  replaced(id: string): void {
    const attempt = this.#byId.get(id);
    if (attempt?.overtaken === 0) this.#byId.set(id, { ...attempt, isReplaced: true });
  }

  /** The earliest next attempt after this, elapsed milliseconds; null when none waits. */
  nextMs(afterMs: number): number | null {
    let next: number | null = null;
    for (const { nextMs, failures } of this.#byId.values()) {
      if (failures > 0 && nextMs > afterMs && (next === null || nextMs < next)) next = nextMs;
    }
    return next;
  }

  /** Ids whose next attempt is due, the longest due first. */
  due(nowMs: number): string[] {
    const due = [...this.#byId].filter(([, { nextMs, failures }]) => failures > 0 && nextMs <= nowMs);
    return due.sort(([, one], [, other]) => one.nextMs - other.nextMs).map(([id]) => id);
  }

  entries(): Iterable<[string, Attempt]> {
    return this.#byId.entries();
  }
}
