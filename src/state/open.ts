/** Opening the state: for writing, for reading beside its writer, and a copy to try things on. */
import { existsSync, mkdirSync, renameSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../errors.ts";
import { type Log, StateCorrupt, StateUnavailable } from "../sync/ports.ts";
import { compareBytes } from "../sync/rules.ts";
import { Database, isBusy } from "./database.ts";
import { checkMark, clearMark, makePrivate, removeDatabase, sizeOf } from "./files.ts";
import { renameOlder } from "./older.ts";
import {
  APPROVE,
  CACHE_SCHEMA,
  type EntryColumns,
  type FileColumns,
  FILES,
  fileValues,
  MIGRATIONS,
  SCHEMA,
  SCHEMA_VERSION,
  sumOf,
  valuesIn,
} from "./rows.ts";
import { SqliteState } from "./sqlite.ts";

const WAITING = "PRAGMA busy_timeout = 2000;";
const DURABLE = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${WAITING}`;
const CACHED = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${WAITING}`;

/** Why its directory cannot be made or written; ENOENT where the parent's file system is read-only. */
const UNWRITABLE =
  /^(EACCES|EPERM|EROFS|ENOENT|ENOSPC|EDQUOT|ENOTDIR|EEXIST|ENAMETOOLONG|EISDIR|ENOTEMPTY|ELOOP)$/;

/**
 * Opens the state for writing, and makes it when there is none. One writer at a time: the lock ends
 * with the process, however it dies.
 *
 * A corrupt file is moved aside, and a new one begun: the inserter's inventory has the rest. So it is with one
 * that turned out to be damaged while it was used, and was marked.
 *
 * @param path Absolute, or `":memory:"`.
 * @param older Where it was before version 0.2, to be renamed; null where nothing was.
 * @throws {UsageError} When another process writes it, when it was written by a newer agent, or when
 * its directory cannot be written.
 */
export function openState(path: string, log: Log, older: string | null = null): SqliteState {
  if (path === ":memory:") return openMemoryState();
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    renameOlder(path, older);
    const release = lock(path);
    if (release === null) throw new UsageError((words) => words.stateInUse(path));
    try {
      const cache = `${path}-cache`;
      const [before, wasUsed] = [existsSync(path), existsSync(cache)];
      const manifest = openManifest(path, log);
      if (manifest.isNew && wasUsed) reportLost(path, before, log);
      return new SqliteState(manifest.db, openCache(cache), release);
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (!(error instanceof StateUnavailable || UNWRITABLE.test(code))) throw error;
    const reason = message.replace(`${path}: `, "");
    throw new UsageError((words) => words.cannotOpenState(path, reason), { cause: error });
  }
}

/** A state that lasts as long as the process. */
export function openMemoryState(): SqliteState {
  return new SqliteState(new Database(":memory:", { setup: SCHEMA }), memoryCache());
}

/**
 * Opens a state beside its writer, only to read. Null when there is none yet.
 *
 * @throws {UsageError} When it cannot be read.
 */
export function openStateToRead(path: string): SqliteState | null {
  if (!exists(path)) return null;
  return reading(path, () => {
    const db = openToRead(path, WAITING);
    if (checkVersion(db) === SCHEMA_VERSION) return new SqliteState(db, memoryCache());
    db.close();
    // Its writer has not run since the agent was upgraded: only a copy can be given the tables of today.
    return copyState(path);
  });
}

/**
 * A copy of a state in memory, to try things on; an empty one when there is none yet.
 *
 * @throws {UsageError} When it cannot be read.
 */
export function copyState(path: string): SqliteState {
  const db = new Database(":memory:", { setup: SCHEMA, of: path });
  if (exists(path)) reading(path, () => copyTables(path, db));
  return new SqliteState(db, memoryCache());
}

function reading<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StateUnavailable || error instanceof StateCorrupt)) throw error;
    const reason = error.message.replace(`${path}: `, "");
    throw new UsageError((words) => words.cannotReadState(path, reason), { cause: error });
  }
}

function copyTables(path: string, to: Database): void {
  const from = openToRead(path, `${WAITING} BEGIN`);
  try {
    to.transaction(() => {
      const tables = from.rows<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'");
      const isThere = new Set(tables.map(({ name }) => name));
      for (const table of ["meta", "fingerprints", "files", "entries", "touched", "braked"]) {
        // One of an older agent lacks what was added since.
        if (!isThere.has(table)) continue;
        for (const row of from.each(`SELECT * FROM ${table}`)) {
          const [columns, values] = [Object.keys(row), Object.values(row)];
          const places = values.map(() => "?").join();
          to.run(`INSERT INTO ${table} (${columns.join()}) VALUES (${places})`, ...values);
        }
      }
      if (checkVersion(from) !== SCHEMA_VERSION) fillSums(to);
    });
  } finally {
    from.close();
  }
}

/**
 * Approves the deletes that the brake of a running writer of this state holds.
 *
 * @returns The ids approved, in byte order; null when no writer runs.
 * @throws {UsageError} When the writer is of another version.
 */
export function approveBeside(path: string): readonly string[] | null {
  if (!exists(path)) return null;
  const release = lock(path);
  if (release !== null) {
    release();
    return null;
  }
  const db = new Database(path, { setup: "PRAGMA busy_timeout = 5000;" });
  try {
    if (checkVersion(db) !== SCHEMA_VERSION) throw new UsageError((words) => words.stateInUse(path));
    const approved = db.transaction(() => db.rows<{ id: string }>(APPROVE));
    return approved.map(({ id }) => id).sort(compareBytes);
  } finally {
    db.close();
  }
}

function exists(path: string): boolean {
  return path !== ":memory:" && existsSync(path);
}

function memoryCache(): Database {
  return new Database(":memory:", { setup: CACHE_SCHEMA });
}

function openToRead(path: string, setup: string): Database {
  const db = new Database(path, { readOnly: true, setup });
  try {
    checkVersion(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Holds a lock file for as long as the process lives.
 *
 * @returns How to give it up; null when another process holds it.
 */
function lock(path: string): (() => void) | null {
  const file = `${path}.lock`;
  makePrivate(file);
  const hold = (): Database => new Database(file, { setup: "PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;" });
  try {
    const held = holdAnew(hold, file);
    return () => held.close();
  } catch (error) {
    if (isBusy(error)) return null;
    throw error;
  }
}

/** Rubbish in a lock file is held by nobody, or it would be busy; the file itself stays, for others may open it. */
function holdAnew(hold: () => Database, file: string): Database {
  try {
    return hold();
  } catch (error) {
    if (!(error instanceof StateCorrupt)) throw error;
    truncateSync(file);
    return hold();
  }
}

/** What is beside a state shows that there was one. */
function reportLost(path: string, isThere: boolean, log: Log): void {
  const what = isThere ? "is empty" : "is gone";
  log.emit("error", "state.lost", `The state ${path} ${what}: it is made anew`, { hint: ANEW_HINT });
}

const ANEW_HINT =
  "Nothing is lost where the inserter has an inventory; without one, articles deleted meanwhile may remain there.";

/** A manifest that was checked; new where there was nothing in the file. */
interface Manifest {
  readonly db: Database;
  readonly isNew: boolean;
}

function openManifest(path: string, log: Log): Manifest {
  makePrivate(path);
  try {
    checkMark(path);
    return openChecked(path);
  } catch (error) {
    if (!(error instanceof StateCorrupt)) throw error;
    const kept = `${path}.corrupt`;
    if (sizeOf(path) > 0) renameSync(path, kept);
    removeDatabase(path);
    clearMark(path);
    const fields = { kept, hint: ANEW_HINT };
    log.emit("error", "state.corrupt", `The state is corrupt and is made anew: ${error.message}`, fields);
    makePrivate(path);
    return { ...openChecked(path), isNew: false };
  }
}

function openChecked(path: string): Manifest {
  const db = new Database(path, { setup: DURABLE });
  try {
    // Not `quick_check`: without its row in an index a published article looks as if no file had it.
    const [check] = db.rows<{ integrity_check: string }>("PRAGMA integrity_check(1)");
    if (check?.integrity_check !== "ok") throw new StateCorrupt(`${path}: ${check?.integrity_check}`, path);
    const version = upgrade(db);
    checkPartialIndexes(db);
    return { db, isNew: version === 0 };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Partial indexes: name, table and condition. */
const PARTIAL = [...SCHEMA.matchAll(/CREATE INDEX IF NOT EXISTS (\w+) ON (\w+) \([^)]*\)\s+WHERE ([^;]+);/g)];

/** `integrity_check` misses the rows that such an index has and its table has lost. @throws {StateCorrupt} */
function checkPartialIndexes(db: Database): void {
  for (const [, index, table, condition] of PARTIAL) {
    const inIndex = `SELECT count(*) FROM ${table} INDEXED BY ${index} WHERE ${condition}`;
    // Without WHERE no partial index is of use.
    const inTable = `SELECT ifnull(sum(${condition}), 0) FROM ${table}`;
    if (db.row<{ same: number }>(`SELECT (${inIndex}) = (${inTable}) AS same`)?.same === 1) continue;
    throw new StateCorrupt(`${db.path}: wrong number of rows in index ${index}`, db.path);
  }
}

/** Gives an empty file its tables, and tables of before what they lack. @returns The version before that. */
function upgrade(db: Database): number {
  const version = checkVersion(db);
  if (version === SCHEMA_VERSION) return version;
  if (version === 0 && db.row("SELECT 1 FROM sqlite_schema LIMIT 1") !== null) {
    throw new StateCorrupt(`${db.path}: it is another database`, db.path);
  }
  const steps = Object.entries(MIGRATIONS).filter(([from]) => version > 0 && Number(from) >= version);
  // In one go: each of them would wait for the disk.
  const sql = [...steps.map(([, step]) => step), SCHEMA, `PRAGMA user_version = ${SCHEMA_VERSION};`];
  db.transaction(() => {
    db.exec(sql.join("\n"));
    fillSums(db);
  });
  return version;
}

/** Rows that are filled in at once. */
const FILLED = 1_000;

/** Gives rows of before their checksums, which a column that was added changes. */
function fillSums(db: Database): void {
  for (let page: FileColumns[] = []; ; ) {
    page = db.rows(`${FILES} WHERE path > ? ORDER BY path LIMIT ?`, page.at(-1)?.path ?? "", FILLED);
    if (page.length === 0) break;
    for (const row of page)
      db.run("UPDATE files SET sum = ? WHERE path = ?", sumOf(fileValues(row)), row.path);
  }
  for (let page: EntryColumns[] = []; ; ) {
    page = db.rows("SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?", page.at(-1)?.id ?? "", FILLED);
    if (page.length === 0) break;
    for (const row of page) db.run("UPDATE entries SET sum = ? WHERE id = ?", sumOf(valuesIn(row)), row.id);
  }
}

/** No version of ours comes near this: the number itself is damaged. */
const VERSION_MAX = 1_000;

/** @returns Version of the tables; 0 where there are none yet. @throws {UsageError} When it is a newer one. */
function checkVersion(db: Database): number {
  const version = db.row<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  if (version < 0 || version > VERSION_MAX) {
    throw new StateCorrupt(`${db.path}: its version is ${version}`, db.path);
  }
  if (version <= SCHEMA_VERSION) return version;
  throw new UsageError((words) => words.newerState(db.path, version, SCHEMA_VERSION));
}

/** A cache that cannot be read is made anew. */
function openCache(path: string): Database {
  const open = (): Database => {
    makePrivate(path);
    return new Database(path, { setup: `${CACHED} BEGIN; ${CACHE_SCHEMA} COMMIT;` });
  };
  try {
    checkMark(path);
    return open();
  } catch (error) {
    if (!(error instanceof StateCorrupt)) throw error;
    removeDatabase(path);
    clearMark(path);
    return open();
  }
}
