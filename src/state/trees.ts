import type { Revision, TreeMemory } from "../sync/ports.ts";
import type { Database } from "./database.ts";

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
    if (dirPrefix === "") this.#cache.run("DELETE FROM trees");
    // All that begins with the prefix: up to the same with its last character, the slash, one higher.
    else
      this.#cache.run(
        "DELETE FROM trees WHERE dir >= ? AND dir < ?",
        dirPrefix,
        `${dirPrefix.slice(0, -1)}0`,
      );
  }

  commit(revision: Revision): void {
    this.#cache.run("INSERT OR REPLACE INTO meta VALUES ('trees', ?)", revision);
  }
}
