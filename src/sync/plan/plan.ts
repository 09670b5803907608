import type { Cause, Claim, Entry, Version, Winner } from "../model.ts";
import { isDeclined, mayStand } from "../rules.ts";

/** How a pass looks at what it finds. */
export interface PlanRules {
  readonly scope: "owned" | "all" | "none";
  /** Refused payloads and undeletable ids get another try: at start, at a resync, after a reload. */
  readonly retryRefused: boolean;
  /** Ids to send again though unchanged; "all" where a verify finds no inventory. */
  readonly resend: "all" | ReadonlySet<string>;
  /** What was acknowledged under a later version has been sent again already. */
  readonly resendUpTo: Version;
}

/** What is known of an id that no file has any more. */
export interface Departure {
  /** Path of a rejected or held file whose last good version this is; null if none. */
  readonly keeper: string | null;
  /** It is unknown which file it came from, and some file cannot be read: it might be that one's. */
  readonly unaccounted: boolean;
  readonly cause: Cause;
}

/** What to do about one id. */
export type Decision =
  | { readonly kind: "nothing" }
  /** The row has served. */
  | { readonly kind: "forget" }
  | { readonly kind: "upsert"; readonly winner: Winner; readonly cause: Cause }
  /** As it should be: send nothing, but remember where it can be read now, and that old trouble is over. */
  | { readonly kind: "note"; readonly winner: Winner }
  /** `again`: the inserter declined it before. */
  | { readonly kind: "delete"; readonly cause: Cause; readonly again: boolean }
  /**
   * No file has it, and it stays: the last good version of the unreadable file at `path`; or, while any
   * file is unreadable, because it is unknown which one it came from (`unaccounted`); or because nothing
   * is to be deleted at all (`scope`).
   */
  | { readonly kind: "keep"; readonly why: "last-good"; readonly path: string }
  | { readonly kind: "keep"; readonly why: "unaccounted" | "scope" }
  /** Another owner holds the id. */
  | { readonly kind: "yield"; readonly owner: string };

const NOTHING: Decision = { kind: "nothing" };

/**
 * The planner: what one id needs, from what the repository wants and what the inserter is known to hold.
 *
 * An operation once begun is only ever replaced by another one, never dropped: it may have arrived
 * though no answer came, and then dropping it would leave an orphan or an old payload for ever.
 *
 * @param departure Asked only when no file has the id and an entry exists.
 */
export function decide(claim: Claim, rules: PlanRules, departure: () => Departure): Decision {
  const { winner, entry } = claim;
  if (winner !== null) return decideWanted(claim.id, winner, entry, rules);
  if (entry === null || entry.foreignOwner !== null) return NOTHING;
  return decideUnwanted(entry, rules, departure);
}

function decideWanted(id: string, winner: Winner, entry: Entry | null, rules: PlanRules): Decision {
  if (entry === null) return { kind: "upsert", winner, cause: "new" };
  if (entry.foreignOwner !== null) return { kind: "yield", owner: entry.foreignOwner };
  const { pending, acknowledged, refusal } = entry;
  const isMeant = rules.resend === "all" || rules.resend.has(id);
  const again = isMeant && (acknowledged === null || acknowledged.version <= rules.resendUpTo);

  if (pending?.kind === "upsert" && pending.digest === winner.digest) return settled(entry, winner, false);
  if (pending === null && !again) {
    if (acknowledged?.digest === winner.digest && !entry.uncertain) return settled(entry, winner, true);
    if (refusal?.digest === winner.digest && !rules.retryRefused) return settled(entry, winner, false);
  }
  return { kind: "upsert", winner, cause: causeOf(entry, winner, again) };
}

function settled(entry: Entry, winner: Winner, isInStep: boolean): Decision {
  const here = entry.path === winner.path && entry.blob === winner.blob;
  return here && !(isInStep && isDeclined(entry)) ? NOTHING : { kind: "note", winner };
}

function causeOf(entry: Entry, winner: Winner, again: boolean): Cause {
  const stands = entry.acknowledged?.digest === winner.digest;
  if (again && stands) return "resend";
  if (entry.repaired === winner.digest && !stands) return "drift";
  if (entry.acknowledged === null) return entry.path === null || !mayStand(entry) ? "new" : "changed";
  return entry.path !== null && entry.path !== winner.path ? "moved" : "changed";
}

function decideUnwanted(entry: Entry, rules: PlanRules, departure: () => Departure): Decision {
  if (entry.pending?.kind === "delete") return NOTHING;
  const { keeper, unaccounted, cause } = departure();
  // Also where an inventory misses it: should it turn up again, its file is known.
  if (keeper !== null) return { kind: "keep", why: "last-good", path: keeper };
  if (!mayStand(entry)) return { kind: "forget" };
  if (unaccounted) return { kind: "keep", why: "unaccounted" };
  if (rules.scope === "none") return { kind: "keep", why: "scope" };
  const triedInVain = entry.undeletable || (entry.refusal !== null && entry.refusal.digest === null);
  if (triedInVain && entry.pending === null && !rules.retryRefused) return NOTHING;
  return { kind: "delete", cause, again: triedInVain };
}
