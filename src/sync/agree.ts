import type { ListingComparison } from "./ports.ts";

/**
 * Whether the inserter lists what it was sent last, and nothing is under way or in the way: then the manifest
 * has nothing to learn of this id. Most ids, at most looks: a state may tell by a query what these are.
 *
 * @param owner Whose articles count as ours; null where all do.
 */
export function agree({ listed, entry }: ListingComparison, owner: string | null): boolean {
  if (listed === null || entry === null || listed.digest === null) return false;
  const isOurs = owner === null || listed.owner === null || listed.owner === "" || listed.owner === owner;
  const isAtRest = entry.pending === null && entry.repaired === null && entry.foreignOwner === null;
  return isOurs && isAtRest && entry.acknowledged?.digest === listed.digest;
}
