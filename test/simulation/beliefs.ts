import type { Entry, Listed, Pending } from "../../src/sync/model.ts";
import type { Outgoing } from "../../src/sync/ports.ts";
import { mayStand } from "../../src/sync/rules.ts";
import type { MemoryTables } from "../support/memory-tables.ts";
import type { Setup } from "./history.ts";
import type { Inserter } from "./inserter.ts";
import { type Candidate, isTimed, type Publication, preferred } from "./repository.ts";

/** What else may make the manifest err, and is no fault of the process that wrote it. */
export interface Excuses {
  /** A listing was once older than it should be. */
  readonly listingWasStale: boolean;
  /** Ids of requests that landed after newer ones, or after they were given up. */
  readonly landedLate: ReadonlySet<string>;
  /** Ids whose delete was answered by something that is not the inserter. */
  readonly deniedDeletes: ReadonlySet<string>;
}

/**
 * Holds what the manifest says of the inserter against the inserter itself, whenever it is written.
 *
 * Without this, faults that a drift check or a resync fixes in the end would not be seen.
 */
export class Beliefs {
  readonly #inserter: Inserter;
  readonly #setup: Setup;
  readonly #excuses: Excuses;
  /** How often the inserter or the state forgot things, and after which time of these an id was last given something. */
  #epoch = 0;
  /** Ids and versions of upserts that were applied, or that a listing named. */
  readonly #seen = new Set<string>();
  readonly #appliedIn = new Map<string, number>();
  /** Payloads that were sent again because the inserter lists them otherwise, and acknowledged; with the epoch. */
  readonly #repaired = new Map<string, string>();
  /** Payloads that the manifest has as standing there, since nothing else was begun. */
  readonly #confirmed = new Map<string, string>();

  constructor(inserter: Inserter, setup: Setup, excuses: Excuses) {
    this.#inserter = inserter;
    this.#setup = setup;
    this.#excuses = excuses;
  }

  /** Something was done at the inserter. */
  applied({ id, kind, version }: Outgoing): void {
    this.#appliedIn.set(id, this.#epoch);
    if (kind === "upsert") this.#seen.add(`${id} ${version}`);
  }

  listed(lines: readonly Listed[]): void {
    for (const { id, version } of lines) this.#seen.add(`${id} ${version ?? 0}`);
  }

  /** The inserter or the state was lost, or set back: from now on only what is done anew is known. */
  forgot(): void {
    this.#epoch++;
  }

  /** @returns What the manifest says that is not so; null when all is. */
  written(id: string, entry: Entry | null): string | null {
    this.#confirmed.delete(id);
    const version = entry?.acknowledged?.version;
    if (version !== undefined && !this.#seen.has(`${id} ${version}`)) {
      return `version ${version} of ${id} counts as acknowledged, and never was`;
    }
    const isOpen =
      entry !== null && (entry.pending !== null || entry.uncertain || entry.foreignOwner !== null);
    if (isOpen) return null;
    const { repaired } = entry ?? { repaired: null };
    const isOfNow = this.#appliedIn.get(id) === this.#epoch;
    if (repaired !== null && isOfNow && entry?.acknowledged?.digest === repaired) {
      this.#repaired.set(id, `${this.#epoch} ${repaired}`);
    }
    if (!this.#isKnown(id)) return null;
    const believed = entry?.acknowledged?.digest ?? null;
    const there = this.#inserter.articles.get(id)?.digest ?? null;
    if (believed !== there) {
      return `${id} is said to be ${believed ?? "nowhere"} at the inserter, and is ${there ?? "not there"}`;
    }
    if (believed !== null) this.#confirmed.set(id, believed);
    return null;
  }

  /**
   * Without versions it is unknown who wrote what is listed: each resync may repair it anew.
   *
   * @param isThorough Whether everything may be meant to be sent again.
   * @returns Why an operation need not have been begun; null when it had to, or that is unknown.
   */
  begun(id: string, pending: Pending, isThorough: boolean): string | null {
    const repaired = this.#repaired.get(id);
    this.#repaired.delete(id);
    const { listingWasStale, landedLate } = this.#excuses;
    const isReliable =
      this.#inserter.abilities.inventory === "full" && !listingWasStale && !landedLate.has(id);
    const isRepair = pending.kind === "upsert" && pending.cause === "drift" && isReliable && !isThorough;
    const stands = isRepair && this.#inserter.articles.get(id)?.digest === pending.digest;
    if (stands && repaired === `${this.#epoch} ${pending.digest}`) {
      return `${id} is sent once more though a repair of it was acknowledged`;
    }
    const confirmed = this.#confirmed.get(id);
    this.#confirmed.delete(id);
    if (pending.kind !== "upsert" || pending.digest !== confirmed || pending.cause === "resend") return null;
    if (!this.#isKnown(id) || this.#inserter.articles.get(id)?.digest !== confirmed) return null;
    return `${id} stands there as it should, and is sent again because it is ${pending.cause}`;
  }

  /** Whether what stands under an id is what was last confirmed, if anything was. */
  #isKnown(id: string): boolean {
    const { listingWasStale, landedLate, deniedDeletes } = this.#excuses;
    if (this.#inserter.isAltered(id)) return false;
    if (listingWasStale || landedLate.has(id) || deniedDeletes.has(id)) return false;
    return this.#appliedIn.get(id) === this.#epoch && this.#inserter.articles.get(id)?.owner !== "someone";
  }

  /**
   * What a pass has passed over: the manifest has to say of every id that it is as the publication wants
   * it, or what is pending.
   *
   * @returns What is neither; null when nothing is.
   */
  passed(publication: Publication, tables: MemoryTables): string | null {
    for (const [id, files] of publication.candidates) {
      const winner = preferred(files, tables.entries.get(id));
      const digest = files.some(isUnsure) ? null : (winner?.digest ?? null);
      if (digest === null || tables.touched.has(id)) continue;
      if (!isOnItsWay(tables.entries.get(id) ?? null, digest)) return `${id} is neither there nor pending`;
    }
    const mayKeep =
      publication.unreadable.size + publication.bare.size > 0 ||
      publication.candidates.values().some(mayKeepOther);
    if (mayKeep || this.#setup.scope === "none") return null;
    for (const entry of tables.entries.values()) {
      const { id, pending, refusal, undeletable, foreignOwner } = entry;
      if (publication.candidates.has(id) || tables.touched.has(id) || foreignOwner !== null) continue;
      if (tables.braked.has(id)) continue;
      const isDeclined = undeletable || (refusal !== null && refusal.digest === null);
      if (mayStand(entry) && pending?.kind !== "delete" && !isDeclined) {
        return `no file has ${id} any more, and its delete is not pending`;
      }
    }
    return null;
  }
}

/** Whether the file wants its id at some times only. */
function isUnsure(candidate: Candidate): boolean {
  return isTimed(candidate) || candidate.isSlow;
}

/** Whether one of the files may keep what it last was: the loser of an id, or one that takes patience. */
function mayKeepOther(files: readonly Candidate[]): boolean {
  return files.length > 1 || files.some(({ isSlow }) => isSlow);
}

function isOnItsWay(entry: Entry | null, digest: string): boolean {
  if (entry === null) return false;
  const { acknowledged, pending, uncertain, refusal, foreignOwner } = entry;
  if (foreignOwner !== null || refusal?.digest === digest) return true;
  if (pending !== null) return pending.kind === "upsert" && pending.digest === digest;
  return acknowledged?.digest === digest && !uncertain;
}
