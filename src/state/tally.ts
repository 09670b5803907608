import type { Entry } from "../sync/model.ts";
import type { Database } from "./database.ts";

interface Counts {
  owned: number;
  pending: number;
  published: number;
}

/** What an entry counts for, by the columns that decide it. */
interface Standing {
  readonly known: number;
  readonly pending: string | null;
  readonly uncertain: number;
  readonly foreign: number;
}

/**
 * Numbers of entries that are asked for all the time, kept as entries change: to count rows takes longer
 * the more there are. Counted once, when first asked for.
 */
export class Tally {
  readonly #db: Database;
  #counts: Counts | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Of ours (no other owner's), perhaps standing at the inserter, and not pending a delete. */
  get owned(): number {
    return this.#counted().owned;
  }

  get pending(): number {
    return this.#counted().pending;
  }

  /** Acknowledged, with nothing pending, and no other owner's. */
  get published(): number {
    return this.#counted().published;
  }

  /** Writes were undone, or many were made at once: to be counted again. */
  forget(): void {
    this.#counts = null;
  }

  /**
   * An entry is about to be put in the place of another; null: nothing.
   *
   * @param before Reads what is there now.
   */
  replace(before: () => Entry | null, entry: Entry | null): void {
    if (this.#counts === null) return;
    const replaced = before();
    if (replaced !== null) this.#add(standingOf(replaced), -1);
    if (entry !== null) this.#add(standingOf(entry), 1);
  }

  #counted(): Counts {
    if (this.#counts !== null) return this.#counts;
    this.#counts = { owned: 0, pending: 0, published: 0 };
    const sql = `SELECT known, pending, uncertain, foreign_owner IS NOT NULL AS 'foreign', count(*) AS n
      FROM entries GROUP BY 1, 2, 3, 4`;
    for (const { n, ...standing } of this.#db.rows<Standing & { n: number }>(sql)) this.#add(standing, n);
    return this.#counts;
  }

  #add({ known, pending, uncertain, foreign }: Standing, count: number): void {
    if (this.#counts === null) return;
    if (pending !== null) this.#counts.pending += count;
    if (foreign === 1) return;
    const mayStand = known === 1 || pending !== null || uncertain === 1;
    if (mayStand && pending !== "delete") this.#counts.owned += count;
    if (known === 1 && pending === null) this.#counts.published += count;
  }
}

function standingOf({ acknowledged, pending, uncertain, foreignOwner }: Entry): Standing {
  return {
    known: acknowledged === null ? 0 : 1,
    pending: pending?.kind ?? null,
    uncertain: uncertain ? 1 : 0,
    foreign: foreignOwner === null ? 0 : 1,
  };
}
