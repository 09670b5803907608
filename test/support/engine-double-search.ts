/** How the double of an engine searches: slowly, and only what the store asks for. */
import { folded } from "../../src/inserter/reference/text.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of whatever shape a request has.
type Json = any;

/** A document that is stored. */
export interface Document {
  readonly id: string;
  readonly version: number;
  readonly seqNo: number;
  /** As it came. */
  readonly text: string;
  readonly source: Json;
}

/** A search as it is asked for. */
export interface SearchBody {
  readonly size: number;
  readonly query?: Json;
  readonly sort?: readonly Json[];
  readonly search_after?: readonly Json[];
  readonly _source?: Json;
  readonly docvalue_fields?: readonly string[];
  readonly highlight?: Json;
  readonly aggs?: Json;
}

/** A hit, with the text of its document where that is wanted. */
interface Hit {
  readonly text: string | null;
  readonly [key: string]: Json;
}

export function hitsFor(
  documents: readonly Document[],
  body: SearchBody,
): { readonly hits: readonly Hit[]; readonly total: number; readonly aggregations: Json } {
  const context = { documents };
  const found = documents.flatMap((document) => {
    const score = scoreOf(body.query, document, context);
    return score === null ? [] : [{ document, score }];
  });
  const keys = (body.sort ?? []).map((one) => Object.entries<string>(one)[0] ?? (["", ""] as const));
  const sortOf = ({ document, score }: (typeof found)[number]): Json[] =>
    keys.map(([field = ""]) => (field === "_score" ? score : valueAt(document.source, field)));
  const order = (a: readonly Json[], b: readonly Json[]): number => {
    for (const [at, [, direction]] of keys.entries()) {
      const difference = compare(a[at], b[at]);
      if (difference !== 0) return direction === "desc" ? -difference : difference;
    }
    return 0;
  };
  const sorted = found
    .map((one) => ({ ...one, sort: sortOf(one) }))
    .sort((a, b) => order(a.sort, b.sort))
    .filter(({ sort }) => body.search_after === undefined || order(sort, body.search_after) > 0);
  return {
    hits: sorted.slice(0, body.size).map(({ document, sort }) => hitOf(document, sort, body)),
    total: found.length,
    aggregations:
      body.aggs === undefined ? {} : { tags: { buckets: tagsOf(found, body.aggs.tags.terms.size) } },
  };
}

function hitOf({ id, version, seqNo, text, source }: Document, sort: Json[], body: SearchBody): Hit {
  const fields = Object.fromEntries(
    (body.docvalue_fields ?? []).flatMap((name) => {
      const value = valueAt(source, name);
      return value === null || value === undefined ? [] : [[name, [value]]];
    }),
  );
  const hit = { _id: id, _version: version, _seq_no: seqNo, _primary_term: 1, sort, fields };
  const quoted =
    body.highlight === undefined ? {} : { highlight: { body: [quoteOf(source.body, body.query)] } };
  return { ...hit, ...quoted, text: body._source === false ? null : text };
}

/** Null where it does not match. */
function scoreOf(
  query: Json,
  document: Document,
  context: { documents: readonly Document[] },
): number | null {
  if (query === undefined) return 1;
  const [[kind, what] = ["", {}]] = Object.entries<Json>(query);
  const { source } = document;
  const when = (isSo: boolean): number | null => (isSo ? 1 : null);
  switch (kind) {
    case "bool": {
      const scores = (list: readonly Json[] = []): (number | null)[] =>
        list.map((one) => scoreOf(one, document, context));
      if (scores(what.filter).includes(null)) return null;
      if (scores(what.must_not).some((score) => score !== null)) return null;
      const should = scores(what.should).filter((score) => score !== null);
      if (should.length < (what.minimum_should_match ?? 0)) return null;
      return should.reduce((sum, score) => sum + score, 0);
    }
    case "constant_score": {
      const isMatch = scoreOf(what.filter, document, context) !== null;
      return isMatch ? (what.boost ?? 1) : null;
    }
    case "term": {
      const [[field, wanted] = ["", null]] = Object.entries<Json>(what);
      const value = valueAt(source, field);
      return when(Array.isArray(value) ? value.includes(wanted) : value === wanted);
    }
    case "range": {
      const [[field, { lt }] = ["", { lt: 0 }]] = Object.entries<Json>(what);
      return when(valueAt(source, field) < lt);
    }
    case "match_phrase": {
      const [[field, phrase] = ["", ""]] = Object.entries<string>(what);
      return when(hasPhrase(valueAt(source, field), phrase));
    }
    case "multi_match":
      return when(what.fields.some((field: string) => hasPhrase(valueAt(source, field), what.query)));
    case "more_like_this":
      return alikeness(document, what, context.documents);
    default:
      throw new Error(`The double knows no query ${kind}`);
  }
}

function alikeness({ source }: Document, what: Json, documents: readonly Document[]): number | null {
  const like = documents.find(({ id }) => id === what.like[0]._id)?.source ?? {};
  const wordsOf = (of: Json): string[] =>
    what.fields.flatMap((field: string) => tokens(String(of[field] ?? "")));
  const own = new Set(wordsOf(source));
  const shared = new Set(wordsOf(like).filter((word) => own.has(word))).size;
  return shared === 0 ? null : shared;
}

/** Words of letters, and each Chinese or Japanese character by itself: a phrase of pairs finds the same. */
function tokens(text: string): readonly string[] {
  return folded(text).match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー]|[a-z0-9\p{sc=Latin}]+/gu) ?? [];
}

function hasPhrase(text: Json, phrase: string): boolean {
  if (typeof text !== "string") return false;
  const wanted = tokens(phrase);
  return wanted.length > 0 && ` ${tokens(text).join(" ")} `.includes(` ${wanted.join(" ")} `);
}

/** Part of the body around what is searched. */
function quoteOf(body: Json, query: Json): string {
  const text = typeof body === "string" ? body : "";
  const words = query.bool.filter.flatMap(({ multi_match }: Json) =>
    multi_match ? [multi_match.query] : [],
  );
  const places = words
    .map((word: string) => text.toLowerCase().indexOf(word))
    .filter((at: number) => at >= 0);
  const start = Math.max(0, Math.min(...places, text.length) - 40);
  return text.slice(start, start + 160);
}

function tagsOf(found: readonly { document: Document }[], size: number): Json[] {
  const counts = new Map<string, number>();
  for (const { document } of found) {
    for (const tag of new Set<string>(document.source.tags ?? []))
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || compare(a, b));
  return sorted.slice(0, size).map(([key, doc_count]) => ({ key, doc_count }));
}

const valueAt = (source: Json, field: string): Json =>
  field.split(".").reduce((value, name) => value?.[name], source);

const compare = (a: Json, b: Json): number =>
  typeof a === "string" ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a - b;
