/** Whether bodies can be made from the repository now. */
export class RepositoryAccess {
  /** Elapsed milliseconds; before it is first found there is no such time. */
  opensMs = Number.POSITIVE_INFINITY;
  /** Reads that failed one after the other. */
  #failures = 0;

  /** False until it is found for the first time, and for a while after a read that failed. */
  get isOpen(): boolean {
    return this.opensMs === 0;
  }

  /** @returns Whether that is news. */
  found(): boolean {
    const isNews = !this.isOpen;
    this.opensMs = 0;
    return isNews;
  }

  /** It could not be read. @returns How often, one time after the other. */
  lost(): number {
    return ++this.#failures;
  }

  wasRead(): void {
    this.#failures = 0;
  }
}
