/** SQLite as the state uses it: opening, errors by what the loop does about them, statements kept. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { StateCorrupt, StateUnavailable } from "../sync/ports.ts";
import { DamagedRow } from "./rows.ts";

/** Primary result codes and their words (https://sqlite.org/rescode.html): not every runtime gives the code. */
const WORDS: readonly (readonly [number, string])[] = [
  [5, "database is locked"],
  [6, "database table is locked"],
  [8, "attempt to write a readonly database"],
  [10, "disk I/O error"],
  [11, "database disk image is malformed"],
  [13, "database or disk is full"],
  [14, "unable to open database file"],
  [26, "file is not a database"],
];
const CORRUPT = new Set([11, 26]);
const BUSY = 5;

/** Tables that are not those of their version; and a number that none of ours can be. */
const IMPOSSIBLE =
  /^no such (?:table|column|index)|^duplicate column name|^unsupported file format|has no column named|too large to be represented/;

/** Gives an error the name by which the loop knows what to do. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const message = `${path}: ${error.message}`;
  const code = resultCode(error);
  const isCorrupt = code === null ? IMPOSSIBLE.test(error.message) : CORRUPT.has(code);
  if (isCorrupt || error instanceof DamagedRow) return new StateCorrupt(message, path, { cause: error });
  return code === null ? error : new StateUnavailable(message, { cause: error });
}

/** Whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof StateUnavailable && resultCode(error.cause) === BUSY;
}

function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR") return null;
  const { errcode } = error as { errcode?: number };
  const found = WORDS.find(([code, words]) =>
    errcode === undefined ? error.message.startsWith(words) : (errcode & 0xff) === code,
  );
  return found?.[0] ?? null;
}

/** One connection, with its prepared statements. */
export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * @param options.of The file that messages name, where `path` is that of a copy.
   * @throws {StateUnavailable | StateCorrupt}
   */
  constructor(
    path: string,
    options: { readonly readOnly?: boolean; readonly setup: string; readonly of?: string },
  ) {
    this.path = options.of ?? path;
    this.#connection = this.#try(() => new DatabaseSync(path, { readOnly: options.readOnly ?? false }));
    this.exec(options.setup);
  }

  exec(sql: string): void {
    this.#try(() => this.#connection.exec(sql));
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#try(() => this.#prepare(sql).run(...values));
  }

  /** The first row, in the shape its query gives; null if there is none. */
  row<Row>(sql: string, ...values: SQLInputValue[]): Row | null {
    return this.#try(() => (this.#prepare(sql).get(...values) as Row | undefined) ?? null);
  }

  rows<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#try(() => this.#prepare(sql).all(...values) as Row[]);
  }

  /** Values out of rows. @throws {StateCorrupt} Where one is not as it was written. */
  values<Row, Value>(decode: (row: Row) => Value, sql: string, ...values: SQLInputValue[]): Value[] {
    return this.#try(() => (this.#prepare(sql).all(...values) as Row[]).map(decode));
  }

  /** The first of them; null if there is none. */
  value<Row, Value>(decode: (row: Row) => Value, sql: string, ...values: SQLInputValue[]): Value | null {
    const row = this.row<Row>(sql, ...values);
    return row === null ? null : this.#try(() => decode(row));
  }

  /** Rows one after the other, however many there are. */
  *each(sql: string): Generator<Record<string, string | number | null>, void, undefined> {
    const rows = this.#try(() => this.#prepare(sql).iterate()[Symbol.iterator]());
    for (let row = this.#try(() => rows.next()); !row.done; row = this.#try(() => rows.next())) {
      yield row.value as Record<string, string | number | null>;
    }
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw named(error, this.path);
    }
  }

  /** All or nothing. Not nested. */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk may have rolled back by itself already.
      try {
        this.#connection.exec("ROLLBACK");
      } catch {}
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
