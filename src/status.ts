/**
 * What `GET /status` answers and `sync-agent status --json` prints: everything known about one agent at
 * one moment, ready for JSON. Types only.
 */
import type { BrakeCause, Cause } from "./sync/model.ts";
import type { Counts } from "./sync/ports.ts";

/** An instant: RFC 3339, UTC, with milliseconds. */
export type Time = string;

/** The first of a long list, and how long it is. */
export interface Listing<Item> {
  readonly total: number;
  readonly shown: readonly Item[];
}

/** What the agent is doing. `not-running`: no daemon answers, so only the state file was read. */
export type Phase =
  | "waiting-for-repository"
  | "waiting-for-inserter"
  | "reconciling"
  | "following"
  | "not-running";

/** Why something is not as it should be. Codes are stable, words are not. */
export type ReasonCode =
  | "not-running"
  | "starting"
  | "waiting-for-repository"
  | "waiting-for-commit"
  | "repository-unreadable"
  | "waiting-for-inserter"
  | "new-revision"
  | "pending"
  | "brake"
  | "owner-conflict"
  | "inserter-trouble"
  | "state-trouble"
  | "config-invalid"
  | "stuck-loop"
  | "stuck-call"
  | "stuck-delivery";

export interface Reason {
  readonly code: ReasonCode;
  /** What is the matter, in English. */
  readonly message: string;
  /** How to fix it; empty where no action is needed. */
  readonly hint: string;
  /** Since when; null where unknown. */
  readonly since: Time | null;
}

/** A verdict with its reasons; `ok` with an empty list. */
export interface Verdict {
  readonly ok: boolean;
  readonly reasons: readonly Reason[];
}

/** An article that is not at the inserter as the revision has it, and that no delivery will bring there. */
export interface Exception {
  readonly kind: "rejected" | "duplicate" | "held" | "refused" | "foreign" | "undeletable";
  /** Path, or the id where no file has it. */
  readonly name: string;
  /** Who can do something about it: its author, or who runs the inserter. */
  readonly concerns: "author" | "operator";
}

/** How it stands. Codes are stable, words are not. */
export type VerdictKind = "in-step" | "in-step-except" | "behind" | "not-syncing";

/** The verdict that everything shows. */
export interface SyncVerdict {
  /**
   * `in-step`: every article of the revision is at the inserter. `in-step-except`: all but `except`.
   * `behind`: work is pending, `reasons` say what it waits for. `not-syncing`: nothing gets through.
   */
  readonly kind: VerdictKind;
  readonly except: Listing<Exception>;
  /** False while all that is wrong passes without anybody's doing. */
  readonly needsAction: boolean;
}

export interface RevisionStatus {
  /** Full commit id. */
  readonly id: string;
  /** First line of the commit's message; null when the commit cannot be read. */
  readonly subject: string | null;
  /** When it was authored. */
  readonly authored: Time | null;
  /** When the link was moved to it, where the repository is a link. */
  readonly flipped: Time | null;
  /** When this agent first saw it; null without a running daemon. */
  readonly seen: Time | null;
  /** When the last change of it was acknowledged; null before, and for what was live before the start. */
  readonly live: Time | null;
}

/** One thing wrong in a file, in English; `code` and `params` say it in another language. */
export interface ProblemStatus {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly params: Readonly<Record<string, string | number>>;
  readonly line: number;
  readonly column: number;
  /** UTF-16 code units to mark. */
  readonly length: number;
  /** `path:line:column`. */
  readonly where: string;
  readonly message: string;
  readonly hint: string;
  /** The text of the line; null where it is not known. */
  readonly excerpt: string | null;
}

/** A change that the inserter has not acknowledged yet. */
export interface PendingStatus {
  readonly id: string;
  /** Null for what came from an inventory. */
  readonly path: string | null;
  readonly kind: "upsert" | "delete";
  readonly cause: Cause;
  readonly since: Time;
  /** Attempts that failed. */
  readonly attempts: number;
  /** How the last attempt failed; null before one did. */
  readonly problem: string | null;
  /** When it is tried next; null for as soon as possible. */
  readonly nextTry: Time | null;
}

export interface RejectedStatus {
  readonly path: string;
  readonly id: string | null;
  readonly problems: readonly ProblemStatus[];
  /** Ids whose last good version stays at the inserter meanwhile. */
  readonly keeps: readonly string[];
}

/** An article delivered not long ago that is published, and that has warnings. */
export interface DoubtfulStatus {
  readonly path: string;
  readonly id: string;
  readonly problems: readonly ProblemStatus[];
}

/** The inserter said no. */
export interface RefusedStatus {
  readonly id: string;
  readonly path: string | null;
  readonly kind: "upsert" | "delete";
  readonly status: number;
  /** First 1 KiB of its answer, redacted. */
  readonly excerpt: string;
  readonly since: Time;
}

/** What the manifest holds. */
export interface ArticlesStatus {
  readonly counts: Counts;
  /** Oldest first. */
  readonly pending: Listing<PendingStatus>;
  /** Soonest first. */
  readonly scheduled: Listing<{ readonly id: string; readonly path: string; readonly at: Time }>;
  readonly rejected: Listing<RejectedStatus>;
  /** `path` wants the id that `winner` has. */
  readonly duplicates: Listing<{ readonly path: string; readonly id: string; readonly winner: string }>;
  /** Files that took too long to render; their last good versions stay. */
  readonly held: Listing<{ readonly path: string; readonly id: string | null; readonly reason: string }>;
  readonly refused: Listing<RefusedStatus>;
  /** Withdrawn or deleted here, but the inserter cannot delete them. */
  readonly undeletable: Listing<{ readonly id: string; readonly path: string | null }>;
  /** Wanted here, but another owner has the id at the inserter. */
  readonly foreign: Listing<{ readonly id: string; readonly path: string; readonly owner: string }>;
}

/** The inserter as a whole cannot be used as it should. */
export interface EndpointStatus {
  readonly kind: "unreachable" | "overloaded" | "failing" | "denied";
  readonly message: string;
  readonly hint: string | null;
  readonly since: Time;
  readonly attempts: number;
  readonly nextTry: Time | null;
}

export interface BrakeStatus {
  readonly deletes: number;
  readonly owned: number;
  /** What looks like the cause; null where there is no one cause. */
  readonly cause: BrakeCause | null;
  readonly since: Time | null;
  readonly hint: string;
}

export interface PassStatus {
  readonly at: Time;
  readonly trigger: string;
  /** How the trees were compared; null without a running daemon. */
  readonly way: string | null;
  readonly examined: number;
  readonly begun: number | null;
  readonly durationMs: number | null;
}

/** One operation that the inserter acknowledged. */
export interface DeliveryStatus {
  readonly at: Time;
  readonly kind: "upsert" | "delete";
  readonly id: string;
  readonly path: string | null;
  readonly cause: Cause;
  readonly attempts: number;
  /** From the request to its answer. */
  readonly tookMs: number;
  /** From the flip of the revision that asked for it; null where no new revision did. */
  readonly liveMs: number | null;
}

/** Where one article is. `unsent`: no pass has come to it yet. `gone`: no file has the id any more. */
export type FoundState =
  | "live"
  | "pending"
  | "unsent"
  | "scheduled"
  | "expired"
  | "draft"
  | "not-public"
  | "mapped-null"
  | "rejected"
  | "duplicate"
  | "held"
  | "refused"
  | "foreign"
  | "no-article"
  | "gone";

/** Why one article is, or is not, at the inserter. */
export interface FoundStatus {
  readonly state: FoundState;
  readonly path: string | null;
  readonly id: string | null;
  /** Whether the inserter holds some version of it, as far as its answers say. */
  readonly isLive: boolean;
  /** Errors and warnings. */
  readonly problems: readonly ProblemStatus[];
  readonly pending: PendingStatus | null;
  readonly refused: RefusedStatus | null;
  /** `scheduled`, `expired`: its time. */
  readonly at: Time | null;
  /** `duplicate`: the file that has the id. `foreign`: the owner who has it. */
  readonly other: string | null;
  /** `held`: why, in words. `no-article`: why, a code. */
  readonly reason: string | null;
}

export interface StatusSnapshot {
  /** Version of the agent. */
  readonly version: string;
  /** When this was taken. */
  readonly time: Time;
  /** When the daemon began; null where none runs. */
  readonly started: Time | null;
  readonly repo: string;
  readonly ref: string;
  /** Null until it is known. */
  readonly owner: string | null;
  /** URL without credentials, or `"embedded"`. */
  readonly inserter: string;
  /** Globs of the candidate paths, and of those left out. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly phase: Phase;

  readonly verdict: SyncVerdict;
  /** Whether the inserter holds what the repository wants, as far as that is possible. */
  readonly inStep: boolean;
  /** Since when it is in step, or out of it; null where unknown. */
  readonly since: Time | null;
  /** For how long it is out of step; 0 when in step. */
  readonly outOfStepMs: number;
  /** Why it is out of step. */
  readonly reasons: readonly Reason[];
  /** Verdict of `/healthz`. */
  readonly health: Verdict;
  /** Verdict of `/readyz`. */
  readonly ready: Verdict;

  readonly revision: RevisionStatus | null;
  /** Null when the state cannot be read just now. */
  readonly articles: ArticlesStatus | null;
  readonly brake: BrakeStatus | null;
  readonly endpoint: EndpointStatus | null;
  /** What is wrong with the state file; null when nothing is. */
  readonly stateTrouble: string | null;
  /** Requests on their way. */
  readonly inFlight: number;

  /** Whether the inserter can list what it holds. */
  readonly inventory: "inventory" | "none" | "unknown";
  /**
   * Set when the state was made anew at that time and no inventory has been read since: articles deleted
   * from the repository before may remain at the inserter, and cannot be found.
   */
  readonly startedOver: Time | null;
  readonly lastVerified: Time | null;
  readonly lastPass: PassStatus | null;
  readonly nextDrift: Time | null;
  readonly nextResync: Time | null;
  /** The last 50 deliveries, newest first. */
  readonly recent: readonly DeliveryStatus[];
  /** Those with warnings among the 50 articles delivered last, newest first; empty without a running daemon. */
  readonly doubtful: readonly DoubtfulStatus[];
}
