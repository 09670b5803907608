import { compareBytes } from "../sync/order.ts";

/**
 * Pairs two pages of rows, each in byte order of ids: the first `limit` ids, with both sides. Of several
 * left rows with one id the first counts. May give fewer ids where a page ended at its own limit.
 */
export function mergeById<L extends { id: string }, R extends { id: string }>(
  left: readonly L[],
  right: readonly R[],
  limit: number,
): { id: string; left: L | null; right: R | null }[] {
  const merged: { id: string; left: L | null; right: R | null }[] = [];
  let l = 0;
  let r = 0;
  while (merged.length < limit) {
    const a = left[l];
    const b = right[r];
    if (a === undefined && b === undefined) break;
    // A page that ended at its limit says nothing of what comes after it.
    if (a === undefined && left.length === limit) break;
    if (b === undefined && right.length === limit) break;
    const order = a === undefined ? 1 : b === undefined ? -1 : compareBytes(a.id, b.id);
    const id = order <= 0 ? (a as L).id : (b as R).id;
    merged.push({ id, left: order <= 0 ? (a as L) : null, right: order >= 0 ? (b as R) : null });
    if (order <= 0) while (left[l]?.id === id) l++;
    if (order >= 0) r++;
  }
  return merged;
}
