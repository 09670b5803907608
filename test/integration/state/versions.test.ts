/**
 * State files of other versions of the agent. The first schema stands here as it was released, not as the
 * code has it: a schema that changes without a way from the old files to it fails here.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../src/errors.ts";
import { copyState, openState, openStateToRead } from "../../../src/state/open.ts";
import type { SqliteState } from "../../../src/state/sqlite.ts";
import { temporaryFolder } from "../../support/repository.ts";

const test = suite<{ folder: ReturnType<typeof temporaryFolder>; file: string }>(
  "state files of other versions",
);

test.before.each((context) => {
  context.folder = temporaryFolder();
  context.file = join(context.folder.path, "state.sqlite");
});
test.after.each(({ folder }) => folder.remove());

const SILENT = { emit: () => {} };

/** Schema 1 with an article that was acknowledged, one that is pending, one that was refused, and a deletion. */
const FIRST = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE fingerprints (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
  CREATE TABLE files (
    path TEXT PRIMARY KEY, blob TEXT NOT NULL, fingerprint INTEGER NOT NULL, kind TEXT NOT NULL,
    id TEXT, digest TEXT, publish_at INTEGER, detail TEXT
  ) WITHOUT ROWID;
  CREATE TABLE entries (
    id TEXT PRIMARY KEY, path TEXT, blob TEXT, known INTEGER NOT NULL, digest TEXT, version INTEGER,
    pending TEXT, pending_version INTEGER, pending_digest TEXT, pending_path TEXT, pending_blob TEXT,
    pending_cause TEXT, pending_since INTEGER,
    uncertain INTEGER NOT NULL, undeletable INTEGER NOT NULL, refusal TEXT, repaired TEXT, foreign_owner TEXT
  ) WITHOUT ROWID;
  CREATE TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID;
  INSERT INTO meta VALUES ('checkpoint', 'c0ffee'), ('version', '1700000000000009');
  INSERT INTO fingerprints VALUES (1, 'of an older agent');
  INSERT INTO files VALUES
    ('a.md', 'b1', 1, 'article', 'a', 'd1', NULL, NULL),
    ('bad.md', 'b2', 1, 'rejected', NULL, NULL, NULL, '{"problems":[]}');
  INSERT INTO entries VALUES
    ('a', 'a.md', 'b1', 1, 'd1', 1700000000000001, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL),
    ('b', NULL, NULL, 0, NULL, NULL, 'upsert', 1700000000000002, 'd2', 'b.md', 'b3', 'new', 1700000000000, 0, 0, NULL, NULL, NULL),
    ('gone', 'gone.md', 'b4', 1, 'd4', 1700000000000003, 'delete', 1700000000000004, NULL, NULL, NULL, 'deleted', 1700000000000, 0, 0, NULL, NULL, NULL);
  PRAGMA user_version = 1;`;

function write(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

function claims(state: SqliteState | null): void {
  if (state === null) throw new Error("there is no state");
  try {
    assert.is(state.meta("checkpoint"), "c0ffee");
    assert.equal(state.entry("a")?.acknowledged, { digest: "d1", version: 1_700_000_000_000_001 });
    assert.is(state.entry("b")?.pending?.kind, "upsert");
    assert.is(state.entry("gone")?.pending?.kind, "delete");
    assert.is(state.pending(null, 10).length, 2, "what was pending is pending");
    const file = state.file("a.md");
    assert.equal([file?.blob, file?.fingerprint, file?.verdict.kind], ["b1", "of an older agent", "article"]);
    assert.is(state.file("bad.md")?.verdict.kind, "rejected");
    assert.is(state.counts(0).published, 1);
    assert.is(state.claim("a", 0).winner?.path, "a.md", "what has no date is published at any time");
  } finally {
    state.close();
  }
}

test("the first one opens, with all that it remembers", ({ file }) => {
  write(file, FIRST);
  claims(openStateToRead(file));
  claims(copyState(file));
  claims(openState(file, SILENT));
  claims(openState(file, SILENT));
});

test("the first one takes what later ones know, and is not taken by its own agent any more", ({ file }) => {
  write(file, FIRST);
  const state = openState(file, SILENT);
  const verdict = { kind: "article", id: "c", digest: "d", publishAtMs: null, expiresAtMs: 5 } as const;
  state.putFile({ path: "c.md", blob: "b5", fingerprint: "f", verdict });
  assert.equal(state.file("c.md")?.verdict, verdict);
  assert.is(state.nextScheduledMs(0), 5);
  state.putBraked([{ id: "a", owned: 3, asked: true, approved: false }]);
  assert.equal(state.approveBraked(), ["a"]);
  state.close();
  assert.is(openStateToRead(file)?.braked().length, 1);
  assert.is(copyState(file).braked().length, 1);
  const db = new DatabaseSync(file);
  const { user_version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  db.close();
  assert.ok(user_version > 1, "an older agent cannot write rows that lack what was added");
});

test("what time had published has appeared, when one without that is opened", ({ file }) => {
  const SECOND = `ALTER TABLE files ADD COLUMN expires_at INTEGER;
    INSERT INTO meta VALUES ('now', '500');
    UPDATE files SET publish_at = 400 WHERE path = 'a.md'; PRAGMA user_version = 2;`;
  write(file, FIRST + SECOND);
  const state = openState(file, SILENT);
  assert.equal([state.entry("a")?.appearedMs, state.entry("gone")?.appearedMs], [400, null]);
  assert.is(state.claim("a", 0).winner?.path, "a.md");
  state.close();
});

test("a newer one is an error that says what to do, and is left as it is", ({ file }) => {
  write(file, `${FIRST} PRAGMA user_version = 99; PRAGMA journal_mode = WAL;`);
  const before = readFileSync(file);
  for (const open of [() => openState(file, SILENT), () => openStateToRead(file), () => copyState(file)]) {
    try {
      open();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UsageError);
      assert.match((error as UsageError).message, "was written by a newer sync-agent (schema 99)");
      assert.match((error as UsageError).hint, "Run the newer one, or give this one its own --state");
    }
  }
  assert.equal(readFileSync(file), before);
});

test("opens anew where the name of before is the name of today, as for the embedded inserter", ({ file }) => {
  for (const turn of ["first start", "restart"]) {
    const state = openState(file, SILENT, file);
    assert.is(state.meta("checkpoint"), null, turn);
    state.close();
  }
});

test.run();
