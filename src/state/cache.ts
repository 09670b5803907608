/** What may be lost without harm, in a file of its own: trees already read, and the inventory being read. */
import type { Listed, ListingComparison, Revision } from "../sync/model.ts";
import type { TreeMemory } from "../sync/ports.ts";
import { matchesListing } from "../sync/rules.ts";
import type { Database } from "./database.ts";
import { entryOf, mergeById } from "./rows.ts";

/** Remembered trees in the cache file; see {@link TreeMemory}. */
export class SqliteTrees implements TreeMemory {
  readonly #cache: Database;

  constructor(cache: Database) {
    this.#cache = cache;
  }

  at(): Revision | null {
    const row = this.#cache.row<{ value: string }>("SELECT value FROM meta WHERE key = 'trees'");
    return row?.value ?? null;
  }

  get(dir: string): { readonly tree: string; readonly bytes: Uint8Array } | null {
    return this.#cache.row("SELECT tree, bytes FROM trees WHERE dir = ?", dir);
  }

  begin(): void {
    this.#cache.run("DELETE FROM meta WHERE key = 'trees'");
  }

  put(dir: string, tree: string, bytes: Uint8Array): void {
    this.#cache.run("INSERT OR REPLACE INTO trees VALUES (?, ?, ?)", dir, tree, bytes);
  }

  drop(dirPrefix: string): void {
    if (dirPrefix === "") return this.#cache.run("DELETE FROM trees");
    // All that begins with the prefix: up to the same with its last character, the slash, one higher.
    const end = `${dirPrefix.slice(0, -1)}0`;
    this.#cache.run("DELETE FROM trees WHERE dir >= ? AND dir < ?", dirPrefix, end);
  }

  commit(revision: Revision): void {
    this.#cache.run("INSERT OR REPLACE INTO meta VALUES ('trees', ?)", revision);
  }
}

/**
 * A page as one text each, equal only where every id {@link matchesListing}: nothing but the text leaves SQLite.
 * JSON, as it keeps apart whatever is in an id.
 */
const SPAN = "SELECT max(id) AS last, json_group_array(shown) AS text FROM";
const ENTRIES = `${SPAN} (
  SELECT id, CASE WHEN pending IS NULL AND repaired IS NULL AND foreign_owner IS NULL
    THEN json_array(id, digest) ELSE 'entry' END AS shown
  FROM entries WHERE id > ? ORDER BY id LIMIT ?)`;
const LINES = `${SPAN} (
  SELECT id, CASE WHEN digest IS NOT NULL AND (owner IS NULL OR owner = '' OR owner = ifnull(?, owner))
    THEN json_array(id, digest) ELSE 'line' END AS shown
  FROM listing WHERE id > ? ORDER BY id LIMIT ?)`;

interface Span {
  readonly last: string | null;
  readonly text: string;
}

/** The inventory being read, in the cache file: it need not fit into memory, nor outlive the process. */
export class SqliteListing {
  readonly #manifest: Database;
  readonly #cache: Database;

  constructor(manifest: Database, cache: Database) {
    this.#manifest = manifest;
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

  /** @see State.listed */
  get(id: string): Listed | null {
    return this.#cache.row<Listed>("SELECT id, digest, version, owner FROM listing WHERE id = ?", id);
  }

  /** @see State.compareListing */
  compare(after: string, limit: number, owner: string | null): ListingComparison[] {
    for (let from = after; ; ) {
      const entries = this.#manifest.row<Span>(ENTRIES, from, limit);
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
    const page = "WHERE id > ? ORDER BY id LIMIT ?";
    const lines = this.#cache.rows<Listed>(
      `SELECT id, digest, version, owner FROM listing ${page}`,
      after,
      limit,
    );
    const entries = this.#manifest.values(entryOf, `SELECT * FROM entries ${page}`, after, limit);
    return mergeById(lines, entries, limit).map(({ id, left, right }) => ({
      id,
      listed: left,
      entry: right,
    }));
  }
}
