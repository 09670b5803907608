import type {
  BrakeCause,
  Cause,
  Claim,
  ComparisonChoice,
  Digest,
  NoArticleReason,
  OwnerConflict,
  Problem,
  Revision,
  Trigger,
  Trouble,
  Version,
} from "./model.ts";
import type { Decision } from "./plan/plan.ts";

/** For whom the state was made, or is used now. */
export interface Identity {
  /** URL of the inserter without credentials; null in a new state. */
  readonly inserter: string | null;
  readonly owner: string | null;
}

/** An operation that the inserter acknowledged. */
interface Acknowledgement {
  readonly id: string;
  readonly cause: Cause;
  readonly version: Version;
  /** Of the last request, milliseconds. */
  readonly durationMs: number;
  /** Since the operation was begun, milliseconds. */
  readonly waitedMs: number;
  /** Requests it took, at least 1. */
  readonly attempts: number;
  /** One of many that are delivered together. */
  readonly isBulk: boolean;
}

/**
 * What happened in the core, in the order in which it happened. `kind` is the stable name that the log gives
 * it; `report/describe.ts` puts it into words. Durations are milliseconds.
 */
export type SyncEvent =
  // The repository.
  | { readonly kind: "repository.waiting"; readonly reason: string; readonly hint: string }
  | { readonly kind: "repository.found"; readonly revision: Revision }
  | { readonly kind: "revision.seen"; readonly revision: Revision }
  /** A part of the revision cannot be read, though it is still the one that is published; now it can. */
  | {
      readonly kind: "revision.unreadable";
      readonly revision: Revision;
      readonly reason: string;
      readonly hint: string;
    }
  | { readonly kind: "revision.readable"; readonly revision: Revision }
  // A pass over one revision.
  | {
      readonly kind: "pass.done";
      readonly trigger: Trigger;
      readonly revision: Revision;
      /** How the changes were found; `none` where nothing could differ. */
      readonly way: ComparisonChoice["way"] | "none";
      readonly why: ComparisonChoice["why"] | "revision-known";
      /** Files parsed. */
      readonly examined: number;
      /** Operations begun. */
      readonly begun: number;
      readonly durationMs: number;
    }
  | { readonly kind: "pass.superseded"; readonly trigger: Trigger }
  | {
      readonly kind: "brake.on";
      readonly deletes: number;
      readonly owned: number;
      readonly cause: BrakeCause | null;
      readonly revision: Revision;
    }
  | { readonly kind: "brake.off"; readonly revision: Revision }
  /** Nothing is sent: see {@link OwnerConflict}. */
  | ({ readonly kind: "owner.conflict"; readonly ours: string } & OwnerConflict)
  | { readonly kind: "owner.agreed" }
  // What a file turned out to be, and what was decided about an id.
  | { readonly kind: "article.rejected"; readonly path: string; readonly problems: readonly Problem[] }
  | { readonly kind: "article.held"; readonly path: string; readonly reason: string }
  | {
      /**
       * A file says in a questionable way that it is not public: `problem` says how to write it. Reported
       * whether or not it was published. That a published article goes is `article.deleted`.
       */
      readonly kind: "article.withdrawn";
      readonly path: string;
      readonly problem: Problem;
    }
  | {
      readonly kind: "article.skipped";
      readonly path: string;
      readonly why: NoArticleReason | "draft" | "not-public" | "mapped-null" | "scheduled" | "expired";
    }
  | { readonly kind: "article.decided"; readonly claim: Claim; readonly decision: Decision }
  // What the inserter answered about an article.
  | ({ readonly kind: "article.upserted"; readonly path: string } & Acknowledgement)
  | ({ readonly kind: "article.deleted" } & Acknowledgement)
  | {
      readonly kind: "article.retry";
      readonly id: string;
      readonly operation: "upsert" | "delete";
      readonly reason: string;
      /** Failed attempts so far, at least 1. */
      readonly attempts: number;
      readonly nextInMs: number;
    }
  | {
      readonly kind: "article.refused";
      readonly id: string;
      /** Null for a delete. */
      readonly path: string | null;
      readonly status: number;
      /** First 1 KiB of the answer, redacted. */
      readonly excerpt: string;
    }
  | { readonly kind: "article.undeletable"; readonly id: string; readonly reason: string }
  /** The inserter lists another digest than it was sent, also after it was sent again. */
  | {
      readonly kind: "article.differs";
      readonly id: string;
      readonly sent: Digest;
      readonly listed: Digest;
    }
  /** The inserter lists it in another case or Unicode form than it was sent, also after it was sent again. */
  | { readonly kind: "article.folded"; readonly id: string; readonly listed: string }
  // The inserter as a whole.
  | { readonly kind: "inserter.waiting"; readonly reason: string }
  | { readonly kind: "inserter.found" }
  | { readonly kind: "inserter.trouble"; readonly trouble: Trouble; readonly nextInMs: number }
  | { readonly kind: "inserter.recovered"; readonly trouble: Trouble; readonly forMs: number }
  /** Nothing is pending any more that could show whether this trouble is over. */
  | { readonly kind: "inserter.idle"; readonly trouble: Trouble }
  | { readonly kind: "inserter.no-batch"; readonly status: number }
  | { readonly kind: "inserter.drifted"; readonly ids: number }
  | {
      readonly kind: "inventory.unknown";
      readonly reason: string;
      /** What it was asked for: a pass, which goes on without it, or a check for drift. */
      readonly wantedFor: "pass" | "drift";
    }
  // The state.
  | { readonly kind: "state.inserter-changed"; readonly before: Identity; readonly now: Identity }
  /** The state is new, and the inserter holds articles of this owner: their ids are known from now on. */
  | { readonly kind: "state.adopted"; readonly held: number }
  | { readonly kind: "state.unavailable"; readonly reason: string }
  | { readonly kind: "state.recovered" };
