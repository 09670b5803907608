/** The tables of the manifest, and how its values are kept in them. */
import { crc32 } from "node:zlib";
import type { Cause, Entry, FileRow, Pending, Refusal, Verdict } from "../sync/model.ts";
import { compareBytes } from "../sync/rules.ts";

/** Version of the tables below; a file with a higher one was written by a newer agent. */
export const SCHEMA_VERSION = 5;

/**
 * The manifest. Partial indexes keep what is rare cheap to find, and what is usual out of them.
 *
 * Against damage: what decides whether an article is published or deleted, which is ids, paths, kinds and times,
 * stands in a table and in an index, as do the values of `meta` and `braked`, and the check at each start compares the two.
 * The rest of a row has a checksum, `sum`, which is compared when the row is read.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS meta_value ON meta (value);
CREATE TABLE IF NOT EXISTS fingerprints (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, blob TEXT NOT NULL, fingerprint INTEGER NOT NULL, kind TEXT NOT NULL,
  id TEXT, digest TEXT, publish_at INTEGER, detail TEXT, expires_at INTEGER, sum INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_id ON files (id, path) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_scheduled ON files (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_unpublished ON files (kind, path) WHERE kind <> 'article';
CREATE TABLE IF NOT EXISTS entries (
  id TEXT PRIMARY KEY, path TEXT, blob TEXT, known INTEGER NOT NULL, digest TEXT, version INTEGER,
  pending TEXT, pending_version INTEGER, pending_digest TEXT, pending_path TEXT, pending_blob TEXT,
  pending_cause TEXT, pending_since INTEGER,
  uncertain INTEGER NOT NULL, undeletable INTEGER NOT NULL, refusal TEXT, repaired TEXT, foreign_owner TEXT,
  appeared INTEGER, sum INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_path ON entries (path) WHERE path IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_pending ON entries (id) WHERE pending IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_troubled ON entries (id)
  WHERE refusal IS NOT NULL OR undeletable = 1 OR foreign_owner IS NOT NULL;
CREATE TABLE IF NOT EXISTS touched (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS braked (
  id TEXT PRIMARY KEY, owned INTEGER NOT NULL, asked INTEGER NOT NULL, approved INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS braked_approved ON braked (id) WHERE approved = 1;
CREATE INDEX IF NOT EXISTS braked_all ON braked (owned, asked, approved);
`;

/** By the version of a file's tables: what brings them to the next one; `SCHEMA` then adds what is new. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  1: "ALTER TABLE files ADD COLUMN expires_at INTEGER;",
  2: "DELETE FROM meta WHERE key = 'approval';",
  // What was published by then had appeared.
  3: `ALTER TABLE entries ADD COLUMN appeared INTEGER;
    UPDATE entries SET appeared = (
      SELECT f.publish_at FROM files f WHERE f.path = entries.path AND f.id = entries.id
        AND f.publish_at <= (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'now'));`,
  // The sums are filled in by `fillSums`.
  4: "ALTER TABLE files ADD COLUMN sum INTEGER; ALTER TABLE entries ADD COLUMN sum INTEGER;",
};

/** Approves what the brake holds, for its one writer or beside it. */
export const APPROVE = "UPDATE braked SET approved = 1 WHERE asked = 1 AND approved = 0 RETURNING id";

/** Tables that can be lost without harm: trees already read, and the inventory being read. */
export const CACHE_SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trees (dir TEXT PRIMARY KEY, tree TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS listing (id TEXT PRIMARY KEY, digest TEXT, version INTEGER, owner TEXT) WITHOUT ROWID;
`;

/** Whether the time to appear had come before a clock was set back. */
const appeared = (files: string): string =>
  `EXISTS (SELECT 1 FROM entries its WHERE its.id = ${files}.id AND its.appeared >= ${files}.publish_at)`;

/** `isPublished` of the core's rules in SQL; its parameter is the time. */
export const publishedIn = (files: string): string =>
  `${files}.kind = 'article' AND ? BETWEEN
    CASE WHEN ${files}.publish_at IS NULL OR ${appeared(files)} THEN -9e15 ELSE ${files}.publish_at END
    AND ifnull(${files}.expires_at - 1, 9e15)`;

/** Articles whose time is still to come, which will not be over then; its parameters are the time, twice. */
export const WAITING = `publish_at IS NOT NULL AND publish_at > ? AND (expires_at IS NULL OR expires_at > ?)
  AND NOT ${appeared("files")}`;

/** `isExpired` of the core's rules in SQL; its parameter is the time. */
export const EXPIRED = "expires_at IS NOT NULL AND expires_at <= ?";

/** Entries that the inserter refused, cannot delete, or holds for another owner: what an index is kept of. */
export const TROUBLED = "(refusal IS NOT NULL OR undeletable = 1 OR foreign_owner IS NOT NULL)";

/** Rows of `files` as {@link FileColumns}. */
export const FILES =
  "SELECT path, blob, f.fingerprint, kind, id, digest, publish_at, expires_at, detail, sum FROM files LEFT JOIN fingerprints f ON f.number = files.fingerprint";

/** A row is not as it was written. */
export class DamagedRow extends Error {
  override readonly name = "DamagedRow";
}

type Value = string | number | null;

/** A checksum of the values of a row. */
export const sumOf = (values: readonly Value[]): number => crc32(JSON.stringify(values));

/** @throws {DamagedRow} */
function checkSum(table: string, key: string, sum: number | null, values: readonly Value[]): void {
  if (sum === sumOf(values)) return;
  throw new DamagedRow(`the row ${JSON.stringify(key)} of ${table} does not have its checksum`);
}

/** A row of `files`, its fingerprint spelled out. */
export interface FileColumns {
  path: string;
  blob: string;
  /** Null where the fingerprint that the row names is lost. */
  fingerprint: string | null;
  kind: Verdict["kind"];
  id: string | null;
  digest: string | null;
  publish_at: number | null;
  expires_at: number | null;
  detail: string | null;
  sum: number | null;
}

/** A row of `braked`. */
export interface BrakedColumns {
  id: string;
  owned: number;
  asked: number;
  approved: number;
}

/** A row of `entries`. */
export interface EntryColumns {
  id: string;
  path: string | null;
  blob: string | null;
  known: number;
  digest: string | null;
  version: number | null;
  pending: Pending["kind"] | null;
  pending_version: number | null;
  pending_digest: string | null;
  pending_path: string | null;
  pending_blob: string | null;
  pending_cause: Cause | null;
  pending_since: number | null;
  uncertain: number;
  undeletable: number;
  refusal: string | null;
  repaired: string | null;
  foreign_owner: string | null;
  appeared: number | null;
  /** Absent in rows that are made up of several. */
  sum?: number | null;
}

/** What the checksum of a row of `entries` is made of. */
export function valuesIn(row: EntryColumns): Value[] {
  return ENTRY_COLUMNS.map((column) => row[column]);
}

/** By name, for in a damaged schema, or after an upgrade, a column may have another place. */
export const ENTRY_COLUMNS = [
  "id",
  "path",
  "blob",
  "known",
  "digest",
  "version",
  "pending",
  "pending_version",
  "pending_digest",
  "pending_path",
  "pending_blob",
  "pending_cause",
  "pending_since",
  "uncertain",
  "undeletable",
  "refusal",
  "repaired",
  "foreign_owner",
  "appeared",
] as const satisfies readonly (keyof EntryColumns)[];

/** @throws {DamagedRow} */
export function fileOf(row: FileColumns): FileRow {
  const { path, blob, fingerprint } = row;
  if (fingerprint === null) throw new DamagedRow(`the fingerprint of ${JSON.stringify(path)} is lost`);
  checkSum("files", path, row.sum, fileValues(row));
  return { path, blob, fingerprint, verdict: verdictOf(row) };
}

/** What the checksum of a row of `files` is made of. */
export function fileValues(row: Omit<FileColumns, "sum">): Value[] {
  const { path, blob, fingerprint, kind, id, digest, publish_at, expires_at, detail } = row;
  return [path, blob, fingerprint, kind, id, digest, publish_at, expires_at, detail];
}

/** @throws {DamagedRow} */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new DamagedRow(`a value is no JSON: ${(error as Error).message}`);
  }
}

function verdictOf(row: FileColumns): Verdict {
  const detail = row.detail === null ? {} : (parsed(row.detail) as object);
  switch (row.kind) {
    case "article":
      return {
        kind: "article",
        id: row.id ?? "",
        digest: row.digest ?? "",
        publishAtMs: row.publish_at,
        expiresAtMs: row.expires_at,
        ...detail,
      };
    case "none":
      return { kind: "none", ...detail } as Verdict;
    default:
      return { kind: row.kind, id: row.id, ...detail } as Verdict;
  }
}

/** `detail` carries what only listings need: problems and reasons. */
export function columnsOf(
  verdict: Verdict,
): Pick<FileColumns, "kind" | "id" | "digest" | "publish_at" | "expires_at" | "detail"> {
  const { kind, ...rest } = verdict;
  const {
    id = null,
    digest = null,
    publishAtMs = null,
    expiresAtMs = null,
    ...detail
  } = rest as Record<string, unknown>;
  return {
    kind,
    id: id as string | null,
    digest: digest as string | null,
    publish_at: publishAtMs as number | null,
    expires_at: expiresAtMs as number | null,
    detail: Object.keys(detail).length === 0 ? null : JSON.stringify(detail),
  };
}

/** @throws {DamagedRow} */
export function entryOf(row: EntryColumns): Entry {
  if (row.sum !== undefined) checkSum("entries", row.id, row.sum, valuesIn(row));
  return {
    id: row.id,
    path: row.path,
    blob: row.blob,
    acknowledged: row.known === 1 ? { digest: row.digest, version: row.version ?? 0 } : null,
    pending: pendingOf(row),
    uncertain: row.uncertain === 1,
    refusal: row.refusal === null ? null : (parsed(row.refusal) as Refusal),
    undeletable: row.undeletable === 1,
    repaired: row.repaired,
    foreignOwner: row.foreign_owner,
    appearedMs: row.appeared,
  };
}

function pendingOf(row: EntryColumns): Pending | null {
  if (row.pending === null) return null;
  const version = row.pending_version ?? 0;
  const cause = row.pending_cause ?? "changed";
  const sinceMs = row.pending_since ?? 0;
  if (row.pending === "delete") return { kind: "delete", version, cause, sinceMs };
  return {
    kind: "upsert",
    version,
    digest: row.pending_digest ?? "",
    path: row.pending_path ?? "",
    blob: row.pending_blob ?? "",
    cause,
    sinceMs,
  };
}

/** Values in the order of {@link ENTRY_COLUMNS}, and their checksum. */
export function entryValues(entry: Entry): Value[] {
  const { acknowledged, pending } = entry;
  const upsert = pending?.kind === "upsert" ? pending : null;
  const values = [
    entry.id,
    entry.path,
    entry.blob,
    acknowledged === null ? 0 : 1,
    acknowledged?.digest ?? null,
    acknowledged?.version ?? null,
    pending?.kind ?? null,
    pending?.version ?? null,
    upsert?.digest ?? null,
    upsert?.path ?? null,
    upsert?.blob ?? null,
    pending?.cause ?? null,
    pending === null ? null : Math.round(pending.sinceMs),
    entry.uncertain ? 1 : 0,
    entry.undeletable ? 1 : 0,
    entry.refusal === null ? null : JSON.stringify(entry.refusal),
    entry.repaired,
    entry.foreignOwner,
    entry.appearedMs,
  ];
  return [...values, sumOf(values)];
}

/**
 * Pairs two pages of rows, each in byte order of ids: the first `limit` ids, with both sides. Of several
 * left rows with one id the first counts. May give fewer ids where a page ended at its own limit.
 */
export function mergeById<L extends { id: string }, R extends { id: string }>(
  left: readonly L[],
  right: readonly R[],
  limit: number,
): { id: string; left: L | null; right: R | null }[] {
  const merged: { id: string; left: L | null; right: R | null }[] = [];
  let l = 0;
  let r = 0;
  while (merged.length < limit) {
    const a = left[l];
    const b = right[r];
    if (a === undefined && b === undefined) break;
    // A page that ended at its limit does not show what comes after it.
    if (a === undefined && left.length === limit) break;
    if (b === undefined && right.length === limit) break;
    const order = a === undefined ? 1 : b === undefined ? -1 : compareBytes(a.id, b.id);
    const id = order <= 0 ? (a as L).id : (b as R).id;
    merged.push({ id, left: order <= 0 ? (a as L) : null, right: order >= 0 ? (b as R) : null });
    if (order <= 0) while (left[l]?.id === id) l++;
    if (order >= 0) r++;
  }
  return merged;
}
