import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../../../sync/ports.ts";
import {
  type ArticleStore,
  type Found,
  type Inventory,
  type Item,
  type Query,
  type StoredArticle,
  StoreUnavailable,
  type TagCount,
  type Write,
  type WriteResult,
} from "../store.ts";
import { type Fields, summarize } from "../text.ts";
import { Bulk } from "./bulk.ts";
import { toArticle } from "./document.ts";
import { Engine, EngineError, type EngineOptions, errorOf, isShardMissing, toUnavailable } from "./engine.ts";
import { Indices } from "./indices.ts";
import { etagOf, takeInventory } from "./inventory.ts";
import { Migration } from "./migration.ts";
import { schemaFrom } from "./schema.ts";
import { Search } from "./search.ts";
import { sweep } from "./sweep.ts";
import { Writer } from "./writes.ts";

/** Which articles, where. */
export interface ElasticsearchOptions extends EngineOptions {
  /** Name of the alias that is written to. */
  readonly index: string;
  /** Absolute path of one's own settings and mappings; null: none. */
  readonly mapping: string | null;
  /** Makes and changes nothing; where there is no index, there are no articles. */
  readonly readOnly?: boolean;
}

/** Of what a client waits for, a write may wait for its shard. */
const shardShare = 0.8;
/** An index that is missing, then its shard. */
const repairsMax = 2;
const upkeepMs = 60 * 60_000;
const retryMsMin = 500;
const retryMsMax = 30_000;

/**
 * Opens the articles of the reference inserter in Elasticsearch or OpenSearch. It has no state of its own:
 * any number of them may be open at once. The engine need not be there yet.
 *
 * @throws {UsageError} If the file with one's own mapping cannot be used.
 */
export function openElasticsearchStore(
  options: ElasticsearchOptions,
  log: Log,
  environment: Readonly<Record<string, string | undefined>>,
): ArticleStore {
  return new ElasticsearchStore(options, log, environment);
}

class ElasticsearchStore implements ArticleStore {
  readonly #engine: Engine;
  readonly #indices: Indices;
  readonly #writer: Writer;
  readonly #search: Search;
  readonly #migration: Migration;
  readonly #log: Log;
  readonly #ending = new AbortController();
  readonly #upkeep: Promise<void>;
  readonly #isReadOnly: boolean;

  constructor(
    options: ElasticsearchOptions,
    log: Log,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    const schema = schemaFrom(options.mapping);
    const engine = new Engine(options, environment);
    const indices = new Indices(engine, options.index, schema, log);
    const bulk = new Bulk(engine, options.timeoutMs * shardShare);
    const writer = new Writer(engine, bulk, indices);
    this.#log = log;
    this.#engine = engine;
    this.#indices = indices;
    this.#writer = writer;
    this.#search = new Search(engine, options.index);
    this.#migration = new Migration({ engine, bulk, indices, writer, log }, this.#ending.signal);
    this.#isReadOnly = options.readOnly === true;
    this.#upkeep = this.#isReadOnly ? Promise.resolve() : this.#keepUp();
  }

  write(writes: readonly Write[]): Promise<readonly WriteResult[]> {
    return this.#run(() => this.#writer.write(writes));
  }

  read(id: string): Promise<StoredArticle | null> {
    return this.#run(async () => {
      if (id === "") return null;
      const path = `/${encodeURIComponent(this.#indices.alias)}/_source/${encodeURIComponent(id)}`;
      const answer = await this.#engine.send("GET", path);
      if (answer.status === 200) return toArticle(answer.text);
      const error = errorOf(answer);
      if (answer.status === 404 && error.type !== "index_not_found_exception") return null;
      throw error;
    });
  }

  search(query: Query): Promise<Found> {
    return this.#run(() => this.#search.find(query));
  }

  async similar(id: string, limit: number): Promise<readonly Item[] | null> {
    const article = await this.read(id);
    if (article === null) return null;
    const { tags = [] } = summarize(JSON.parse(article.payload) as Fields);
    return this.#run(() => this.#search.similar(id, tags, limit));
  }

  tags(limit: number): Promise<readonly TagCount[]> {
    return this.#run(() => this.#search.tags(limit));
  }

  etag(): Promise<string> {
    return this.#run(() => etagOf(this.#engine, this.#indices));
  }

  inventory(): Promise<Inventory> {
    return this.#run(async () => {
      if (this.#isReadOnly && (await this.#indices.current()) === null) return nothing;
      const { etag, pages } = await takeInventory(this.#engine, this.#indices);
      return { etag, pages: translated(pages) };
    });
  }

  ready(): Promise<void> {
    return this.#run(async () => {
      await this.#indices.ensure();
      await this.#tryWriting();
      const path = `/${encodeURIComponent(this.#indices.alias)}/_search?allow_partial_search_results=false`;
      await this.#engine.ask("POST", path, { size: 0 });
    });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#engine.close();
    await this.#upkeep;
  }

  /**
   * A write that conflicts by its nature shows that writes are possible, and changes nothing. Like every write it
   * waits a while for its shard.
   */
  async #tryWriting(): Promise<void> {
    const action = { index: { _id: "sync-agent-ready", if_seq_no: 0, if_primary_term: 1 } };
    const path = `/${encodeURIComponent(this.#indices.alias)}/_bulk?require_alias=true&timeout=3s`;
    const { items } = await this.#engine.ask("POST", path, `${JSON.stringify(action)}\n{}\n`);
    const { status = 500, error } = items?.[0]?.index ?? {};
    // Also where it is only busy: a probe asks for yes or no.
    if (status !== 409) throw new EngineError(503, error?.type ?? "", error?.reason ?? "no answer");
  }

  /** Once more where what was missing is there now. An error of the engine becomes one of the store. */
  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      for (let repairs = 0; ; repairs++) {
        try {
          return await work();
        } catch (error) {
          const canHelp = error instanceof EngineError && repairs < repairsMax && !this.#isReadOnly;
          if (!canHelp || !(await this.#repair(error))) throw error;
        }
      }
    } catch (error) {
      throw error instanceof EngineError ? toUnavailable(error) : error;
    }
  }

  /** Makes a missing index, or waits for its shard; false where neither is missing. @throws {EngineError} */
  async #repair(error: EngineError): Promise<boolean> {
    if (error.type === "index_not_found_exception") {
      await this.#indices.ensure();
      return true;
    }
    // Reading does not wait for a shard: not in an index that another replica made a moment ago, nor while
    // another node takes over.
    if (!isShardMissing(error)) return false;
    await this.#tryWriting();
    return true;
  }

  /** Prepares the index as soon as the engine is there, then looks after it from time to time. */
  async #keepUp(): Promise<void> {
    const { signal } = this.#ending;
    let delayMs = retryMsMin;
    while (!signal.aborted) {
      try {
        await this.#migration.run();
        await sweep(this.#engine, this.#indices, Date.now());
        delayMs = upkeepMs * (0.75 + Math.random() / 2);
      } catch (error) {
        if (signal.aborted) return;
        // Whatever answers there may not be an engine at all.
        const { message } = error as Error;
        const isExpected = error instanceof EngineError || error instanceof StoreUnavailable;
        const detail = isExpected ? {} : { stack: (error as Error).stack };
        const at = this.#engine.at;
        this.#log.emit("warn", "reference.waiting", `The store is not ready: ${message}`, { at, ...detail });
        delayMs = delayMs > retryMsMax ? retryMsMin : Math.min(delayMs * 2, retryMsMax);
      }
      await wait(delayMs, undefined, { signal, ref: false }).catch(() => null);
    }
  }
}

/** The inventory where there is no index. */
const nothing: Inventory = { etag: '"nothing"', pages: (async function* () {})() };

/** An error in the middle is the store's too. */
async function* translated<T>(pages: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* pages;
  } catch (error) {
    throw error instanceof EngineError ? toUnavailable(error) : error;
  }
}
