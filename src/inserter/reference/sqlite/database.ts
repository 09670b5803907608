import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { UsageError } from "../../../errors.ts";

/** "sync" in ASCII: marks the file as ours, so that no other program's database is written to. */
const applicationId = 0x73796e63;
const schemaVersion = 2;

/**
 * Two full-text tables, which find Japanese too: `word` by trigrams, and `short` by single characters and
 * pairs, each once an article, for words that are shorter than a trigram. They keep no text of their own
 * (`content=''`), so `unindexed` lists the articles whose words are yet to be put there.
 */
const shortTable = `CREATE VIRTUAL TABLE short USING fts5
    (title, text, tokenize = 'ascii', detail = column, content = '', contentless_delete = 1);`;

const schema = `
  CREATE TABLE article (
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    version      INTEGER NOT NULL,
    digest       TEXT NOT NULL,
    owner        TEXT,
    received_ms  INTEGER NOT NULL,
    published_ms INTEGER NOT NULL,
    summary      TEXT NOT NULL,
    payload      TEXT NOT NULL
  ) STRICT;
  CREATE INDEX article_published ON article (published_ms, number);
  CREATE TABLE tombstone (
    id         TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,
    owner      TEXT,
    deleted_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tag (
    tag     TEXT NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (tag, article)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tag_article ON tag (article);
  CREATE TABLE unindexed (article INTEGER PRIMARY KEY) STRICT;
  CREATE VIRTUAL TABLE word USING fts5 (title, text, tokenize = 'trigram', content = '', contentless_delete = 1);
  ${shortTable}
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/** From version 1, which looked up short words among the trigrams. All articles are indexed again. */
const upgrade = `
  DROP TABLE gram;
  DROP TABLE gram_term;
  ${shortTable}
  INSERT OR IGNORE INTO unindexed SELECT number FROM article;
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Prepares a statement that writes. Its `run` always returns the last row id of the connection, and after
 * a full-text table has marked something as deleted that is one of its own, above what a number can hold.
 */
export function prepareWrite(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

/**
 * Opens the inserter's database, making file, folders and tables where they are missing.
 *
 * `synchronous = NORMAL`: a power cut may take the last writes, never the database; the agent's next
 * look at the inventory sends them again.
 *
 * @param file Path, or `":memory:"`.
 * @throws {UsageError} If the file cannot be opened, is not ours, or comes from a newer version.
 */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | null = null;
  try {
    if (file !== ":memory:") {
      mkdirSync(dirname(file), { recursive: true });
      // A new one is its owner's alone from the first byte on; SQLite gives its other files the same permissions.
      closeSync(openSync(file, "a", 0o600));
    }
    database = new DatabaseSync(file);
    database.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA cache_size = -16384;
      PRAGMA temp_store = MEMORY;
    `);
    prepareTables(database, file);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError((words) => words.cannotOpenDatabase(file, why), { cause: error });
  }
}

/** Does all of it or nothing. Not nested. */
export function atomically<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // A full disk makes SQLite roll back by itself: then there is nothing left to undo.
    }
    throw error;
  }
}

/** Looks at the numbers before anything else is read: of another program's file nothing is touched. */
function prepareTables(database: DatabaseSync, file: string): void {
  const found = numberOf(database, "application_id");
  const version = numberOf(database, "user_version");
  const empty = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"] === 0;
  if (empty && found === 0) {
    atomically(database, () => database.exec(schema));
    return;
  }
  if (found !== applicationId) {
    throw new UsageError((words) => words.foreignDatabase(file));
  }
  if (version > schemaVersion) {
    throw new UsageError((words) => words.newerDatabase(file, version, schemaVersion));
  }
  if (version < schemaVersion) atomically(database, () => database.exec(upgrade));
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
