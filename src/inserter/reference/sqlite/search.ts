import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CursorUnknown, type Found, type Item, type Query, type TagCount } from "../store.ts";
import { type Fields, queryWords, type Summary, searchedText, snippet } from "../text.ts";

/** Above this many trigrams, reading their occurrences one by one is faster than merging their lists. */
const mergedTermsMax = 1000;
const lastCharacter = "\u{10ffff}";

/** A condition on articles: SQL and its values, for the whole text and for the title alone. */
interface Condition {
  readonly anywhere: string;
  readonly inTitle: string;
  readonly values: readonly string[];
}

interface ItemRow {
  readonly id: string;
  readonly digest: string;
  readonly version: number;
  readonly owner: string | null;
  readonly received_ms: number;
  readonly summary: string;
}

/**
 * Full-text search that works for languages without blanks between words.
 * A word of three characters and more is a phrase of trigrams; a shorter one is every trigram that
 * begins with it.
 */
export class Search {
  readonly #database: DatabaseSync;
  readonly #unindexed: StatementSync;
  readonly #terms: StatementSync;
  readonly #tags: StatementSync;
  readonly #item: StatementSync;
  readonly #payload: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#unindexed = database.prepare("SELECT count(*) AS n FROM unindexed");
    this.#terms = database.prepare(
      `SELECT term FROM gram_term WHERE term >= ? AND term < ? LIMIT ${mergedTermsMax + 1}`,
    );
    this.#tags = database.prepare(
      "SELECT tag, count(*) AS count FROM tag GROUP BY tag ORDER BY count DESC, tag LIMIT ?",
    );
    this.#item = database.prepare(
      "SELECT id, digest, version, owner, received_ms, summary FROM article WHERE number = ?",
    );
    this.#payload = database.prepare("SELECT payload FROM article WHERE number = ?");
  }

  /** See `ArticleStore.search`. @throws {CursorUnknown} */
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
      items: page.map((row) => this.#toItem(Number(row["number"]), words)),
      total: Number(total?.["n"]),
      indexing: Number(this.#unindexed.get()?.["n"]),
      next: rows.length > query.limit ? cursorOf(page.at(-1)) : null,
    };
  }

  tags(limit: number): readonly TagCount[] {
    return this.#tags.all(limit) as unknown as TagCount[];
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

  #toItem(number: number, words: readonly string[]): Item {
    const { id, summary, digest, version, owner, received_ms } = this.#item.get(number) as unknown as ItemRow;
    const item: Item = {
      id,
      ...(JSON.parse(summary) as Summary),
      digest,
      version,
      owner,
      received_at: new Date(received_ms).toISOString(),
    };
    if (words.length === 0) return item;
    const payload = JSON.parse(String(this.#payload.get(number)?.["payload"])) as Fields;
    return { ...item, snippet: snippet(snippetSource(payload), words) };
  }
}

/** The body where there is one; an id is nothing to quote. */
function snippetSource(fields: Fields): string {
  const body = fields["body"];
  return typeof body === "string" ? body : searchedText({ ...fields, id: "" });
}

const quoted = (term: string): string => `"${term.replaceAll('"', '""')}"`;

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
