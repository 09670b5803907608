/** Those who wait for the same moment. */
export class Waiters {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `release`. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
