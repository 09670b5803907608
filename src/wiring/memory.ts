/** Gives memory back after a bulk: without work V8 has no reason to, and a daemon is at rest most of its life. */

/** What of the delivery tells whether there is work. */
interface Work {
  /** Operations confirmed so far. */
  readonly acknowledged: number;
  status(): { readonly inFlight: number };
}

/** So many articles leave something behind that is worth being collected. */
const ARTICLES_MIN = 64;

type Gc = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/** Looks at each poll whether a bulk is over. */
export class MemoryAtRest {
  readonly #work: Work;
  readonly #collect: () => void;
  /** What was confirmed when memory was last given back, and at the last look. */
  #collected = 0;
  #last = 0;
  /** Collections still to come: what the first one frees only the next one gives back. */
  #due = 0;

  constructor(work: Work, collect: () => void = () => void collectGarbage()) {
    this.#work = work;
    this.#collect = collect;
  }

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

/** One full collection, some 20 ms. Does nothing on runtimes that cannot be told to. */
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
    // Deno knows no such thing.
  }
}
