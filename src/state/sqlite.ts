import type { Braked, Claim, Entry, FileRow, Listed, ListingComparison } from "../sync/model.ts";
import type { Counts, MetaKey, State } from "../sync/ports.ts";
import { compareBytes, isHolder } from "../sync/rules.ts";
import { SqliteListing, SqliteTrees } from "./cache.ts";
import type { Database } from "./database.ts";
import { EntryCache, type EntryCounts } from "./entry-cache.ts";
import { SqliteOverview } from "./overview.ts";
import {
  APPROVE,
  type BrakedColumns,
  columnsOf,
  ENTRY_COLUMNS,
  type EntryColumns,
  EXPIRED,
  FILES,
  entryOf,
  entryValues,
  fileOf,
  fileValues,
  mergeById,
  publishedIn,
  sumOf,
  TROUBLED,
  WAITING,
} from "./rows.ts";

const PUT_FILE = `INSERT OR REPLACE INTO files
  (path, blob, fingerprint, kind, id, digest, publish_at, detail, expires_at, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const PUT_ENTRY = `INSERT OR REPLACE INTO entries (${ENTRY_COLUMNS.join()}, sum)
  VALUES (${ENTRY_COLUMNS.map(() => "?").join()}, ?)`;
const WINNERS = `SELECT id, path, blob, digest FROM files WHERE ${publishedIn("files")}`;

/** `isHolder` of the core's rules in SQL: the path that holds the id of `named`; its parameters are the time, twice. */
const HOLDER = `(SELECT coalesce(
    (SELECT f.path FROM files f WHERE f.path = e.path AND f.id = e.id AND ${publishedIn("f")}),
    (SELECT min(f.path) FROM files f WHERE e.path IS NULL AND f.id = e.id AND f.digest = e.digest AND ${publishedIn("f")}))
  FROM entries e WHERE e.id = named.id)`;

/** Three ordered lists, merged without a sort: entries not in step, files without such an entry, marks. */
const UNSETTLED = `
  SELECT e.id FROM entries e WHERE e.id > ? AND NOT (
    e.known = 1 AND e.pending IS NULL AND e.refusal IS NULL AND e.foreign_owner IS NULL
    AND e.uncertain = 0 AND e.undeletable = 0 AND EXISTS (
      SELECT 1 FROM files f WHERE f.path = e.path AND f.id = e.id AND f.blob = e.blob
        AND f.digest = e.digest AND ${publishedIn("f")}))
  UNION
  SELECT f.id FROM files f WHERE f.id IS NOT NULL AND f.id > ?
    AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.id = f.id AND e.path = f.path)
  UNION
  SELECT id FROM touched WHERE id > ?
  ORDER BY 1 LIMIT ?`;

/** As much of the entries as they are counted by, one for each combination. */
const GROUPS = `
  SELECT known, pending, uncertain, max(foreign_owner) AS foreign_owner, NULL AS refusal, count(*) AS n
  FROM entries GROUP BY known, pending, uncertain, foreign_owner IS NOT NULL`;

interface WinnerColumns {
  readonly id: string;
  readonly path: string;
  readonly blob: string;
  readonly digest: string;
}

/** The manifest on SQLite: the durable tables in one file, what may be lost in another. */
export class SqliteState implements State {
  readonly #db: Database;
  readonly #cache: Database;
  readonly #release: () => void;
  readonly #listing: SqliteListing;
  readonly #entries = new EntryCache();
  /** The entries may equal a listing that is remembered. */
  #mayBeListed = true;
  readonly #fingerprints = new Map<string, number>();
  /** Whether some file loses a duplicate id: costly to find out, so kept until a file changes. */
  #anyDuplicate: { readonly nowMs: number; readonly is: boolean } | null = null;
  /** Trees that the source remembers. */
  readonly trees: SqliteTrees;
  /** For the status. */
  readonly overview: SqliteOverview;

  /** @param release Called by `close`: gives up the lock. */
  constructor(db: Database, cache: Database, release: () => void = () => {}) {
    this.#db = db;
    this.#cache = cache;
    this.#release = release;
    this.#listing = new SqliteListing(db, cache);
    this.trees = new SqliteTrees(cache);
    this.overview = new SqliteOverview(db);
  }

  close(): void {
    this.#db.close();
    this.#cache.close();
    this.#release();
  }

  transaction<T>(work: () => T): T {
    try {
      return this.#db.transaction(work);
    } catch (error) {
      this.#fingerprints.clear();
      this.#entries.clear();
      this.#mayBeListed = true;
      this.#anyDuplicate = null;
      throw error;
    }
  }

  meta(key: MetaKey): string | null {
    return this.#db.row<{ value: string }>("SELECT value FROM meta WHERE key = ?", key)?.value ?? null;
  }

  setMeta(key: MetaKey, value: string | null): void {
    if (key === "listing") this.#mayBeListed = value !== null;
    if (value === null) this.#db.run("DELETE FROM meta WHERE key = ?", key);
    else this.#db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value);
  }

  file(path: string): FileRow | null {
    return this.#db.value(fileOf, `${FILES} WHERE path = ?`, path);
  }

  files(after: string | null, limit: number): readonly FileRow[] {
    const sql = `${FILES} WHERE path > ? ORDER BY path LIMIT ?`;
    return this.#db.values(fileOf, sql, after ?? "", limit);
  }

  filesOfKind(kind: FileRow["verdict"]["kind"], after: string | null, limit: number): readonly FileRow[] {
    const unpublished = kind === "article" ? "" : "AND kind <> 'article'";
    const sql = `${FILES} WHERE kind = ? ${unpublished} AND path > ? ORDER BY path LIMIT ?`;
    return this.#db.values(fileOf, sql, kind, after ?? "", limit);
  }

  putFile({ path, blob, fingerprint, verdict }: FileRow): void {
    this.#anyDuplicate = null;
    const columns = columnsOf(verdict);
    const { kind, id, digest, publish_at, expires_at, detail } = columns;
    const number = this.#fingerprint(fingerprint);
    const sum = sumOf(fileValues({ path, blob, fingerprint, ...columns }));
    this.#db.run(PUT_FILE, path, blob, number, kind, id, digest, publish_at, detail, expires_at, sum);
  }

  dropFile(path: string): void {
    this.#anyDuplicate = null;
    this.#db.run("DELETE FROM files WHERE path = ?", path);
  }

  #fingerprint(fingerprint: string): number {
    const known = this.#fingerprints.get(fingerprint);
    if (known !== undefined) return known;
    this.#db.run("INSERT OR IGNORE INTO fingerprints (fingerprint) VALUES (?)", fingerprint);
    const sql = "SELECT number AS n FROM fingerprints WHERE fingerprint = ?";
    const number = this.#number(sql, fingerprint);
    this.#fingerprints.set(fingerprint, number);
    return number;
  }

  keeperNaming(id: string): string | null {
    const sql = "SELECT path FROM files WHERE id = ? AND kind IN ('rejected', 'held') ORDER BY path LIMIT 1";
    return this.#db.row<{ path: string }>(sql, id)?.path ?? null;
  }

  anyKeeper(nowMs: number): boolean {
    const sql = "SELECT 1 FROM files WHERE kind <> 'article' AND kind IN ('rejected', 'held') LIMIT 1";
    if (this.#db.row(sql) !== null) return true;
    if (this.#anyDuplicate?.nowMs !== nowMs) {
      this.#anyDuplicate = { nowMs, is: this.duplicates(nowMs, 1).length > 0 };
    }
    return this.#anyDuplicate.is;
  }

  idsScheduled(afterMs: number, untilMs: number): readonly string[] {
    const timed = (column: string): string =>
      `SELECT id FROM files WHERE ${column} IS NOT NULL AND ${column} > ? AND ${column} <= ?`;
    const sql = `${timed("publish_at")} UNION ${timed("expires_at")}`;
    return this.#ids(sql, afterMs, untilMs, afterMs, untilMs);
  }

  nextScheduledMs(afterMs: number): number | null {
    const first = (column: string): string =>
      `SELECT min(${column}) AS at FROM files WHERE ${column} IS NOT NULL AND ${column} > ?`;
    const sql = `SELECT min(at) AS next FROM (${first("publish_at")} UNION ALL ${first("expires_at")})`;
    return this.#db.row<{ next: number | null }>(sql, afterMs, afterMs)?.next ?? null;
  }

  duplicates(nowMs: number, limit = -1): { path: string; id: string; winner: string }[] {
    return this.#db.rows(
      `SELECT loser.path, loser.id, many.winner FROM files loser
       JOIN (SELECT id, coalesce(${HOLDER}, first) AS winner
             FROM (SELECT id, min(path) AS first FROM files WHERE id IS NOT NULL AND ${publishedIn("files")}
                   GROUP BY id HAVING count(*) > 1) named) many ON many.id = loser.id
       WHERE ${publishedIn("loser")} AND loser.path <> many.winner
       ORDER BY loser.path LIMIT ?`,
      nowMs,
      nowMs,
      nowMs,
      nowMs,
      limit,
    );
  }

  entry(id: string): Entry | null {
    const cached = this.#entries.get(id);
    if (cached !== undefined) return cached;
    return this.#db.value(entryOf, "SELECT * FROM entries WHERE id = ?", id);
  }

  putEntry(entry: Entry): void {
    this.#outdateDuplicates(entry.appearedMs !== null, entry.id);
    this.#entries.put(entry.id, entry, () => this.entry(entry.id));
    this.#outdateListing();
    this.#db.run(PUT_ENTRY, ...entryValues(entry));
  }

  dropEntry(id: string): void {
    this.#outdateDuplicates(false, id);
    this.#entries.put(id, null, () => this.entry(id));
    this.#outdateListing();
    this.#db.run("DELETE FROM entries WHERE id = ?", id);
  }

  clearEntries(): void {
    this.#anyDuplicate = null;
    this.#entries.clear();
    this.#outdateListing();
    this.#db.run("DELETE FROM entries");
    this.#db.run("DELETE FROM braked");
  }

  /** What has appeared, and until now had not, competes for its id. */
  #outdateDuplicates(hasAppeared: boolean, id: string): void {
    if (this.#anyDuplicate === null) return;
    if (hasAppeared || (this.entry(id)?.appearedMs ?? null) !== null) this.#anyDuplicate = null;
  }

  #outdateListing(): void {
    if (this.#mayBeListed) this.setMeta("listing", null);
  }

  idsAtPath(path: string): readonly string[] {
    return this.#ids("SELECT id FROM entries WHERE path = ? ORDER BY id", path);
  }

  idsRelated(id: string): readonly string[] {
    const sql =
      "SELECT DISTINCT e.id FROM files f JOIN entries e ON e.path = f.path WHERE f.id = ? AND e.path IS NOT NULL ORDER BY e.id";
    return this.#ids(sql, id);
  }

  pending(after: string | null, limit: number): readonly Entry[] {
    const sql = "SELECT * FROM entries WHERE pending IS NOT NULL AND id > ? ORDER BY id LIMIT ?";
    return this.#db.values(entryOf, sql, after ?? "", limit);
  }

  pendingIds(after: string | null, limit: number): readonly string[] {
    const sql = "SELECT id FROM entries WHERE pending IS NOT NULL AND id > ? ORDER BY id LIMIT ?";
    return this.#ids(sql, after ?? "", limit);
  }

  anyForeign(): boolean {
    return (
      this.#db.row(`SELECT 1 FROM entries WHERE ${TROUBLED} AND foreign_owner IS NOT NULL LIMIT 1`) !== null
    );
  }

  countOwned(): number {
    return this.progress.owned;
  }

  /** What someone who waits wants to know, without a look at every row. */
  get progress(): Readonly<EntryCounts> {
    return this.#entries.counts(() =>
      this.#db.rows<EntryColumns & { n: number }>(GROUPS).map((row) => [entryOf(row), row.n] as const),
    );
  }

  braked(): readonly Braked[] {
    return this.#db
      .rows<BrakedColumns>("SELECT * FROM braked ORDER BY id")
      .map(({ id, owned, asked, approved }) => ({ id, owned, asked: asked === 1, approved: approved === 1 }));
  }

  anyBraked(): boolean {
    return this.#db.row("SELECT 1 FROM braked LIMIT 1") !== null;
  }

  anyApproved(): boolean {
    return this.#db.row("SELECT 1 FROM braked WHERE approved = 1 LIMIT 1") !== null;
  }

  putBraked(rows: Iterable<Braked>): void {
    const sql = "INSERT OR REPLACE INTO braked VALUES (?, ?, ?, ?)";
    for (const { id, owned, asked, approved } of rows) {
      this.#db.run(sql, id, owned, asked ? 1 : 0, approved ? 1 : 0);
    }
  }

  dropBraked(ids: Iterable<string>): void {
    for (const id of ids) this.#db.run("DELETE FROM braked WHERE id = ?", id);
  }

  approveBraked(): readonly string[] {
    return this.#ids(APPROVE).sort(compareBytes);
  }

  claim(id: string, nowMs: number): Claim {
    const entry = this.entry(id);
    return { id, winner: winnerOf(this.#holder(id, entry, nowMs) ?? this.#first(id, nowMs)), entry };
  }

  #holder(id: string, entry: Entry | null, nowMs: number): WinnerColumns | null {
    const { path = null, acknowledged } = entry ?? {};
    if (path !== null) return this.#db.row(`${WINNERS} AND path = ? AND id = ?`, nowMs, path, id);
    const digest = acknowledged?.digest ?? null;
    if (digest === null) return null;
    return this.#db.row(`${WINNERS} AND id = ? AND digest = ? ORDER BY path LIMIT 1`, nowMs, id, digest);
  }

  #first(id: string, nowMs: number): WinnerColumns | null {
    return this.#db.row(`${WINNERS} AND id = ? ORDER BY path LIMIT 1`, nowMs, id);
  }

  claims(after: string | null, limit: number, nowMs: number): readonly Claim[] {
    const winners = this.#db.rows<WinnerColumns>(
      `${WINNERS} AND id IS NOT NULL AND id > ? ORDER BY id, path LIMIT ?`,
      nowMs,
      after ?? "",
      limit,
    );
    const page = "SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?";
    const entries = this.#db.values(entryOf, page, after ?? "", limit);
    return mergeById(winners, entries, limit).map(({ id, left, right: entry }) => {
      const isCertain = left === null || entry === null || isHolder(left.path, left.digest, entry);
      return { id, winner: winnerOf(isCertain ? left : (this.#holder(id, entry, nowMs) ?? left)), entry };
    });
  }

  unsettled(after: string | null, limit: number, nowMs: number): readonly Claim[] {
    const first = after ?? "";
    return this.#ids(UNSETTLED, first, nowMs, first, first, limit).map((id) => this.claim(id, nowMs));
  }

  touch(ids: Iterable<string>): void {
    for (const id of ids) this.#db.run("INSERT OR IGNORE INTO touched VALUES (?)", id);
  }

  touched(after: string | null, limit: number): readonly string[] {
    return this.#ids("SELECT id FROM touched WHERE id > ? ORDER BY id LIMIT ?", after ?? "", limit);
  }

  untouch(ids: Iterable<string>): void {
    for (const id of ids) this.#db.run("DELETE FROM touched WHERE id = ?", id);
  }

  clearListing(): void {
    this.#listing.clear();
  }

  stageListing(lines: readonly Listed[]): void {
    this.#listing.stage(lines);
  }

  listed(id: string): Listed | null {
    return this.#listing.get(id);
  }

  compareListing(after: string | null, limit: number, owner: string | null): readonly ListingComparison[] {
    return this.#listing.compare(after ?? "", limit, owner);
  }

  counts(nowMs: number): Counts {
    const { published, pending } = this.progress;
    const ofKind = (kind: string): number =>
      this.#number("SELECT count(*) AS n FROM files WHERE kind <> 'article' AND kind = ?", kind);
    const troubled = `SELECT count(*) AS n FROM entries WHERE ${TROUBLED}`;
    return {
      published,
      pending,
      scheduled: this.#number(`SELECT count(*) AS n FROM files WHERE ${WAITING}`, nowMs, nowMs),
      withdrawn:
        ofKind("withdrawn") + this.#number(`SELECT count(*) AS n FROM files WHERE ${EXPIRED}`, nowMs),
      held: ofKind("held"),
      rejected: ofKind("rejected") + this.duplicates(nowMs).length,
      refused: this.#number(`${troubled} AND refusal IS NOT NULL`) + this.overview.countForeign(nowMs),
      undeletable: this.#number(`${troubled} AND undeletable = 1`),
    };
  }

  #ids(sql: string, ...values: (string | number)[]): string[] {
    return this.#db.rows<{ id: string }>(sql, ...values).map(({ id }) => id);
  }

  #number(sql: string, ...values: (string | number)[]): number {
    return this.#db.row<{ n: number }>(sql, ...values)?.n ?? 0;
  }
}

function winnerOf(columns: WinnerColumns | null): Claim["winner"] {
  if (columns === null) return null;
  const { path, blob, digest } = columns;
  return { path, blob, digest };
}
