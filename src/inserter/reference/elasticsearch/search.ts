import { CursorUnknown, facetsMax, type Found, type Item, type Query, type TagCount } from "../store.ts";
import { queryWords, snippet } from "../text.ts";
import { itemFields, toItem } from "./document.ts";
import { type Engine, EngineError } from "./engine.ts";
import { liveFilter } from "./schema.ts";

const searched = ["title", "description", "body", "sync_agent.text"];
const snippetLength = 160;
/** Of a longer text only the beginning is searched for a snippet; more would fail the whole search. */
const quotedMax = 999_999;

/** Searches the index behind an alias. What is in the title comes first, then the newest. */
export class Search {
  readonly #engine: Engine;
  readonly #alias: string;

  constructor(engine: Engine, alias: string) {
    this.#engine = engine;
    this.#alias = alias;
  }

  /** See `ArticleStore.search`. @throws {CursorUnknown} {@link EngineError} {@link StoreUnavailable} */
  async find(query: Query): Promise<Found> {
    const words = queryWords(query.words);
    const after = query.cursor === null ? null : parseCursor(query.cursor, words.length > 0);
    const tag = query.tag === null ? [] : [{ term: { tags: query.tag } }];
    const anywhere = words.map((word) => ({
      multi_match: { query: word, type: "phrase", fields: searched },
    }));
    const inTitle = words.map((word) => ({ match_phrase: { title: word } }));
    const newest = [{ "sync_agent.published": "desc" }, { "sync_agent.id": "desc" }];
    const answer = await this.#search({
      size: query.limit + 1,
      track_total_hits: true,
      query: {
        bool: {
          filter: [liveFilter, ...tag, ...anywhere],
          should: words.length === 0 ? [] : [{ constant_score: { filter: { bool: { filter: inTitle } } } }],
        },
      },
      sort: words.length === 0 ? newest : [{ _score: "desc" }, ...newest],
      ...(words.length === 0 ? {} : { highlight: await this.#highlight() }),
      ...(after === null ? { aggs: { tags: tagCounts(facetsMax) } } : { search_after: after }),
    });
    const { hits, total } = answer.hits;
    const page = hits.slice(0, query.limit);
    return {
      items: page.map((hit: Hit) => itemOf(hit, words)),
      total: total.value,
      indexing: 0,
      tags: countsIn(answer),
      next: hits.length > query.limit ? cursorOf(page.at(-1)) : null,
    };
  }

  /** Articles like one that is there; see `ArticleStore.similar`. */
  async similar(id: string, tags: readonly string[], limit: number): Promise<readonly Item[]> {
    const like = {
      fields: ["title", "description", "body"],
      like: [{ _id: id }],
      min_term_freq: 1,
      min_doc_freq: 1,
      minimum_should_match: "10%",
    };
    const { hits } = await this.#search({
      size: limit,
      query: {
        bool: {
          filter: [liveFilter],
          must_not: [{ term: { "sync_agent.id": id } }],
          should: [
            { more_like_this: like },
            ...tags.map((tag) => ({ constant_score: { filter: { term: { tags: tag } }, boost: 2 } })),
          ],
          minimum_should_match: 1,
        },
      },
      sort: [{ _score: "desc" }, { "sync_agent.published": "desc" }, { "sync_agent.id": "desc" }],
    });
    return hits.hits.map((hit: Hit) => itemOf(hit, []));
  }

  async tags(limit: number): Promise<readonly TagCount[]> {
    const query = { bool: { filter: [liveFilter] } };
    return countsIn(await this.#search({ size: 0, query, aggs: { tags: tagCounts(limit) } }));
  }

  // biome-ignore lint/suspicious/noExplicitAny: as the engine sends it.
  async #search(body: object): Promise<any> {
    const path = `/${encodeURIComponent(this.#alias)}/_search?allow_partial_search_results=false`;
    const answer = await this.#engine.ask("POST", path, { _source: itemFields, ...body });
    if (answer?._shards?.failed === 0 && answer.timed_out === false) return answer;
    throw new EngineError(503, "", "a part of the index could not be searched");
  }

  async #highlight(): Promise<object> {
    const limit = (await this.#engine.isOpenSearch()) ? "max_analyzer_offset" : "max_analyzed_offset";
    const body = { number_of_fragments: 1, fragment_size: snippetLength, no_match_size: snippetLength };
    return { type: "unified", pre_tags: [""], post_tags: [""], [limit]: quotedMax, fields: { body } };
  }
}

interface Hit {
  readonly _source: Readonly<Record<string, unknown>>;
  readonly highlight?: { readonly body?: readonly string[] };
  readonly sort: readonly unknown[];
}

function itemOf({ _source, highlight }: Hit, words: readonly string[]): Item {
  const item = toItem(_source);
  if (words.length === 0) return item;
  return { ...item, snippet: snippet(highlight?.body?.[0] ?? item.description ?? "", words) };
}

const tagCounts = (size: number): object => ({
  terms: { field: "tags", size, order: [{ _count: "desc" }, { _key: "asc" }] },
});

// biome-ignore lint/suspicious/noExplicitAny: as the engine sends it.
function countsIn({ aggregations }: any): readonly TagCount[] {
  const buckets: readonly { key: string; doc_count: number }[] = aggregations?.tags?.buckets ?? [];
  return buckets.map(({ key, doc_count }) => ({ tag: key, count: doc_count }));
}

/** Last hit of a page as text: the next page begins after it, whatever came or went meanwhile. */
const cursorOf = ({ sort }: Hit): string => Buffer.from(JSON.stringify(sort)).toString("base64url");

function parseCursor(cursor: string, hasScore: boolean): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (error) {
    throw new CursorUnknown("cursor unknown", { cause: error });
  }
  const kinds = hasScore ? ["number", "number", "string"] : ["number", "string"];
  const isOurs =
    Array.isArray(parsed) &&
    parsed.length === kinds.length &&
    parsed.every((value, at) => typeof value === kinds[at]);
  if (!isOurs) throw new CursorUnknown("cursor unknown");
  return parsed as readonly unknown[];
}
