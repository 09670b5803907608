import type { Clock } from "./ports.ts";

/** Lets a loop sleep until something may have changed. A call while the loop is awake ends its next sleep. */
export class Wakeup {
  #waker = new AbortController();

  wake(): void {
    // A reason given spares the making of one, with its stack.
    this.#waker.abort(null);
  }

  /** Until `ms` have gone by, or `wake` was called since the last sleep. Without a wait where `ms` is not positive. */
  async sleep(clock: Clock, ms: number): Promise<void> {
    const { signal } = this.#waker;
    if (ms > 0 && !signal.aborted) await clock.sleep(ms, signal);
    this.#waker = new AbortController();
  }
}

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
