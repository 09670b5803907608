import type { Braked } from "../model.ts";
import type { State } from "../ports.ts";

/** Ids whose delete a pass has planned. */
export interface PlannedDeletes {
  readonly fresh: readonly string[];
  /** The inserter declined the same before: they were let pass then, and are not counted again. */
  readonly again: readonly string[];
}

/** What becomes of them. */
export interface JudgedDeletes {
  readonly allowed: readonly string[];
  readonly held: readonly Braked[];
  /** Whether the brake holds other ids than before. */
  readonly isNews: boolean;
}

/** What has become of an id that the brake holds: its delete is asked for, is not for now, or can be no more. */
export type BrakedFate =
  | "asked"
  | "kept"
  /** A file has it again. */
  | "back"
  | "over";

/** Whether so many deletes are more than a change may ask for. One is never too many, and all are not at 1. */
export function isTooMany(deletes: number, owned: number, maxFraction: number): boolean {
  return deletes > 1 && deletes > maxFraction * Math.max(owned, deletes);
}

/**
 * The brake. Deletes that are new with this pass are judged by themselves: all of them are let through, or
 * none is and the state remembers their ids. Those that it remembers stay held until their ids come back, a
 * person has approved them, or what is left of them would be let through too. A change that brings some of them
 * back repairs what was held: it may delete as many others, which have come in their place.
 *
 * @param owned How many articles were owned before the change that asks for the new ones, braked ones included.
 * @param fateOf Asked about ids that the state remembers and that the pass has not planned.
 */
export function applyBrake(
  state: State,
  { fresh, again }: PlannedDeletes,
  owned: number,
  maxFraction: number,
  fateOf: (id: string) => BrakedFate,
): JudgedDeletes {
  if (!state.anyBraked() && !isTooMany(fresh.length, owned, maxFraction)) {
    return { allowed: [...fresh, ...again], held: [], isNews: false };
  }
  const planned = new Set([...fresh, ...again]);
  // An approval may come from another process at any moment: it is read and kept within one transaction.
  return state.transaction(() => {
    const before = state.braked();
    const now: Braked[] = [];
    let back = 0;
    for (const row of before) {
      const fate = planned.has(row.id) ? "asked" : fateOf(row.id);
      if (fate === "asked") now.push({ ...row, asked: true });
      // What is not asked for any more needs a new approval when it is again.
      else if (fate === "kept") now.push({ ...row, asked: false, approved: false });
      else if (fate === "back") back++;
    }
    const groups = Map.groupBy(now, (row) => row.owned);
    const isReleased = (row: Braked): boolean =>
      row.approved || !isTooMany(groups.get(row.owned)?.length ?? 0, row.owned, maxFraction);
    const released = now.filter((row) => row.asked && isReleased(row)).map(({ id }) => id);
    const stays = now.filter((row) => !isReleased(row));
    const known = new Set(before.map(({ id }) => id));
    const later = fresh.filter((id) => !known.has(id));
    const ownedNow = Math.max(owned - now.length, later.length);
    const isHeld = isTooMany(later.length - back, ownedNow, maxFraction);
    const added = isHeld
      ? later.map((id): Braked => ({ id, owned: ownedNow, asked: true, approved: false }))
      : [];
    const held = [...stays.filter(({ asked }) => asked), ...added];
    // Those released leave as they are begun; before that a crash may come.
    const kept = new Set([...released, ...stays.map(({ id }) => id)]);
    state.dropBraked(before.filter(({ id }) => !kept.has(id)).map(({ id }) => id));
    state.putBraked([...changed(before, stays), ...added]);
    return {
      allowed: [...released, ...(isHeld ? [] : later), ...again.filter((id) => !known.has(id))],
      held,
      isNews: added.length > 0 || held.length !== before.filter(({ asked }) => asked).length,
    };
  });
}

function changed(before: readonly Braked[], now: readonly Braked[]): Braked[] {
  const old = new Map(before.map((row) => [row.id, row]));
  return now.filter((row) => old.get(row.id)?.asked !== row.asked);
}
