import { randomUUID } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "../../sync/ports.ts";
import { atomically, openDatabase, prepareWrite } from "./database.ts";
import { Indexing } from "./indexing.ts";
import { inventoryLines } from "./inventory.ts";
import { type Found, type Query, Search } from "./search.ts";
import { type Fields, publishedMs, summarize } from "./text.ts";

/** An article to be stored. */
export interface Upsert {
  readonly id: string;
  /** JSON text of the payload, kept as it came. */
  readonly payload: string;
  /** The same, parsed. */
  readonly fields: Fields;
  /** Lowercase hex SHA-256. */
  readonly digest: string;
  /** Null: the writer knows no versions. */
  readonly version: number | null;
  /** Null: the writer did not say; the article keeps the owner it has. */
  readonly owner: string | null;
}

/** An article to be deleted. */
export type Delete = Pick<Upsert, "id" | "version" | "owner">;

/** What became of a write; the status is the one that HTTP gives for it, the version the one now kept. */
export interface Written {
  readonly status: 200 | 201 | 204 | 404 | 412;
  readonly version: number;
}

/** An article as it is kept. */
export interface Kept {
  readonly payload: string;
  readonly digest: string;
  readonly version: number;
  readonly owner: string | null;
  readonly receivedMs: number;
}

/** Articles, and the highest version of each id that was ever here. Synchronous; throws what SQLite throws. */
export interface Store {
  /**
   * 201 new, 200 replaced or the same already, 412 older than what is kept. Without a version it
   * applies, and the version rises by one: a late retry of what it replaced cannot undo it.
   */
  upsert(write: Upsert): Written;
  /** 204 deleted, 404 not there (the version counts all the same), 412 older than what is kept. */
  remove(write: Delete): Written;
  /** All or nothing; part of the transaction under way, if there is one. */
  transaction<T>(work: () => T): T;
  article(id: string): Kept | null;
  find(query: Query): Found;
  tags(limit: number): readonly { readonly tag: string; readonly count: number }[];
  /** Strong entity tag of the inventory: another one after each change. */
  etag(): string;
  /** See {@link inventoryLines}. */
  inventory(batch: number): Generator<string, void, undefined>;
  close(): void;
}

/** How long a search may spend on making articles that came just before it searchable. */
const freshMs = 100;

/**
 * Opens the articles of the reference inserter.
 *
 * @param file Path of the SQLite file, made where it is missing, or `":memory:"`.
 * @throws {UsageError} If it cannot be used.
 */
export function openStore(file: string, log: Log): Store {
  return new SqliteStore(file, log);
}

class SqliteStore implements Store {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #indexing: Indexing;
  readonly #search: Search;
  readonly #kept: StatementSync;
  readonly #tombstone: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #putTombstone: StatementSync;
  readonly #dropTombstone: StatementSync;
  readonly #unindexed: StatementSync;
  readonly #article: StatementSync;
  readonly #dataVersion: StatementSync;
  /** After a power cut changes may be lost, so a count of them alone could name two states. */
  readonly #opening = randomUUID();
  #changes = 0;
  #inTransaction = false;

  constructor(file: string, log: Log) {
    this.#file = file;
    const database = openDatabase(file);
    this.#database = database;
    this.#indexing = new Indexing(database, log);
    this.#search = new Search(database);
    this.#kept = database.prepare("SELECT number, version, digest, owner FROM article WHERE id = ?");
    this.#tombstone = database.prepare("SELECT version FROM tombstone WHERE id = ?");
    this.#insert = prepareWrite(
      database,
      `INSERT INTO article (id, version, digest, owner, received_ms, published_ms, summary, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = prepareWrite(
      database,
      `UPDATE article SET version = ?, digest = ?, owner = ?, received_ms = ?, published_ms = ?, summary = ?,
       payload = ? WHERE number = ?`,
    );
    this.#delete = prepareWrite(database, "DELETE FROM article WHERE number = ?");
    this.#putTombstone = prepareWrite(database, "INSERT OR REPLACE INTO tombstone VALUES (?, ?, ?, ?)");
    this.#dropTombstone = prepareWrite(database, "DELETE FROM tombstone WHERE id = ?");
    this.#unindexed = prepareWrite(database, "INSERT OR IGNORE INTO unindexed VALUES (?)");
    this.#article = database.prepare(
      "SELECT payload, digest, version, owner, received_ms FROM article WHERE id = ?",
    );
    this.#dataVersion = database.prepare("PRAGMA data_version");
  }

  upsert(write: Upsert): Written {
    return this.transaction(() => {
      const there = this.#kept.get(write.id);
      const gone = there === undefined ? this.#tombstone.get(write.id) : undefined;
      const keptVersion = Number((there ?? gone)?.["version"] ?? 0);
      if (write.version !== null && write.version < keptVersion) return { status: 412, version: keptVersion };

      const owner = write.owner ?? (there?.["owner"] as string | null | undefined) ?? null;
      const sameText = there !== undefined && there["digest"] === write.digest && there["owner"] === owner;
      if (sameText && (write.version ?? keptVersion) === keptVersion) {
        return { status: 200, version: keptVersion };
      }
      const version = write.version ?? above(keptVersion);
      const receivedMs = Date.now();
      const summary = summarize(write.fields);
      const columns = [
        version,
        write.digest,
        owner,
        receivedMs,
        publishedMs(summary) ?? receivedMs,
        JSON.stringify(summary),
        write.payload,
      ] as const;
      let number: number | bigint;
      if (there === undefined) {
        number = this.#insert.run(write.id, ...columns).lastInsertRowid;
        if (gone !== undefined) this.#dropTombstone.run(write.id);
      } else {
        number = Number(there["number"]);
        this.#update.run(...columns, number);
      }
      this.#changed(number);
      return { status: there === undefined ? 201 : 200, version };
    });
  }

  remove({ id, version, owner }: Delete): Written {
    return this.transaction(() => {
      const there = this.#kept.get(id);
      const keptVersion = Number((there ?? this.#tombstone.get(id))?.["version"] ?? 0);
      if (version !== null && version < keptVersion) return { status: 412, version: keptVersion };

      const number = there === undefined ? null : Number(there["number"]);
      const keeps = version ?? (number === null ? keptVersion : above(keptVersion));
      const known = owner ?? (there?.["owner"] as string | null | undefined) ?? null;
      if (number !== null || version !== null) this.#putTombstone.run(id, keeps, known, Date.now());
      if (number === null) return { status: 404, version: keeps };
      this.#delete.run(number);
      this.#changed(number);
      return { status: 204, version: keeps };
    });
  }

  #changed(number: number | bigint): void {
    this.#unindexed.run(number);
    this.#changes += 1;
    this.#indexing.wake();
  }

  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.#inTransaction = true;
    try {
      return atomically(this.#database, work);
    } finally {
      this.#inTransaction = false;
    }
  }

  article(id: string): Kept | null {
    const row = this.#article.get(id);
    if (row === undefined) return null;
    return {
      payload: String(row["payload"]),
      digest: String(row["digest"]),
      version: Number(row["version"]),
      owner: row["owner"] === null ? null : String(row["owner"]),
      receivedMs: Number(row["received_ms"]),
    };
  }

  find(query: Query): Found {
    this.#indexing.index(freshMs);
    return this.#search.find(query);
  }

  tags(limit: number): readonly { readonly tag: string; readonly count: number }[] {
    this.#indexing.index(freshMs);
    return this.#search.tags(limit);
  }

  etag(): string {
    // `data_version` tells what another process wrote to the file.
    return `"${this.#opening}-${this.#dataVersion.get()?.["data_version"]}-${this.#changes}"`;
  }

  inventory(batch: number): Generator<string, void, undefined> {
    return inventoryLines(this.#file, this.#database, batch);
  }

  close(): void {
    this.#indexing.stop();
    this.#database.close();
  }
}

const above = (version: number): number => Math.min(version + 1, Number.MAX_SAFE_INTEGER);
