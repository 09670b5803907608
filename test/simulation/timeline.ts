interface Timer {
  readonly dueMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** So many calls without time passing are a loop that never waits. */
const CALLS_MAX = 50_000;

/** Virtual time: nothing passes while anything can still happen, then it jumps to the next timer. */
export class Timeline {
  /** Milliseconds since the simulation began. */
  nowMs = 0;
  readonly #heap: Timer[] = [];
  #order = 0;
  #calls = 0;

  /** @returns What calls it off. */
  at(delayMs: number, run: () => void): () => void {
    const timer: Timer = { dueMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#push(timer);
    return () => {
      timer.run = null;
    };
  }

  /** Counts a call of the program under test. @throws {Error} For a loop that never waits. */
  count(): void {
    if (++this.#calls > CALLS_MAX) throw new Error(`hot loop: ${CALLS_MAX} calls while no time passed`);
  }

  /** Runs for `forMs`, or until `isOver` says so; it is asked whenever time passes. */
  async run(forMs: number, isOver: () => boolean = () => false): Promise<void> {
    const untilMs = this.nowMs + forMs;
    for (;;) {
      await drained();
      if (isOver()) return;
      const next = this.#heap[0];
      if (next === undefined || next.dueMs > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      this.#pop();
      if (next.dueMs > this.nowMs) {
        this.nowMs = next.dueMs;
        this.#calls = 0;
      }
      next.run?.();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Timer;
      if (!isBefore(timer, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      const below = heap[child] as Timer;
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** Resolves when no microtask is left: a tick asked for from a microtask comes after all of them. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
