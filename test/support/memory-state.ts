import type {
  Braked,
  Claim,
  Entry,
  FileRow,
  Listed,
  ListingComparison,
  Verdict,
} from "../../src/sync/model.ts";
import type { Counts, MetaKey, State } from "../../src/sync/ports.ts";
import {
  compareBytes,
  idOf,
  isDelivered,
  isExpired,
  isInStep,
  isOwned,
  isPublished,
  isUnreadable,
  matchesListing,
  winnerOf,
} from "../../src/sync/rules.ts";
import { MemoryTables } from "./memory-tables.ts";
import { merged, SortedMap } from "./sorted-map.ts";

/** What a call is about to do. */
export type StateCall = "read" | "write" | "begin" | "commit" | "committed";

/**
 * Called before each read and write, and before and after a commit. What it throws, the caller of the
 * state gets: before `committed` nothing of the transaction is kept, from there on all of it.
 */
export type StateHook = (call: StateCall) => void;

/** The manifest in memory: the `State` port with nothing but maps, for tests. */
export class MemoryState implements State {
  readonly tables: MemoryTables;
  readonly #hook: StateHook;
  readonly #listing = new SortedMap<Listed>();
  /** How to take back what the transaction under way did, last first; null outside. */
  #undo: (() => void)[] | null = null;

  constructor(tables: MemoryTables = new MemoryTables(), hook: StateHook = () => {}) {
    this.tables = tables;
    this.#hook = hook;
  }

  transaction<T>(work: () => T): T {
    if (this.#undo !== null) throw new Error("transactions are not nested");
    this.#hook("begin");
    this.#undo = [];
    try {
      const result = work();
      this.#hook("commit");
      this.tables.committed(this.#undo);
      this.#undo = null;
      this.#hook("committed");
      return result;
    } catch (error) {
      for (const undo of (this.#undo ?? []).reverse()) undo();
      this.#undo = null;
      throw error;
    }
  }

  #write(undo: () => void): void {
    this.#undo?.push(undo);
  }

  meta(key: MetaKey): string | null {
    this.#hook("read");
    return this.tables.meta.get(key) ?? null;
  }

  setMeta(key: MetaKey, value: string | null): void {
    this.#hook("write");
    const { meta } = this.tables;
    const before = meta.get(key);
    if (value === null) meta.delete(key);
    else meta.set(key, value);
    this.#write(() => (before === undefined ? meta.delete(key) : meta.set(key, before)));
  }

  file(path: string): FileRow | null {
    this.#hook("read");
    return this.tables.files.get(path) ?? null;
  }

  files(after: string | null, limit: number): readonly FileRow[] {
    this.#hook("read");
    return this.tables.files.page(after, limit);
  }

  filesOfKind(kind: Verdict["kind"], after: string | null, limit: number): readonly FileRow[] {
    this.#hook("read");
    return this.tables.files.page(after, limit, (row) => row.verdict.kind === kind);
  }

  putFile(row: FileRow): void {
    this.#replaceFile(row.path, row);
  }

  dropFile(path: string): void {
    this.#replaceFile(path, null);
  }

  #replaceFile(path: string, row: FileRow | null): void {
    this.#hook("write");
    const before = this.tables.replaceFile(path, row);
    this.#write(() => this.tables.replaceFile(path, before));
  }

  keeperNaming(id: string): string | null {
    this.#hook("read");
    for (const path of this.tables.pathsById.get(id)?.keys() ?? []) {
      const row = this.tables.files.get(path);
      if (row && isUnreadable(row.verdict)) return path;
    }
    return null;
  }

  anyKeeper(nowMs: number): boolean {
    this.#hook("read");
    for (const { verdict } of this.tables.files.values()) {
      if (isUnreadable(verdict)) return true;
    }
    return this.#losers(nowMs).length > 0;
  }

  idsScheduled(afterMs: number, untilMs: number): readonly string[] {
    this.#hook("read");
    const ids = new Set<string>();
    for (const [id, atMs] of this.#timed()) if (atMs > afterMs && atMs <= untilMs) ids.add(id);
    return [...ids];
  }

  nextScheduledMs(afterMs: number): number | null {
    this.#hook("read");
    let next: number | null = null;
    for (const [, atMs] of this.#timed()) if (atMs > afterMs && (next === null || atMs < next)) next = atMs;
    return next;
  }

  /** Each time at which an article appears or expires. */
  *#timed(): Iterable<[id: string, atMs: number]> {
    for (const { verdict } of this.tables.files.values()) {
      if (verdict.kind !== "article") continue;
      for (const atMs of [verdict.publishAtMs, verdict.expiresAtMs])
        if (atMs !== null) yield [verdict.id, atMs];
    }
  }

  duplicates(nowMs: number): readonly { path: string; id: string; winner: string }[] {
    this.#hook("read");
    return this.#losers(nowMs);
  }

  #losers(nowMs: number): { path: string; id: string; winner: string }[] {
    const losers: { path: string; id: string; winner: string }[] = [];
    for (const id of this.tables.pathsById.keys()) {
      const paths = this.tables.pathsById.get(id);
      if (paths === undefined || paths.size < 2) continue;
      const claim = this.#claim(id, nowMs);
      const winner = claim.winner?.path ?? "";
      for (const { path, verdict } of this.#naming(id)) {
        if (path !== winner && isPublished(verdict, claim.entry, nowMs)) losers.push({ path, id, winner });
      }
    }
    const order = new SortedMap<(typeof losers)[number]>();
    for (const loser of losers) order.set(loser.path, loser);
    return [...order.values()];
  }

  entry(id: string): Entry | null {
    this.#hook("read");
    return this.tables.entries.get(id) ?? null;
  }

  putEntry(entry: Entry): void {
    this.#replaceEntry(entry.id, entry);
  }

  dropEntry(id: string): void {
    this.#replaceEntry(id, null);
  }

  #replaceEntry(id: string, entry: Entry | null): void {
    this.#hook("write");
    const before = this.tables.replaceEntry(id, entry);
    this.#write(() => this.tables.replaceEntry(id, before));
    if (this.tables.meta.has("listing")) this.setMeta("listing", null);
  }

  clearEntries(): void {
    for (const id of [...this.tables.entries.keys()]) this.dropEntry(id);
    this.dropBraked([...this.tables.braked.keys()]);
  }

  idsAtPath(path: string): readonly string[] {
    this.#hook("read");
    return [...(this.tables.idsByPath.get(path)?.keys() ?? [])];
  }

  idsRelated(id: string): readonly string[] {
    this.#hook("read");
    const related = new SortedMap<true>();
    for (const path of this.tables.pathsById.get(id)?.keys() ?? []) {
      for (const at of this.tables.idsByPath.get(path)?.keys() ?? []) related.set(at, true);
    }
    return [...related.keys()];
  }

  pending(after: string | null, limit: number): readonly Entry[] {
    this.#hook("read");
    return this.tables.entries.page(after, limit, (entry) => entry.pending !== null);
  }

  pendingIds(after: string | null, limit: number): readonly string[] {
    return this.pending(after, limit).map(({ id }) => id);
  }

  anyForeign(): boolean {
    return [...this.tables.entries.values()].some(({ foreignOwner }) => foreignOwner !== null);
  }

  countOwned(): number {
    this.#hook("read");
    return this.#count(isOwned);
  }

  #count(counts: (entry: Entry) => boolean): number {
    let count = 0;
    for (const entry of this.tables.entries.values()) if (counts(entry)) count++;
    return count;
  }

  braked(): readonly Braked[] {
    this.#hook("read");
    return [...this.tables.braked.values()];
  }

  anyBraked(): boolean {
    return this.braked().length > 0;
  }

  anyApproved(): boolean {
    return this.braked().some(({ approved }) => approved);
  }

  putBraked(rows: Iterable<Braked>): void {
    for (const row of rows) this.#replaceBraked(row.id, row);
  }

  dropBraked(ids: Iterable<string>): void {
    for (const id of ids) this.#replaceBraked(id, null);
  }

  #replaceBraked(id: string, row: Braked | null): void {
    this.#hook("write");
    const { braked } = this.tables;
    const before = braked.get(id);
    if (row === null) braked.delete(id);
    else braked.set(id, row);
    this.#write(() => (before === undefined ? braked.delete(id) : braked.set(id, before)));
  }

  approveBraked(): readonly string[] {
    const rows = this.braked().filter(({ asked, approved }) => asked && !approved);
    this.putBraked(rows.map((row) => ({ ...row, approved: true })));
    return rows.map(({ id }) => id);
  }

  claim(id: string, nowMs: number): Claim {
    this.#hook("read");
    return this.#claim(id, nowMs);
  }

  #claim(id: string, nowMs: number): Claim {
    const entry = this.tables.entries.get(id) ?? null;
    return { id, winner: winnerOf(this.#naming(id), entry, nowMs), entry };
  }

  #isPublished(verdict: Verdict, nowMs: number): boolean {
    const id = idOf(verdict);
    return isPublished(verdict, id === null ? null : (this.tables.entries.get(id) ?? null), nowMs);
  }

  /** Files that name an id, by path. */
  *#naming(id: string): Iterable<FileRow> {
    for (const path of this.tables.pathsById.get(id)?.keys() ?? []) {
      const row = this.tables.files.get(path);
      if (row !== undefined) yield row;
    }
  }

  claims(after: string | null, limit: number, nowMs: number): readonly Claim[] {
    this.#hook("read");
    const claims: Claim[] = [];
    for (const id of merged(this.tables.pathsById, this.tables.entries, after)) {
      const claim = this.#claim(id, nowMs);
      if (claim.winner === null && claim.entry === null) continue;
      if (claims.push(claim) >= limit) break;
    }
    return claims;
  }

  unsettled(after: string | null, limit: number, nowMs: number): readonly Claim[] {
    this.#hook("read");
    const { pathsById, entries, touched } = this.tables;
    const ids = new Set([...pathsById.keys(), ...entries.keys(), ...touched.keys()]);
    return [...ids]
      .filter((id) => after === null || compareBytes(id, after) > 0)
      .sort(compareBytes)
      .map((id) => this.#claim(id, nowMs))
      .filter((claim) => touched.get(claim.id) === true || !this.#isAtRest(claim))
      .slice(0, limit);
  }

  #isAtRest({ id, winner, entry }: Claim): boolean {
    if (winner === null || entry === null || this.tables.pathsById.get(id)?.size !== 1) return false;
    return isInStep(winner, entry);
  }

  touch(ids: Iterable<string>): void {
    this.#setTouched(ids, true);
  }

  touched(after: string | null, limit: number): readonly string[] {
    this.#hook("read");
    return [...this.tables.touched.keysAfter(after).take(limit)];
  }

  untouch(ids: Iterable<string>): void {
    this.#setTouched(ids, false);
  }

  #setTouched(ids: Iterable<string>, is: boolean): void {
    const { touched } = this.tables;
    for (const id of ids) {
      this.#hook("write");
      if ((touched.get(id) ?? false) === is) continue;
      if (is) touched.set(id, true);
      else touched.delete(id);
      this.#write(() => (is ? touched.delete(id) : touched.set(id, true)));
    }
  }

  clearListing(): void {
    this.#listing.clear();
  }

  stageListing(lines: readonly Listed[]): void {
    this.#hook("read");
    for (const line of lines) this.#listing.set(line.id, line);
  }

  listed(id: string): Listed | null {
    this.#hook("read");
    return this.#listing.get(id) ?? null;
  }

  compareListing(after: string | null, limit: number, owner: string | null): readonly ListingComparison[] {
    this.#hook("read");
    const { entries } = this.tables;
    return merged(this.#listing, entries, after)
      .map((id) => ({ id, listed: this.#listing.get(id) ?? null, entry: entries.get(id) ?? null }))
      .filter((one) => !matchesListing(one, owner))
      .take(limit)
      .toArray();
  }

  counts(nowMs: number): Counts {
    this.#hook("read");
    const kinds = { none: 0, rejected: 0, held: 0, withdrawn: 0, article: 0, scheduled: 0 };
    for (const { verdict } of this.tables.files.values()) {
      if (isExpired(verdict, nowMs)) kinds.withdrawn++;
      else if (verdict.kind === "article" && !this.#isPublished(verdict, nowMs)) kinds.scheduled++;
      else kinds[verdict.kind]++;
    }
    const isForeign = ({ id, foreignOwner }: Entry) =>
      foreignOwner !== null && this.#claim(id, nowMs).winner !== null;
    return {
      published: this.#count(isDelivered),
      pending: this.#count((entry) => entry.pending !== null),
      scheduled: kinds.scheduled,
      withdrawn: kinds.withdrawn,
      held: kinds.held,
      rejected: kinds.rejected + this.#losers(nowMs).length,
      refused: this.#count((entry) => entry.refusal !== null) + this.#count(isForeign),
      undeletable: this.#count((entry) => entry.undeletable),
    };
  }
}
