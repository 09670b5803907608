import {
  type ElasticsearchOptions,
  openElasticsearchStore,
} from "../../src/inserter/reference/elasticsearch/store.ts";
import type { ArticleStore } from "../../src/inserter/reference/store.ts";
import type { Log } from "../../src/sync/ports.ts";

let opened = 0;

/** A name that no other test has. */
export const indexNameOf = (what = "test"): string => `${what}-${process.pid}-${++opened}`;

const quiet: Log = { emit: () => {} };

/** A store of a test on an engine, in an index of its own unless one is named. */
export function openEngineStore(
  url: string | readonly string[],
  options: Partial<ElasticsearchOptions> = {},
  log: Log = quiet,
): ArticleStore {
  return openElasticsearchStore(
    {
      urls: typeof url === "string" ? [url] : url,
      index: indexNameOf(),
      basic: null,
      auth: null,
      tls: { ca: null, cert: null, key: null },
      timeoutMs: 10_000,
      mapping: null,
      ...options,
    },
    log,
    {},
  );
}
