import type { Listed, ListingComparison } from "../sync/model.ts";
import { matchesListing } from "../sync/rules.ts";
import type { Database } from "./database.ts";
import { mergeById } from "./merge.ts";
import { type EntryColumns, entryOf } from "./rows.ts";

/**
 * A page as one text each, equal only where all of its ids {@link matchesListing}: nothing but the text leaves SQLite.
 * JSON, as it keeps apart whatever stands in an id.
 */
const SPAN = "SELECT max(id) AS last, json_group_array(told) AS text FROM";
const ENTRIES = `${SPAN} (
  SELECT id, CASE WHEN pending IS NULL AND repaired IS NULL AND foreign_owner IS NULL
    THEN json_array(id, digest) ELSE 'entry' END AS told
  FROM entries WHERE id > ? ORDER BY id LIMIT ?)`;
const LINES = `${SPAN} (
  SELECT id, CASE WHEN digest IS NOT NULL AND (owner IS NULL OR owner = '' OR owner = ifnull(?, owner))
    THEN json_array(id, digest) ELSE 'line' END AS told
  FROM listing WHERE id > ? ORDER BY id LIMIT ?)`;

interface Span {
  readonly last: string | null;
  readonly text: string;
}

/** The inventory being read, in the cache file: it need not fit into memory, nor outlive the process. */
export class SqliteListing {
  readonly #db: Database;
  readonly #cache: Database;

  constructor(db: Database, cache: Database) {
    this.#db = db;
    this.#cache = cache;
  }

  clear(): void {
    this.#cache.run("DELETE FROM listing");
  }

  stage(lines: readonly Listed[]): void {
    this.#cache.transaction(() => {
      for (const { id, digest, version, owner } of lines) {
        this.#cache.run("INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?)", id, digest, version, owner);
      }
    });
  }

  /** @see State.compareListing */
  compare(after: string, limit: number, owner: string | null): ListingComparison[] {
    for (let from = after; ; ) {
      const entries = this.#db.row<Span>(ENTRIES, from, limit);
      const lines = this.#cache.row<Span>(LINES, owner, from, limit);
      if (entries?.last && entries.text === lines?.text) {
        from = entries.last;
        continue;
      }
      const page = this.#page(from, limit);
      const differing = page.filter((one) => !matchesListing(one, owner));
      const last = page.at(-1);
      if (last === undefined || differing.length > 0) return differing;
      from = last.id;
    }
  }

  #page(after: string, limit: number): ListingComparison[] {
    const lines = this.#cache.rows<Listed>(
      "SELECT id, digest, version, owner FROM listing WHERE id > ? ORDER BY id LIMIT ?",
      after,
      limit,
    );
    const entries = this.#db.rows<EntryColumns>(
      "SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?",
      after,
      limit,
    );
    return mergeById(lines, entries, limit).map(({ id, left, right }) => ({
      id,
      listed: left,
      entry: right === null ? null : entryOf(right),
    }));
  }
}
