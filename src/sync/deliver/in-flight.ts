import { invariant } from "../invariants.ts";
import type { Operation } from "../model.ts";

/** Ids that have a request under way now, or begin one before `end`: an inventory cannot speak of them. */
export interface TrackedIds {
  readonly ids: ReadonlySet<string>;
  /** Another owner's: its request is not to leave, if it has not left yet. */
  forbid(id: string): void;
  end(): void;
}

/** Ids whose request is under way, or whose answer is not written yet. */
export class InFlight {
  /** With the time of their pass where they are upserts that have not failed before; else null. */
  readonly #ids = new Map<string, number | null>();
  /** How many of those, by that time. */
  readonly #firstUpserts = new Map<number, number>();
  readonly #trackers = new Set<Set<string>>();
  /** Those that must not leave any more, if they have not left yet. */
  readonly #forbidden = new Set<string>();

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** @param hasFailed Whether it was tried before, in vain. */
  add({ id, kind, sinceMs }: Pick<Operation, "id" | "kind" | "sinceMs">, hasFailed: boolean): void {
    invariant(!this.#ids.has(id), "an id has at most one request at a time", id);
    const change = kind === "upsert" && !hasFailed ? sinceMs : null;
    this.#ids.set(id, change);
    if (change !== null) this.#firstUpserts.set(change, (this.#firstUpserts.get(change) ?? 0) + 1);
    for (const ids of this.#trackers) ids.add(id);
  }

  delete(id: string): void {
    const change = this.#ids.get(id) ?? null;
    this.#ids.delete(id);
    this.#forbidden.delete(id);
    if (change === null) return;
    const left = (this.#firstUpserts.get(change) ?? 1) - 1;
    if (left > 0) this.#firstUpserts.set(change, left);
    else this.#firstUpserts.delete(change);
  }

  /** Whether an upsert that the pass of this time began is tried for the first time just now. */
  hasFirstUpsertOf(sinceMs: number): boolean {
    return this.#firstUpserts.has(sinceMs);
  }

  /** Whether it may still be sent. */
  mayLeave(id: string): boolean {
    return !this.#forbidden.has(id);
  }

  /** Those that are here now, and all that come until `end`. */
  track(): TrackedIds {
    const ids = new Set(this.#ids.keys());
    this.#trackers.add(ids);
    return {
      ids,
      forbid: (id) => {
        if (this.#ids.has(id)) this.#forbidden.add(id);
      },
      end: () => {
        this.#trackers.delete(ids);
      },
    };
  }
}
