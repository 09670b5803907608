import { beginDelete, beginUpsert, blankEntry, note, yieldTo } from "../entry.ts";
import type { Cause, Change, Claim, Entry, Verdict } from "../model.ts";
import type { Clock, State } from "../ports.ts";
import { idOf, isDeclined, isExpired, isPublished, isUnreadable } from "../rules.ts";
import type { Versions } from "../version.ts";
import type { Decision, Departure } from "./plan.ts";

/**
 * The time against which dates are judged, epoch milliseconds: the time of day, but never running
 * backwards, so that an article once published is not withdrawn because a clock was set back.
 */
export function publishingTime(state: State, clock: Clock): number {
  return Math.max(clock.nowMs(), Number(state.meta("now") ?? 0));
}

/**
 * Writes into the manifest what a path turned out to be, and marks every id whose fate may hang on it.
 *
 * @param verdict Null when the path is gone, or is no candidate any more.
 * @returns The ids marked. The caller marks them in the state within the same transaction.
 */
export function recordFile(
  state: State,
  change: Pick<Change, "path" | "blob">,
  verdict: Verdict | null,
  fingerprint: string,
): Set<string> {
  const ids = new Set<string>();
  const before = state.file(change.path);
  const idBefore = before === null ? null : idOf(before.verdict);
  if (verdict === null || change.blob === null) state.dropFile(change.path);
  else state.putFile({ path: change.path, blob: change.blob, fingerprint, verdict });

  for (const id of state.idsAtPath(change.path)) ids.add(id);
  for (const id of [idBefore, verdict === null ? null : idOf(verdict)]) {
    if (id === null) continue;
    for (const related of relatedIds(state, id)) ids.add(related);
  }
  return ids;
}

/** An id, and those whose keeper changes when it finds another winner. */
export function relatedIds(state: State, id: string): string[] {
  return [id, ...state.idsRelated(id)];
}

/** What is known of an id that no file has any more; see {@link Departure}. */
export function departureOf(state: State, entry: Entry, nowMs: number): Departure {
  const naming = state.keeperNaming(entry.id);
  if (naming !== null) return { keeper: naming, unaccounted: false, cause: "deleted" };
  if (entry.path === null) {
    return { keeper: null, unaccounted: state.anyKeeper(nowMs), cause: "unowned" };
  }
  const file = state.file(entry.path);
  if (file === null) return { keeper: null, unaccounted: false, cause: "deleted" };
  const keeper = isKept(state, file.path, file.verdict, nowMs) ? file.path : null;
  return { keeper, unaccounted: false, cause: departureCause(file.verdict, nowMs) };
}

/** A file that cannot be published as it is: malformed, too slow to render, or the loser of its id. */
function isKept(state: State, path: string, verdict: Verdict, nowMs: number): boolean {
  if (isUnreadable(verdict)) return true;
  return isPublished(verdict, nowMs) && state.claim(verdict.id, nowMs).winner?.path !== path;
}

function departureCause(verdict: Verdict, nowMs: number): Cause {
  if (verdict.kind === "withdrawn" || isExpired(verdict, nowMs)) return "withdrawn";
  if (verdict.kind === "article") return isPublished(verdict, nowMs) ? "moved" : "scheduled";
  return "deleted";
}

/**
 * Write-ahead: stores what a decision is about to do, before the first byte leaves.
 *
 * @returns Whether an operation was begun.
 */
export function begin(
  state: State,
  versions: Versions,
  claim: Claim,
  decision: Decision,
  nowMs: number,
): boolean {
  const entry = claim.entry ?? blankEntry(claim.id);
  switch (decision.kind) {
    case "upsert":
      state.putEntry(beginUpsert(entry, decision.winner, decision.cause, versions.next(), nowMs));
      return true;
    case "delete":
      state.putEntry(beginDelete(entry, decision.cause, versions.next(), nowMs));
      return true;
    case "note":
      state.putEntry(note(entry, decision.winner));
      return false;
    case "yield":
      if (entry.pending !== null || entry.acknowledged !== null) {
        state.putEntry(yieldTo(entry, decision.owner));
      }
      return false;
    case "keep":
      // What the inserter would not do to it is asked of it no more.
      if (isDeclined(entry)) state.putEntry({ ...entry, refusal: null, undeletable: false });
      return false;
    case "forget":
      state.dropEntry(claim.id);
      return false;
    default:
      return false;
  }
}
