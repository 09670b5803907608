import type { Listed } from "./model.ts";
import type { ListingComparison } from "./ports.ts";

/**
 * Whose article a line tells of, when it is not ours; null when it is, or nobody tells.
 *
 * @param ours Whose articles count as ours; null where all do.
 */
export function otherOwner({ owner }: Listed, ours: string | null): string | null {
  return ours === null || owner === null || owner === "" || owner === ours ? null : owner;
}

/**
 * Whether the inserter lists what it was sent last, and nothing is under way or in the way: then the manifest
 * has nothing to learn of this id. Most ids, at most looks: a state may tell by a query what these are.
 *
 * @param ours As of {@link otherOwner}.
 */
export function agree({ listed, entry }: ListingComparison, ours: string | null): boolean {
  if (listed === null || entry === null || listed.digest === null) return false;
  const isAtRest = entry.pending === null && entry.repaired === null && entry.foreignOwner === null;
  return isAtRest && otherOwner(listed, ours) === null && entry.acknowledged?.digest === listed.digest;
}
