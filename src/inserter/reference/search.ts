import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Fields, queryWords, type Summary, searchedText, snippet } from "./text.ts";

/** What is looked for. Without words: everything, newest first. */
export interface Query {
  readonly words: string;
  readonly tag: string | null;
  /** Items a page, at least 1. */
  readonly limit: number;
  /** `next` of the page before; null for the first. */
  readonly cursor: string | null;
}

/** One article of a list. */
export interface Item extends Summary {
  readonly id: string;
  readonly digest: string;
  readonly version: number;
  readonly owner: string | null;
  /** When this version came, RFC 3339. */
  readonly received_at: string;
  /** Plain text around the first word found; only when words were looked for. */
  readonly snippet?: string;
}

/** A page of a list. */
export interface Found {
  readonly items: readonly Item[];
  /** Articles found on all pages. */
  readonly total: number;
  /** Articles that just came and are not searchable yet. */
  readonly indexing: number;
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** The cursor is not one that a list gave. */
export class CursorUnknown extends Error {
  override readonly name = "CursorUnknown";
}

/** Above this many trigrams, reading their occurrences one by one is faster than merging their lists. */
const mergedTermsMax = 1000;
const lastCharacter = "\u{10ffff}";
/** A condition on articles: SQL and its values, for the whole text and for the title alone. */
interface Condition {
  readonly anywhere: string;
  readonly inTitle: string;
  readonly values: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Full-text search that works for languages without blanks between words.
 * A word of three characters and more is a phrase of trigrams; a shorter one is every trigram that
 * begins with it.
 */
export class Search {
  readonly #database: DatabaseSync;
  readonly #dueCount: StatementSync;
  readonly #terms: StatementSync;
  readonly #tags: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#dueCount = database.prepare("SELECT count(*) AS n FROM unindexed");
    this.#terms = database.prepare(
      `SELECT term FROM gram_term WHERE term >= ? AND term < ? LIMIT ${mergedTermsMax + 1}`,
    );
    this.#tags = database.prepare(
      "SELECT tag, count(*) AS count FROM tag GROUP BY tag ORDER BY count DESC, tag LIMIT ?",
    );
  }

  /**
   * Articles that have all the words and the tag: those with the words in their title first, then the
   * newest first.
   *
   * @throws {CursorUnknown}
   */
  find(query: Query): Found {
    const words = queryWords(query.words);
    const conditions = this.#conditions(words);
    const values = conditions.flatMap((condition) => condition.values);
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
      items: page.map((row) => this.#item(Number(row["number"]), words)),
      total: Number(total?.["n"]),
      indexing: Number(this.#dueCount.get()?.["n"]),
      next: rows.length > query.limit ? cursorOf(page.at(-1)) : null,
    };
  }

  /** One condition for all words that the trigrams can answer in one question, one for each other word. */
  #conditions(words: readonly string[]): readonly Condition[] {
    const matches: string[] = [];
    const conditions: Condition[] = [];
    for (const word of words) {
      const terms = [...word].length >= 3 ? [word] : this.#termsOf(word);
      if (terms.length === 0) {
        conditions.push({ anywhere: "0", inTitle: "0", values: [] });
      } else if (terms.length <= mergedTermsMax) {
        matches.push(`(${terms.map(quoted).join(" OR ")})`);
      } else {
        const occurs = "number IN (SELECT doc FROM gram WHERE term >= ? AND term < ?";
        conditions.push({
          anywhere: `${occurs})`,
          inTitle: `${occurs} AND col = 'title')`,
          values: [word, word + lastCharacter],
        });
      }
    }
    if (matches.length > 0) {
      const all = "number IN (SELECT rowid FROM word WHERE word MATCH ?)";
      const inTitle = "number IN (SELECT rowid FROM word WHERE word MATCH '{title} : (' || ? || ')')";
      conditions.push({ anywhere: all, inTitle, values: [matches.join(" AND ")] });
    }
    return conditions;
  }

  #termsOf(beginning: string): readonly string[] {
    return this.#terms.all(beginning, beginning + lastCharacter).map((row) => String(row["term"]));
  }

  #item(number: number, words: readonly string[]): Item {
    const columns = words.length > 0 ? ", payload" : "";
    const row = this.#database
      .prepare(
        `SELECT id, digest, version, owner, received_ms, summary${columns} FROM article WHERE number = ?`,
      )
      .get(number) as Row;
    const item: Item = {
      id: String(row["id"]),
      ...(JSON.parse(String(row["summary"])) as Summary),
      digest: String(row["digest"]),
      version: Number(row["version"]),
      owner: row["owner"] === null ? null : String(row["owner"]),
      received_at: new Date(Number(row["received_ms"])).toISOString(),
    };
    if (words.length === 0) return item;
    return { ...item, snippet: snippet(snippetSource(JSON.parse(String(row["payload"]))), words) };
  }

  /** Tags and how many articles have each, the most used first. */
  tags(limit: number): readonly { readonly tag: string; readonly count: number }[] {
    return this.#tags.all(limit).map((row) => ({ tag: String(row["tag"]), count: Number(row["count"]) }));
  }
}

/** The body where there is one; an id is nothing to quote. */
function snippetSource(fields: Fields): string {
  const body = fields["body"];
  return typeof body === "string" ? body : searchedText({ ...fields, id: "" });
}

const quoted = (term: string): string => `"${term.replaceAll('"', '""')}"`;

/** Last row of a page as text: the next page begins after it, whatever came or went meanwhile. */
function cursorOf(row: Row | undefined): string | null {
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
