import { randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Log } from "../../../sync/ports.ts";
import type { InventoryLine } from "../../protocol.ts";
import {
  type ArticleStore,
  type Delete,
  type Found,
  type Inventory,
  type Item,
  type Query,
  type StoredArticle,
  StoreUnavailable,
  type TagCount,
  type Upsert,
  type Write,
  type WriteResult,
} from "../store.ts";
import { publishedMs, summarize } from "../text.ts";
import { atomically, openDatabase, prepareWrite } from "./database.ts";
import { Indexing } from "./indexing.ts";
import { Search } from "./search.ts";

/** How long a search may spend on making articles that came just before it searchable. */
const freshMs = 100;
const inventoryPageLines = 1000;

/**
 * Opens the articles of the reference inserter on SQLite.
 *
 * @param file Path of the database, made where it is missing, or `":memory:"`.
 * @param options.holdsCopies All that is in it comes again by itself. So a damaged file is kept under another name at
 *   the next start, and a new one begun.
 * @throws {UsageError} If it cannot be used.
 */
export function openSqliteStore(
  file: string,
  log: Log,
  { holdsCopies = false }: { readonly holdsCopies?: boolean } = {},
): ArticleStore {
  if (!holdsCopies || file === ":memory:") return new SqliteStore(file, log);
  const open = (): ArticleStore => new SqliteStore(file, log, () => markDamaged(file));
  if (!existsSync(markOf(file))) {
    try {
      return open();
    } catch (error) {
      if (!isDamage(error) && !isDamage((error as Error).cause)) throw error;
    }
  }
  const kept = `${file}.corrupt`;
  if (existsSync(file)) renameSync(file, kept);
  for (const suffix of ["-wal", "-shm", "-damaged"]) rmSync(file + suffix, { force: true });
  log.emit("error", "reference.corrupt", `The articles in ${file} are damaged: they are stored anew`, {
    kept,
  });
  return open();
}

const markOf = (file: string): string => `${file}-damaged`;

/** Damage that shows at work is often missed by the next opening, which would fail again and again. */
function markDamaged(file: string): void {
  try {
    writeFileSync(markOf(file), "", { mode: 0o600 });
  } catch {
    // A full disk: the next time there may be room.
  }
}

/** By words, for not every runtime gives SQLite's codes; the last ones are of a full-text table. */
const DAMAGE =
  /^(?:database disk image is malformed|file is not a database|malformed database schema|no such table|vtable constructor failed)/;

function isDamage(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error as NodeJS.ErrnoException).code === "ERR_SQLITE_ERROR" &&
    DAMAGE.test(error.message)
  );
}

interface VersionRow {
  readonly version: number;
}
interface ArticleRow extends VersionRow {
  readonly number: number;
  readonly digest: string;
  readonly owner: string | null;
}

const prepareStatements = (database: DatabaseSync) => ({
  stored: database.prepare("SELECT number, version, digest, owner FROM article WHERE id = ?"),
  read: database.prepare(
    "SELECT payload, digest, version, owner, received_ms AS receivedMs FROM article WHERE id = ?",
  ),
  insert: prepareWrite(
    database,
    `INSERT INTO article (id, version, digest, owner, received_ms, published_ms, summary, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  update: prepareWrite(
    database,
    `UPDATE article SET version = ?, digest = ?, owner = ?, received_ms = ?, published_ms = ?, summary = ?,
     payload = ? WHERE number = ?`,
  ),
  delete: prepareWrite(database, "DELETE FROM article WHERE number = ?"),
  tombstone: database.prepare("SELECT version FROM tombstone WHERE id = ?"),
  putTombstone: prepareWrite(database, "INSERT OR REPLACE INTO tombstone VALUES (?, ?, ?, ?)"),
  dropTombstone: prepareWrite(database, "DELETE FROM tombstone WHERE id = ?"),
  putUnindexed: prepareWrite(database, "INSERT OR IGNORE INTO unindexed VALUES (?)"),
  dataVersion: database.prepare("PRAGMA data_version"),
});

class SqliteStore implements ArticleStore {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #indexing: Indexing;
  readonly #search: Search;
  /** After a power cut changes may be lost, so a count of them alone could name two states. */
  readonly #opening = randomUUID();
  #changes = 0;
  readonly #onDamage: () => void;

  constructor(file: string, log: Log, onDamage: () => void = () => {}) {
    this.#onDamage = onDamage;
    this.#file = file;
    this.#database = openDatabase(file);
    try {
      this.#sql = prepareStatements(this.#database);
      this.#indexing = new Indexing(this.#database, log);
      this.#search = new Search(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  write(writes: readonly Write[]): Promise<readonly WriteResult[]> {
    return this.#run(() =>
      atomically(this.#database, () =>
        writes.map((write) => (write.kind === "upsert" ? this.#upsert(write) : this.#delete(write))),
      ),
    );
  }

  read(id: string): Promise<StoredArticle | null> {
    return this.#run(() => (this.#sql.read.get(id) as unknown as StoredArticle | undefined) ?? null);
  }

  search(query: Query): Promise<Found> {
    return this.#run(() => {
      this.#indexing.index(freshMs);
      return this.#search.find(query);
    });
  }

  similar(id: string, limit: number): Promise<readonly Item[] | null> {
    return this.#run(() => {
      this.#indexing.index(freshMs);
      return this.#search.similar(id, limit);
    });
  }

  tags(limit: number): Promise<readonly TagCount[]> {
    return this.#run(() => {
      this.#indexing.index(freshMs);
      return this.#search.tags(limit);
    });
  }

  etag(): Promise<string> {
    // `data_version` changes when another process writes to the file.
    return this.#run(
      () => `"${this.#opening}-${this.#sql.dataVersion.get()?.["data_version"]}-${this.#changes}"`,
    );
  }

  /** Asked before the pages: should something change in between, the client sees it next time. */
  async inventory(): Promise<Inventory> {
    return { etag: await this.etag(), pages: this.#pages() };
  }

  async ready(): Promise<void> {
    await this.etag();
  }

  /** Of a file a second connection reads; a database in memory has only one, so there all is read at once. */
  async *#pages(): AsyncGenerator<readonly InventoryLine[], void, undefined> {
    if (this.#file === ":memory:") {
      yield* [...inventoryPages(this.#database)];
      return;
    }
    const reader = new DatabaseSync(this.#file, { readOnly: true });
    try {
      reader.exec("PRAGMA busy_timeout = 5000; BEGIN");
      yield* inventoryPages(reader);
    } catch (error) {
      throw this.#toStoreError(error);
    } finally {
      reader.close();
    }
  }

  async close(): Promise<void> {
    this.#indexing.stop();
    this.#database.close();
  }

  async #run<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      throw this.#toStoreError(error);
    }
  }

  #toStoreError(error: unknown): unknown {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_SQLITE_ERROR") return error;
    const isDamaged = isDamage(error);
    if (isDamaged) this.#onDamage();
    const hint = isDamaged ? "Restart it; or restore the file." : "Is the disk full or read-only?";
    return new StoreUnavailable(`The database fails: ${message}`, hint, { cause: error });
  }

  #upsert({ id, payload, fields, digest, version: given, owner: writer }: Upsert): WriteResult {
    const stored = this.#sql.stored.get(id) as unknown as ArticleRow | undefined;
    const tombstone = stored === undefined ? this.#tombstone(id) : undefined;
    const storedVersion = (stored ?? tombstone)?.version ?? 0;
    if (given !== null && given < storedVersion) return { outcome: "stale", version: storedVersion };

    const owner = writer ?? stored?.owner ?? null;
    const isSame = stored !== undefined && stored.digest === digest && stored.owner === owner;
    if (isSame && (given ?? storedVersion) === storedVersion) {
      return { outcome: "replaced", version: storedVersion };
    }
    const version = given ?? next(storedVersion);
    const receivedMs = Date.now();
    const summary = summarize(fields);
    const dateMs = publishedMs(summary) ?? receivedMs;
    const columns = [version, digest, owner, receivedMs, dateMs, JSON.stringify(summary), payload] as const;
    if (stored !== undefined) {
      this.#sql.update.run(...columns, stored.number);
      this.#changed(stored.number);
      return { outcome: "replaced", version };
    }
    this.#changed(this.#sql.insert.run(id, ...columns).lastInsertRowid);
    if (tombstone !== undefined) this.#sql.dropTombstone.run(id);
    return { outcome: "created", version };
  }

  #delete({ id, version: given, owner }: Delete): WriteResult {
    const stored = this.#sql.stored.get(id) as unknown as ArticleRow | undefined;
    const storedVersion = (stored ?? this.#tombstone(id))?.version ?? 0;
    if (given !== null && given < storedVersion) return { outcome: "stale", version: storedVersion };

    const version = given ?? (stored === undefined ? storedVersion : next(storedVersion));
    if (stored !== undefined || given !== null) {
      this.#sql.putTombstone.run(id, version, owner ?? stored?.owner ?? null, Date.now());
    }
    if (stored === undefined) return { outcome: "absent", version };
    this.#sql.delete.run(stored.number);
    this.#changed(stored.number);
    return { outcome: "deleted", version };
  }

  #tombstone(id: string): VersionRow | undefined {
    return this.#sql.tombstone.get(id) as unknown as VersionRow | undefined;
  }

  #changed(number: number | bigint): void {
    this.#sql.putUnindexed.run(number);
    this.#changes += 1;
    this.#indexing.wake();
  }
}

const next = (version: number): number => Math.min(version + 1, Number.MAX_SAFE_INTEGER);

/** With a transaction open, all pages are of the moment that the first one was read. */
function* inventoryPages(database: DatabaseSync): Generator<readonly InventoryLine[], void, undefined> {
  const page = database.prepare(
    "SELECT id, digest, version, owner FROM article WHERE id > ? ORDER BY id LIMIT ?",
  );
  let after = "";
  for (;;) {
    const lines = page.all(after, inventoryPageLines) as unknown as InventoryLine[];
    if (lines.length > 0) yield lines;
    const last = lines.at(-1);
    if (last === undefined || lines.length < inventoryPageLines) return;
    after = last.id;
  }
}
