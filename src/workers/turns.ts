import { setImmediate } from "node:timers";

/** Longest round of turns that the next may be longer than, milliseconds. */
const ROUND_MS = 2;
/** Most turns in one round. */
const TURNS_MAX = 8;

/**
 * Lets many examinations share the main thread with everything else: each waits for its turn. A round of
 * the event loop has one turn, or several where they turn out to be short.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isFree = true;
  #turns = 1;
  #roundMs = 0;

  /** How many wait for a turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when the turn has come; at once when nobody had one in this round. */
  async next(): Promise<void> {
    if (this.#isFree) {
      this.#isFree = false;
      this.#turns = 1;
      this.#roundMs = performance.now();
      setImmediate(this.#pass);
    } else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  readonly #pass = (): void => {
    if (this.#waiting.length === 0) {
      this.#isFree = true;
      return;
    }
    const nowMs = performance.now();
    const wasShort = nowMs - this.#roundMs < ROUND_MS;
    this.#turns = wasShort ? Math.min(this.#turns * 2, TURNS_MAX) : Math.max(1, this.#turns >> 1);
    this.#roundMs = nowMs;
    setImmediate(this.#pass);
    for (const next of this.#waiting.splice(0, this.#turns)) next();
  };
}
