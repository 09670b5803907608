/**
 * Lets many examinations share the main thread with everything else: each waits for its turn, and there
 * is one turn in a round of the event loop.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isFree = true;

  /** How many wait for a turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when the turn has come; at once when nobody had one in this round. */
  async next(): Promise<void> {
    if (this.#isFree) {
      this.#isFree = false;
      setImmediate(this.#pass);
    } else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  readonly #pass = (): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isFree = true;
    else {
      setImmediate(this.#pass);
      next();
    }
  };
}
