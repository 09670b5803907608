import type { OwnerConflict } from "../model.ts";
import type { State } from "../ports.ts";

/**
 * Whether the articles of this repository are at the inserter under another owner's name: more than half of
 * the ids wanted are held, and nothing there is ours. That is another repository's inserter, or an agent that
 * had another owner before: a person has to say which, so nothing is sent. A single id that two repositories
 * share is refused, and the others go on.
 *
 * @param page Ids read in one go.
 * @returns Null where there is no such conflict.
 */
export function ownerConflict(state: State, nowMs: number, page: number): OwnerConflict | null {
  const held = new Map<string, number>();
  let wanted = 0;
  for (let after: string | null = null; ; ) {
    const claims = state.claims(after, page, nowMs);
    const last = claims.at(-1);
    if (last === undefined) break;
    after = last.id;
    for (const { winner, entry } of claims) {
      if (winner === null) continue;
      wanted++;
      const owner = entry?.foreignOwner ?? null;
      if (owner !== null) held.set(owner, (held.get(owner) ?? 0) + 1);
    }
  }
  const [first] = [...held].sort(([, a], [, b]) => b - a);
  const count = [...held.values()].reduce((sum, one) => sum + one, 0);
  if (first === undefined || count * 2 <= wanted) return null;
  return { owner: first[0], held: count, wanted };
}

/** Whether such a conflict can be: then nothing is begun before all files are known. */
export function mayConflict(state: State): boolean {
  return state.anyForeign() && state.countOwned() === 0;
}
