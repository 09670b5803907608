import type { Operation } from "../model.ts";
import type { State } from "../ports.ts";
import type { Lane } from "./breaker.ts";
import type { DeliveryMemory } from "./memory.ts";

/** What goes into one request, and as what it leaves. */
export interface Group {
  readonly lane: Lane;
  /** At least one. */
  readonly operations: readonly Operation[];
}

/** When a failed operation that cannot leave just now is looked at again, milliseconds. */
const NOT_READY_MS = 250;

type Check = (operation: Operation) => boolean;

/**
 * Picks what goes into the next request: one operation, or a batch of them. First what was just begun, then
 * what was not tried yet, and only then what has failed, the longest due first: so what fails never holds up
 * what does not.
 */
export class Picker {
  readonly #memory: DeliveryMemory;
  readonly #state: State;
  constructor(memory: DeliveryMemory, state: State) {
    this.#memory = memory;
    this.#state = state;
  }

  /**
   * Null when nothing is ready.
   *
   * @param isOpen Whether something may leave as this now.
   * @throws {StateUnavailable}
   */
  next(nowMs: number, isOpen: (lane: Lane) => boolean): Group | null {
    return (
      (isOpen("recent") ? this.#group("recent", (isFree) => this.#recent(isFree)) : null) ??
      (isOpen("fresh") ? this.#group("fresh", (isFree) => this.#fresh(isFree)) : null) ??
      (isOpen("fresh") ? this.#group("fresh", (isFree) => this.#last(isFree)) : null) ??
      (isOpen("failed") ? this.#failed(nowMs) : null)
    );
  }

  #group(lane: Lane, take: (isFree: (id: string) => boolean) => Operation | null): Group | null {
    const { batch, breaker, inFlight } = this.#memory;
    // The queue goes round: without this a short one would come by again within the same group.
    const taken = new Set<string>();
    const isFree = (id: string): boolean => !inFlight.has(id) && !taken.has(id);
    const operations: Operation[] = [];
    const most = breaker.trouble === null ? Math.max(1, batch.most) : 1;
    while (operations.length < most) {
      const next = take(isFree);
      if (next === null) break;
      operations.push(next);
      taken.add(next.id);
    }
    return operations.length === 0 ? null : { lane, operations };
  }

  #recent(isFree: (id: string) => boolean): Operation | null {
    const { attempts, recent } = this.#memory;
    for (;;) {
      const id = recent.take(isFree);
      if (id === null) return null;
      const operation = this.#pending(id);
      // What is not ready now is found by the queue when it is.
      if (operation === null || !isFirst(operation) || !this.#isReady(operation)) continue;
      if (attempts.hasFailed(operation) || attempts.isOvertaken(id)) continue;
      attempts.forgetOther(operation);
      return operation;
    }
  }

  #fresh(isFree: (id: string) => boolean): Operation | null {
    const { attempts, queue } = this.#memory;
    const isFresh = (id: string): boolean => isFree(id) && !attempts.isFailing(id);
    return queue.take(isFresh, (operation) => isFirst(operation) && this.#isReady(operation));
  }

  /** Nothing else is left that was not tried: deletes, whose upserts have gone by now. */
  #last(isFree: (id: string) => boolean): Operation | null {
    const { attempts, lastly } = this.#memory;
    const isFresh = (id: string): boolean => isFree(id) && !attempts.isFailing(id);
    return lastly.take(isFresh, (operation) => !isFirst(operation) && this.#isReady(operation));
  }

  #failed(nowMs: number): Group | null {
    const { attempts, inFlight } = this.#memory;
    for (;;) {
      const id = attempts.longestDue(nowMs, (one) => !inFlight.has(one));
      if (id === null) return null;
      const operation = this.#pending(id);
      if (operation !== null && (attempts.hasFailed(operation) || attempts.isOvertaken(id))) {
        if (this.#isReady(operation)) return { lane: "failed", operations: [operation] };
        attempts.postpone(id, nowMs + NOT_READY_MS);
        continue;
      }
      // It is no more, or is another one by now: that one has not failed.
      attempts.clear(id);
      if (operation !== null && this.#isReady(operation)) return { lane: "fresh", operations: [operation] };
    }
  }

  #pending(id: string): Operation | null {
    const pending = this.#state.entry(id)?.pending ?? null;
    return pending === null ? null : { id, ...pending };
  }

  readonly #isReady: Check = (operation) =>
    operation.kind === "upsert" ? this.#canBeMade(operation) : this.#mayGo(operation);

  #canBeMade(operation: Extract<Operation, { kind: "upsert" }>): boolean {
    const { bodies, repository } = this.#memory;
    if (repository.isReadable || bodies.get(operation.id, operation.digest) !== null) return true;
    repository.wait(operation);
    return false;
  }

  /** Whether a delete may leave: not before what replaces it is there, if that can be known. */
  #mayGo(operation: Operation): boolean {
    const { denials, inFlight, repository } = this.#memory;
    if (denials.deletesWait) return false;
    if (isFirst(operation)) return true;
    const { sinceMs } = operation;
    if (repository.isWaitedForSince(sinceMs) || inFlight.hasFirstUpsertOf(sinceMs)) return false;
    const path = this.#state.entry(operation.id)?.path ?? null;
    if (path === null) return true;
    return !this.#state
      .idsAtPath(path)
      .some((id) => id !== operation.id && this.#state.entry(id)?.pending?.kind === "upsert");
  }
}

/** All but the deletes that may belong to an article that goes on under another id. */
function isFirst({ kind, cause }: Operation): boolean {
  return kind === "upsert" || (cause !== "deleted" && cause !== "moved");
}
