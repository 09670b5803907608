import type { State } from "../ports.ts";

/** Ids of a listing remembered by their folded form; beyond that some are not recognised. */
const REMEMBERED_MAX = 100_000;

/** What is left of an id where case and Unicode normalisation make no difference. */
export function foldId(id: string): string {
  return id.normalize("NFC").toLowerCase();
}

/**
 * Finds an id that an inserter lists in another case or Unicode form than it was sent: one that keeps `Intro`
 * as `intro`, or takes the two for one.
 */
export class Folding {
  readonly #state: Pick<State, "listed">;
  /** Ids listed that are not in their folded form, by that form. */
  readonly #listed = new Map<string, string>();

  constructor(state: Pick<State, "listed">) {
    this.#state = state;
  }

  note(id: string): void {
    const folded = foldId(id);
    if (folded !== id && this.#listed.size < REMEMBERED_MAX) this.#listed.set(folded, id);
  }

  /** The other form in which an id that is not listed is listed; null where it is not. */
  listedAs(id: string): string | null {
    const folded = foldId(id);
    const other = folded !== id && this.#state.listed(folded) !== null ? folded : this.#listed.get(folded);
    return other === undefined || other === id ? null : other;
  }
}
