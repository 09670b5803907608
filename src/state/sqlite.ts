import type { Claim, Entry, FileRow, Listed, ListingComparison } from "../sync/model.ts";
import type { Counts, MetaKey, State } from "../sync/ports.ts";
import type { Database } from "./database.ts";
import { SqliteListing } from "./listing.ts";
import { mergeById } from "./merge.ts";
import { SqliteOverview } from "./overview.ts";
import { columnsOf, type EntryColumns, entryOf, entryValues, type FileColumns, fileOf } from "./rows.ts";
import { Tally } from "./tally.ts";
import { SqliteTrees } from "./trees.ts";
import { Written } from "./written.ts";

const FILES =
  "SELECT path, blob, f.fingerprint, kind, id, digest, publish_at, detail FROM files JOIN fingerprints f ON f.number = files.fingerprint";
const WINNER = "kind = 'article' AND (publish_at IS NULL OR publish_at <= ?)";
const TROUBLED = "(refusal IS NOT NULL OR undeletable = 1 OR foreign_owner IS NOT NULL)";

/** Three ordered lists, merged without a sort: entries not in step, files without such an entry, marks. */
const UNSETTLED = `
  SELECT e.id FROM entries e WHERE e.id > ? AND NOT (
    e.known = 1 AND e.pending IS NULL AND e.refusal IS NULL AND e.foreign_owner IS NULL
    AND e.uncertain = 0 AND e.undeletable = 0 AND EXISTS (
      SELECT 1 FROM files f WHERE f.path = e.path AND f.id = e.id AND f.blob = e.blob
        AND f.digest = e.digest AND f.kind = 'article' AND (f.publish_at IS NULL OR f.publish_at <= ?)))
  UNION
  SELECT f.id FROM files f WHERE f.id IS NOT NULL AND f.id > ?
    AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.id = f.id AND e.path = f.path)
  UNION
  SELECT id FROM touched WHERE id > ?
  ORDER BY 1 LIMIT ?`;

interface WinnerColumns {
  id: string;
  path: string;
  blob: string;
  digest: string;
}

/** The manifest on SQLite: the durable tables in one file, what may be lost in another. */
export class SqliteState implements State {
  readonly #db: Database;
  readonly #cache: Database;
  readonly #release: () => void;
  readonly #listing: SqliteListing;
  readonly #tally: Tally;
  readonly #written = new Written();
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
    this.#tally = new Tally(db);
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
      this.#tally.forget();
      this.#written.clear();
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
    const row = this.#db.row<FileColumns>(`${FILES} WHERE path = ?`, path);
    return row === null ? null : fileOf(row);
  }

  files(after: string | null, limit: number): readonly FileRow[] {
    return this.#db
      .rows<FileColumns>(`${FILES} WHERE path > ? ORDER BY path LIMIT ?`, after ?? "", limit)
      .map(fileOf);
  }

  filesOfKind(kind: FileRow["verdict"]["kind"], after: string | null, limit: number): readonly FileRow[] {
    const unpublished = kind === "article" ? "" : "AND kind <> 'article'";
    const sql = `${FILES} WHERE kind = ? ${unpublished} AND path > ? ORDER BY path LIMIT ?`;
    return this.#db.rows<FileColumns>(sql, kind, after ?? "", limit).map(fileOf);
  }

  putFile(row: FileRow): void {
    this.#anyDuplicate = null;
    const { kind, id, digest, publish_at, detail } = columnsOf(row.verdict);
    this.#db.run(
      "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      row.path,
      row.blob,
      this.#fingerprint(row.fingerprint),
      kind,
      id,
      digest,
      publish_at,
      detail,
    );
  }

  dropFile(path: string): void {
    this.#anyDuplicate = null;
    this.#db.run("DELETE FROM files WHERE path = ?", path);
  }

  #fingerprint(fingerprint: string): number {
    const known = this.#fingerprints.get(fingerprint);
    if (known !== undefined) return known;
    this.#db.run("INSERT OR IGNORE INTO fingerprints (fingerprint) VALUES (?)", fingerprint);
    const sql = "SELECT number FROM fingerprints WHERE fingerprint = ?";
    const number = this.#db.row<{ number: number }>(sql, fingerprint)?.number ?? 0;
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
      const [first] = this.duplicates(nowMs, 1);
      this.#anyDuplicate = { nowMs, is: first !== undefined };
    }
    return this.#anyDuplicate.is;
  }

  idsScheduled(afterMs: number, untilMs: number): readonly string[] {
    const sql =
      "SELECT id FROM files WHERE publish_at IS NOT NULL AND publish_at > ? AND publish_at <= ? AND kind = 'article'";
    return this.#db.rows<{ id: string }>(sql, afterMs, untilMs).map((row) => row.id);
  }

  nextScheduledMs(afterMs: number): number | null {
    const sql = "SELECT min(publish_at) AS next FROM files WHERE publish_at IS NOT NULL AND publish_at > ?";
    return this.#db.row<{ next: number | null }>(sql, afterMs)?.next ?? null;
  }

  duplicates(nowMs: number, limit = -1): { path: string; id: string; winner: string }[] {
    return this.#db.rows(
      `SELECT loser.path, loser.id, first.winner FROM files loser
       JOIN (SELECT id, min(path) AS winner FROM files WHERE id IS NOT NULL AND ${WINNER}
             GROUP BY id HAVING count(*) > 1) first ON first.id = loser.id
       WHERE loser.${WINNER.replace("(publish_at", "(loser.publish_at")} AND loser.path <> first.winner
       ORDER BY loser.path LIMIT ?`,
      nowMs,
      nowMs,
      limit,
    );
  }

  entry(id: string): Entry | null {
    const written = this.#written.get(id);
    if (written !== undefined) return written;
    const row = this.#db.row<EntryColumns>("SELECT * FROM entries WHERE id = ?", id);
    return row === null ? null : entryOf(row);
  }

  putEntry(entry: Entry): void {
    this.#tally.replace(() => this.entry(entry.id), entry);
    this.#written.put(entry.id, entry);
    this.#outdateListing();
    const sql = "INSERT OR REPLACE INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    this.#db.run(sql, ...entryValues(entry));
  }

  dropEntry(id: string): void {
    this.#tally.replace(() => this.entry(id), null);
    this.#written.put(id, null);
    this.#outdateListing();
    this.#db.run("DELETE FROM entries WHERE id = ?", id);
  }

  clearEntries(): void {
    this.#tally.forget();
    this.#written.clear();
    this.#outdateListing();
    this.#db.run("DELETE FROM entries");
  }

  #outdateListing(): void {
    if (this.#mayBeListed) this.setMeta("listing", null);
  }

  idsAtPath(path: string): readonly string[] {
    return this.#db
      .rows<{ id: string }>("SELECT id FROM entries WHERE path = ? ORDER BY id", path)
      .map((r) => r.id);
  }

  idsRelated(id: string): readonly string[] {
    const sql =
      "SELECT DISTINCT e.id FROM files f JOIN entries e ON e.path = f.path WHERE f.id = ? AND e.path IS NOT NULL ORDER BY e.id";
    return this.#db.rows<{ id: string }>(sql, id).map((row) => row.id);
  }

  pending(after: string | null, limit: number): readonly Entry[] {
    const sql = "SELECT * FROM entries WHERE pending IS NOT NULL AND id > ? ORDER BY id LIMIT ?";
    return this.#db.rows<EntryColumns>(sql, after ?? "", limit).map(entryOf);
  }

  pendingIds(after: string | null, limit: number): readonly string[] {
    const sql = "SELECT id FROM entries WHERE pending IS NOT NULL AND id > ? ORDER BY id LIMIT ?";
    return this.#db.rows<{ id: string }>(sql, after ?? "", limit).map((row) => row.id);
  }

  troubled(after: string | null, limit: number): readonly Entry[] {
    const sql = `SELECT * FROM entries WHERE ${TROUBLED} AND id > ? ORDER BY id LIMIT ?`;
    return this.#db.rows<EntryColumns>(sql, after ?? "", limit).map(entryOf);
  }

  countOwned(): number {
    return this.#tally.owned;
  }

  /** What a person who waits wants to know, without a look at every row. */
  get progress(): { readonly published: number; readonly pending: number } {
    return this.#tally;
  }

  claim(id: string, nowMs: number): Claim {
    const sql = `SELECT id, path, blob, digest FROM files WHERE id = ? AND ${WINNER} ORDER BY path LIMIT 1`;
    const winner = this.#db.row<WinnerColumns>(sql, id, nowMs);
    return { id, winner: winner === null ? null : winnerOf(winner), entry: this.entry(id) };
  }

  claims(after: string | null, limit: number, nowMs: number): readonly Claim[] {
    const winners = this.#db.rows<WinnerColumns>(
      `SELECT id, path, blob, digest FROM files WHERE id IS NOT NULL AND id > ? AND ${WINNER} ORDER BY id, path LIMIT ?`,
      after ?? "",
      nowMs,
      limit,
    );
    const entries = this.#db.rows<EntryColumns>(
      "SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?",
      after ?? "",
      limit,
    );
    const merged = mergeById(winners, entries, limit);
    return merged.map(({ id, left, right }) => ({
      id,
      winner: left === null ? null : winnerOf(left),
      entry: right === null ? null : entryOf(right),
    }));
  }

  unsettled(after: string | null, limit: number, nowMs: number): readonly Claim[] {
    const first = after ?? "";
    return this.#db
      .rows<{ id: string }>(UNSETTLED, first, nowMs, first, first, limit)
      .map(({ id }) => this.claim(id, nowMs));
  }

  touch(ids: Iterable<string>): void {
    for (const id of ids) this.#db.run("INSERT OR IGNORE INTO touched VALUES (?)", id);
  }

  touched(after: string | null, limit: number): readonly string[] {
    const sql = "SELECT id FROM touched WHERE id > ? ORDER BY id LIMIT ?";
    return this.#db.rows<{ id: string }>(sql, after ?? "", limit).map((row) => row.id);
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

  compareListing(after: string | null, limit: number, owner: string | null): readonly ListingComparison[] {
    return this.#listing.compare(after ?? "", limit, owner);
  }

  counts(nowMs: number): Counts {
    const ofKind = (kind: string): number =>
      this.#count(`SELECT count(*) AS n FROM files WHERE kind <> 'article' AND kind = '${kind}'`);
    return {
      published: this.#count(
        "SELECT count(*) AS n FROM entries WHERE known = 1 AND pending IS NULL AND foreign_owner IS NULL",
      ),
      pending: this.#count("SELECT count(*) AS n FROM entries WHERE pending IS NOT NULL"),
      scheduled: this.#count(
        "SELECT count(*) AS n FROM files WHERE publish_at IS NOT NULL AND kind = 'article' AND publish_at > ?",
        nowMs,
      ),
      withdrawn: ofKind("withdrawn"),
      held: ofKind("held"),
      rejected: ofKind("rejected") + this.duplicates(nowMs).length,
      refused:
        this.#count(`SELECT count(*) AS n FROM entries WHERE ${TROUBLED} AND refusal IS NOT NULL`) +
        this.overview.countForeign(nowMs),
      undeletable: this.#count(`SELECT count(*) AS n FROM entries WHERE ${TROUBLED} AND undeletable = 1`),
    };
  }

  #count(sql: string, ...values: number[]): number {
    return this.#db.row<{ n: number }>(sql, ...values)?.n ?? 0;
  }
}

function winnerOf({ path, blob, digest }: WinnerColumns): Claim["winner"] {
  return { path, blob, digest };
}
