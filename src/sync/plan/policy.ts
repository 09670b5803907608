/** Deletes that a pass holds back, and out of how many articles. */
export interface Brake {
  readonly deletes: number;
  readonly owned: number;
}

/** Ids whose delete a pass has planned. */
export interface PlannedDeletes {
  readonly fresh: readonly string[];
  /** The inserter declined the same before: they were let pass then, and are not counted again. */
  readonly again: readonly string[];
}

/** Up to this many deletes never brake: a small blog may lose half of its posts on purpose. */
const DELETES_ALWAYS_ALLOWED = 10;

/**
 * The brake: of a pass that would delete more than `maxFraction` of what was owned before it, and more
 * than 10, no delete is let through.
 *
 * @param owned How many articles were owned before the pass.
 * @param isApproved Whether a person approved this very revision.
 */
export function applyBrake(
  { fresh, again }: PlannedDeletes,
  owned: number,
  maxFraction: number,
  isApproved: boolean,
): { readonly allowed: readonly string[]; readonly held: readonly string[]; readonly brake: Brake | null } {
  const ids = [...fresh, ...again];
  const deletes = fresh.length;
  if (isApproved || deletes <= DELETES_ALWAYS_ALLOWED || deletes <= maxFraction * owned) {
    return { allowed: ids, held: [], brake: null };
  }
  return { allowed: [], held: ids, brake: { deletes, owned } };
}
