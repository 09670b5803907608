/** What the runtime gives: its clock, and its garbage collector. */
import type { Clock } from "../sync/ports.ts";

/** Longest delay that a timer takes, milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, ms), TIMER_MS_MAX));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};

/** What of the delivery says whether there is work. */
interface Work {
  /** Operations confirmed so far. */
  readonly acknowledged: number;
  status(): { readonly inFlight: number };
}

/** So many articles leave enough behind to be worth a collection. */
const ARTICLES_MIN = 64;

type Gc = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/**
 * Gives memory back to the system after a bulk: without work V8 has no reason to, and a daemon is at rest
 * most of its life.
 */
export class MemoryAtRest {
  readonly #work: Work;
  readonly #collect: () => void;
  /** What was confirmed at the last collection, and at the last poll. */
  #collected = 0;
  #last = 0;
  /** Collections still to come: what the first one frees, only the next one returns to the system. */
  #due = 0;

  constructor(work: Work, collect: () => void = () => void collectGarbage()) {
    this.#work = work;
    this.#collect = collect;
  }

  /** To be called at each poll. */
  poll(): void {
    const { acknowledged } = this.#work;
    const isAtRest = acknowledged === this.#last && this.#work.status().inFlight === 0;
    this.#last = acknowledged;
    if (!isAtRest) return;
    if (acknowledged - this.#collected >= ARTICLES_MIN) {
      this.#collected = acknowledged;
      this.#due = 2;
    }
    if (this.#due === 0) return;
    this.#due--;
    this.#collect();
  }
}

/** One full collection, some 20 ms. Does nothing on runtimes that have no such call. */
async function collectGarbage(): Promise<void> {
  try {
    const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
      import("node:v8"),
      import("node:vm"),
    ]);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as Gc;
    collect({ type: "major", flavor: "last-resort" });
  } catch {
    // Deno has none.
  }
}
