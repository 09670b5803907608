/**
 * What a batch that was not taken says about the size of the next: there are no batches; that many are too
 * many for good; half as many for now, to find the one that spoils the others; or one by one for now.
 */
export type BatchLimit = "none" | "too-large" | "half" | "single";

export interface BatchOptions {
  /** Most operations a request; "auto" = as the inventory says, false = one. */
  readonly batch: "auto" | false | number;
}

/**
 * How many operations go into one request: what the configuration and the inventory allow, less where
 * the inserter would not take so many.
 */
export class BatchSize {
  readonly #configured: BatchOptions["batch"];
  /** Most that the inserter said it takes; null while it has said nothing. */
  #announced: number | null = null;
  #isUnknown = false;
  /** Above this the inserter said "too large". */
  #ceiling = Number.POSITIVE_INFINITY;
  /** Lower for a while. */
  #limit = Number.POSITIVE_INFINITY;

  constructor({ batch }: BatchOptions) {
    this.#configured = batch;
  }

  /** 1 or less: one by one. */
  get most(): number {
    if (this.#isUnknown || this.#configured === false) return 1;
    const announced = this.#announced ?? (this.#configured === "auto" ? 0 : this.#configured);
    const allowed = this.#configured === "auto" ? announced : Math.min(this.#configured, announced);
    return Math.min(allowed, this.#ceiling, this.#limit);
  }

  /** What the inventory says; 0 = no batches. */
  announce(most: number): void {
    this.#announced = most;
  }

  /** @param count Operations of the batch that was not taken. */
  shrink(limit: BatchLimit, count: number): void {
    const half = Math.max(1, Math.floor(count / 2));
    if (limit === "none") this.#isUnknown = true;
    else if (limit === "too-large") this.#ceiling = half;
    else this.#limit = limit === "half" ? half : 1;
  }

  /** Something was taken: more may go into the next one again. */
  grow(): void {
    this.#limit *= 2;
  }
}
