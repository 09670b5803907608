import type { Entry, Listed, Trigger } from "../../src/sync/model.ts";
import type { Outgoing, RevisionHead } from "../../src/sync/ports.ts";
import type { PassOptions } from "../../src/sync/reconcile.ts";
import type { MemoryTables } from "../support/memory-tables.ts";
import { Beliefs } from "./beliefs.ts";
import { BrakeTruth } from "./brake.ts";
import { type Config, idOfDigest, type Parser } from "./content.ts";
import type { Setup } from "./history.ts";
import { isPublished, lastGoodProblem, type Span, upsertProblem } from "./intent.ts";
import { Lineage } from "./lineage.ts";
import { Pause } from "./pause.ts";
import type { Publication, Repository } from "./repository.ts";
import type { Network } from "./sink.ts";
import { Stall } from "./stall.ts";
import type { Failure, ProcessWatcher, Tally } from "./watcher.ts";

/** An id that no repository ever has. */
export const FOREIGN_ID = "foreign";
/** No pass takes longer, virtual time. */
const PASS_MS_MAX = 60_000;

/** A pass under way. */
interface Look {
  readonly order: number;
  readonly isThorough: boolean;
  readonly publication: Publication;
  /** Time of day when it began. */
  readonly wallMs: number;
  /** What the pass just before it looked at to the end; null when there is none. */
  before: Publication | null;
}

/**
 * What must hold at every step, whatever is broken. One watch sees a whole history, all its processes.
 *
 * | promise | checked |
 * | --- | --- |
 * | write-ahead | no request leaves whose operation is not durable in the manifest |
 * | one at a time | no id has two requests of one process in flight |
 * | no foreign article touched | an id that no file has is never sent; nor one that the inventory says is another's |
 * | nothing made up | what is begun stands at the revision looked at, has the id there (whoever holds it keeps it), and its time has come |
 * | last good versions stay | no delete is begun for an id that a file of that revision has, or that a file names or held before it became unreadable |
 * | no way back | an inserter that honours versions never applies an operation begun for an earlier publication after one begun for a later |
 * | versions | a version stands for one operation, for ever |
 * | brake | no change deletes more than one article and `maxFraction` of what was owned before it, in this pass or a later one, unless approved; deletes of later changes are not held |
 * | patience | nothing is sent before a Retry-After is over; an unreachable inserter is probed by one request at a time |
 * | passes only | nothing is begun outside a pass |
 * | belief | what the manifest says of the inserter is so |
 * | nothing lost | when a pass is over, each id is as the revision wants it, or what is pending is in the manifest |
 * | one of the two | an article that has another id now is not deleted under the old one before the new one was tried three times |
 * | no stall | what is pending and could be sent is sent, and does not wait for the next pass |
 * | left alone | what the inserter lists otherwise than it was sent is sent once more, and not again |
 * | no needless work | nothing is begun that stands there already, confirmed, and was not meant to be sent again |
 */
export class Watch {
  readonly #repository: Repository;
  readonly #network: Network;
  readonly #parser: Parser;
  readonly #setup: Setup;
  readonly #wallMs: () => number;
  readonly #trace: (text: string) => void;
  failure: Failure | null = null;
  readonly tally: Tally = { requests: 0, inventories: 0, looks: 0, lines: 0 };
  /** What each pass was brought about by. */
  readonly triggers: Trigger[] = [];
  /** What was sent, since someone last emptied it. */
  sentLately: Outgoing[] = [];
  readonly #lineage = new Lineage(this);
  /** Highest version that arrived, by id. */
  readonly #newest = new Map<string, number>();
  /** Ids that the last inventory said are another's. */
  readonly #listedAsTheirs = new Set<string>();
  /** Ids that it said so of while a request of ours was under way. */
  readonly #raced = new Set<string>();
  /** When such a request last arrived, so that the listing was true no more; virtual time. */
  lastRacedMs = -1;
  readonly #lastSent = new Map<string, number>();
  /** What was last begun for an id because its file changed, and when it first left; virtual time. */
  readonly edits = new Map<string, { readonly begunMs: number; sentMs: number }>();
  /** How often upserts of an id were tried since one was last acknowledged. */
  readonly #vain = new Map<string, number>();
  #askedMs = 0;
  /** When an inventory last went over whole, or was said to be unchanged; virtual time. */
  lastListedMs = -1;
  /** Ids of requests that landed after they had been given up. */
  readonly landedLate = new Set<string>();
  /** Ids whose delete was answered with the 404 of a wrong URL. */
  readonly deniedDeletes = new Set<string>();
  /** Requests with an upsert that are not answered yet. */
  upsertsUnderWay = 0;
  /** The process under way had an upsert taken: so it knows that the URL is right. */
  upsertWasTaken = false;
  /** The time of day was once set back: then dates say less. */
  clockWasSetBack = false;
  /** The state was once lost or older than it should be. */
  stateWasLost = false;
  /** Somebody else wrote an article, perhaps over one of ours. */
  othersWrote = false;
  /** Processes so far. */
  #lives = 0;
  /** A listing was once older than it should be. */
  listingWasStale = false;
  readonly #beliefs: Beliefs;
  readonly #brake: BrakeTruth;

  constructor(options: {
    repository: Repository;
    network: Network;
    parser: Parser;
    setup: Setup;
    wallMs: () => number;
    trace: (text: string) => void;
  }) {
    this.#trace = options.trace;
    this.mayHoldUnknown = options.setup.scope === "all";
    this.#repository = options.repository;
    this.#network = options.network;
    this.#parser = options.parser;
    this.#setup = options.setup;
    this.#wallMs = options.wallMs;
    this.#brake = new BrakeTruth(options.setup.maxFraction);
    this.#beliefs = new Beliefs(options.network.inserter, options.setup, this);
  }

  fail(kind: string, message: string): void {
    this.failure ??= { kind, message, atMs: this.#network.timeline.nowMs };
  }

  #complain(promise: string, complaint: string | null): void {
    if (complaint !== null) this.fail(promise, complaint);
  }

  /** The inserter was once set back to an older time: what was deleted since is there again. */
  inserterWasRestored = false;
  /** It was once wiped or set back, versions included. */
  inserterLostVersions = false;
  /** Articles may be at the inserter that the manifest does not know, or not any more. */
  mayHoldUnknown = false;

  /** The inserter was wiped or restored: what it held before binds it no more. */
  inserterForgot(wasRestored: boolean): void {
    this.inserterWasRestored ||= wasRestored;
    this.inserterLostVersions = true;
    this.mayHoldUnknown = true;
    this.#beliefs.forgot();
    this.#lineage.inserterForgot();
    this.#listedAsTheirs.clear();
  }

  /** The state was lost, or is older than it should be. */
  stateForgot(): void {
    this.stateWasLost = true;
    this.#beliefs.forgot();
    this.#brake.stateForgot();
  }

  /** A person approves what the brake holds. */
  approved(tables: MemoryTables): void {
    this.#brake.approved(tables);
  }

  /** For one process, with the state it writes. */
  process(tables: MemoryTables, onEnd: () => void): ProcessWatcher {
    this.#listedAsTheirs.clear();
    this.upsertWasTaken = false;
    this.#brake.started(tables);
    const life = ++this.#lives;
    const inFlight = new Set<string>();
    const pause = new Pause();
    const stall = new Stall();
    let look: Look | null = null;
    let lastLook: Publication | null = null;
    return {
      attach: (agent, config) => {
        const isHeld = tables.braked.values().some(({ asked }) => asked);
        if (isHeld && agent.brake === null) this.fail("brake", "at a start it is not known to be on");
        const inner = agent.reconcile.bind(agent);
        agent.reconcile = async (head: RevisionHead, trigger: Trigger, options?: PassOptions) => {
          const nowMs = this.#network.timeline.nowMs;
          this.#complain("stalled", stall.complaint(agent, tables, nowMs, this.tally.requests));
          this.tally.looks++;
          this.triggers.push(trigger);
          // As a pass does first: what answers have said counts for what is owned before it.
          agent.deliverer.flush();
          this.#complain("brake", this.#brake.passBegins(tables, head.revision));
          look = this.#startLook(head, trigger, config);
          const here = look;
          const previous = lastLook;
          lastLook = null;
          here.before = previous;
          try {
            const result = await inner(head, trigger, options);
            if (result.kind === "superseded") this.#brake.passSuperseded();
            else this.#complain("brake", this.#brake.passDone(tables));
            if (result.kind === "done") {
              lastLook = here.publication;
              if (!this.#wasIncomplete()) {
                this.#complain("nothing lost", this.#beliefs.passed(here.publication, tables));
              }
            }
            return result;
          } finally {
            if (look === here) look = null;
          }
        };
      },
      begun: (entry, before) => this.#onBegun(entry, before, look),
      written: (id, entry) => {
        if (entry === null || (entry.pending === null && !entry.uncertain)) this.#vain.delete(id);
        this.#complain("belief", this.#beliefs.written(id, entry));
      },
      reported: (level, event) => {
        if (level !== "debug") this.tally.lines++;
        // A body that cannot be made is a try, too.
        if (event.kind === "article.retry" && event.operation === "upsert")
          this.#vain.set(event.id, Math.max(this.#vain.get(event.id) ?? 0, event.attempts));
      },
      stateFailed: () => {
        this.#listedAsTheirs.clear();
        stall.stateFailed(this.#network.timeline.nowMs);
      },
      fail: (kind, message) => this.fail(kind, message),
      ended: onEnd,
      sent: (operations) => {
        this.tally.requests++;
        if (operations.some(({ kind }) => kind === "upsert")) this.upsertsUnderWay++;
        this.#complain("patience", pause.complaint(this.#network.timeline.nowMs, inFlight.size));
        for (const one of operations) this.#onSent(one, inFlight, tables);
      },
      answered: (operations, whole, taken) => {
        for (const { id } of operations) inFlight.delete(id);
        if (operations.some(({ kind }) => kind === "upsert")) this.upsertsUnderWay--;
        pause.heard(whole, this.#network.timeline.nowMs);
        if (taken && life === this.#lives) this.upsertWasTaken = true;
      },
      applied: (operation, status, isLate) =>
        // What a process left on its way arrives behind the back of the next.
        this.#onApplied(operation, status, isLate || life !== this.#lives),
      misled: (operations, status) => {
        if (status !== 404) return;
        for (const { id, kind } of operations) {
          if (kind !== "delete") continue;
          this.deniedDeletes.add(id);
          this.mayHoldUnknown = true;
        }
      },
      staleListing: () => {
        this.listingWasStale = true;
        this.mayHoldUnknown = true;
      },
      asked: () => {
        this.tally.inventories++;
        this.#askedMs = this.#network.timeline.nowMs;
      },
      reached: () => pause.reached(),
      listed: (lines) => {
        if (lines !== null) this.#onListed(lines, inFlight);
        this.lastListedMs = this.#network.timeline.nowMs;
      },
    };
  }

  #startLook(head: RevisionHead, trigger: Trigger, config: Config): Look {
    const order = this.#repository.orderOf(head.revision, config);
    const publication = this.#repository.publications[order] as Publication;
    const isThorough = trigger === "start" || trigger === "resync" || trigger === "reload";
    return { order, isThorough, publication, wallMs: this.#wallMs(), before: null };
  }

  #onBegun({ id, pending }: Entry, previous: Entry | null, look: Look | null): void {
    if (pending === null) return;
    if (pending.cause !== "resend" && pending.cause !== "drift") {
      this.edits.set(id, { begunMs: this.#network.timeline.nowMs, sentMs: Number.POSITIVE_INFINITY });
    }
    if (look === null) return this.fail("outside a pass", `an operation of ${id} was begun outside a pass`);
    this.#complain("needless work", this.#beliefs.begun(id, pending, look.isThorough));
    this.#complain("version", this.#lineage.begun(id, pending, look.order));
    const { publication } = look;
    // Those that were tried in vain were let through once already.
    const isDeclined = previous?.refusal != null && previous.refusal.digest === null;
    const wasTried = isDeclined || previous?.undeletable === true;
    this.#brake.begun(id, pending.kind === "delete" && !wasTried);
    if (pending.kind === "upsert") {
      const [span, isIncomplete] = [this.#spanOf(look), this.#wasIncomplete()];
      this.#complain("made up", upsertProblem(publication, { id, ...pending }, previous, span, isIncomplete));
    } else {
      this.#checkDelete(id, look, previous);
    }
  }

  /** Whether a pass under way may have met a blob that was not there. */
  #wasIncomplete(): boolean {
    const { missing, completeMs } = this.#repository;
    return missing.size > 0 || completeMs > this.#network.timeline.nowMs - PASS_MS_MAX;
  }

  /** What time it may be for a pass. */
  #spanOf({ wallMs }: Look): Span {
    const nowMs = this.#wallMs();
    return { sinceMs: Math.min(wallMs, nowMs), untilMs: Math.max(wallMs, nowMs) };
  }

  #checkDelete(id: string, look: Look, previous: Entry | null): void {
    // What cannot be read just now may be anything.
    if (this.#wasIncomplete()) return;
    const { publication, before } = look;
    if (isPublished(publication, id, previous, this.#spanOf(look))) {
      this.fail("deleted what is published", `${id} is published at ${publication.commit.name}`);
    }
    this.#complain("last good version", lastGoodProblem(publication, id, before, previous?.path ?? null));
  }

  #onSent(operation: Outgoing, inFlight: Set<string>, tables: MemoryTables): void {
    const { id, version, kind, digest, body } = operation;
    this.sentLately.push(operation);
    this.#trace(`   > ${kind} ${id} ${version} ${digest ?? ""}`);
    if (inFlight.has(id)) this.fail("one at a time", `${id} has two requests in flight`);
    inFlight.add(id);
    this.#lastSent.set(id, this.#network.timeline.nowMs);
    const edit = this.edits.get(id);
    if (edit !== undefined) edit.sentMs = Math.min(edit.sentMs, this.#network.timeline.nowMs);
    const entry = tables.entries.get(id);
    const pending = entry?.pending ?? null;
    if (kind === "delete") this.#complain("one of the two", this.#tooEarly(entry, tables));
    if (kind === "upsert") this.#vain.set(id, (this.#vain.get(id) ?? 0) + 1);
    const isDurable =
      pending?.version === version ||
      (pending !== null && pending.version > version && entry?.uncertain === true);
    if (!isDurable)
      this.fail("write-ahead", `version ${version} of ${id} was sent, the state does not know it`);
    this.#complain("version", this.#lineage.sent(operation));
    if (
      kind === "upsert" &&
      (digest === null || idOfDigest(digest) !== id || body !== this.#parser.body(digest))
    )
      this.fail("made up", `the body of ${id} is not the one of ${digest}`);
    if (this.#setup.scope === "all") return;
    if (id === FOREIGN_ID || this.#listedAsTheirs.has(id))
      this.fail("foreign", `${kind} of ${id}, which is another's`);
  }

  /** Why a delete is too early: the article goes on under another id, which was not tried yet. */
  #tooEarly(entry: Entry | undefined, tables: MemoryTables): string | null {
    const { id, path, pending } = entry ?? { id: "", path: null, pending: null };
    if (path === null || pending?.kind !== "delete" || this.#wasIncomplete()) return null;
    if (pending.cause !== "deleted" && pending.cause !== "moved") return null;
    for (const other of tables.entries.values()) {
      if (other.path !== path || other.id === id || other.pending?.kind !== "upsert") continue;
      const { digest, cause } = other.pending;
      // It is there, and is only sent again.
      if (cause === "resend" && other.acknowledged !== null) continue;
      // Both leave at once where it was taken back and is begun again just now.
      if (this.edits.get(other.id)?.begunMs === this.#network.timeline.nowMs) continue;
      // Its body cannot be made any more where the revision or the configuration is another one by now.
      const isWanted = this.#repository.current?.candidates
        .get(other.id)
        ?.some((one) => one.digest === digest);
      if (isWanted === true && (this.#vain.get(other.id) ?? 0) < 3)
        return `${id} is deleted before ${other.id} is there`;
    }
    return null;
  }

  #onApplied(operation: Outgoing, status: number, isLate: boolean): void {
    const { id, kind, version } = operation;
    this.#trace(`   < ${kind} ${id} ${version}: ${status}${isLate ? " late" : ""}`);
    if (status >= 300 && !(kind === "delete" && status === 404)) return;
    this.#beliefs.applied(operation);
    if (this.#raced.has(id)) this.lastRacedMs = this.#network.timeline.nowMs;
    // Given up, or overtaken: its process may have died meanwhile.
    const newest = this.#newest.get(id) ?? 0;
    this.#newest.set(id, Math.max(newest, version));
    if (isLate || version < newest) {
      this.landedLate.add(id);
      this.mayHoldUnknown = true;
    }
    if (this.#network.inserter.abilities.honoursVersions) {
      this.#complain("way back", this.#lineage.applied(operation));
    }
  }

  #onListed(lines: readonly Listed[], inFlight: Set<string>): void {
    const { nowMs } = this.#network.timeline;
    this.#raced.clear();
    this.#beliefs.listed(lines);
    this.#listedAsTheirs.clear();
    for (const { id, owner } of lines) {
      const isSettled = !inFlight.has(id) && (this.#lastSent.get(id) ?? -1) < this.#askedMs;
      if (owner !== "someone") continue;
      (isSettled ? this.#listedAsTheirs : this.#raced).add(id);
      if (this.#network.inserter.articles.get(id)?.owner !== owner) this.lastRacedMs = nowMs;
    }
  }
}
