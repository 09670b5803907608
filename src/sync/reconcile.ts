import type { Change, Claim, ParsedFile, Verdict } from "./model.ts";
import { publishingTime } from "./now.ts";
import { differing } from "./plan/diff.ts";
import { recordFile, relatedIds } from "./plan/manifest.ts";
import type { Decision, PlanRules } from "./plan/plan.ts";
import { Planner, type PlanScope } from "./plan/planner.ts";
import type { Brake } from "./plan/policy.ts";
import {
  type Articles,
  type Clock,
  type Comparison,
  ObjectsGone,
  type Report,
  type RevisionHead,
  type Source,
  type State,
} from "./ports.ts";
import { isPublished } from "./rules.ts";
import type { Versions } from "./version.ts";

/** How much is taken in one go. */
export interface Strides {
  /** Ids planned, and rows read. */
  readonly page: number;
  /** Files examined and recorded: bounds what is in memory when all of them are large. */
  readonly slice: number;
}

const STRIDES: Strides = { page: 256, slice: 64 };
/** Files of the first slice of a pass, at most. */
const FIRST_SLICE = 8;

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
      readonly why: Comparison["why"] | "revision-known";
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
  readonly #report: Report;
  readonly #planner: Planner;
  /** Takes the request bodies of what was begun, so that delivery need not make them again. */
  readonly #offer: (id: string, digest: string, body: Uint8Array) => Promise<void> | void;
  /** Tells delivery that something was begun. */
  readonly #wake: () => void;
  readonly #strides: Strides;
  /** Revision of the pass under way. */
  #reading = "";
  /** Files that had an id until this pass, by path. */
  readonly #displaced = new Map<string, { readonly id: string; readonly winner: string }>();
  /** A blob of it is not in the repository. */
  #isIncomplete = false;

  constructor(options: {
    state: State;
    source: Source;
    articles: Articles;
    versions: Versions;
    clock: Clock;
    report: Report;
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
    this.#report = options.report;
    this.#offer = options.offer;
    this.#wake = options.wake;
    this.#strides = options.strides ?? STRIDES;
    const { state, versions, maxFraction, report } = options;
    this.#planner = new Planner({ state, versions, maxFraction, report, page: this.#strides.page });
  }

  /** @throws {StateUnavailable} When the manifest cannot be written. */
  async pass(head: RevisionHead, options: PassOptions): Promise<PassResult> {
    const nowMs = this.#advanceNow();
    const { rules, everything, onDecision } = options;
    const scope: PlanScope = { rules, everything, nowMs, onDecision };
    const owned = this.#state.countOwned();
    let examined = 0;
    let begun = 0;
    this.#reading = head.revision;
    try {
      const comparison = await this.#compare(head, options.relist);
      if (comparison !== null) {
        this.#isIncomplete = false;
        this.#displaced.clear();
        for await (const slice of this.#examined(this.#differing(comparison))) {
          if (await options.superseded()) return { kind: "superseded" };
          begun += await this.#record(slice, scope);
          examined += slice.length;
          options.onProgress?.(examined);
        }
        // What was begun leaves first: an author waits for it, and for nothing of the rest.
        if (begun > 0) await this.#clock.sleep(0);
        if (await options.superseded()) return { kind: "superseded" };
      }
      this.#reportDisplaced();
      const planned = this.#planner.plan(head.revision, scope, owned);
      if (planned.begun > 0) this.#wake();
      this.#checkpoint(head);
      comparison?.remember();
      return {
        kind: "done",
        revision: head.revision,
        examined,
        begun: begun + planned.begun,
        brake: planned.brake,
        way: comparison?.way ?? "none",
        why: comparison?.why ?? "revision-known",
      };
    } catch (error) {
      // What was begun before it failed is owed all the same, and the next pass will not begin it again.
      this.#wake();
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
    const from = !relist && same && checkpoint ? checkpoint : null;
    return from === head.revision ? null : this.#source.compare(from, head);
  }

  #differing(comparison: Comparison): AsyncIterable<readonly Change[]> {
    return differing(comparison, this.#state, this.#articles.fingerprint, this.#strides.page);
  }

  /** Examines slice by slice, one slice ahead of whoever records them. */
  async *#examined(pages: AsyncIterable<readonly Change[]>): AsyncIterable<readonly Seen[]> {
    let ahead: Promise<Seen[]> | null = null;
    // The first ones are small, so that something leaves soon.
    let size = Math.min(FIRST_SLICE, this.#strides.slice);
    for await (const page of pages) {
      for (let i = 0; i < page.length; ) {
        const slice = page.slice(i, i + size);
        i += size;
        size = Math.min(size * 2, this.#strides.slice);
        const next = Promise.all(
          slice.map(async (change) => ({ change, examined: await this.#examineOne(change) })),
        );
        // Whoever stops early never awaits it; its error concerns nobody then.
        next.catch(() => {});
        if (ahead !== null) yield await ahead;
        ahead = next;
      }
    }
    if (ahead !== null) yield await ahead;
  }

  async #examineOne(change: Change): Promise<ParsedFile | null> {
    if (change.blob === null) return null;
    if (change.mode !== "file") return { verdict: { kind: "none", why: change.mode }, body: null };
    const content = await this.#source.read(change.blob);
    // Pruned under the reader, or missing for good: only a look at the head can tell.
    if (content.kind === "missing") await this.#stillPublished();
    return this.#articles.parse(change.path, change.blob, content, 1);
  }

  async #stillPublished(): Promise<void> {
    const head = await this.#source.head();
    if (head.kind !== "revision" || head.revision !== this.#reading)
      throw new ObjectsGone("the revision moved");
  }

  async #record(slice: readonly Seen[], scope: PlanScope): Promise<number> {
    const { nowMs } = scope;
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
        if (verdict !== null) this.#reportUnpublished(change.path, verdict);
        if (verdict?.kind !== "article") continue;
        const claim = this.#state.claim(verdict.id, nowMs);
        if (!this.#hasItsId(change.path, claim)) continue;
        decided.add(verdict.id);
        if (!this.#planner.settle(claim, scope)) continue;
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

  /** Whether the file is the one that is published under its id; if not, it is reported why. */
  #hasItsId(path: string, { id, winner, entry }: Claim): boolean {
    if (winner === null) this.#report({ kind: "article.skipped", path, why: "scheduled" });
    else if (winner.path !== path) this.#reportLoser(path, id, winner.path);
    else if (entry?.path != null && entry.path !== path)
      this.#displaced.set(entry.path, { id, winner: path });
    return winner?.path === path;
  }

  /** Files that lost their id to an earlier one; whether they are still there is known only now. */
  #reportDisplaced(): void {
    for (const [path, { id, winner }] of this.#displaced) {
      const verdict = this.#state.file(path)?.verdict;
      if (verdict?.kind === "article" && verdict.id === id) this.#reportLoser(path, id, winner);
    }
    this.#displaced.clear();
  }

  /** What became of a file that is no article to be published. */
  #reportUnpublished(path: string, verdict: Verdict): void {
    const { kind } = verdict;
    if (kind === "rejected") this.#report({ kind: "article.rejected", path, problems: verdict.problems });
    else if (kind === "held") this.#report({ kind: "article.held", path, reason: verdict.reason });
    else if (kind !== "article") this.#report({ kind: "article.skipped", path, why: verdict.why });
  }

  #reportLoser(path: string, id: string, winner: string): void {
    const place = { severity: "error", line: 1, column: 1, length: 1 } as const;
    const problem = { ...place, code: "duplicate-id", params: { id, path: winner } };
    this.#report({ kind: "article.rejected", path, problems: [problem] });
  }

  /** A verdict that may change without the file changing must not look current for ever. */
  #fingerprintFor(verdict: Verdict | null): string {
    const missing = verdict?.kind === "rejected" && verdict.problems.some((p) => p.code === "missing-blob");
    if (missing) this.#isIncomplete = true;
    return missing ? "" : this.#articles.fingerprint;
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
}

/** A path that differs, and what it turned out to be; null when it is gone. */
interface Seen {
  readonly change: Change;
  readonly examined: ParsedFile | null;
}

/** Whether an article is published because its date has come: from then on that time must not go back. */
function isDue(examined: ParsedFile | null, nowMs: number): boolean {
  const verdict = examined?.verdict ?? null;
  return verdict !== null && isPublished(verdict, nowMs) && verdict.publishAtMs !== null;
}
