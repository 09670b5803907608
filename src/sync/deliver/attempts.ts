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
}

/** Attempts of the operations in trouble; those that do well are not here. */
export class Attempts {
  readonly #byId = new Map<string, Attempt>();

  /** Null for an operation that has not failed; one that replaces another starts afresh. */
  of({ id, version }: Pick<Operation, "id" | "version">): Attempt | null {
    const attempt = this.#byId.get(id);
    return attempt?.version === version ? attempt : null;
  }

  hasFailed(operation: Operation): boolean {
    return (this.of(operation)?.failures ?? 0) > 0;
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

  clear(id: string): void {
    this.#byId.delete(id);
  }

  /** @param nowMs Elapsed milliseconds. */
  isReady(operation: Operation, nowMs: number): boolean {
    const attempt = this.of(operation);
    return attempt === null || attempt.nextMs <= nowMs;
  }

  /** The earliest next attempt after this, elapsed milliseconds; null when none waits. */
  nextMs(afterMs: number): number | null {
    let next: number | null = null;
    for (const { nextMs } of this.#byId.values()) {
      if (nextMs > afterMs && (next === null || nextMs < next)) next = nextMs;
    }
    return next;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Drops those that were due and still were not taken: their operations are no more. */
  dropDue(nowMs: number, isBusy: (id: string) => boolean): void {
    for (const [id, { nextMs }] of this.#byId) if (nextMs <= nowMs && !isBusy(id)) this.#byId.delete(id);
  }

  entries(): Iterable<[string, Attempt]> {
    return this.#byId.entries();
  }
}
