import type { TrackedIds } from "../deliver/in-flight.ts";
import { blankEntry, yieldTo } from "../entry.ts";
import type { Entry, Listed } from "../model.ts";
import {
  type InventoryReply,
  type Reply,
  type Report,
  type Sink,
  type State,
  StateUnavailable,
} from "../ports.ts";
import { otherOwner } from "../rules.ts";
import type { Versions } from "../version.ts";

/** Rows compared in one transaction. */
const PAGE = 1_000;

/** What asking for the inventory came to. */
export type Refreshed =
  /** The inserter has none. */
  | { readonly kind: "none" }
  /** As it was when it was last read. */
  | { readonly kind: "unchanged" }
  /**
   * The manifest now says what the inserter says; `drifted` ids differed. `tellsOwners`: so that what is
   * ours there is known even if the manifest had forgotten it.
   */
  | { readonly kind: "refreshed"; readonly drifted: number; readonly tellsOwners: boolean }
  /** Not to be told just now; nothing was changed. */
  | { readonly kind: "unknown"; readonly reply: Reply | null; readonly message: string };

/** A listing that the entries equal, as it is remembered between processes. */
interface Told {
  readonly etag: string;
  readonly batch: number;
  /** Which ids count as ours depends on it. */
  readonly scope: "owned" | "all" | "none";
}

/**
 * Brings the manifest in line with what the inserter lists, and marks the ids that differ. The plan
 * does the rest: a wiped inserter is refilled because the manifest no longer believes it is full.
 */
export class Inventory {
  readonly #state: State;
  readonly #sink: Sink;
  readonly #versions: Versions;
  readonly #report: Report;
  readonly #owner: string;
  /** Whose articles count as ours; null where all do. */
  readonly #ours: string | null;
  readonly #scope: "owned" | "all" | "none";
  #etag: string | null = null;
  /** It has answered in this process. */
  #hasTold = false;
  /** Most operations a batch, as the last inventory said; 0 = no batches. */
  batch = 0;

  constructor(options: {
    state: State;
    sink: Sink;
    versions: Versions;
    report: Report;
    owner: string;
    scope: "owned" | "all" | "none";
  }) {
    this.#state = options.state;
    this.#sink = options.sink;
    this.#versions = options.versions;
    this.#report = options.report;
    this.#owner = options.owner;
    this.#scope = options.scope;
    this.#ours = options.scope === "all" ? null : options.owner;
  }

  /** What was listed last is not what is believed now: "as it was" would be no answer. */
  forget(): void {
    this.#etag = null;
  }

  /**
   * Goes on from what the inserter told a former process, if it told all and nothing has changed here since.
   *
   * @returns False when it has told something in this one: then that counts.
   */
  recall(): boolean {
    if (this.#hasTold) return false;
    const listing = this.#state.meta("listing");
    const told = listing === null ? null : (JSON.parse(listing) as Told);
    if (told !== null && told.scope === this.#scope) {
      this.#etag = told.etag;
      this.batch = told.batch;
    }
    return true;
  }

  /**
   * @param again Whether to repair once more what an inserter without versions lists otherwise than it
   * was sent: with versions there is no doubt whose write stands there.
   */
  async refresh(
    unsettled: TrackedIds,
    isWanted: (id: string) => boolean,
    again: boolean,
    signal: AbortSignal,
  ): Promise<Refreshed> {
    try {
      const reply = await this.#sink.inventory(this.#etag, signal);
      return await this.#take(reply, unsettled, isWanted, again);
    } catch (error) {
      if (!signal.aborted || error instanceof StateUnavailable) throw error;
      return { kind: "unknown", reply: null, message: "the agent ends" };
    } finally {
      unsettled.end();
    }
  }

  async #take(
    reply: InventoryReply,
    unsettled: TrackedIds,
    isWanted: (id: string) => boolean,
    again: boolean,
  ): Promise<Refreshed> {
    this.#hasTold ||= reply.kind !== "unknown";
    if (reply.kind === "none" || reply.kind === "unchanged") {
      this.#remember(reply.kind === "none" ? "none" : "inventory");
      return reply;
    }
    if (reply.kind === "unknown") return { ...reply, message: describe(reply.reply) };

    this.#etag = null;
    this.#state.clearListing();
    let tellsOwners = true;
    try {
      for await (const page of reply.pages) {
        for (const line of page) {
          this.#versions.raise(line.version ?? 0);
          if (line.owner === null || line.owner === "") tellsOwners = false;
        }
        this.#state.stageListing(page);
      }
    } catch (error) {
      this.#state.clearListing();
      if (error instanceof StateUnavailable) throw error;
      return { kind: "unknown", reply: null, message: (error as Error).message };
    }
    this.batch = reply.batch;
    this.#remember("inventory");
    tellsOwners ||= this.#scope === "all";
    const { drifted, differs } = this.#compare(unsettled, isWanted, again);
    this.#state.clearListing();
    // An id that was under way is to be looked at again next time, also if nothing else changes.
    this.#etag = unsettled.ids.size > 0 ? null : reply.etag;
    if (this.#etag !== null && tellsOwners && drifted === 0 && !differs) this.#keep(this.#etag);
    return { kind: "refreshed", drifted, tellsOwners };
  }

  /**
   * The manifest says what this listing says, whatever the tree may be and whoever asks: the next process
   * may ask whether it still holds, and be spared all that it lists. The state forgets it with the first
   * entry that changes.
   */
  #keep(etag: string): void {
    const told: Told = { etag, batch: this.batch, scope: this.#scope };
    const listing = JSON.stringify(told);
    if (this.#state.meta("listing") === listing) return;
    this.#state.transaction(() => {
      this.#state.setMeta("listing", listing);
      this.#state.setMeta("started-over", null);
      this.#versions.save();
    });
  }

  #remember(capability: "inventory" | "none"): void {
    if (this.#state.meta("capability") === capability) return;
    this.#state.transaction(() => this.#state.setMeta("capability", capability));
  }

  #compare(
    unsettled: TrackedIds,
    isWanted: (id: string) => boolean,
    again: boolean,
  ): { drifted: number; differs: boolean } {
    let drifted = 0;
    let differs = false;
    let after: string | null = null;
    for (;;) {
      const page = this.#state.compareListing(after, PAGE, this.#ours);
      const last = page.at(-1);
      if (last === undefined) return { drifted, differs };
      after = last.id;
      const differing: [id: string, next: Entry | null][] = [];
      for (const { id, listed, entry } of page) {
        if (unsettled.ids.has(id)) {
          // Only what is another's is not to be touched, whatever is under way.
          if (listed === null || otherOwner(listed, this.#ours) === null) continue;
          unsettled.forbid(id);
        }
        const next = this.#reconcile(id, listed, entry, isWanted, again);
        if (next !== entry) differing.push([id, next]);
        differs ||= isLeftAlone(listed, next);
      }
      drifted += differing.length;
      // Nothing is written, and no disk waited for, where all is as it was.
      if (differing.length > 0) this.#adopt(differing);
    }
  }

  #adopt(differing: readonly (readonly [id: string, next: Entry | null])[]): void {
    this.#state.transaction(() => {
      for (const [id, next] of differing) {
        if (next === null) this.#state.dropEntry(id);
        else this.#state.putEntry(next);
      }
      this.#state.touch(differing.map(([id]) => id));
      this.#versions.save();
    });
  }

  /** The entry as the inventory has it; the same object when they agree. */
  #reconcile(
    id: string,
    listed: Listed | null,
    entry: Entry | null,
    isWanted: (id: string) => boolean,
    again: boolean,
  ): Entry | null {
    if (listed === null) return entry === null ? null : missing(entry);
    const other = otherOwner(listed, this.#ours);
    if (other !== null) {
      return entry?.foreignOwner === other ? entry : yieldTo(entry ?? blankEntry(id), other);
    }
    if (entry === null) {
      const ours = this.#scope === "all" || listed.owner === this.#owner || isWanted(id);
      return ours ? { ...blankEntry(id), acknowledged: asAcknowledged(listed) } : null;
    }
    return this.#present(listed, entry, again);
  }

  #present(listed: Listed, entry: Entry, again: boolean): Entry {
    const known = entry.foreignOwner === null ? entry : { ...entry, foreignOwner: null };
    const { acknowledged, pending } = known;
    // Only its version tells that it was this very operation, and that no older one can undo it.
    const hasArrived =
      pending?.kind === "upsert" &&
      pending.digest === listed.digest &&
      listed.version !== null &&
      listed.version >= pending.version;
    if (hasArrived)
      return { ...known, acknowledged: asAcknowledged(listed), pending: null, uncertain: false };
    if (acknowledged === null) return { ...known, acknowledged: asAcknowledged(listed) };
    if (listed.digest === null) return known;
    if (listed.digest === acknowledged.digest) {
      // What differed and is on its way again differs no longer once it has arrived, and not before.
      const isOver = known.repaired !== null && pending === null;
      return isOver ? { ...known, repaired: null } : known;
    }
    const isOurs = listed.version === null ? !again : listed.version === acknowledged.version;
    if (isOurs && known.repaired !== null && known.repaired === acknowledged.digest) {
      const { id, repaired: sent } = known;
      this.#report({ kind: "article.differs", id, sent, listed: listed.digest });
      return known;
    }
    return { ...known, acknowledged: asAcknowledged(listed), repaired: acknowledged.digest };
  }
}

/**
 * The inserter lists nothing under this id, and nothing is under way. A listing may be older than it
 * should be: what is not wanted any more is deleted all the same, once, unless that is in vain.
 */
function missing(entry: Entry): Entry | null {
  const { acknowledged, foreignOwner, pending, refusal } = entry;
  const undeletable = entry.undeletable && entry.uncertain;
  const isKnown = acknowledged === null && foreignOwner === null && entry.undeletable === undeletable;
  if (isKnown) return entry;
  if (pending === null && refusal === null && foreignOwner !== null) return null;
  const uncertain = entry.uncertain || (acknowledged !== null && !entry.undeletable);
  return { ...entry, acknowledged: null, uncertain, foreignOwner: null, undeletable };
}

/** The inserter has something else under this id than it was sent, and so it stays for now. */
function isLeftAlone(listed: Listed | null, entry: Entry | null): boolean {
  const digest = listed?.digest ?? null;
  return (
    digest !== null && entry !== null && entry.acknowledged !== null && entry.acknowledged.digest !== digest
  );
}

function asAcknowledged(listed: Listed): Entry["acknowledged"] {
  return { digest: listed.digest, version: listed.version ?? 0 };
}

function describe(reply: Reply): string {
  return reply.kind === "failure"
    ? reply.message
    : `inserter answered ${reply.status} to the inventory request`;
}
