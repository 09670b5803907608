import type { Operation } from "../model.ts";
import type { State } from "../ports.ts";
import type { Lane } from "./breaker.ts";
import type { DeliveryMemory } from "./memory.ts";

/** What goes into one request, and as what it leaves. */
export interface Group {
  readonly lane: Lane;
  /** At least one; just one of those that have failed. */
  readonly operations: readonly Operation[];
}

/** For each try of a delete the upsert that replaces it is tried so often before. */
const TRIES_BEFORE = 3;

type IsFree = (id: string) => boolean;

/**
 * Picks what goes into the next request: one operation, or a batch of them. First what was just begun, then
 * what was not tried yet, of that the deletes last, and only then what has failed, the longest due first: so
 * what fails never holds up what does not.
 */
export class Picker {
  readonly #memory: DeliveryMemory;
  readonly #state: State;
  /** A delete that goes last was seen in the queue. */
  #hasDeletes = false;

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
    const { batch, breaker } = this.#memory;
    const most = breaker.trouble === null ? Math.max(1, batch.most) : 1;
    return (
      (isOpen("recent") ? this.#group("recent", most, (isFree) => this.#recent(isFree)) : null) ??
      (isOpen("fresh") ? this.#group("fresh", most, (isFree) => this.#upsert(isFree)) : null) ??
      (isOpen("fresh") ? this.#group("fresh", most, (isFree) => this.#delete(isFree)) : null) ??
      (isOpen("failed") ? this.#group("failed", 1, (isFree) => this.#failed(isFree, nowMs)) : null)
    );
  }

  #group(lane: Lane, most: number, take: (isFree: IsFree) => Operation | null): Group | null {
    const { inFlight } = this.#memory;
    // The queue goes round: without this a short one would come by again within the same group.
    const taken = new Set<string>();
    const isFree = (id: string): boolean => !inFlight.has(id) && !taken.has(id);
    const operations: Operation[] = [];
    while (operations.length < most) {
      const next = take(isFree);
      if (next === null) break;
      operations.push(next);
      taken.add(next.id);
    }
    return operations.length === 0 ? null : { lane, operations };
  }

  #recent(isFree: IsFree): Operation | null {
    const { recent } = this.#memory;
    for (const id of recent.ids()) {
      const operation = this.#pending(id);
      const isUntried = operation !== null && !this.#hasFailed(operation);
      if (isUntried && !(isFree(id) && this.#isReady(operation))) continue;
      recent.drop(id);
      if (isUntried) return operation;
    }
    return null;
  }

  #upsert(isFree: IsFree): Operation | null {
    const { attempts, queue } = this.#memory;
    const isFresh = (id: string): boolean => isFree(id) && !attempts.isFailing(id);
    return queue.take(isFresh, (operation) => {
      const isLast = mayBeReplaced(operation);
      this.#hasDeletes ||= isLast;
      return !isLast && this.#isReady(operation);
    });
  }

  /** Nothing else is left that was not tried. */
  #delete(isFree: IsFree): Operation | null {
    const { attempts, deletes } = this.#memory;
    if (!this.#hasDeletes || deletes.exhausted) return null;
    const isFresh = (id: string): boolean => isFree(id) && !attempts.isFailing(id);
    let hasMore = false;
    const found = deletes.take(isFresh, (operation) => {
      const isLast = mayBeReplaced(operation);
      hasMore ||= isLast;
      return isLast && this.#isReady(operation);
    });
    this.#hasDeletes = hasMore;
    return found;
  }

  #failed(isFree: IsFree, nowMs: number): Operation | null {
    const { attempts } = this.#memory;
    for (const id of attempts.due(nowMs)) {
      if (!isFree(id)) continue;
      const operation = this.#pending(id);
      // It is no more, or another one: that has not failed.
      if (operation === null || !this.#hasFailed(operation)) attempts.clear(id);
      if (operation !== null && this.#isReady(operation)) return operation;
    }
    return null;
  }

  #pending(id: string): Operation | null {
    const pending = this.#state.entry(id)?.pending ?? null;
    return pending === null ? null : { id, ...pending };
  }

  #hasFailed(operation: Operation): boolean {
    return this.#memory.attempts.failures(operation) > 0;
  }

  /** Whether it may leave, as far as the repository and other articles are concerned. */
  #isReady(operation: Operation): boolean {
    const { bodies, inFlight, repository } = this.#memory;
    if (operation.kind === "upsert") {
      return repository.isOpen || bodies.get(operation.id, operation.digest) !== null;
    }
    if (!mayBeReplaced(operation)) return true;
    if (!repository.isOpen || inFlight.hasFirstUpsertBefore(operation.version)) return false;
    return !this.#isReplacedFirst(operation);
  }

  /**
   * Whether an upsert comes first that gives the article of this delete another id: so that one of the two
   * is always there. One that fails again and again must not keep the old one for ever.
   */
  #isReplacedFirst(operation: Operation): boolean {
    const { attempts } = this.#memory;
    const path = this.#state.entry(operation.id)?.path ?? null;
    if (path === null) return false;
    const tries = TRIES_BEFORE * (attempts.failures(operation) + 1);
    return this.#state.idsAtPath(path).some((id) => {
      const other = id === operation.id ? null : this.#pending(id);
      return other?.kind === "upsert" && attempts.failures(other) < tries;
    });
  }
}

/** A delete that may belong to an article that goes on under another id. */
function mayBeReplaced({ kind, cause }: Operation): boolean {
  return kind === "delete" && (cause === "deleted" || cause === "moved");
}
