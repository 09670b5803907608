import { blankEntry } from "./entry.ts";
import { begin, departureOf, recordFile, relatedIds } from "./manifest.ts";
import type { Change, Claim, Examined, FileRow, Verdict } from "./model.ts";
import { publishingTime } from "./now.ts";
import { compareBytes } from "./order.ts";
import { type Decision, decide, type PlanRules } from "./plan.ts";
import { type Brake, brake } from "./policy.ts";
import {
  type Articles,
  type Clock,
  type Comparison,
  type Log,
  ObjectsGone,
  type RevisionHead,
  type Source,
  type State,
} from "./ports.ts";
import type { Versions } from "./version.ts";

/** How much is taken in one go. */
export interface Strides {
  /** Ids planned, and rows read. */
  readonly page: number;
  /** Files examined and recorded: bounds what is in memory when all of them are large. */
  readonly slice: number;
}

const STRIDES: Strides = { page: 256, slice: 64 };

/** Extra time for a held article that is tried again alone. */
const HELD_PATIENCE = 10;

/** How deep a pass looks. */
export interface PassOptions {
  readonly rules: PlanRules;
  /** Plan every id, not only those that something touched. */
  readonly everything: boolean;
  /** List the whole tree instead of trusting the checkpoint. */
  readonly relist: boolean;
  /** Asked between slices: a newer revision makes the rest of this pass worthless. */
  superseded(): boolean | Promise<boolean>;
  /** Called with each decision; `braked` deletes are not begun. For `plan`. */
  onDecision?(claim: Claim, decision: Decision, braked: boolean): void;
  /** Called after each slice of files. */
  onProgress?(examined: number): void;
}

export type PassResult =
  | {
      readonly kind: "done";
      readonly revision: string;
      readonly examined: number;
      readonly begun: number;
      readonly brake: Brake | null;
      readonly way: Comparison["way"] | "none";
    }
  /** Dropped half-way; what was recorded stays, the next pass begins again from the new revision. */
  | { readonly kind: "superseded" };

/**
 * One pass: observe → plan → policy → begin. Delivery goes on beside it, from what was begun.
 *
 * Files come in byte order of their paths, which is also the order that decides duplicate ids. So a
 * file that has its id when its turn comes keeps it to the end of the pass, and its upsert can be
 * begun at once; only what a later file might still claim waits for the plan at the end.
 */
export class Reconciler {
  readonly #state: State;
  readonly #source: Source;
  readonly #articles: Articles;
  readonly #versions: Versions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxFraction: number;
  /** Takes the request bodies of what was begun, so that delivery need not make them again. */
  readonly #offer: (id: string, digest: string, body: Uint8Array) => Promise<void> | void;
  /** Tells delivery that something was begun. */
  readonly #wake: () => void;
  readonly #strides: Strides;
  /** Held files that had their longer try: blob and path. */
  readonly #heldTried = new Set<string>();
  /** Revision of the pass under way. */
  #reading = "";
  /** A blob of it is not in the repository. */
  #isIncomplete = false;

  constructor(options: {
    state: State;
    source: Source;
    articles: Articles;
    versions: Versions;
    clock: Clock;
    log: Log;
    maxFraction: number;
    offer: (id: string, digest: string, body: Uint8Array) => Promise<void> | void;
    wake: () => void;
    strides?: Strides;
  }) {
    this.#state = options.state;
    this.#source = options.source;
    this.#articles = options.articles;
    this.#versions = options.versions;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#maxFraction = options.maxFraction;
    this.#offer = options.offer;
    this.#wake = options.wake;
    this.#strides = options.strides ?? STRIDES;
  }

  /** @throws {StateUnavailable} When the manifest cannot be written. */
  async pass(head: RevisionHead, options: PassOptions): Promise<PassResult> {
    const nowMs = this.#advanceNow();
    const owned = this.#state.countOwned();
    let examined = 0;
    let begun = 0;
    this.#reading = head.revision;
    try {
      const comparison = await this.#compare(head, options.relist);
      if (comparison !== null) {
        this.#isIncomplete = false;
        for await (const slice of this.#examined(this.#differing(comparison))) {
          if (await options.superseded()) return { kind: "superseded" };
          begun += await this.#record(slice, options, nowMs);
          examined += slice.length;
          options.onProgress?.(examined);
        }
        // What was begun leaves first: an author waits for it, and for nothing of the rest.
        if (begun > 0) await this.#clock.sleep(0);
        if (await options.superseded()) return { kind: "superseded" };
      }
      const planned = this.#plan(head, options, nowMs, owned);
      this.#checkpoint(head);
      comparison?.remember();
      const way = comparison?.way ?? "none";
      return {
        kind: "done",
        revision: head.revision,
        examined,
        begun: begun + planned.begun,
        brake: planned.brake,
        way,
      };
    } catch (error) {
      if (error instanceof ObjectsGone) return { kind: "superseded" };
      throw error;
    }
  }

  /** Marks ids whose date has come since the last pass. */
  #advanceNow(): number {
    const before = Number(this.#state.meta("now") ?? 0);
    const nowMs = publishingTime(this.#state, this.#clock);
    const due = this.#state.idsScheduled(before, nowMs);
    // Without scheduled articles there is nothing to remember, and no write for a pass that finds nothing.
    const waiting = due.length > 0 || this.#state.nextScheduledMs(before) !== null;
    if (!waiting || nowMs === before) return nowMs;
    this.#state.transaction(() => {
      for (const id of due) this.#state.touch(relatedIds(this.#state, id));
      this.#state.setMeta("now", String(nowMs));
    });
    return nowMs;
  }

  /** Null when the checkpoint says that nothing can differ. */
  async #compare(head: RevisionHead, relist: boolean): Promise<Comparison | null> {
    const checkpoint = this.#state.meta("checkpoint");
    const same = this.#state.meta("fingerprint") === this.#articles.fingerprint;
    if (!relist && same && checkpoint) {
      if (checkpoint === head.revision) return null;
      const changes = await this.#source.changes(checkpoint, head);
      if (changes !== null) return changes;
    }
    return this.#source.list(head);
  }

  /** Pages of what differs from the manifest; a listing is compared with the rows, gone paths included. */
  async *#differing(comparison: Comparison): AsyncIterable<readonly Change[]> {
    if (comparison.way !== "list") {
      yield* comparison.pages;
      return;
    }
    const rows = new RowCursor(this.#state, this.#strides.page * 4);
    let out: Change[] = [];
    for await (const page of comparison.pages) {
      for (const change of page) {
        for (const row of rows.before(change.path)) out.push(goneOf(row));
        const row = rows.at(change.path);
        if (row === null || !this.#isCurrent(row, change)) out.push(change);
        if (out.length >= this.#strides.page) {
          yield out;
          out = [];
        }
      }
    }
    for (const row of rows.before(null)) {
      out.push(goneOf(row));
      if (out.length >= this.#strides.page) {
        yield out;
        out = [];
      }
    }
    if (out.length > 0) yield out;
  }

  #isCurrent(row: FileRow, change: Change): boolean {
    const isSame = row.blob === change.blob && modeOf(row) === change.mode;
    return isSame && row.fingerprint === this.#articles.fingerprint;
  }

  /** Examines slice by slice, one slice ahead of whoever records them. */
  async *#examined(pages: AsyncIterable<readonly Change[]>): AsyncIterable<readonly Seen[]> {
    let ahead: Promise<Seen[]> | null = null;
    const { slice: size } = this.#strides;
    for await (const page of pages) {
      for (let i = 0; i < page.length; i += size) {
        const slice = page.slice(i, i + size);
        const next = Promise.all(
          slice.map(async (change) => ({ change, examined: await this.#examineOne(change, 1) })),
        );
        // Whoever stops early never awaits it; its error concerns nobody then.
        next.catch(() => {});
        if (ahead !== null) yield await ahead;
        ahead = next;
      }
    }
    if (ahead !== null) yield await ahead;
  }

  async #examineOne(change: Change, patience: number): Promise<Examined | null> {
    if (change.blob === null) return null;
    if (change.mode !== "file") return { verdict: { kind: "none", why: change.mode }, body: null };
    const content = await this.#source.read(change.blob);
    // Pruned under the reader, or missing for good: only a look at the head can tell.
    if (content.kind === "missing") await this.#stillPublished();
    return this.#articles.examine(change.path, change.blob, content, patience);
  }

  async #stillPublished(): Promise<void> {
    const head = await this.#source.head();
    if (head.kind !== "revision" || head.revision !== this.#reading)
      throw new ObjectsGone("the revision moved");
  }

  async #record(slice: readonly Seen[], options: PassOptions, nowMs: number): Promise<number> {
    const bodies: [string, string, Uint8Array][] = [];
    let begun = 0;
    this.#state.transaction(() => {
      this.#state.setMeta("checkpoint", null);
      if (slice.some(({ examined }) => isDue(examined, nowMs))) this.#state.setMeta("now", String(nowMs));
      const marked = new Set<string>();
      const decided = new Set<string>();
      for (const { change, examined } of slice) {
        const verdict = examined?.verdict ?? null;
        for (const id of recordFile(this.#state, change, verdict, this.#fingerprintFor(verdict)))
          marked.add(id);
        this.#logVerdict(change.path, verdict);
        if (verdict?.kind !== "article") continue;
        const claim = this.#state.claim(verdict.id, nowMs);
        if (claim.winner?.path !== change.path) continue;
        decided.add(verdict.id);
        if (!this.#apply(claim, options, nowMs)) continue;
        begun++;
        if (examined !== null && examined.body !== null)
          bodies.push([verdict.id, verdict.digest, examined.body]);
      }
      this.#state.touch([...marked].filter((id) => !decided.has(id)));
      this.#state.untouch(decided);
      this.#versions.save();
    });
    // Those that fit are there before delivery looks for them: else it would make each of them again.
    const offers = bodies.map(([id, digest, body]) => this.#offer(id, digest, body));
    if (begun > 0) this.#wake();
    await Promise.all(offers);
    return begun;
  }

  /** A verdict that may change without the file changing must not look current for ever. */
  #fingerprintFor(verdict: Verdict | null): string {
    const missing = verdict?.kind === "rejected" && verdict.problems.some((p) => p.code === "missing-blob");
    if (missing) this.#isIncomplete = true;
    return missing ? "" : this.#articles.fingerprint;
  }

  #logVerdict(path: string, verdict: Verdict | null): void {
    if (verdict === null || verdict.kind === "article") return;
    if (verdict.kind === "rejected") {
      const first = verdict.problems[0];
      const at = first === undefined ? path : `${path}:${first.line}:${first.column}`;
      this.#log.emit("warn", "article.rejected", `${at} rejected`, { path, problems: verdict.problems });
    } else if (verdict.kind === "held") {
      this.#log.emit("warn", "article.held", `${path} held: ${verdict.reason}`, {
        path,
        reason: verdict.reason,
      });
    } else {
      this.#log.emit("debug", "article.skipped", `${path} is not published: ${verdict.why}`, {
        path,
        why: verdict.why,
      });
    }
  }

  #decide(claim: Claim, rules: PlanRules, nowMs: number): Decision {
    return decide(claim, rules, () => departureOf(this.#state, claim.entry ?? blankEntry(claim.id), nowMs));
  }

  #apply(claim: Claim, options: PassOptions, nowMs: number): boolean {
    const decision = this.#decide(claim, options.rules, nowMs);
    options.onDecision?.(claim, decision, false);
    return begin(this.#state, this.#versions, claim, decision, nowMs);
  }

  /** Plans all ids, or those touched; deletes last, and together, so that the brake can judge them. */
  #plan(
    head: RevisionHead,
    options: PassOptions,
    nowMs: number,
    owned: number,
  ): { begun: number; brake: Brake | null } {
    const deletes: string[] = [];
    let begun = 0;
    let after: string | null = null;
    for (;;) {
      const page = this.#claimsToPlan(after, options, nowMs);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
      begun += this.#planPage(page, options, nowMs, deletes);
    }
    if (options.everything) this.#dropStaleMarks(nowMs);
    const approved = this.#state.meta("approval") === head.revision;
    const held = brake(deletes.length, owned, this.#maxFraction, approved);
    if (held === null) begun += this.#beginDeletes(deletes, options, nowMs);
    else this.#reportBraked(deletes, options, nowMs);
    if (begun > 0) this.#wake();
    return { begun, brake: held };
  }

  #claimsToPlan(after: string | null, options: PassOptions, nowMs: number): readonly Claim[] {
    const { page } = this.#strides;
    if (!options.everything) {
      return this.#state.touched(after, page).map((id) => this.#state.claim(id, nowMs));
    }
    const { resend } = options.rules;
    const concernsAll = resend === "all" || resend.size > 0 || options.onDecision !== undefined;
    return concernsAll ? this.#state.claims(after, page, nowMs) : this.#state.unsettled(after, page, nowMs);
  }

  /** Marks on ids that neither a file nor an entry knows any more. */
  #dropStaleMarks(nowMs: number): void {
    let after: string | null = null;
    for (;;) {
      const ids = this.#state.touched(after, this.#strides.page);
      after = ids.at(-1) ?? null;
      if (after === null) return;
      const stale = ids.filter((id) => {
        const { winner, entry } = this.#state.claim(id, nowMs);
        return winner === null && entry === null;
      });
      if (stale.length > 0) this.#state.transaction(() => this.#state.untouch(stale));
    }
  }

  #reportBraked(ids: readonly string[], options: PassOptions, nowMs: number): void {
    if (options.onDecision === undefined) return;
    for (const id of ids) {
      const claim = this.#state.claim(id, nowMs);
      options.onDecision(claim, this.#decide(claim, options.rules, nowMs), true);
    }
  }

  #planPage(page: readonly Claim[], options: PassOptions, nowMs: number, deletes: string[]): number {
    const decisions: [Claim, Decision][] = [];
    const settled: string[] = [];
    const open: string[] = [];
    for (const claim of page) {
      const decision = this.#decide(claim, options.rules, nowMs);
      if (decision.kind === "delete") {
        deletes.push(claim.id);
        open.push(claim.id);
        continue;
      }
      // Nobody knows which file it came from: looked at again with each pass, until all files can be read.
      if (decision.kind === "keep" && decision.why === "unaccounted") open.push(claim.id);
      else settled.push(claim.id);
      options.onDecision?.(claim, decision, false);
      const isIdle =
        decision.kind === "nothing" || (decision.kind === "keep" && claim.entry?.refusal == null);
      if (!isIdle) decisions.push([claim, decision]);
    }
    const marked = !options.everything || this.#state.touched(null, 1).length > 0;
    if (decisions.length === 0 && open.length === 0 && !marked) return 0;
    let begun = 0;
    this.#state.transaction(() => {
      for (const [claim, decision] of decisions) {
        if (begin(this.#state, this.#versions, claim, decision, nowMs)) begun++;
      }
      this.#state.touch(open);
      if (marked) this.#state.untouch(settled);
      this.#versions.save();
    });
    return begun;
  }

  #beginDeletes(ids: readonly string[], options: PassOptions, nowMs: number): number {
    let begun = 0;
    for (let i = 0; i < ids.length; i += this.#strides.page) {
      const page = ids.slice(i, i + this.#strides.page);
      this.#state.transaction(() => {
        for (const id of page) if (this.#apply(this.#state.claim(id, nowMs), options, nowMs)) begun++;
        this.#state.untouch(page);
        this.#versions.save();
      });
    }
    return begun;
  }

  /** The rows equal this revision now; those whose contents were not to be had are listed again next time. */
  #checkpoint(head: RevisionHead): void {
    const fingerprint = this.#isIncomplete ? "" : this.#articles.fingerprint;
    if (this.#state.meta("checkpoint") === head.revision && this.#state.meta("fingerprint") === fingerprint)
      return;
    this.#state.transaction(() => {
      this.#state.setMeta("checkpoint", head.revision);
      this.#state.setMeta("fingerprint", fingerprint);
    });
  }

  /** Forgets which held files had their longer try, so that a resync tries them once more. */
  forgetHeld(): void {
    this.#heldTried.clear();
  }

  /**
   * Tries held articles again, one after the other, with ten times the time.
   *
   * @returns Whether any of them came out differently: then a pass has something to plan.
   */
  async retryHeld(signal: AbortSignal): Promise<boolean> {
    let changed = false;
    let after: string | null = null;
    for (;;) {
      const [row] = this.#state.filesOfKind("held", after, 1);
      if (row === undefined || signal.aborted) return changed;
      after = row.path;
      const key = `${row.blob} ${row.path}`;
      if (this.#heldTried.has(key)) continue;
      const examined = await this.#examinePatiently(row);
      if (examined === null) continue;
      this.#heldTried.add(key);
      const now = this.#state.file(row.path);
      if (examined.verdict.kind === "held" || now?.blob !== row.blob || now.verdict.kind !== "held") continue;
      this.#state.transaction(() => {
        const ids = recordFile(this.#state, row, examined.verdict, this.#articles.fingerprint);
        this.#state.touch(ids);
      });
      changed = true;
    }
  }

  /** Null when its contents are not to be had just now. */
  async #examinePatiently({ path, blob }: FileRow): Promise<Examined | null> {
    try {
      const content = await this.#source.read(blob);
      if (content.kind === "missing") return null;
      return await this.#articles.examine(path, blob, content, HELD_PATIENCE);
    } catch (error) {
      if (error instanceof ObjectsGone) return null;
      throw error;
    }
  }
}

/** A path that differs, and what it turned out to be; null when it is gone. */
interface Seen {
  readonly change: Change;
  readonly examined: Examined | null;
}

/** Walks the file rows in step with a listing, page by page. */
class RowCursor {
  readonly #state: State;
  readonly #length: number;
  #rows: readonly FileRow[] = [];
  #next = 0;
  #after: string | null = null;
  #done = false;

  constructor(state: State, length: number) {
    this.#state = state;
    this.#length = length;
  }

  /** Rows whose path comes before `path`; all that are left when it is null. */
  *before(path: string | null): Iterable<FileRow> {
    for (let row = this.#peek(); row !== null; row = this.#peek()) {
      if (path !== null && compareBytes(row.path, path) >= 0) return;
      this.#next++;
      yield row;
    }
  }

  /** The row of this very path; null if there is none. Call after `before`. */
  at(path: string): FileRow | null {
    const row = this.#peek();
    if (row?.path !== path) return null;
    this.#next++;
    return row;
  }

  #peek(): FileRow | null {
    if (this.#next >= this.#rows.length && !this.#done) {
      this.#rows = this.#state.files(this.#after, this.#length);
      this.#next = 0;
      this.#after = this.#rows.at(-1)?.path ?? this.#after;
      this.#done = this.#rows.length === 0;
    }
    return this.#rows[this.#next] ?? null;
  }
}

function goneOf(row: FileRow): Change {
  return { path: row.path, blob: null, mode: "file" };
}

/** What a path was in the tree, as far as its verdict tells. */
function modeOf({ verdict }: FileRow): Change["mode"] {
  const isOther = verdict.kind === "none" && (verdict.why === "symlink" || verdict.why === "submodule");
  return isOther ? verdict.why : "file";
}

/** Whether an article is published because its date has come: from then on that time must not go back. */
function isDue(examined: Examined | null, nowMs: number): boolean {
  const verdict = examined?.verdict;
  return verdict?.kind === "article" && verdict.publishAtMs !== null && verdict.publishAtMs <= nowMs;
}
