import { isOwned } from "../../src/sync/rules.ts";
import type { MemoryTables } from "../support/memory-tables.ts";

/** A pass that has not been looked back at yet. */
interface Open {
  /** How many articles were owned before the change that it finds. */
  readonly owned: number;
  /** Ids whose delete it has begun, and that were not declined before. */
  readonly begun: Set<string>;
}

/** What a change found beside what stays held. */
interface Rest {
  /** How many articles were owned. */
  readonly left: Range;
  /** How many held ids it has brought back; time may have done it as well, or may not yet. */
  readonly back: Range;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** What was owned before a change, and the revision that it was first seen with. */
interface Baseline {
  readonly owned: number;
  readonly since: string | null;
}

const NOTHING: Baseline = { owned: 0, since: null };

/**
 * What the brake must hold, whatever the state says: ids by what was owned before the change that asked for
 * their deletes, and which of them a person approved. It lives as long as the history, across all processes.
 */
export class BrakeTruth {
  readonly #maxFraction: number;
  readonly #held = new Map<string, number>();
  readonly #approved = new Set<string>();
  /** Before passes that have not come to their end, as far as they wrote something. */
  #kept = NOTHING;
  /** Before the last pass. */
  #before = NOTHING;
  /** The last pass has begun something. */
  #hasBegun = false;
  #open: Open | null = null;
  #isForgotten = false;

  constructor(maxFraction: number) {
    this.#maxFraction = maxFraction;
  }

  /** The state was lost, or is an older one: what it says counts. */
  stateForgot(): void {
    this.#isForgotten = true;
  }

  /** A process starts. */
  started(tables: MemoryTables): void {
    if (!this.#isForgotten) return;
    this.#isForgotten = false;
    this.#open = null;
    this.#held.clear();
    this.#approved.clear();
    for (const { id, owned, approved } of tables.braked.values()) {
      this.#held.set(id, owned);
      if (approved) this.#approved.add(id);
    }
    const [owned, since = null] = (tables.meta.get("baseline") ?? "0").split(" ");
    this.#kept = this.#before = { owned: Number(owned), since };
    this.#hasBegun = false;
  }

  /** A person approves what the state says is held. */
  approved(tables: MemoryTables): void {
    for (const { id, asked } of tables.braked.values()) if (asked) this.#approved.add(id);
  }

  /** @returns What the pass before, which did not end, did wrong; null when nothing. */
  passBegins(tables: MemoryTables, revision: string): string | null {
    const complaint = this.#lookBack(tables);
    const written = tables.meta.get("baseline");
    const isOver = written === undefined && tables.meta.has("checkpoint");
    if (isOver || (written === undefined && !this.#hasBegun)) this.#kept = NOTHING;
    else if (this.#hasBegun || written?.endsWith(` ${this.#before.since}`)) this.#kept = this.#before;
    this.#hasBegun = false;
    let { owned } = this.#kept;
    if (owned > 0) this.#before = this.#kept;
    else {
      owned = [...tables.entries.values()].filter(isOwned).length;
      this.#before = { owned: this.#kept.since === revision ? 0 : owned, since: revision };
    }
    this.#open = { owned, begun: new Set() };
    return complaint;
  }

  begun(id: string, isFreshDelete: boolean): void {
    this.#hasBegun = true;
    if (isFreshDelete) this.#open?.begun.add(id);
  }

  /** A newer revision came: nothing was judged. */
  passSuperseded(): void {
    this.#open = null;
  }

  /** @returns What it did wrong; null when nothing. */
  passDone(tables: MemoryTables): string | null {
    const complaint = this.#lookBack(tables);
    for (const id of tables.braked.keys()) {
      if (isPublished(tables, id)) return `${id} is still held though a file has it`;
    }
    return complaint;
  }

  #lookBack(tables: MemoryTables): string | null {
    if (this.#open === null) return null;
    const { owned, begun } = this.#open;
    this.#open = null;
    const back = this.#noteReturns(tables, begun);
    // An id that only a scheduled or expired article has may be back, and counts, or is held as before.
    const most = owned - this.#held.size;
    const left = { least: most - (back.most - back.least), most };
    const groups = new Map<number, number>();
    for (const one of this.#held.values()) groups.set(one, (groups.get(one) ?? 0) + 1);
    const mayGo = (id: string, ofGroup: number): boolean =>
      this.#approved.has(id) || !this.#isTooMany(groups.get(ofGroup) ?? 0, ofGroup);
    const later: string[] = [];
    for (const id of begun) {
      const ofGroup = this.#held.get(id);
      if (ofGroup === undefined) later.push(id);
      else if (!mayGo(id, ofGroup)) return `the delete of ${id} was begun, which the brake holds`;
      if (tables.braked.has(id)) return `${id} is still held though its delete was begun`;
    }
    for (const [id, ofGroup] of this.#held) {
      const row = tables.braked.get(id);
      if (row === undefined && !begun.has(id) && !mayGo(id, ofGroup)) return `${id} is held no more`;
      if (row === undefined) this.#held.delete(id);
      if (row === undefined || !row.asked) this.#approved.delete(id);
    }
    return this.#judgeLater(tables, { left, back }, later);
  }

  #judgeLater(tables: MemoryTables, { left, back }: Rest, later: readonly string[]): string | null {
    if (this.#isTooMany(later.length - back.most, left.most))
      return `${later.length} deletes of ${left.most} articles were begun`;
    const added = [...tables.braked.values()].filter(({ id }) => !this.#held.has(id));
    if (added.length > 0 && !this.#isTooMany(added.length - back.least, left.least)) {
      return `${added.length} deletes of ${left.least} articles are held`;
    }
    for (const row of added) {
      if (row.approved && !this.#approved.has(row.id)) return `nobody has approved the delete of ${row.id}`;
      this.#held.set(row.id, row.owned);
      const [least, most] = [Math.max(left.least, added.length), Math.max(left.most, added.length)];
      if (row.owned < least || row.owned > most) return `${row.owned} count as owned, ${most} were`;
    }
    return null;
  }

  /** Ids that a file has again, or that nothing of ours stands under any more. @returns How many a file has. */
  #noteReturns(tables: MemoryTables, begun: ReadonlySet<string>): Rest["back"] {
    const back = { least: 0, most: 0 };
    for (const id of this.#held.keys()) {
      if (begun.has(id) || tables.braked.has(id)) continue;
      const paths = [...(tables.pathsById.get(id)?.keys() ?? [])];
      const isWanted = paths.some((path) => tables.files.get(path)?.verdict.kind === "article");
      const entry = tables.entries.get(id);
      if (!isWanted && entry !== undefined && isOwned(entry)) continue;
      if (isPublished(tables, id)) back.least++;
      if (isWanted) back.most++;
      this.#held.delete(id);
      this.#approved.delete(id);
    }
    return back;
  }

  #isTooMany(deletes: number, owned: number): boolean {
    return deletes > 1 && deletes > this.#maxFraction * Math.max(owned, deletes);
  }
}

/** Whether a file has an id at any time. */
function isPublished(tables: MemoryTables, id: string): boolean {
  const paths = [...(tables.pathsById.get(id)?.keys() ?? [])];
  return paths.some((path) => {
    const verdict = tables.files.get(path)?.verdict;
    return verdict?.kind === "article" && verdict.publishAtMs === null && verdict.expiresAtMs === null;
  });
}
