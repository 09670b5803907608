import type { Entry } from "../sync/model.ts";
import type { Database } from "./database.ts";
import { entryOf, publishedIn, TROUBLED, WAITING } from "./rows.ts";

/** Ids of another owner's that a file published now wants. `CROSS` begins at the entries, which are few. */
const FOREIGN = `FROM entries e CROSS JOIN files f ON f.id = e.id
  WHERE (e.refusal IS NOT NULL OR e.undeletable = 1 OR e.foreign_owner IS NOT NULL)
    AND e.foreign_owner IS NOT NULL AND f.id IS NOT NULL AND ${publishedIn("f")}`;

/** Questions to the manifest that only people ask, for the status: what stands out, and in which order. */
export class SqliteOverview {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Entries with something pending, oldest first. */
  pendingByAge(limit: number): readonly Entry[] {
    // Sorting only what it is sorted by, and not whole rows, is a multiple faster where very many wait.
    const oldest = "SELECT id FROM entries WHERE pending IS NOT NULL ORDER BY pending_since, id LIMIT ?";
    const sql = `SELECT * FROM entries WHERE id IN (${oldest}) ORDER BY pending_since, id`;
    return this.#db.values(entryOf, sql, limit);
  }

  /** Articles whose time is still to come, soonest first. */
  scheduled(
    nowMs: number,
    limit: number,
  ): readonly { readonly id: string; readonly path: string; readonly publishAtMs: number }[] {
    return this.#db.rows(
      `SELECT id, path, publish_at AS publishAtMs FROM files
       WHERE ${WAITING} ORDER BY publish_at, path LIMIT ?`,
      nowMs,
      nowMs,
      limit,
    );
  }

  /** Entries with a refusal, by id. */
  refused(limit: number): readonly Entry[] {
    return this.#troubled("refusal IS NOT NULL", limit);
  }

  /** Entries that the inserter cannot delete, by id. */
  undeletable(limit: number): readonly Entry[] {
    return this.#troubled("undeletable = 1", limit);
  }

  #troubled(which: string, limit: number): readonly Entry[] {
    const sql = `SELECT * FROM entries WHERE ${TROUBLED} AND ${which} ORDER BY id LIMIT ?`;
    return this.#db.values(entryOf, sql, limit);
  }

  /** Ids that another owner holds there and a file published now wants; `path` is the file that has it. */
  foreign(
    nowMs: number,
    limit: number,
  ): readonly { readonly id: string; readonly owner: string; readonly path: string }[] {
    const sql = `SELECT e.id, e.foreign_owner AS owner, coalesce(min(iif(f.path = e.path, f.path, NULL)), min(f.path)) AS path ${FOREIGN} GROUP BY e.id ORDER BY e.id LIMIT ?`;
    return this.#db.rows(sql, nowMs, limit);
  }

  countForeign(nowMs: number): number {
    const sql = `SELECT count(DISTINCT e.id) AS n ${FOREIGN}`;
    return this.#db.row<{ n: number }>(sql, nowMs)?.n ?? 0;
  }

  /** Paths of candidate files that contain a text, or whose id does, whatever its case; by path. */
  find(text: string, limit: number): readonly string[] {
    const sql =
      "SELECT path FROM files WHERE instr(lower(path), ?) > 0 OR instr(lower(id), ?) > 0 ORDER BY path LIMIT ?";
    const wanted = text.toLowerCase();
    return this.#db.rows<{ path: string }>(sql, wanted, wanted, limit).map(({ path }) => path);
  }
}
