/** Reading a whole index, page by page, as of one moment. */
import { type Engine, EngineError } from "./engine.ts";

/** A snapshot of an index, which the engine keeps until it is closed or not used for a while. */
interface Snapshot {
  id: string;
}

/** One page: hits in byte order of the articles' ids. */
export interface HitPage {
  // biome-ignore lint/suspicious/noExplicitAny: as the engine sends them.
  readonly hits: readonly any[];
  /** The answer as it came. */
  readonly text: string;
}

const keepAlive = "2m";

/** A listing of an index as of the moment it was opened. It has to be begun, or closed. */
export class Listing {
  readonly #engine: Engine;
  readonly #snapshot: Snapshot;
  readonly #request: object;

  private constructor(engine: Engine, snapshot: Snapshot, request: object) {
    this.#engine = engine;
    this.#snapshot = snapshot;
    this.#request = request;
  }

  /**
   * @param index Name or alias.
   * @param request What a search asks for beside order and place; with `size`.
   * @throws {EngineError} {@link StoreUnavailable}
   */
  static async open(engine: Engine, index: string, request: object): Promise<Listing> {
    const at = `/${encodeURIComponent(index)}`;
    const isOpenSearch = await engine.isOpenSearch();
    const path = isOpenSearch ? "_search/point_in_time" : "_pit";
    const { id, pit_id = id } = await engine.ask("POST", `${at}/${path}?keep_alive=${keepAlive}`);
    return new Listing(engine, { id: pit_id }, request);
  }

  /** @throws {EngineError} If a part of the index could not be read: what came before is not all. */
  async *pages(): AsyncGenerator<HitPage, void, undefined> {
    try {
      for (let after: unknown[] | null = null; ; ) {
        const answer = await this.#engine.send("POST", "/_search?allow_partial_search_results=false", {
          ...this.#request,
          pit: { id: this.#snapshot.id, keep_alive: keepAlive },
          sort: [{ "sync_agent.id": "asc" }],
          track_total_hits: false,
          ...(after === null ? {} : { search_after: after }),
        });
        const { json, text } = answer;
        const isWhole = answer.status === 200 && json?._shards?.failed === 0 && json.timed_out === false;
        if (!isWhole) throw partError(answer.status, json);
        this.#snapshot.id = json.pit_id ?? this.#snapshot.id;
        const { hits } = json.hits;
        if (hits.length === 0) return;
        yield { hits, text };
        after = hits.at(-1).sort;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    const { id } = this.#snapshot;
    const isOpenSearch = await this.#engine.isOpenSearch();
    const [path, body] = isOpenSearch ? ["/_search/point_in_time", { pit_id: [id] }] : ["/_pit", { id }];
    // One that cannot be closed is forgotten by the engine soon enough.
    await this.#engine.send("DELETE", path as string, body as object).catch(() => null);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as the engine sends it.
function partError(status: number, json: any): EngineError {
  const { type = "", reason = "a part of the index cannot be read" } = json?.error?.root_cause?.[0] ?? {};
  return new EngineError(status === 429 ? 429 : 503, type, reason);
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs;
/** Where a hit's keys are in a search's answer: in `{ hits: { hits: [ {` . */
const hitDepth = 4;

/**
 * The documents in a search's answer as they were stored, byte by byte: parsing would lose the order of keys
 * like "10", and digits of numbers.
 */
export function rawSources(text: string): readonly string[] {
  const sources: string[] = [];
  let depth = 0;
  let start = -1;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found === "{" || found === "[") {
      if (start === -2) start = index;
      depth += 1;
    } else if (found === "}" || found === "]") {
      depth -= 1;
      if (start >= 0 && depth === hitDepth) {
        sources.push(text.slice(start, index + 1));
        start = -1;
      }
    } else if (found === '"_source"' && depth === hitDepth) start = -2;
  }
  return sources;
}
