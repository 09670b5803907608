import type { TrackedIds } from "../deliver/in-flight.ts";
import { checkPage } from "../invariants.ts";
import type { Entry, ListingComparison } from "../model.ts";
import { type InventoryReply, type Reply, StateCorrupt, StateUnavailable, type World } from "../ports.ts";
import { otherOwner } from "../rules.ts";
import type { Versions } from "../version.ts";
import { Folding } from "./folding.ts";
import { entryAsListed, type ListingRules, leftAlone, oursOf } from "./listing.ts";
import { writeEntry } from "./manifest.ts";

/** Rows compared in one transaction. */
const PAGE = 1_000;

/** What came of asking the inserter what it holds. */
export type Verified =
  /** The manifest says what the inserter says. `drifted` ids differed. */
  | { readonly kind: "known"; readonly drifted: number }
  /** It has no inventory: nothing can be compared. */
  | { readonly kind: "none" }
  /** It did not say, and nothing was changed. */
  | {
      readonly kind: "unknown";
      readonly message: string;
      readonly unreachable: boolean;
      /** It answered that this request is not allowed, or redirected it: it may take articles all the same. */
      readonly denied?: boolean;
    };

/** A listing that the entries equal, as it is remembered between processes. */
interface KeptListing {
  readonly etag: string;
  readonly batch: number;
  /** Which ids count as ours depends on it. */
  readonly scope: "owned" | "all" | "none";
}

/** How ids that differ are looked at. */
interface Look extends Pick<ListingRules, "isWanted" | "again"> {
  /** Ids that the inventory cannot speak of. */
  readonly tracked: TrackedIds;
}

/**
 * Brings the manifest in line with what the inserter lists, and marks the ids that differ. The plan
 * does the rest: a wiped inserter is refilled because the manifest no longer believes it is full.
 */
export class Inventory {
  readonly #world: World;
  readonly #versions: Versions;
  readonly #scope: "owned" | "all" | "none";
  #etag: string | null = null;
  /** The inserter has answered in this process. */
  #hasAnswered = false;
  /** Most operations a batch, as the last inventory said; 0 = no batches. */
  batch = 0;

  constructor(world: World, versions: Versions, scope: "owned" | "all" | "none") {
    this.#world = world;
    this.#versions = versions;
    this.#scope = scope;
  }

  /** It denies inventories and nothing else: none is asked for before the next full reconcile. */
  giveUp(): void {
    this.#setMeta("capability", "none");
  }

  /** What was listed last is not what is believed now: "unchanged" would be no answer. */
  dropEtag(): void {
    this.#etag = null;
  }

  /**
   * Goes on from what the inserter listed to a former process, if that was all and nothing has changed here
   * since.
   *
   * @returns False when it has answered in this one: then that counts.
   */
  restoreEtag(): boolean {
    if (this.#hasAnswered) return false;
    const listing = this.#world.state.meta("listing");
    const kept = listing === null ? null : (JSON.parse(listing) as KeptListing);
    if (kept !== null && kept.scope === this.#scope) {
      this.#etag = kept.etag;
      this.batch = kept.batch;
    }
    return true;
  }

  async refresh(look: Look, signal: AbortSignal): Promise<Verified> {
    try {
      return await this.#take(await this.#world.sink.inventory(this.#etag, signal), look);
    } catch (error) {
      if (!signal.aborted || error instanceof StateUnavailable || error instanceof StateCorrupt) throw error;
      return { kind: "unknown", message: "the agent ends", unreachable: false };
    } finally {
      look.tracked.end();
    }
  }

  async #take(reply: InventoryReply, look: Look): Promise<Verified> {
    if (reply.kind === "unknown") return unknown(reply.reply);
    this.#hasAnswered = true;
    if (reply.kind !== "listing") {
      this.#setMeta("capability", reply.kind === "none" ? "none" : "inventory");
      return reply.kind === "none" ? reply : { kind: "known", drifted: 0 };
    }

    const { state } = this.#world;
    this.#etag = null;
    state.clearListing();
    let namesOwners = true;
    const folding = new Folding(state);
    try {
      for await (const page of reply.pages) {
        for (const { id, version, owner } of page) {
          folding.note(id);
          this.#versions.raise(version ?? 0);
          if (owner === null || owner === "") namesOwners = false;
        }
        state.stageListing(page);
      }
    } catch (error) {
      state.clearListing();
      if (error instanceof StateUnavailable || error instanceof StateCorrupt) throw error;
      return { kind: "unknown", message: (error as Error).message, unreachable: false };
    }
    this.batch = reply.batch;
    this.#setMeta("capability", "inventory");
    const { drifted, differs } = this.#compare(look, folding);
    state.clearListing();
    // An id that was under way is to be looked at again next time, also if nothing else changes.
    this.#etag = look.tracked.ids.size > 0 ? null : reply.etag;
    if (namesOwners || this.#scope === "all") {
      if (this.#etag !== null && drifted === 0 && !differs) this.#keep(this.#etag);
      // What is ours there is known now, even if the manifest had forgotten it.
      this.#setMeta("started-over", null);
    }
    return { kind: "known", drifted };
  }

  /**
   * The manifest says what this listing says, whatever the tree may be: the next process may ask whether it
   * still holds, and be spared all that it lists. The state forgets it with the first entry that changes.
   */
  #keep(etag: string): void {
    const { state } = this.#world;
    const kept: KeptListing = { etag, batch: this.batch, scope: this.#scope };
    const listing = JSON.stringify(kept);
    if (state.meta("listing") === listing) return;
    state.transaction(() => {
      state.setMeta("listing", listing);
      this.#versions.save();
    });
  }

  #setMeta(key: "capability" | "started-over", value: string | null): void {
    const { state } = this.#world;
    if (state.meta(key) !== value) state.transaction(() => state.setMeta(key, value));
  }

  /** Pages of what the listing and the manifest do not agree about. */
  *#differing(ours: string | null): Iterable<readonly ListingComparison[]> {
    let after: string | null = null;
    for (;;) {
      const page = this.#world.state.compareListing(after, PAGE, ours);
      checkPage(after, page);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.id;
      yield page;
    }
  }

  /** Ids that are wanted and are listed in another form, by that form. */
  #listedAs({ isWanted }: Look, folding: Folding, ours: string | null): ReadonlyMap<string, string> {
    const ids = new Map<string, string>();
    for (const page of this.#differing(ours)) {
      for (const { id, listed, entry } of page) {
        const other = listed === null && entry !== null ? folding.listedAs(id) : null;
        if (other !== null && isWanted(id)) ids.set(other, id);
      }
    }
    return ids;
  }

  #compare(look: Look, folding: Folding): { drifted: number; differs: boolean } {
    const { report, identity } = this.#world;
    const { tracked } = look;
    const rules = { ...look, owner: identity.owner ?? "", scope: this.#scope };
    const folded = this.#listedAs(look, folding, oursOf(rules));
    let drifted = 0;
    let differs = false;
    for (const page of this.#differing(oursOf(rules))) {
      const differing: [ListingComparison, next: Entry | null][] = [];
      for (const one of page) {
        const { id, listed, entry } = one;
        if (tracked.ids.has(id)) {
          // Only what is another's is not to be touched, whatever is under way.
          if (listed === null || otherOwner(listed, oursOf(rules)) === null) continue;
          tracked.forbid(id);
        }
        // It is an article of ours by another name.
        if (entry === null && folded.has(id)) continue;
        const other = listed === null && folded.size > 0 ? folding.listedAs(id) : null;
        const isFolded = other !== null && folded.get(other) === id;
        const next = entryAsListed(one, { ...rules, isFolded });
        if (next !== entry) differing.push([one, next]);
        else if (isFolded && entry !== null && entry.acknowledged !== null) {
          differs = true;
          report({ kind: "article.folded", id, listed: other });
        }
        const digests = leftAlone(listed, next);
        if (digests === null) continue;
        differs = true;
        report({ kind: "article.differs", id, ...digests });
      }
      drifted += differing.length;
      // Nothing is written, and no disk waited for, where all is as it was.
      if (differing.length > 0) this.#adopt(differing);
    }
    return { drifted, differs };
  }

  #adopt(differing: readonly (readonly [ListingComparison, next: Entry | null])[]): void {
    const { state } = this.#world;
    state.transaction(() => {
      for (const [one, next] of differing) writeEntry(state, this.#versions, one, next);
      state.touch(differing.map(([{ id }]) => id));
      this.#versions.save();
    });
  }
}

function unknown(reply: Reply): Verified {
  if (reply.kind === "failure") {
    return { kind: "unknown", message: reply.message, unreachable: reply.why === "connect" };
  }
  const message = `inserter answered ${reply.status} to the inventory request`;
  const { status } = reply;
  const denied = status === 401 || status === 403 || (status >= 300 && status < 400);
  return { kind: "unknown", message, unreachable: false, denied };
}
