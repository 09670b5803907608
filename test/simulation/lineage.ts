import type { Pending } from "../../src/sync/model.ts";
import type { Outgoing } from "../../src/sync/ports.ts";

/** What may make versions fall. */
interface Excuses {
  readonly clockWasSetBack: boolean;
  readonly stateWasLost: boolean;
}

/** An operation as it was begun. */
interface Begun {
  readonly kind: "upsert" | "delete";
  readonly digest: string | null;
  /** Place of the publication that was being looked at. */
  readonly order: number;
}

/** What each version stands for, and for which publication an id was last given something. */
export class Lineage {
  readonly #excuses: Excuses;
  /** By id and version. */
  readonly #begun = new Map<string, Begun>();
  /** Publication for which the operation was begun that an id was last given. */
  readonly #applied = new Map<string, number>();

  constructor(excuses: Excuses) {
    this.#excuses = excuses;
  }

  /**
   * A version rises above one that the state forgot by the time of day alone: with a clock set back as well
   * how high it has to be is unknown, but for what an inventory lists.
   */
  get #mayFall(): boolean {
    return this.#excuses.clockWasSetBack && this.#excuses.stateWasLost;
  }

  /** @returns What is wrong with its version; null when nothing is. */
  begun(id: string, pending: Pending, order: number): string | null {
    const digest = pending.kind === "upsert" ? pending.digest : null;
    const key = `${id} ${pending.version}`;
    const known = this.#begun.get(key);
    if (known === undefined || this.#mayFall) {
      this.#begun.set(key, { kind: pending.kind, digest, order });
      return null;
    }
    const isSame = known.digest === digest && known.kind === pending.kind;
    return isSame ? null : `version ${pending.version} of ${id} stands for two operations`;
  }

  /** @returns What is wrong with its version; null when nothing is. */
  sent({ id, version, kind, digest }: Outgoing): string | null {
    const begun = this.#begun.get(`${id} ${version}`);
    const isSame = begun?.kind === kind && begun.digest === digest;
    return isSame ? null : `version ${version} was begun for something else than ${kind} ${id}`;
  }

  /** The inserter was wiped or set back: what it held before binds it no more. */
  inserterForgot(): void {
    this.#applied.clear();
  }

  /**
   * An inserter that honours versions took an operation.
   *
   * @returns Why it should not have come to that; null when it may.
   */
  applied({ id, version, kind }: Outgoing): string | null {
    const order = this.#begun.get(`${id} ${version}`)?.order ?? 0;
    const before = this.#applied.get(id) ?? 0;
    this.#applied.set(id, order);
    if (order >= before || this.#mayFall) return null;
    return `${kind} of ${id} begun for publication ${order} was applied after one for ${before}`;
  }
}
