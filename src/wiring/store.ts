import type { Io } from "../cli/argv.ts";
import type { StoreSettings } from "../config/settings.ts";
import { openElasticsearchStore } from "../inserter/reference/elasticsearch/store.ts";
import { openSqliteStore } from "../inserter/reference/sqlite/store.ts";
import type { ArticleStore } from "../inserter/reference/store.ts";
import type { Log } from "../sync/ports.ts";

/**
 * Opens what the reference inserter keeps its articles in.
 *
 * @param db Path of an SQLite file, or `":memory:"`; not used where there is another store.
 * @param options.readOnly It is only looked at.
 * @param options.holdsCopies All that is in an SQLite file comes again by itself: a damaged one is begun anew.
 * @throws {UsageError} If it cannot be used.
 */
export function openStore(
  { db, store }: { readonly db: string; readonly store: StoreSettings | null },
  log: Log,
  env: Io["env"],
  { holdsCopies = false, ...options }: { readonly readOnly?: boolean; readonly holdsCopies?: boolean } = {},
): ArticleStore {
  return store === null
    ? openSqliteStore(db, log, { holdsCopies })
    : openElasticsearchStore({ ...store, ...options }, log, env);
}
