import { beginDelete, beginUpsert, blankEntry, note, yieldTo } from "../entry.ts";
import { checkDecision, checkEntry } from "../invariants.ts";
import type { Cause, Change, Claim, Entry, Verdict } from "../model.ts";
import type { State } from "../ports.ts";
import { afterSlip, idOf, isDeclined, isExpired, isOwned, isPublished, isUnreadable } from "../rules.ts";
import type { Versions } from "../version.ts";
import type { Decision, Departure } from "./plan.ts";

/** What was written of a path. */
export interface RecordedFile {
  /** Every id that may depend on it: the caller marks them in the state within the same transaction. */
  readonly ids: ReadonlySet<string>;
  /** As it counts, after what the path was before. */
  readonly verdict: Verdict | null;
}

/**
 * Writes into the manifest what a path turned out to be.
 *
 * @param parsed Null when the path is gone, or is no candidate any more.
 */
export function recordFile(
  state: State,
  change: Pick<Change, "path" | "blob">,
  parsed: Verdict | null,
  fingerprint: string,
): RecordedFile {
  const before = state.file(change.path);
  const idBefore = before === null ? null : idOf(before.verdict);
  const standing = state.idsAtPath(change.path);
  const ids = new Set(standing);
  const isStanding = (id: string): boolean => {
    const entry = state.entry(id);
    return entry !== null && isOwned(entry);
  };
  const verdict =
    parsed?.kind === "none" ? afterSlip(parsed, before?.verdict ?? null, standing.some(isStanding)) : parsed;
  if (verdict === null || change.blob === null) state.dropFile(change.path);
  else state.putFile({ path: change.path, blob: change.blob, fingerprint, verdict });

  for (const id of [idBefore, verdict === null ? null : idOf(verdict)]) {
    if (id === null) continue;
    for (const related of relatedIds(state, id)) ids.add(related);
  }
  return { ids, verdict };
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
  return { keeper, unaccounted: false, cause: departureCause(state, file.verdict, nowMs) };
}

/** A file that cannot be published as it is: malformed, too slow to render, or the loser of its id. */
function isKept(state: State, path: string, verdict: Verdict, nowMs: number): boolean {
  if (isUnreadable(verdict)) return true;
  if (verdict.kind !== "article") return false;
  const { winner, entry } = state.claim(verdict.id, nowMs);
  return isPublished(verdict, entry, nowMs) && winner?.path !== path;
}

function departureCause(state: State, verdict: Verdict, nowMs: number): Cause {
  if (verdict.kind === "withdrawn" || isExpired(verdict, nowMs)) return "withdrawn";
  if (verdict.kind === "article")
    return isPublished(verdict, state.entry(verdict.id), nowMs) ? "moved" : "scheduled";
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
  checkDecision(claim, decision);
  const next = appeared(state, claim, entryAfter(claim, decision, versions, nowMs));
  if (next !== claim.entry) writeEntry(state, versions, claim, next);
  return decision.kind === "upsert" || decision.kind === "delete";
}

/** What is published has appeared, and stays so. */
function appeared(state: State, { winner }: Claim, entry: Entry | null): Entry | null {
  if (winner === null || entry === null || entry.path !== winner.path) return entry;
  const verdict = state.file(winner.path)?.verdict;
  const appearedMs = verdict?.kind === "article" ? verdict.publishAtMs : null;
  return entry.appearedMs === appearedMs ? entry : { ...entry, appearedMs };
}

/** The entry as a decision leaves it; the same object when it changes nothing, null when it is dropped. */
function entryAfter(claim: Claim, decision: Decision, versions: Versions, nowMs: number): Entry | null {
  const entry = claim.entry ?? blankEntry(claim.id);
  switch (decision.kind) {
    case "upsert":
      return beginUpsert(entry, decision.winner, decision.cause, versions.next(), nowMs);
    case "delete":
      return beginDelete(entry, decision.cause, versions.next(), nowMs);
    case "note":
      return note(entry, decision.winner);
    case "yield":
      return entry.pending !== null || entry.acknowledged !== null
        ? yieldTo(entry, decision.owner)
        : claim.entry;
    case "keep":
      // What the inserter would not do to it is asked of it no more.
      return isDeclined(entry) ? { ...entry, refusal: null, undeletable: false } : claim.entry;
    case "forget":
      return null;
    case "nothing":
      return claim.entry;
  }
}

/** Puts one entry in the place of another, within a transaction of the caller's: the only way by which it changes. */
export function writeEntry(
  state: State,
  versions: Versions,
  { id, entry }: { readonly id: string; readonly entry: Entry | null },
  next: Entry | null,
): void {
  if (next === null) {
    state.dropEntry(id);
    return;
  }
  checkEntry(entry, next, versions.last);
  state.putEntry(next);
}
