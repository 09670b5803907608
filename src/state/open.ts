/** Opening the state: for writing, for reading beside its writer, and a copy to try things on. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../errors.ts";
import { type Log, StateUnavailable } from "../sync/ports.ts";
import { compareBytes } from "../sync/rules.ts";
import { Database, isBusy, StateCorrupt } from "./database.ts";
import { renameOlder } from "./older.ts";
import { APPROVE, CACHE_SCHEMA, MIGRATIONS, SCHEMA, SCHEMA_VERSION } from "./rows.ts";
import { SqliteState } from "./sqlite.ts";

const WAITING = "PRAGMA busy_timeout = 2000;";
const DURABLE = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${WAITING}`;
const CACHED = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${WAITING}`;

/** Why its directory cannot be made or written; ENOENT where the parent's file system is read-only. */
const UNWRITABLE = /^(EACCES|EPERM|EROFS|ENOENT|ENOSPC|EDQUOT|ENOTDIR|EEXIST|ENAMETOOLONG)$/;

/**
 * Opens the state for writing, and makes it when there is none. One writer at a time: the lock ends
 * with the process, however it dies.
 *
 * A corrupt file is moved aside, once, and a new one begun: the inserter's inventory has the rest.
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
      return new SqliteState(openManifest(path, log), openCache(`${path}-cache`), release);
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
  const db = new Database(":memory:", { setup: SCHEMA });
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
  try {
    const held = new Database(`${path}.lock`, { setup: "PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;" });
    return () => held.close();
  } catch (error) {
    if (isBusy(error)) return null;
    throw error;
  }
}

function openManifest(path: string, log: Log): Database {
  try {
    return openChecked(path);
  } catch (error) {
    if (!(error instanceof StateCorrupt)) throw error;
    const kept = `${path}.corrupt`;
    renameSync(path, kept);
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    log.emit("error", "state.corrupt", `The state is corrupt and is made anew: ${error.message}`, {
      kept,
      hint: "Nothing is lost where the inserter has an inventory; without one, articles deleted meanwhile may remain there.",
    });
    return openChecked(path);
  }
}

function openChecked(path: string): Database {
  const db = new Database(path, { setup: DURABLE });
  try {
    const [check] = db.rows<{ quick_check: string }>("PRAGMA quick_check(1)");
    if (check?.quick_check !== "ok") throw new StateCorrupt(`${path}: ${check?.quick_check}`);
    upgrade(db);
    chmodSync(path, 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Gives an empty file its tables, and tables of before what they lack. */
function upgrade(db: Database): void {
  const version = checkVersion(db);
  if (version === SCHEMA_VERSION) return;
  const steps = Object.entries(MIGRATIONS).filter(([from]) => version > 0 && Number(from) >= version);
  // In one go: each of them would wait for the disk.
  const sql = [...steps.map(([, step]) => step), SCHEMA, `PRAGMA user_version = ${SCHEMA_VERSION};`];
  db.transaction(() => db.exec(sql.join("\n")));
}

/** @returns Version of the tables; 0 where there are none yet. @throws {UsageError} When it is a newer one. */
function checkVersion(db: Database): number {
  const version = db.row<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  if (version <= SCHEMA_VERSION) return version;
  throw new UsageError((words) => words.newerState(db.path, version, SCHEMA_VERSION));
}

/** A cache that cannot be read is made anew. */
function openCache(path: string): Database {
  const options = { setup: `${CACHED} BEGIN; ${CACHE_SCHEMA} COMMIT;` };
  try {
    return new Database(path, options);
  } catch (error) {
    if (!(error instanceof StateCorrupt)) throw error;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    return new Database(path, options);
  }
}
