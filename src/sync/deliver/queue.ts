import type { Operation } from "../model.ts";
import type { State } from "../ports.ts";

/** Ids read ahead in one query; half of that is a bulk delivery rather than a few edits. */
const PAGE = 128;

/**
 * Goes round the pending operations, by id, for ever: a probe thus takes a different article each
 * time, and one that fails does not come first again. Reads pages, so that a million pending articles
 * cost no memory.
 */
export class Queue {
  readonly #state: State;
  #page: readonly string[] = [];
  #next = 0;
  #cursor: string | null = null;
  /** Nothing was ready at the last look; cleared when something may have changed. */
  #exhausted = false;

  constructor(state: State) {
    this.#state = state;
  }

  /** More may be pending, or ready, than at the last look. */
  refresh(): void {
    this.#exhausted = false;
  }

  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Whether many are pending. */
  get isLong(): boolean {
    return this.#page.length >= PAGE / 2;
  }

  /**
   * The next operation that may be taken; null after one whole round without any.
   *
   * @param isFree Asked first: whether the entry of an id is worth a look.
   */
  take(isFree: (id: string) => boolean, isReady: (operation: Operation) => boolean): Operation | null {
    if (this.#exhausted) return null;
    let wrapped = this.#cursor === null && this.#next >= this.#page.length;
    for (;;) {
      while (this.#next < this.#page.length) {
        const id = this.#page[this.#next++];
        const entry = id === undefined || !isFree(id) ? null : this.#state.entry(id);
        if (entry === null || entry.pending === null) continue;
        const operation = { id: entry.id, ...entry.pending };
        if (isReady(operation)) return operation;
      }
      this.#page = this.#state.pendingIds(this.#cursor, PAGE);
      this.#next = 0;
      this.#cursor = this.#page.at(-1) ?? null;
      if (this.#page.length > 0) continue;
      if (wrapped) {
        this.#exhausted = true;
        return null;
      }
      wrapped = true;
    }
  }
}
