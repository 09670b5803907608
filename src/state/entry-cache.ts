import type { Entry } from "../sync/model.ts";
import { isDelivered, isOwned } from "../sync/rules.ts";

/** Most entries remembered: what a bulk has between its begin and the answer. */
const ENTRIES_MAX = 4_096;

/** Numbers of entries that are asked for all the time. */
export interface EntryCounts {
  /** @see isOwned */
  owned: number;
  pending: number;
  /** @see isDelivered */
  published: number;
}

/**
 * What is known of the entries without asking SQLite. What is begun is read again when it is sent, and once
 * more when it is answered; with one writer at a time, what was written is what is there. Numbers are kept as
 * entries change: to count rows takes longer the more there are.
 */
export class EntryCache {
  /** Entries as this process wrote them last; null where one was dropped. */
  readonly #entries = new Map<string, Entry | null>();
  #counts: EntryCounts | null = null;

  /** Null where the entry was dropped; undefined where it is to be read. */
  get(id: string): Entry | null | undefined {
    return this.#entries.get(id);
  }

  /**
   * An entry is about to be put, or dropped: null.
   *
   * @param read Reads what is there now.
   */
  put(id: string, entry: Entry | null, read: () => Entry | null): void {
    if (this.#counts !== null) {
      count(this.#counts, read(), -1);
      count(this.#counts, entry, 1);
    }
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size <= ENTRIES_MAX) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Writes were undone, or many were made at once. */
  clear(): void {
    this.#entries.clear();
    this.#counts = null;
  }

  /** @param groups Reads entries that count alike, and how many there are of each. */
  counts(groups: () => Iterable<readonly [entry: Entry, n: number]>): Readonly<EntryCounts> {
    if (this.#counts !== null) return this.#counts;
    const counts = { owned: 0, pending: 0, published: 0 };
    for (const [entry, n] of groups()) count(counts, entry, n);
    this.#counts = counts;
    return counts;
  }
}

function count(counts: EntryCounts, entry: Entry | null, n: number): void {
  if (entry === null) return;
  if (isOwned(entry)) counts.owned += n;
  if (entry.pending !== null) counts.pending += n;
  if (isDelivered(entry)) counts.published += n;
}
