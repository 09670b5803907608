import type { Trigger } from "./model.ts";

/** Where the daemon stands; for status and probes. Times are milliseconds since the epoch. */
export interface DaemonStatus {
  readonly phase: "waiting-for-repository" | "waiting-for-inserter" | "reconciling" | "following";
  /** Why it waits, and how to mend it. */
  readonly waiting: { readonly reason: string; readonly hint: string } | null;
  readonly revision: string | null;
  /** When that revision was first seen. */
  readonly revisionSeenMs: number | null;
  readonly firstPassDone: boolean;
  readonly lastPass: { readonly atMs: number; readonly trigger: Trigger; readonly examined: number } | null;
  readonly lastVerifiedMs: number | null;
  /** End of the last completed turn of the loop, and when the next is due at the latest. */
  readonly lastTurnMs: number;
  readonly nextTurnMs: number;
  readonly nextDriftMs: number;
  readonly nextResyncMs: number;
  readonly stateTrouble: string | null;
}

/** Times that are told in the time of day and kept otherwise. */
export type Due = "lastTurnMs" | "nextTurnMs" | "nextDriftMs" | "nextResyncMs";
