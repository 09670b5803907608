/** A state that is damaged, lost, or open to others: found when it is opened or read, never believed. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../src/errors.ts";
import { openSqliteStore } from "../../../src/inserter/reference/sqlite/store.ts";
import { Database } from "../../../src/state/database.ts";
import { markDamaged } from "../../../src/state/files.ts";
import { openState } from "../../../src/state/open.ts";
import type { SqliteState } from "../../../src/state/sqlite.ts";
import type { Entry } from "../../../src/sync/model.ts";
import { StateCorrupt } from "../../../src/sync/ports.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { listeningLog } from "../../support/source.ts";

const test = suite("a damaged state");
const folder = temporaryFolder();
let made = 0;
test.after(() => folder.remove());

const SILENT = { emit: () => {} };
const KEYS = ["owner", "inserter", "version", "checkpoint"] as const;

function entry(id: string, rest: Partial<Entry> = {}): Entry {
  const acknowledged = { digest: `digest-${id}`, version: 1_700_000_000_000_000 };
  const base = { id, path: `${id}.md`, blob: `blob-${id}`, acknowledged, pending: null, uncertain: false };
  const calm = { refusal: null, undeletable: false, repaired: null, foreignOwner: null, appearedMs: null };
  return { ...base, ...calm, ...rest };
}

/** A state with all kinds of rows, closed. @returns Its path. */
function filled(): string {
  const dir = join(folder.path, String(made++));
  mkdirSync(dir);
  const path = join(dir, "state.sqlite");
  const state = openState(path, SILENT);
  state.transaction(() => {
    for (const key of KEYS) state.setMeta(key, `${key}-value`);
    for (let n = 0; n < 40; n++) {
      const id = `article-${n}`;
      const timed = n % 5 === 0 ? { publishAtMs: 1_000 + n, expiresAtMs: 9_000 + n } : null;
      const calm = { digest: `digest-${id}`, publishAtMs: null, expiresAtMs: null };
      const verdict = { kind: "article", id, ...calm, ...timed } as const;
      state.putFile({ path: `${id}.md`, blob: `blob-${id}`, fingerprint: `print-${n % 3}`, verdict });
      state.putEntry(entry(id));
    }
    const version = 1_700_000_000_000_001;
    state.putEntry(entry("gone", { pending: { kind: "delete", version, cause: "deleted", sinceMs: 5 } }));
    state.putEntry(entry("stays", { undeletable: true }));
    state.putEntry(entry("theirs", { foreignOwner: "another", acknowledged: null }));
    const rejected = { kind: "rejected", id: null, problems: [] } as const;
    state.putBraked([{ id: "gone", owned: 9, asked: true, approved: false }]);
    state.putFile({ path: "bad.md", blob: "blob-bad", fingerprint: "print-0", verdict: rejected });
  });
  state.close();
  return path;
}

/** All that the agent goes by. */
function contents(state: SqliteState): unknown {
  const claims = state.claims(null, 1_000, 5_000);
  return {
    meta: KEYS.map((key) => state.meta(key)),
    files: state.files(null, 1_000),
    entries: claims.map((claim) => claim.entry),
    winners: claims.map(({ id, winner }) => `${id} ${winner?.path}`),
    pending: state.pendingIds(null, 1_000),
    unsettled: state.unsettled(null, 1_000, 5_000).map(({ id }) => id),
    rejected: state.filesOfKind("rejected", null, 1_000).map(({ path }) => path),
    braked: state.braked(),
    times: state.idsScheduled(0, 10_000),
  };
}

/** Changes a file through a connection of its own; an index that is named is kept out of it. */
function tamper(path: string, sql: string, index: string | null = null): void {
  const open = (): DatabaseSync => new DatabaseSync(path, { defensive: false });
  const db = open();
  if (index === null) {
    db.exec(`${sql}; PRAGMA wal_checkpoint(TRUNCATE)`);
    return db.close();
  }
  const hidden = db.prepare("SELECT rootpage, sql FROM sqlite_schema WHERE name = ?").get(index) as {
    rootpage: number;
    sql: string;
  };
  const table = / ON (\w+)/.exec(hidden.sql)?.[1] ?? "";
  db.exec(`PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '${index}'`);
  db.close();
  const blind = open();
  blind.exec(`${sql}; PRAGMA writable_schema = ON`);
  const put = blind.prepare("INSERT INTO sqlite_schema VALUES ('index', ?, ?, ?, ?)");
  put.run(index, table, hidden.rootpage, hidden.sql);
  blind.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  blind.close();
}

/** Opens it, and expects that it was made anew; once. */
function isMadeAnew(path: string, reason: RegExp): void {
  const log = listeningLog();
  const state = openState(path, log);
  assert.is(state.meta("owner"), null);
  state.close();
  assert.equal(
    log.lines.map(({ level, event }) => [level, event]),
    [["error", "state.corrupt"]],
  );
  assert.match(log.lines[0]?.message ?? "", reason);
  assert.ok(statSync(`${path}.corrupt`).size > 0, "what was there is kept");
  const again = listeningLog();
  openState(path, again).close();
  assert.equal(again.lines, []);
}

test("a row that its index does not have, or has alone, is found when it is opened", () => {
  for (const [index, sql] of [
    ["files_id", "DELETE FROM files WHERE path = 'article-3.md'"],
    ["files_id", "UPDATE files SET id = 'article-x' WHERE path = 'article-3.md'"],
    ["files_unpublished", "UPDATE files SET kind = 'rejected' WHERE path = 'article-3.md'"],
    ["files_scheduled", "UPDATE files SET publish_at = 1 WHERE path = 'article-5.md'"],
    ["files_expiring", "UPDATE files SET expires_at = 1 WHERE path = 'article-5.md'"],
    ["entries_path", "UPDATE entries SET path = 'x.md' WHERE id = 'article-3'"],
    ["entries_pending", "UPDATE entries SET pending = NULL WHERE id = 'gone'"],
    ["entries_troubled", "UPDATE entries SET undeletable = 0 WHERE id = 'stays'"],
    ["meta_value", "UPDATE meta SET value = 'another' WHERE key = 'owner'"],
    ["braked_all", "UPDATE braked SET id = 'another'"],
  ] as const) {
    const path = filled();
    tamper(path, sql, index);
    isMadeAnew(path, new RegExp(`state\\.sqlite: .*${index}`));
  }
});

test("a value that is not as it was written is found when it is read; the next opening makes the state anew", () => {
  for (const [sql, read] of [
    ["UPDATE files SET blob = 'x' WHERE path = 'article-3.md'", (s) => s.file("article-3.md")],
    ["UPDATE files SET digest = 'x' WHERE path = 'article-3.md'", (s) => s.files(null, 100)],
    ["UPDATE files SET detail = '{' WHERE path = 'bad.md'", (s) => s.filesOfKind("rejected", null, 9)],
    ["UPDATE files SET fingerprint = 77 WHERE path = 'article-3.md'", (s) => s.file("article-3.md")],
    ["UPDATE entries SET pending = 'upsert' WHERE id = 'gone'", (s) => s.pending(null, 9)],
    ["UPDATE entries SET pending_version = 1 << 62 WHERE id = 'gone'", (s) => s.pending(null, 9)],
    ["UPDATE entries SET known = 0 WHERE id = 'article-3'", (s) => s.claims(null, 100, 0)],
    ["UPDATE entries SET foreign_owner = 'x' WHERE id = 'theirs'", (s) => s.entry("theirs")],
    ["DROP TABLE touched", (s) => s.touched(null, 9)],
  ] as readonly [sql: string, read: (state: SqliteState) => unknown][]) {
    const path = filled();
    tamper(path, sql);
    const state = openState(path, SILENT);
    let thrown: unknown = null;
    try {
      read(state);
    } catch (error) {
      thrown = error;
    }
    state.close();
    assert.instance(thrown, StateCorrupt, sql);
    markDamaged(thrown as StateCorrupt);
    isMadeAnew(path, /state\.sqlite: /);
    assert.not.ok(existsSync(`${path}-damaged`));
  }
});

/** Once not found: in the header, in a column's name in the schema, in the header of a row. */
const FOUND: [at: number, change: number, length: number][] = [
  [25, 1, 512],
  [47, 184, 512],
  [63, 4, 1],
  [2_778, 65, 1],
  [42_443, 128, 1],
];

test("whatever byte changes: it is as it was, or found damaged", () => {
  const path = filled();
  const original = openState(path, SILENT);
  const expected = contents(original);
  original.close();
  const template = readFileSync(path);
  const lengths = fc.constantFrom(1, 1, 1, 16, 512);
  fc.assert(
    fc.property(
      fc.nat(template.length - 1),
      fc.integer({ min: 1, max: 255 }),
      lengths,
      (at, change, length) => {
        const bytes = Buffer.from(template);
        for (let i = at; i < Math.min(at + length, bytes.length); i++) bytes[i] = (bytes[i] ?? 0) ^ change;
        for (const suffix of ["-wal", "-shm", "-damaged"]) rmSync(path + suffix, { force: true });
        writeFileSync(path, bytes);
        const log = listeningLog();
        let state: SqliteState | null = null;
        let found: unknown = null;
        let thrown: unknown = null;
        try {
          state = openState(path, log);
          found = log.lines.length === 0 ? contents(state) : null;
        } catch (error) {
          thrown = error;
        } finally {
          state?.close();
        }
        // A version that could be a newer agent's is left to a person.
        if (thrown !== null)
          assert.ok(thrown instanceof StateCorrupt || thrown instanceof UsageError, `${thrown}`);
        else if (log.lines.length === 0) assert.equal(found, expected);
        else assert.is(log.lines[0]?.event, "state.corrupt");
      },
    ),
    { numRuns: 200, examples: FOUND },
  );
});

test("the check at the start takes as many statements, and rows out of the database, however many there are", () => {
  const counts = ["exec", "run", "row", "rows", "each"] as const;
  const original = Object.fromEntries(counts.map((name) => [name, Database.prototype[name]]));
  const statementsOf = (path: string): number => {
    let statements = 0;
    for (const name of counts) {
      Object.assign(Database.prototype, {
        [name](this: Database, ...args: unknown[]) {
          const result = Reflect.apply(original[name] as (...args: unknown[]) => unknown, this, args);
          statements += Array.isArray(result) ? result.length : 1;
          return result;
        },
      });
    }
    try {
      openState(path, SILENT).close();
    } finally {
      Object.assign(Database.prototype, original);
    }
    return statements;
  };
  const path = filled();
  const few = statementsOf(path);
  const state = openState(path, SILENT);
  state.transaction(() => {
    for (let n = 0; n < 5_000; n++) state.putEntry(entry(`more-${n}`));
  });
  state.close();
  assert.is(statementsOf(path), few);
  assert.ok(few < 30, `${few} statements`);
});

test("a damaged cache is made anew, and the state stays", () => {
  const path = filled();
  markDamaged(new StateCorrupt("malformed", `${path}-cache`));
  const log = listeningLog();
  const state = openState(path, log);
  assert.is(state.meta("owner"), "owner-value");
  assert.is(state.trees.at(), null);
  state.close();
  assert.equal(log.lines, []);
  assert.not.ok(existsSync(`${path}-cache-damaged`));
});

test("rubbish in the lock file is taken over, and holds as a lock", () => {
  for (const rubbish of ["rubbish", "x".repeat(100_000), "SQLite format 3\0rubbish"]) {
    const path = filled();
    writeFileSync(`${path}.lock`, rubbish);
    const state = openState(path, SILENT);
    assert.is(state.meta("owner"), "owner-value");
    assert.throws(() => openState(path, SILENT), /in use by another/);
    state.close();
    openState(path, SILENT).close();
  }
});

test("another database in its place is kept, and the state made anew", () => {
  const path = filled();
  const other = filled();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
  renameSync(`${other}-cache`, path);
  isMadeAnew(path, /it is another database/);
});

test("what is no file is an error with advice, and not waited for", () => {
  for (const suffix of ["", ".lock", "-cache"]) {
    for (const [make, remove] of [
      [(name: string) => mkdirSync(name), (name: string) => rmdirSync(name)],
      [(name: string) => void execFileSync("mkfifo", [name]), (name: string) => rmSync(name)],
    ] as const) {
      const path = join(folder.path, `${made++}.sqlite`);
      make(path + suffix);
      try {
        openState(path, SILENT);
        assert.unreachable();
      } catch (error) {
        assert.instance(error, UsageError);
        assert.match((error as UsageError).message, "it is no regular file");
      }
      remove(path + suffix);
      openState(path, SILENT).close();
    }
  }
});

test("a folder where a damaged one is to be kept, or its mark, is an error with advice", () => {
  for (const suffix of [".corrupt", "-damaged"]) {
    const path = filled();
    mkdirSync(path + suffix);
    if (suffix === ".corrupt") writeFileSync(path, "rubbish");
    assert.throws(
      () => openState(path, SILENT),
      (error: Error) => error instanceof UsageError,
    );
    rmdirSync(path + suffix);
    openState(path, SILENT).close();
  }
});

test("one that is gone, or emptied, is an error; a first start is none", () => {
  const ways: Readonly<Record<string, (path: string) => void>> = {
    "without a table": (path) => {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
      const db = new DatabaseSync(path);
      db.exec("CREATE TABLE t (a); DROP TABLE t");
      db.close();
    },
    gone: (path) => rmSync(path),
    "gone, with its log": (path) => {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    },
    empty: (path) => truncateSync(path),
  };
  for (const [what, lose] of Object.entries(ways)) {
    const path = filled();
    lose(path);
    const log = listeningLog();
    openState(path, log).close();
    assert.equal(
      log.lines.map(({ level, event }) => [level, event]),
      [["error", "state.lost"]],
      what,
    );
    const again = listeningLog();
    openState(path, again).close();
    assert.equal(again.lines, []);
  }
  const first = listeningLog();
  openState(join(folder.path, "first.sqlite"), first).close();
  assert.equal(first.lines, []);
});

test("its files are their owner's alone, whatever the umask; those of before become so", () => {
  const modes = (dir: string): string[] =>
    readdirSync(dir).map((name) => `${name} ${(statSync(join(dir, name)).mode & 0o777).toString(8)}`);
  const arePrivate = (dir: string): void =>
    assert.ok(
      modes(dir).every((line) => line.endsWith(" 600")),
      modes(dir).join(),
    );
  const umask = process.umask(0);
  try {
    const dir = join(folder.path, "private");
    const path = join(dir, "state.sqlite");
    const state = openState(path, SILENT);
    const store = openSqliteStore(join(dir, "state-articles.sqlite"), SILENT);
    state.transaction(() => state.setMeta("owner", "o"));
    for (const name of [
      "-articles.sqlite-wal",
      ".sqlite",
      ".sqlite-shm",
      ".sqlite-cache-wal",
      ".sqlite.lock",
    ])
      assert.ok(existsSync(join(dir, `state${name}`)), name);
    arePrivate(dir);
    void store.close();
    state.close();
    for (const name of readdirSync(dir)) rmSync(join(dir, name));
    // As a version of before left them, which closed one file to others, and that when it was filled.
    for (const suffix of ["", "-cache", ".lock"]) writeFileSync(path + suffix, "", { mode: 0o666 });
    const opened = openState(path, SILENT);
    arePrivate(dir);
    opened.close();
  } finally {
    process.umask(umask);
  }
});

test.run();
