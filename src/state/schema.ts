/** Version of the tables below; a file with a higher one was written by a newer agent. */
export const SCHEMA_VERSION = 1;

/** The manifest. Partial indexes keep what is rare cheap to find, and what is usual out of them. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fingerprints (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, blob TEXT NOT NULL, fingerprint INTEGER NOT NULL, kind TEXT NOT NULL,
  id TEXT, digest TEXT, publish_at INTEGER, detail TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_id ON files (id, path) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_scheduled ON files (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_unpublished ON files (kind, path) WHERE kind <> 'article';
CREATE TABLE IF NOT EXISTS entries (
  id TEXT PRIMARY KEY, path TEXT, blob TEXT, known INTEGER NOT NULL, digest TEXT, version INTEGER,
  pending TEXT, pending_version INTEGER, pending_digest TEXT, pending_path TEXT, pending_blob TEXT,
  pending_cause TEXT, pending_since INTEGER,
  uncertain INTEGER NOT NULL, undeletable INTEGER NOT NULL, refusal TEXT, repaired TEXT, foreign_owner TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_path ON entries (path) WHERE path IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_pending ON entries (id) WHERE pending IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_troubled ON entries (id)
  WHERE refusal IS NOT NULL OR undeletable = 1 OR foreign_owner IS NOT NULL;
CREATE TABLE IF NOT EXISTS touched (id TEXT PRIMARY KEY) WITHOUT ROWID;
`;

/** Tables that can be lost without harm: trees already read, and the inventory being read. */
export const CACHE_SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trees (dir TEXT PRIMARY KEY, tree TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS listing (id TEXT PRIMARY KEY, digest TEXT, version INTEGER, owner TEXT) WITHOUT ROWID;
`;
