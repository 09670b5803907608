/**
 * The vocabulary that every room shares: what a file in Git turned out to be, what the inserter is
 * known to hold, and what is to be done about the difference. Types only.
 */

/** Full commit id, 40 or 64 lowercase hex digits. */
export type Revision = string;
/** Full object id of a blob, 40 or 64 lowercase hex digits. */
export type BlobId = string;
/** Lowercase hex SHA-256 of a payload's canonical JSON (RFC 8785). */
export type Digest = string;
/**
 * What brought a pass about. `watch` and `poll` say how its revision was found: with a hint of the watcher, or
 * without one. `again`: what an earlier pass over the same revision, or delivery, left half-done.
 */
export type Trigger =
  | "start"
  | "watch"
  | "poll"
  | "again"
  | "drift"
  | "resync"
  | "schedule"
  | "reload"
  | "approval";
/** Integer below 2^53 that rises with each operation; see `sync/version.ts`. */
export type Version = number;

/** What a path in a tree is. Only a `file` can be an article; the others are reported, never followed. */
export type FileMode = "file" | "symlink" | "submodule";

/** A path that differs from what the manifest holds. `blob` is null when the path is gone. */
export interface Change {
  readonly path: string;
  readonly blob: BlobId | null;
  readonly mode: FileMode;
}

/** How a revision is compared with an older one, and why so. The first that is possible is taken. */
export type ComparisonChoice =
  /** The trees of the older one are remembered: only trees that differ are read. */
  | { readonly way: "walk"; readonly why: "trees-remembered" }
  /** They are not, but git still has the older commit. */
  | { readonly way: "diff-tree"; readonly why: "old-commit-at-hand" }
  /** There is no older one, git has not got it any more, or has lost a part of it. */
  | {
      readonly way: "list";
      readonly why: "no-old-revision" | "old-commit-gone" | "old-commit-incomplete";
    };

/**
 * One thing wrong (or doubtful) in an article. Words come from the catalogue in `messages/`:
 * `code` picks the sentence, `params` fill it. `line` and `column` count from 1; a column counts
 * UTF-16 code units, as editors do. `length` is how many of them to mark, at least 1.
 */
export interface Problem {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly params: Readonly<Record<string, string | number>>;
  /** The text of that line, cut to 200 characters, for messages that show it. */
  readonly excerpt?: string;
}

/** Why a candidate path is not an article at all. */
export type NoArticleReason =
  | "no-front-matter"
  | "toml-front-matter"
  | "lfs-pointer"
  | "symlink"
  | "submodule";

/**
 * What one version of one file turned out to be: a function of (path, blob, config, agent version).
 * `id` is null where none could be read. An article with `publishAtMs` is not published before that time,
 * one with `expiresAtMs` not from that time on; milliseconds since the epoch.
 */
export type Verdict =
  | {
      readonly kind: "none";
      readonly why: NoArticleReason;
      /**
       * What hides its front matter, and how to fix it. A path that was an article before is rejected with
       * it: its author has not withdrawn it, but made a slip.
       */
      readonly slip?: Problem;
    }
  | { readonly kind: "rejected"; readonly id: string | null; readonly problems: readonly Problem[] }
  | { readonly kind: "held"; readonly id: string | null; readonly reason: string }
  | {
      readonly kind: "withdrawn";
      readonly id: string;
      /** `not-public`: not by `draft` itself, but by a key or value that says the same. */
      readonly why: "draft" | "not-public" | "mapped-null";
      /** Where that is said, where it is worth telling its author. */
      readonly problem?: Problem;
    }
  | {
      readonly kind: "article";
      readonly id: string;
      readonly digest: Digest;
      readonly publishAtMs: number | null;
      readonly expiresAtMs: number | null;
    };

/** A verdict with the request body it stands for: canonical JSON in UTF-8, null unless `kind` is `article`. */
export interface ParsedFile {
  readonly verdict: Verdict;
  readonly body: Uint8Array | null;
}

/** What the manifest remembers of one candidate path. */
export interface FileRow {
  readonly path: string;
  readonly blob: BlobId;
  /** Under which configuration and agent version the verdict was reached. */
  readonly fingerprint: string;
  readonly verdict: Verdict;
}

/** What the inserter acknowledged for an id. `digest` is null where an inventory did not give one. */
export interface Acknowledged {
  readonly digest: Digest | null;
  readonly version: Version;
}

/** Why an operation was planned; shown by `plan`, `status` and the log. */
export type Cause =
  /** Upsert: the id was not published before. */
  | "new"
  /** Upsert: its payload is another one. */
  | "changed"
  /** Upsert: another file has the id now. Delete: its file has another id now. */
  | "moved"
  /** Either: the inventory showed something else than was acknowledged. */
  | "drift"
  /** Upsert: unchanged, sent again to be sure. */
  | "resend"
  /** Delete: its file is gone, or no article any more. */
  | "deleted"
  /** Delete: its file is a draft, not public, mapped to null, or expired. */
  | "withdrawn"
  /** Delete: its file is to be published later; its date was moved into the future. */
  | "scheduled"
  /** Delete: the inserter holds it as ours, and no file accounts for it. */
  | "unowned";

/** An operation that was begun (stored before the first byte left) and not yet acknowledged. */
export type Pending =
  | {
      readonly kind: "upsert";
      readonly version: Version;
      readonly digest: Digest;
      readonly path: string;
      readonly blob: BlobId;
      readonly cause: Cause;
      readonly sinceMs: number;
    }
  | { readonly kind: "delete"; readonly version: Version; readonly cause: Cause; readonly sinceMs: number };

/** An operation together with the id that it is about. */
export type Operation = Pending & { readonly id: string };

/** The inserter said no to this payload (or another owner holds the id); kept until something changes. */
export interface Refusal {
  /** The payload refused; null where a delete was. */
  readonly digest: Digest | null;
  readonly status: number;
  /** First 1 KiB of the answer, redacted. */
  readonly excerpt: string;
  readonly sinceMs: number;
}

/** What the manifest knows of one article id at the inserter. */
export interface Entry {
  readonly id: string;
  /** Path and blob of the version last acknowledged or begun; null for one adopted from an inventory. */
  readonly path: string | null;
  readonly blob: BlobId | null;
  /** What certainly stands there, as far as answers say. */
  readonly acknowledged: Acknowledged | null;
  readonly pending: Pending | null;
  /** An earlier operation ended without an answer, so something may stand there that was not confirmed. */
  readonly uncertain: boolean;
  readonly refusal: Refusal | null;
  /** The inserter cannot delete this one; tried again at each resync. */
  readonly undeletable: boolean;
  /** Digest that a drift repair sent already: if it differs once more, the id is left alone. */
  readonly repaired: Digest | null;
  /** The other owner who holds this id, as the last inventory says. */
  readonly foreignOwner: string | null;
  /** The time at which its article was to appear, if it has come: from then on a clock set back hides nothing. */
  readonly appearedMs: number | null;
}

/** An id whose delete the brake holds. */
export interface Braked {
  readonly id: string;
  /** How many articles were owned before the change that asked for its delete. */
  readonly owned: number;
  /** Whether its delete is asked for now. A rejected file may keep it for a while, say. */
  readonly asked: boolean;
  /** A person approved its delete. */
  readonly approved: boolean;
}

/**
 * What looks like the cause of so many deletes. `no-candidates`: no path of the revision is included.
 * `no-articles`: files are, and none is an article. `unknown-files`: only the inventory knows these ids.
 */
export type BrakeCause =
  | "empty-revision"
  | "no-candidates"
  | "no-articles"
  | "ids-changed"
  | "withdrawn"
  | "mapped-null"
  | "files-gone"
  | "unknown-files";

/** Deletes that the brake holds back, and out of how many articles. */
export interface Brake {
  readonly deletes: number;
  readonly owned: number;
  readonly cause: BrakeCause | null;
}

/** Why the inserter as a whole is not being used at full speed. */
export interface Trouble {
  readonly kind: "unreachable" | "overloaded" | "failing" | "denied";
  readonly message: string;
  readonly hint: string | null;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly attempts: number;
}

/** One line of an inventory. */
export interface Listed {
  readonly id: string;
  readonly digest: Digest | null;
  readonly version: Version | null;
  readonly owner: string | null;
}

/** One id, as the inventory lists it and as the manifest has it. */
export interface ListingComparison {
  readonly id: string;
  readonly listed: Listed | null;
  readonly entry: Entry | null;
}

/** The file that has an id: of those published now the one that holds it at the inserter, else the first path in byte order. */
export interface Winner {
  readonly path: string;
  readonly blob: BlobId;
  readonly digest: Digest;
}

/** One id as the repository wants it and as the inserter is known to hold it. */
export interface Claim {
  readonly id: string;
  readonly winner: Winner | null;
  readonly entry: Entry | null;
}

/** The ids wanted here are another owner's at the inserter, and nothing there is ours. */
export interface OwnerConflict {
  /** Who holds most of them. */
  readonly owner: string;
  /** How many of the ids wanted here another owner holds. */
  readonly held: number;
  readonly wanted: number;
}
