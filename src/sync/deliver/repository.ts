import type { Operation } from "../model.ts";

/** Whether bodies can be rebuilt from the repository now, and what waits for that. */
export class RepositoryAccess {
  #isReadable = false;
  /** Reads that failed one after the other. */
  #failures = 0;
  /** Passes whose upserts wait, by their time. */
  readonly #waiting = new Set<number>();

  /** False until it is found for the first time, and after a read that failed. */
  get isReadable(): boolean {
    return this.#isReadable;
  }

  /** @returns Whether that is news. */
  found(): boolean {
    if (this.#isReadable) return false;
    this.#isReadable = true;
    this.#waiting.clear();
    return true;
  }

  /** It could not be read. @returns How often, one time after the other. */
  lost(): number {
    this.#isReadable = false;
    return ++this.#failures;
  }

  /** Enough waited after a read that failed. */
  tryAgain(): void {
    if (this.#failures > 0) this.found();
  }

  wasRead(): void {
    this.#failures = 0;
  }

  /** This upsert cannot leave before the repository is found. */
  wait({ sinceMs }: Operation): void {
    this.#waiting.add(sinceMs);
  }

  /** Whether an upsert of the pass of this time waits. */
  isWaitedForSince(sinceMs: number): boolean {
    return this.#waiting.has(sinceMs);
  }
}
