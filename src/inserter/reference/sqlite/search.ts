import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CursorUnknown, facetsMax, type Found, type Item, type Query, type TagCount } from "../store.ts";
import { type Fields, folded, queryWords, type Summary, searchedText, snippet } from "../text.ts";

/** Bytes of payloads that the snippets of one page are made from; items beyond them quote their description. */
const quotedBytesMax = 8 * 1024 * 1024;

/** A condition on articles: SQL and its value, for the whole text and for the title alone. */
interface Condition {
  readonly anywhere: string;
  readonly inTitle: string;
  readonly value: string;
}

interface ItemRow {
  readonly id: string;
  readonly digest: string;
  readonly version: number;
  readonly owner: string | null;
  readonly received_ms: number;
  readonly summary: string;
  readonly payloadBytes: number;
}

/**
 * Full-text search that works for languages without blanks between words. A word of three characters and
 * more is a phrase of trigrams, a shorter one a single term of the index of short words: so a query of
 * 200 characters has at most as many terms, and its cost grows with the articles and with nothing else.
 */
export class Search {
  readonly #database: DatabaseSync;
  readonly #unindexed: StatementSync;
  readonly #tags: StatementSync;
  readonly #item: StatementSync;
  readonly #payload: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#unindexed = database.prepare("SELECT count(*) AS n FROM unindexed");
    this.#tags = database.prepare(
      "SELECT tag, count(*) AS count FROM tag GROUP BY tag ORDER BY count DESC, tag LIMIT ?",
    );
    this.#item = database.prepare(
      `SELECT id, digest, version, owner, received_ms, summary, octet_length(payload) AS payloadBytes
       FROM article WHERE number = ?`,
    );
    this.#payload = database.prepare("SELECT payload FROM article WHERE number = ?");
  }

  /** See `ArticleStore.search`. @throws {CursorUnknown} */
  find(query: Query): Found {
    const words = queryWords(query.words);
    const conditions = conditionsOf(words);
    const values = conditions.map((condition) => condition.value);
    const filter = conditions.map((condition) => condition.anywhere);
    if (query.tag !== null) filter.push("number IN (SELECT article FROM tag WHERE tag = ?)");
    const tagValues = query.tag === null ? [] : [query.tag];
    const where = filter.length === 0 ? "" : `WHERE ${filter.join(" AND ")}`;

    // Without words the rank is left out of the order, so that the index gives it without sorting.
    const rank = conditions.length === 0 ? null : conditions.map(({ inTitle }) => inTitle).join(" AND ");
    const found = `SELECT number, published_ms${rank === null ? "" : `, (${rank}) AS rank`} FROM article ${where}`;
    const order = rank === null ? "published_ms, number" : "rank, published_ms, number";
    const after = query.cursor === null ? null : parseCursor(query.cursor, rank === null ? 2 : 3);
    const rows = this.#database
      .prepare(
        `WITH found AS (${found})
         SELECT ${order} FROM found
         ${after === null ? "" : `WHERE (${order}) < (${after.map(() => "?").join(", ")})`}
         ORDER BY ${order.replaceAll(/\w+/g, "$& DESC")} LIMIT ?`,
      )
      .all(...(rank === null ? [] : values), ...values, ...tagValues, ...(after ?? []), query.limit + 1);
    const total = this.#database
      .prepare(`SELECT count(*) AS n FROM article ${where}`)
      .get(...values, ...tagValues);
    const page = rows.slice(0, query.limit);
    return {
      items: this.#toItems(page, words),
      total: Number(total?.["n"]),
      tags: after === null ? this.#tagsOf(where, [...values, ...tagValues]) : [],
      indexing: Number(this.#unindexed.get()?.["n"]),
      next: rows.length > query.limit ? cursorOf(page.at(-1)) : null,
    };
  }

  /** Those that share most tags and words of the title, then the newest. Null where there is no such article. */
  similar(id: string, limit: number): readonly Item[] | null {
    const article = this.#database.prepare("SELECT number, summary FROM article WHERE id = ?").get(id);
    if (article === undefined) return null;
    const number = Number(article["number"]);
    const title = folded((JSON.parse(String(article["summary"])) as Summary).title ?? "");
    const phrases = trigramsOf(title).map((gram) => `"${gram.replaceAll('"', '""')}"`);
    const rows = this.#database
      .prepare(
        `WITH shared AS (
           SELECT article AS number, 3 AS points FROM tag
           WHERE tag IN (SELECT tag FROM tag WHERE article = ?)
           ${phrases.length === 0 ? "" : "UNION ALL SELECT rowid, 1 FROM word WHERE word MATCH ?"}
         )
         SELECT number FROM shared JOIN article USING (number) WHERE number <> ?
         GROUP BY number ORDER BY sum(points) DESC, published_ms DESC, number DESC LIMIT ?`,
      )
      .all(number, ...(phrases.length === 0 ? [] : [`title : (${phrases.join(" OR ")})`]), number, limit);
    return this.#toItems(rows, []);
  }

  #tagsOf(where: string, values: readonly (string | number)[]): readonly TagCount[] {
    if (where === "") return this.tags(facetsMax);
    return this.#database
      .prepare(
        `SELECT tag, count(*) AS count FROM tag WHERE article IN (SELECT number FROM article ${where})
         GROUP BY tag ORDER BY count DESC, tag LIMIT ?`,
      )
      .all(...values, facetsMax) as unknown as TagCount[];
  }

  tags(limit: number): readonly TagCount[] {
    return this.#tags.all(limit) as unknown as TagCount[];
  }

  #toItems(rows: readonly Readonly<Record<string, unknown>>[], words: readonly string[]): Item[] {
    let bytesLeft = quotedBytesMax;
    return rows.map(({ number }) => {
      const row = this.#item.get(Number(number)) as unknown as ItemRow;
      const { id, digest, version, owner } = row;
      const summary = JSON.parse(row.summary) as Summary;
      const received_at = new Date(row.received_ms).toISOString();
      const item: Item = { id, ...summary, digest, version, owner, received_at };
      if (words.length === 0) return item;
      bytesLeft -= row.payloadBytes;
      const text = bytesLeft < 0 ? (summary.description ?? "") : this.#quotable(Number(number));
      return { ...item, snippet: snippet(text, words) };
    });
  }

  #quotable(number: number): string {
    const fields = JSON.parse(String(this.#payload.get(number)?.["payload"])) as Fields;
    const body = fields["body"];
    // Where there is no body, all text; but an id is nothing to quote.
    return typeof body === "string" ? body : searchedText({ ...fields, id: "" });
  }
}

/** Pieces of three characters, of which a title has at most so many that count. */
function trigramsOf(title: string): readonly string[] {
  const characters = [...title];
  const grams = characters.slice(0, -2).map((_, at) => characters.slice(at, at + 3).join(""));
  return [...new Set(grams)].filter((gram) => /^[\p{L}\p{N}]+$/u.test(gram)).slice(0, 64);
}

/** One condition for all longer words, one for all short ones. */
function conditionsOf(words: readonly string[]): readonly Condition[] {
  const isShort = (word: string): boolean => [...word].length < 3;
  return [
    ...conditionOn(
      "word",
      words.filter((word) => !isShort(word)),
    ),
    ...conditionOn("short", words.filter(isShort).map(shortToken)),
  ];
}

function conditionOn(table: "word" | "short", terms: readonly string[]): readonly Condition[] {
  if (terms.length === 0) return [];
  const condition = (match: string): string =>
    `number IN (SELECT rowid FROM ${table} WHERE ${table} MATCH ${match})`;
  const value = terms.map((term) => `"${term.replaceAll('"', '""')}"`).join(" AND ");
  return [{ anywhere: condition("?"), inTitle: condition("'{title} : (' || ? || ')'"), value }];
}

/** A word of one or two characters as the index of short words has it: their code points in hexadecimal. */
function shortToken(word: string): string {
  return Array.from(word, (character) => character.codePointAt(0)?.toString(16)).join("x");
}

/** Every character of a text and every pair of neighbours, each once, as tokens for the index of short words. */
export function shortTokens(text: string): string {
  const singles = new Set<number>();
  const pairs = new Set<number>();
  let before = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    // No word has blanks or control characters in it.
    if (code > 0x20) {
      singles.add(code);
      if (before > 0x20) pairs.add(before * codePoints + code);
    }
    before = code;
  }
  const tokens = Array.from(singles, (code) => code.toString(16));
  for (const pair of pairs) {
    tokens.push(`${Math.floor(pair / codePoints).toString(16)}x${(pair % codePoints).toString(16)}`);
  }
  return tokens.join(" ");
}

/** How many code points Unicode has. */
const codePoints = 0x110000;

/** Last row of a page as text: the next page begins after it, whatever came or went meanwhile. */
function cursorOf(row: object | undefined): string | null {
  return row === undefined ? null : Buffer.from(JSON.stringify(Object.values(row))).toString("base64url");
}

function parseCursor(cursor: string, length: number): readonly number[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (error) {
    throw new CursorUnknown("cursor unknown", { cause: error });
  }
  if (!Array.isArray(parsed) || parsed.length !== length || !parsed.every(Number.isSafeInteger)) {
    throw new CursorUnknown("cursor unknown");
  }
  return parsed as number[];
}
