import type { Entry, Pending } from "../model.ts";
import type { State } from "../ports.ts";

/** Ids read ahead in one query. */
const PAGE = 128;

/** An entry whose operation is to be sent. */
export interface Owed {
  readonly entry: Entry;
  readonly operation: Pending;
}

/**
 * Goes round the pending operations, by id, for ever: a probe thus takes a different article each
 * time, and whoever fails does not come first again. Reads pages, so that a million owed articles
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

  /** Whether the page under way is a full one: a bulk delivery rather than a few edits. */
  get isLong(): boolean {
    return this.#page.length >= 64;
  }

  /**
   * The next operation that may be taken; null after one whole round without any.
   *
   * @param isFree Asked first: whether the entry of an id is worth a look.
   */
  take(isFree: (id: string) => boolean, isReady: (owed: Owed) => boolean): Owed | null {
    if (this.#exhausted) return null;
    let wrapped = this.#cursor === null && this.#next >= this.#page.length;
    for (;;) {
      while (this.#next < this.#page.length) {
        const id = this.#page[this.#next++];
        const entry = id === undefined || !isFree(id) ? null : this.#state.entry(id);
        if (entry === null || entry.pending === null) continue;
        const owed = { entry, operation: entry.pending };
        if (isReady(owed)) return owed;
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

  /** Puts one back that was taken and not sent. */
  putBack(): void {
    this.#next = Math.max(0, this.#next - 1);
    this.#exhausted = false;
  }
}
