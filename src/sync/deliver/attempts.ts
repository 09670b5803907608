/** What went wrong with one article so far. */
export interface Attempt {
  /** Version of the operation that these tries belong to. */
  readonly version: number;
  readonly failures: number;
  /** Not before this, elapsed milliseconds. */
  readonly nextMs: number;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly message: string;
  /** Some try ended without an answer. */
  readonly mayHaveLanded: boolean;
  /** How many upserts the endpoint had taken when it denied this one; null if it never did. */
  readonly deniedAfter: number | null;
}

/** Tries of the articles in trouble; those that do well are not here. */
export class Attempts {
  readonly #byId = new Map<string, Attempt>();

  of(id: string, version: number): Attempt | null {
    const attempt = this.#byId.get(id);
    // A renumbered or replaced operation starts afresh, but keeps how long its id has been in trouble.
    return attempt?.version === version ? attempt : null;
  }

  set(id: string, attempt: Attempt): void {
    this.#byId.set(id, attempt);
  }

  clear(id: string): void {
    this.#byId.delete(id);
  }

  isReady(id: string, version: number, nowMs: number): boolean {
    const attempt = this.of(id, version);
    return attempt === null || attempt.nextMs <= nowMs;
  }

  /** The earliest next try; null when nobody waits. */
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

  /** Forgets those that were due and still were not taken: their operations are no more. */
  forgetDue(nowMs: number, isBusy: (id: string) => boolean): void {
    for (const [id, { nextMs }] of this.#byId) if (nextMs <= nowMs && !isBusy(id)) this.#byId.delete(id);
  }

  entries(): Iterable<[string, Attempt]> {
    return this.#byId.entries();
  }
}
