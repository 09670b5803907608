import type { Entry } from "../sync/model.ts";

/** Most entries remembered: what a bulk has between its begin and the answer. */
const ENTRIES_MAX = 4_096;

/**
 * Entries as this process wrote them last. What is begun is read again when it is sent, and once more when
 * it is answered; with one writer at a time, what was written is what is there.
 */
export class Written {
  readonly #entries = new Map<string, Entry | null>();

  /** Null where the entry was dropped; undefined where nothing is known. */
  get(id: string): Entry | null | undefined {
    return this.#entries.get(id);
  }

  put(id: string, entry: Entry | null): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size <= ENTRIES_MAX) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Writes were undone, or many were made at once. */
  clear(): void {
    this.#entries.clear();
  }
}
