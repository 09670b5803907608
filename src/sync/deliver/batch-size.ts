/**
 * How many operations go into one request: what the configuration and the inventory allow, less where
 * the inserter would not take so many.
 */
export class BatchSize {
  readonly #configured: "auto" | false | number;
  /** Most that the inserter said it takes; null while it has said nothing. */
  #announced: number | null = null;
  /** It turned out to know no batches. */
  #isUnknown = false;
  /** Above this it said "too large". */
  #ceiling = Number.POSITIVE_INFINITY;
  /** Lower for a while, to find the one that spoils the others. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(configured: "auto" | false | number) {
    this.#configured = configured;
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

  /** The inserter knows no batches. */
  giveUp(): void {
    this.#isUnknown = true;
  }

  /** So many were too large. */
  tooLarge(count: number): void {
    this.#ceiling = Math.max(1, Math.floor(count / 2));
  }

  /** So many were not taken, and nobody knows for which one's sake. */
  halve(count: number): void {
    this.#limit = Math.max(1, Math.floor(count / 2));
  }

  /** One by one, until something is taken. */
  single(): void {
    this.#limit = 1;
  }

  /** Something was taken: dare more again. */
  grow(): void {
    this.#limit *= 2;
  }
}
