/** What a search costs, in counts: rows that SQLite hands over, and terms that it looks up. */
import type { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { atomically, openDatabase } from "../../../../src/inserter/reference/sqlite/database.ts";
import { Indexing } from "../../../../src/inserter/reference/sqlite/indexing.ts";
import { Search } from "../../../../src/inserter/reference/sqlite/search.ts";

const search = suite("reference inserter: cost of a search");

/** Stores articles with these bodies, searchable at once. */
function fill(database: DatabaseSync, bodies: readonly string[]): void {
  const insert = database.prepare(
    `INSERT INTO article (id, version, digest, owner, received_ms, published_ms, summary, payload)
     VALUES (?, 1, 'd', NULL, 0, ?, ?, ?)`,
  );
  atomically(database, () => {
    for (const [index, body] of bodies.entries()) {
      const id = `a${index}`;
      const summary = { title: id, description: "described" };
      insert.run(id, index, JSON.stringify(summary), JSON.stringify({ id, ...summary, body }));
    }
    database.exec("INSERT INTO unindexed SELECT number FROM article");
  });
  const indexing = new Indexing(database, { emit: () => {} });
  while (!indexing.index(1_000));
  indexing.stop();
}

/** The database, counting rows that its statements return and terms that they are asked to match. */
function counted(database: DatabaseSync) {
  const count = { rows: 0, terms: 0 };
  const note = <T>(values: readonly unknown[], rows: number, result: T): T => {
    count.rows += rows;
    for (const value of values) if (typeof value === "string") count.terms += value.split('" ').length;
    return result;
  };
  const prepare = (sql: string): object => {
    const statement = database.prepare(sql);
    return {
      get: (...values: string[]) => note(values, 1, statement.get(...values)),
      all: (...values: string[]) => {
        const rows = statement.all(...values);
        return note(values, rows.length, rows);
      },
    };
  };
  return { count, database: { prepare } as unknown as DatabaseSync };
}

search("ten single letters are ten terms, however many words begin with them", () => {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const body = [...letters]
    .flatMap((one) => [...letters].map((two) => `a${one}${two} ${one}${two}b`))
    .join(" ");
  const all = openDatabase(":memory:");
  fill(all, [body, body, "zzz"]);
  const { count, database } = counted(all);
  const found = new Search(database).find({
    words: "a b c d e f g h i j",
    tag: null,
    limit: 20,
    cursor: null,
  });
  assert.is(found.total, 2);
  // Matched for the list, for the rank in the title, for the total, and for the tags.
  assert.ok(count.terms <= 40, `${count.terms} terms`);
  assert.ok(count.rows <= 10, `${count.rows} rows`);
  all.close();
});

search("the snippets of a page are made from eight megabytes at most", () => {
  const all = openDatabase(":memory:");
  const small = "needle in the body";
  fill(all, [small, `needle ${"x".repeat(8 * 1024 * 1024)}`, small]);
  const { items, total } = new Search(all).find({ words: "needle", tag: null, limit: 100, cursor: null });
  assert.is(total, 3);
  assert.equal(
    items.map(({ snippet }) => snippet),
    [small, "described", "described"],
  );
  all.close();
});

search.run();
