/** Shares this thread's event loop between many tasks and everything else that the program does. */
import { setImmediate } from "node:timers";

/** Longest round of turns that the next may be longer than, milliseconds. */
const ROUND_MS = 2;
/** Most turns in one round. */
const TURNS_MAX = 8;
/** Longest stretch that tasks get in one round of the event loop, milliseconds. */
const SLICE_MS = 40;

export class Scheduler {
  readonly #waiting: (() => void)[] = [];
  #isFree = true;
  #turns = 1;
  #roundMs = 0;
  /** Time that {@link Scheduler.run} spent in this round of the event loop. */
  #spentMs = 0;

  /** How many wait for a turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the turn has come; at once when this round of the event loop had none yet. A round has one
   * turn, or several when they turn out to be short.
   */
  async turn(): Promise<void> {
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

  /**
   * Runs work in the time that this round of the event loop has left for it; if that is not enough, once more
   * in a later round.
   *
   * @param work Gets the time that it may take, milliseconds; returns null when that was not enough.
   * @returns Null when the time of a whole round was not enough.
   */
  async run<T>(work: (timeMs: number) => T | null): Promise<T | null> {
    for (;;) {
      const leftMs = SLICE_MS - this.#spentMs;
      const result = leftMs > 0 ? this.#spend(() => work(leftMs)) : null;
      if (result !== null || leftMs === SLICE_MS) return result;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #spend<T>(work: () => T): T {
    if (this.#spentMs === 0) setImmediate(() => (this.#spentMs = 0));
    const startMs = performance.now();
    const result = work();
    this.#spentMs += performance.now() - startMs;
    return result;
  }
}
