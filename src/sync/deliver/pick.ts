import type { Operation } from "../model.ts";
import type { State } from "../ports.ts";
import type { DeliveryMemory } from "./memory.ts";
import { Queue } from "./queue.ts";

/** Picks what goes into the next request: one operation, or a batch of them. */
export class Picker {
  readonly #memory: DeliveryMemory;
  /** Goes round by itself, so that looking for a probe does not turn the other one back. */
  readonly #probes: Queue;

  constructor(memory: DeliveryMemory, state: State) {
    this.#memory = memory;
    this.#probes = new Queue(state);
  }

  /** Empty when nothing is ready. @param nowMs Elapsed milliseconds. @throws {StateUnavailable} */
  next(nowMs: number): Operation[] {
    const { attempts, batch, breaker, inFlight, queue } = this.#memory;
    // After a time of waiting something may be ready again that was not at the last round.
    if (queue.exhausted && attempts.size > 0) queue.refresh();
    // The queue goes round: without this a short one would come by again within the same group.
    const taken = new Set<string>();
    const isFree = (id: string): boolean => !inFlight.has(id) && !taken.has(id);
    const isReady = (operation: Operation): boolean => attempts.isReady(operation, nowMs);
    const first = this.#probe(isFree, isReady) ?? queue.take(isFree, isReady);
    if (first === null) {
      attempts.dropDue(nowMs, (id) => inFlight.has(id));
      return [];
    }
    const group = [first];
    taken.add(first.id);
    const most = breaker.trouble === null ? batch.most : 1;
    // What failed before goes alone, so that it cannot spoil the batch of others.
    if (most <= 1 || attempts.hasFailed(first)) return group;
    while (group.length < most) {
      const next = queue.take(isFree, isReady);
      if (next === null) break;
      if (attempts.hasFailed(next)) {
        queue.putBack();
        break;
      }
      group.push(next);
      taken.add(next.id);
    }
    return group;
  }

  /**
   * What says most of an inserter that denies: an upsert that was not denied yet. Denied deletes say
   * little, and must not hold up an article.
   */
  #probe(isFree: (id: string) => boolean, isReady: (operation: Operation) => boolean): Operation | null {
    const { attempts, breaker } = this.#memory;
    if (breaker.trouble?.kind !== "denied") return null;
    this.#probes.refresh();
    return this.#probes.take(
      isFree,
      (operation) => operation.kind === "upsert" && !attempts.hasFailed(operation) && isReady(operation),
    );
  }
}
