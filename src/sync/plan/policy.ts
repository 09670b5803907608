/** Deletes that a pass holds back, and out of how many articles. */
export interface Brake {
  readonly deletes: number;
  readonly owned: number;
}

/** Up to this many deletes never brake: a small blog may lose half of its posts on purpose. */
const DELETES_ALWAYS_ALLOWED = 10;

/**
 * The brake: a pass that would delete more than `maxFraction` of what was owned before it, and more
 * than 10, sends none of its deletes.
 *
 * @param approved Whether a person approved this very revision.
 * @returns Null when the deletes may go.
 */
export function brake(deletes: number, owned: number, maxFraction: number, approved: boolean): Brake | null {
  if (approved || deletes <= DELETES_ALWAYS_ALLOWED || deletes <= maxFraction * owned) return null;
  return { deletes, owned };
}
