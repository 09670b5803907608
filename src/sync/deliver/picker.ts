import type { Attempts } from "./attempts.ts";
import type { BatchSize } from "./batch-size.ts";
import type { CircuitBreaker } from "./breaker.ts";
import type { InFlight } from "./in-flight.ts";
import type { Owed, Queue } from "./queue.ts";

/** Picks what goes into the next request: one operation, or a batch of them. */
export class Picker {
  readonly #queue: Queue;
  /** Goes round by itself, so that looking for a probe does not turn the other one back. */
  readonly #probes: Queue;
  readonly #attempts: Attempts;
  readonly #batch: BatchSize;
  readonly #breaker: CircuitBreaker;
  readonly #inFlight: InFlight;

  constructor(options: {
    queue: Queue;
    probes: Queue;
    attempts: Attempts;
    batch: BatchSize;
    breaker: CircuitBreaker;
    inFlight: InFlight;
  }) {
    this.#queue = options.queue;
    this.#probes = options.probes;
    this.#attempts = options.attempts;
    this.#batch = options.batch;
    this.#breaker = options.breaker;
    this.#inFlight = options.inFlight;
  }

  /** Empty when nothing is ready. `nowMs` is elapsed time. @throws {StateUnavailable} */
  next(nowMs: number): Owed[] {
    // After a time of waiting something may be ready again that was not at the last round.
    if (this.#queue.exhausted && this.#attempts.size > 0) this.#queue.refresh();
    // The queue goes round: without this a short one would come by again within the same group.
    const taken = new Set<string>();
    const isFree = (id: string): boolean => !this.#inFlight.has(id) && !taken.has(id);
    const isReady = ({ entry, operation }: Owed): boolean =>
      this.#attempts.isReady(entry.id, operation.version, nowMs);
    const first = this.#probe(isFree, isReady) ?? this.#queue.take(isFree, isReady);
    if (first === null) {
      this.#attempts.forgetDue(nowMs, (id) => this.#inFlight.has(id));
      return [];
    }
    const group = [first];
    taken.add(first.entry.id);
    const most = this.#breaker.trouble === null ? this.#batch.most : 1;
    // Whoever failed before goes alone, so that it cannot spoil the batch of others.
    if (most <= 1 || this.#hasFailed(first)) return group;
    while (group.length < most) {
      const next = this.#queue.take(isFree, isReady);
      if (next === null) break;
      if (this.#hasFailed(next)) {
        this.#queue.putBack();
        break;
      }
      group.push(next);
      taken.add(next.entry.id);
    }
    return group;
  }

  /**
   * What tells most of an inserter that denies: an upsert that was not denied yet. Denied deletes say
   * little, and must not hold up an article.
   */
  #probe(isFree: (id: string) => boolean, isReady: (owed: Owed) => boolean): Owed | null {
    if (this.#breaker.trouble?.kind !== "denied") return null;
    this.#probes.refresh();
    return this.#probes.take(
      isFree,
      (owed) => owed.operation.kind === "upsert" && !this.#hasFailed(owed) && isReady(owed),
    );
  }

  #hasFailed({ entry, operation }: Owed): boolean {
    return (this.#attempts.of(entry.id, operation.version)?.failures ?? 0) > 0;
  }
}
