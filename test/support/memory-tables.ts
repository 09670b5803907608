import type { Braked, Entry, FileRow } from "../../src/sync/model.ts";
import type { MetaKey } from "../../src/sync/ports.ts";
import { SortedMap } from "./sorted-map.ts";

/** Everything a {@link MemoryState} keeps. It outlives the state object as a file outlives its process. */
export class MemoryTables {
  readonly meta = new Map<MetaKey, string>();
  readonly files = new SortedMap<FileRow>();
  readonly entries = new SortedMap<Entry>();
  readonly touched = new SortedMap<true>();
  readonly braked = new SortedMap<Braked>();
  /** Paths of the files that name an id, in byte order. */
  readonly pathsById = new SortedMap<SortedMap<true>>();
  readonly idsByPath = new SortedMap<SortedMap<true>>();

  /** How to take back the last transaction, last write first. */
  #last: readonly (() => void)[] = [];

  /** A transaction was committed. */
  committed(undo: readonly (() => void)[]): void {
    this.#last = undo;
  }

  /** The last transaction did not reach the disk after all. Call once, before another is begun. */
  takeBackLast(): void {
    for (const undo of this.#last.toReversed()) undo();
    this.#last = [];
  }

  /** What a backup would hold. */
  copy(): MemoryTables {
    const copy = new MemoryTables();
    for (const [key, value] of this.meta) copy.meta.set(key, value);
    for (const row of this.files.values()) copy.#putFile(row);
    for (const entry of this.entries.values()) copy.#putEntry(entry);
    for (const id of this.touched.keys()) copy.touched.set(id, true);
    for (const row of this.braked.values()) copy.braked.set(row.id, row);
    return copy;
  }

  #putFile(row: FileRow): void {
    this.files.set(row.path, row);
    index(this.pathsById, idOf(row), row.path);
  }

  #putEntry(entry: Entry): void {
    this.entries.set(entry.id, entry);
    index(this.idsByPath, entry.path, entry.id);
  }

  /** @returns What was there before. */
  replaceFile(path: string, row: FileRow | null): FileRow | null {
    const before = this.files.get(path) ?? null;
    if (before !== null) unindex(this.pathsById, idOf(before), path);
    if (row === null) this.files.delete(path);
    else this.#putFile(row);
    return before;
  }

  /** @returns What was there before. */
  replaceEntry(id: string, entry: Entry | null): Entry | null {
    const before = this.entries.get(id) ?? null;
    if (before !== null) unindex(this.idsByPath, before.path, id);
    if (entry === null) this.entries.delete(id);
    else this.#putEntry(entry);
    return before;
  }
}

function idOf({ verdict }: FileRow): string | null {
  return verdict.kind === "none" ? null : verdict.id;
}

function index(map: SortedMap<SortedMap<true>>, key: string | null, value: string): void {
  if (key === null) return;
  let values = map.get(key);
  if (values === undefined) {
    values = new SortedMap();
    map.set(key, values);
  }
  values.set(value, true);
}

function unindex(map: SortedMap<SortedMap<true>>, key: string | null, value: string): void {
  if (key === null) return;
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
