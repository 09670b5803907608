import type { Listed } from "../sync/model.ts";
import type { Database } from "./database.ts";

/** The inventory being read, in the cache file: it need not fit into memory, nor outlive the process. */
export class SqliteListing {
  readonly #cache: Database;

  constructor(cache: Database) {
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

  page(after: string, limit: number): Listed[] {
    const sql = "SELECT id, digest, version, owner FROM listing WHERE id > ? ORDER BY id LIMIT ?";
    return this.#cache.rows<Listed>(sql, after, limit);
  }
}
