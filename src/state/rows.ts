/** How the manifest's values stand in the tables. */
import type { Cause, Entry, FileRow, Pending, Refusal, Verdict } from "../sync/model.ts";

/** A row of `files`, its fingerprint spelled out. */
export interface FileColumns {
  path: string;
  blob: string;
  fingerprint: string;
  kind: Verdict["kind"];
  id: string | null;
  digest: string | null;
  publish_at: number | null;
  detail: string | null;
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
}

export function fileOf(row: FileColumns): FileRow {
  return { path: row.path, blob: row.blob, fingerprint: row.fingerprint, verdict: verdictOf(row) };
}

function verdictOf(row: FileColumns): Verdict {
  const detail = row.detail === null ? {} : JSON.parse(row.detail);
  switch (row.kind) {
    case "article":
      return {
        kind: "article",
        id: row.id ?? "",
        digest: row.digest ?? "",
        publishAtMs: row.publish_at,
        ...detail,
      };
    case "none":
      return { kind: "none", ...detail };
    default:
      return { kind: row.kind, id: row.id, ...detail };
  }
}

/** `detail` carries what only listings need: problems and reasons. */
export function columnsOf(
  verdict: Verdict,
): Pick<FileColumns, "kind" | "id" | "digest" | "publish_at" | "detail"> {
  const { kind, ...rest } = verdict;
  const { id = null, digest = null, publishAtMs = null, ...detail } = rest as Record<string, unknown>;
  return {
    kind,
    id: id as string | null,
    digest: digest as string | null,
    publish_at: publishAtMs as number | null,
    detail: Object.keys(detail).length === 0 ? null : JSON.stringify(detail),
  };
}

export function entryOf(row: EntryColumns): Entry {
  return {
    id: row.id,
    path: row.path,
    blob: row.blob,
    acknowledged: row.known === 1 ? { digest: row.digest, version: row.version ?? 0 } : null,
    pending: pendingOf(row),
    uncertain: row.uncertain === 1,
    refusal: row.refusal === null ? null : (JSON.parse(row.refusal) as Refusal),
    undeletable: row.undeletable === 1,
    repaired: row.repaired,
    foreignOwner: row.foreign_owner,
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

/** Values in the order of the columns of `entries`. */
export function entryValues(entry: Entry): (string | number | null)[] {
  const { acknowledged, pending } = entry;
  const upsert = pending?.kind === "upsert" ? pending : null;
  return [
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
  ];
}
