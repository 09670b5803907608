import { invariant } from "../invariants.ts";
import type { Operation, Version } from "../model.ts";

/** Ids that have a request under way now, or begin one before `end`: an inventory cannot speak of them. */
export interface TrackedIds {
  readonly ids: ReadonlySet<string>;
  /** Another owner's: its request is not to leave, if it has not left yet. */
  forbid(id: string): void;
  end(): void;
}

/** Ids whose request is under way, or whose answer is not written yet. */
export class InFlight {
  /** With its version where it is an upsert that has not failed before; else null. */
  readonly #ids = new Map<string, Version | null>();
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
  add({ id, kind, version }: Pick<Operation, "id" | "kind" | "version">, hasFailed: boolean): void {
    invariant(!this.#ids.has(id), "an id has at most one request at a time", id);
    this.#ids.set(id, kind === "upsert" && !hasFailed ? version : null);
    for (const ids of this.#trackers) ids.add(id);
  }

  delete(id: string): void {
    this.#ids.delete(id);
    this.#forbidden.delete(id);
  }

  /** Whether an upsert that was begun before this version is tried for the first time just now. */
  hasFirstUpsertBefore(version: Version): boolean {
    for (const one of this.#ids.values()) if (one !== null && one < version) return true;
    return false;
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
