import { blankEntry, yieldTo } from "../entry.ts";
import type { Acknowledged, Digest, Entry, Listed, ListingComparison } from "../model.ts";
import { otherOwner } from "../rules.ts";

/** How a listing is read. */
export interface ListingRules {
  readonly owner: string;
  readonly scope: "owned" | "all" | "none";
  /** Whether the repository wants an id. */
  readonly isWanted: (id: string) => boolean;
  /**
   * Whether to repair once more what an inserter without versions lists otherwise than it was sent: with
   * versions there is no doubt whose write stands there.
   */
  readonly again: boolean;
  /** Whether this id, which is not listed, is wanted and listed in another case or Unicode form. */
  readonly isFolded?: boolean;
}

/** Whose articles count as ours; null where all do. */
export function oursOf({ owner, scope }: Pick<ListingRules, "owner" | "scope">): string | null {
  return scope === "all" ? null : owner;
}

/** The entry as the inventory has it; the same object when the manifest has nothing to learn. Pure. */
export function entryAsListed({ id, listed, entry }: ListingComparison, rules: ListingRules): Entry | null {
  if (listed === null) return entry === null ? null : missing(entry, rules.isFolded ?? false);
  const other = otherOwner(listed, oursOf(rules));
  if (other !== null) {
    return entry?.foreignOwner === other ? entry : yieldTo(entry ?? blankEntry(id), other);
  }
  if (entry !== null) return present(listed, entry, rules.again);
  const isOurs = rules.scope === "all" || listed.owner === rules.owner || rules.isWanted(id);
  return isOurs ? { ...blankEntry(id), acknowledged: asAcknowledged(listed) } : null;
}

/**
 * The two digests, where the inserter has something else under an id than it was sent, and so it stays for
 * now.
 *
 * @param entry As {@link entryAsListed} has it.
 */
export function leftAlone(
  listed: Listed | null,
  entry: Entry | null,
): { readonly sent: Digest; readonly listed: Digest } | null {
  const digest = listed?.digest ?? null;
  const sent = entry?.acknowledged?.digest ?? null;
  return digest === null || sent === null || sent === digest ? null : { sent, listed: digest };
}

function present(listed: Listed, entry: Entry, again: boolean): Entry {
  const known = entry.foreignOwner === null ? entry : { ...entry, foreignOwner: null };
  const { acknowledged, pending } = known;
  // Only its version shows that it was this very operation, and that no older one can undo it.
  const hasArrived =
    pending?.kind === "upsert" &&
    pending.digest === listed.digest &&
    listed.version !== null &&
    listed.version >= pending.version;
  if (hasArrived) return { ...known, acknowledged: asAcknowledged(listed), pending: null, uncertain: false };
  if (acknowledged === null) return { ...known, acknowledged: asAcknowledged(listed) };
  if (listed.digest === null) return known;
  if (listed.digest === acknowledged.digest) {
    // What differed and is on its way again differs no longer once it has arrived, and not before.
    const isOver = known.repaired !== null && pending === null;
    return isOver ? { ...known, repaired: null } : known;
  }
  const isOurs = listed.version === null ? !again : listed.version === acknowledged.version;
  if (isOurs && known.repaired !== null && known.repaired === acknowledged.digest) return known;
  return { ...known, acknowledged: asAcknowledged(listed), repaired: acknowledged.digest };
}

/**
 * The inserter lists nothing under this id, and nothing is under way. A listing may be older than it
 * should be: what is not wanted any more is deleted all the same, once, unless that is in vain.
 */
function missing(entry: Entry, isFolded: boolean): Entry | null {
  const { acknowledged, foreignOwner, pending, refusal, repaired } = entry;
  // Sent once more in vain, it stands there under the other id.
  if (isFolded && pending === null && acknowledged !== null && repaired === acknowledged.digest) return entry;
  const undeletable = entry.undeletable && entry.uncertain;
  const isKnown = acknowledged === null && foreignOwner === null && entry.undeletable === undeletable;
  if (isKnown) return entry;
  if (pending === null && refusal === null && foreignOwner !== null) return null;
  const uncertain = entry.uncertain || (acknowledged !== null && !entry.undeletable);
  const sentAgain = isFolded ? (acknowledged?.digest ?? repaired) : repaired;
  return { ...entry, acknowledged: null, uncertain, foreignOwner: null, undeletable, repaired: sentAgain };
}

function asAcknowledged({ digest, version }: Listed): Acknowledged {
  return { digest, version: version ?? 0 };
}
