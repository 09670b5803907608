/** Calls that leave the core, by whom they keep waiting. */
export type CallKind = "head" | "compare" | "read" | "examine" | "inventory" | "send";

/** A call that has not come back. */
export interface Call {
  readonly kind: CallKind;
  /** What it is about: a path, an id; empty where there is only one such thing. */
  readonly about: string;
  readonly sinceMs: number;
  /** Whether it is one that is known to take longer: a held article that is tried again. */
  readonly isPatient: boolean;
}

/**
 * Whether anything moves: which calls are out and since when, and when the last one of each kind came
 * back. Times are milliseconds of a clock that never runs backwards.
 */
export class Pulse {
  readonly startedMs: number;
  readonly #elapsedMs: () => number;
  readonly #out = new Set<Call>();
  readonly #last = new Map<CallKind, number>();

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
    this.startedMs = elapsedMs();
  }

  /** Calls under way, oldest first. */
  get out(): Iterable<Call> {
    return this.#out;
  }

  get sending(): number {
    let count = 0;
    for (const { kind } of this.#out) if (kind === "send") count++;
    return count;
  }

  /** When one of these kinds last moved; the start, if none ever did. */
  lastMs(...kinds: readonly CallKind[]): number {
    return Math.max(this.startedMs, ...kinds.map((kind) => this.#last.get(kind) ?? 0));
  }

  /** One of this kind moved: a page of it came. */
  beat(kind: CallKind): void {
    this.#last.set(kind, this.#elapsedMs());
  }

  /** Keeps watch over a call until it comes back, however it does. */
  async watch<T>(kind: CallKind, about: string, call: () => Promise<T>, isPatient = false): Promise<T> {
    const entry: Call = { kind, about, sinceMs: this.#elapsedMs(), isPatient };
    this.#out.add(entry);
    try {
      return await call();
    } finally {
      this.#out.delete(entry);
      if (!isPatient) this.beat(kind);
    }
  }
}
