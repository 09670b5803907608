import type { Deliverer } from "./deliver/deliverer.ts";
import { invariant } from "./invariants.ts";
import type {
  Brake,
  Change,
  Claim,
  ComparisonChoice,
  OwnerConflict,
  Revision,
  Trigger,
  Verdict,
  Version,
} from "./model.ts";
import { brakeCauseOf } from "./plan/brake-cause.ts";
import { diff } from "./plan/diff.ts";
import { recordFile, relatedIds } from "./plan/manifest.ts";
import { mayConflict, ownerConflict } from "./plan/ownership.ts";
import type { MissingBlobs } from "./plan/missing.ts";
import { type ParsedChange, parseSlices, reportUnpublished } from "./plan/parse.ts";
import type { PlanRules } from "./plan/plan.ts";
import { type Baseline, type Beginning, Planner, type PlanScope } from "./plan/planner.ts";
import { applyBrake, type PlannedDeletes } from "./plan/policy.ts";
import { ObjectsGone, type RevisionHead, type State, type World } from "./ports.ts";
import { brakeOf, isClaimSettled, isExpired, isMissing, isPublished } from "./rules.ts";
import type { Versions } from "./version.ts";

/** How much is taken in one go; a test makes it small. */
export interface PageSizes {
  /** Ids planned, and rows read. */
  readonly ids: number;
  /** Files parsed and recorded: bounds what is in memory when all of them are large. */
  readonly files: number;
  /** Request bodies kept between parsing and sending. */
  readonly bodiesBytes: number;
}

/** What passes work with. */
export interface Core {
  readonly world: World;
  readonly versions: Versions;
  /** Sends what is begun, while the pass goes on. */
  readonly deliverer: Pick<Deliverer, "offer" | "wake"> & Partial<Pick<Deliverer, "begun">>;
  readonly settings: {
    readonly prune: { readonly scope: PlanRules["scope"]; readonly maxFraction: number };
  };
  readonly sizes: PageSizes;
  /** Takes the blobs that the repository lacks. */
  readonly missing: Pick<MissingBlobs, "isAny" | "clear" | "add">;
}

/** How a pass looks, beyond what its trigger says. */
export interface PassOptions extends Pick<PlanScope, "onDecision"> {
  /** Asked between slices of files: a newer revision makes the rest of this pass worthless. */
  readonly superseded?: () => boolean | Promise<boolean>;
  /** Send again: everything, or these ids; but nothing that was acknowledged above `resendUpTo`. */
  readonly resend?: PlanRules["resend"];
  /** By default what is acknowledged as the pass begins. */
  readonly resendUpTo?: Version;
  /** Factor on the time that an article may take; by default what is not quick is held. */
  readonly patience?: number;
  /** Called with each file that is held, which is tried again beside the loop; without it that is reported. */
  readonly onHeld?: (path: string) => void;
  /** Called after each slice of files. */
  readonly onProgress?: (examined: number) => void;
}

export type PassResult =
  | {
      readonly kind: "done";
      readonly revision: Revision;
      readonly examined: number;
      readonly begun: number;
      readonly brake: Brake | null;
      /** Not null: nothing was begun. */
      readonly conflict: OwnerConflict | null;
      readonly way: ComparisonChoice["way"] | "none";
      readonly why: ComparisonChoice["why"] | "revision-known";
    }
  /**
   * Dropped half-way; what was recorded stays, the next pass begins again from the new revision. `fault`: what of
   * this one could not be read, where that is why.
   */
  | { readonly kind: "superseded"; readonly fault: ObjectsGone | null };

const NONE: ReadonlySet<string> = new Set();
const NOTHING_PLANNED = { begun: 0, deletes: { fresh: [], again: [] } };

/** Whether a pass plans every id, and gives what was refused another try. */
export function isThorough(trigger: Trigger): boolean {
  return trigger === "start" || trigger === "resync" || trigger === "reload";
}

/**
 * One pass over one revision: observe → diff → plan → policy → begin. Delivery, send → judge → record, goes
 * on beside it, from what was begun.
 *
 * Files come in byte order of their paths, which is also the order that decides duplicate ids that no file
 * holds yet. So a file that has its id when its turn comes keeps it to the end of the pass, and its upsert
 * can be begun at once; only what a later file might still claim, because it holds the id, waits for the plan
 * at the end.
 *
 * @throws {StateUnavailable} When the manifest cannot be written.
 */
export async function reconcile(
  core: Core,
  head: RevisionHead,
  trigger: Trigger,
  options: PassOptions = {},
): Promise<PassResult> {
  const { world, versions, deliverer, sizes } = core;
  const { state, clock } = world;
  const superseded = options.superseded ?? (() => false);
  const nowMs = advanceTime(world);
  const baseline = baselineOf(state, head);
  const { resend = NONE, resendUpTo = versions.last, onDecision } = options;
  const everything = isThorough(trigger);
  const rules = { scope: core.settings.prune.scope, retryRefused: everything, resend, resendUpTo };
  const onBegun = (id: string, why: Beginning): void => deliverer.begun?.(id, nowMs, why);
  const scope = { rules, everything, nowMs, baseline, page: sizes.ids, onDecision, onBegun };
  const planner = new Planner(world, versions, scope);
  const ownersMayConflict = mayConflict(state);
  const pass = new Pass(core, planner, {
    nowMs,
    baseline,
    waitsForAllFiles: ownersMayConflict,
    onHeld: options.onHeld,
  });
  let examined = 0;
  let begun = 0;
  try {
    // Observe: how the tree compares with what the manifest says of it.
    const comparison = await observe(world, head, trigger);
    if (comparison !== null) {
      core.missing.clear();
      // Diff, and what the files that differ turned out to be; planned and begun at once where that is certain.
      const changes = diff(comparison, state, world.articles.fingerprint, sizes.ids);
      for await (const slice of parseSlices(world, head, changes, sizes.files, options.patience)) {
        if (await superseded()) return { kind: "superseded", fault: null };
        begun += await pass.record(slice);
        examined += slice.length;
        options.onProgress?.(examined);
      }
      // What was begun leaves first: an author waits for it, and for nothing of the rest.
      if (begun > 0) await clock.sleep(0);
      if (await superseded()) return { kind: "superseded", fault: null };
    }
    pass.reportLosers();
    const conflict = ownersMayConflict ? ownerConflict(state, nowMs, sizes.ids) : null;
    // Plan the other ids, deletes last; the policy may hold those back.
    const planned = conflict === null ? planner.planAll() : NOTHING_PLANNED;
    const { allowed, brake } = pass.judgeDeletes(planned.deletes, head.tree);
    const begunAtLast = planned.begun + planner.beginDeletes(allowed);
    if (begunAtLast > 0) deliverer.wake();
    pass.checkpoint(head.revision);
    comparison?.remember();
    const { way, why } = comparison ?? ({ way: "none", why: "revision-known" } as const);
    return {
      kind: "done",
      revision: head.revision,
      examined,
      begun: begun + begunAtLast,
      brake,
      conflict,
      way,
      why,
    };
  } catch (error) {
    // What was begun before it failed is pending all the same, and the next pass will not begin it again.
    deliverer.wake();
    if (error instanceof ObjectsGone) return { kind: "superseded", fault: error };
    throw error;
  }
}

/**
 * What was owned before the change that this pass finds. A pass that does not come to its end leaves articles
 * behind that came with the change: those that follow are judged by what was owned before it. Only where that
 * was nothing, the first sync of a revision, the next revision is judged by what this one has brought so far.
 */
function baselineOf(state: State, { revision }: RevisionHead): Baseline {
  const [before, since] = (state.meta("baseline") ?? "").split(" ");
  if (Number(before) > 0) return { owned: Number(before), text: `${before} ${since}` };
  const owned = state.countOwned();
  return { owned, text: `${since === revision ? 0 : owned} ${revision}` };
}

/** The time against which dates are judged; ids are marked whose date lies between it and that of the last pass. */
function advanceTime({ state, clock }: World): number {
  const before = Number(state.meta("now") ?? 0);
  const nowMs = clock.nowMs();
  // A clock may have been set back since.
  const [firstMs, lastMs] = [Math.min(before, nowMs), Math.max(before, nowMs)];
  const due = state.idsScheduled(firstMs, lastMs);
  // Without scheduled articles there is nothing to remember, and no write for a pass that finds nothing.
  const waiting = due.length > 0 || state.nextScheduledMs(firstMs) !== null;
  if (!waiting || nowMs === before) return nowMs;
  state.transaction(() => {
    for (const id of due) state.touch(relatedIds(state, id));
    state.setMeta("now", String(nowMs));
  });
  return nowMs;
}

/** Null when the checkpoint says that nothing can differ; a resync does not trust it. */
async function observe({ state, source, articles }: World, head: RevisionHead, trigger: Trigger) {
  await articles.prepare?.(head);
  const checkpoint = state.meta("checkpoint");
  const isCurrent = state.meta("fingerprint") === articles.fingerprint && trigger !== "resync";
  if (isCurrent && checkpoint === head.revision) return null;
  return source.compare(isCurrent && checkpoint ? checkpoint : null, head);
}

/** What is known as a pass begins. */
interface PassFacts {
  /** The time against which dates are judged, epoch milliseconds. */
  readonly nowMs: number;
  readonly baseline: Baseline;
  /** Nothing is begun before all files are known. */
  readonly waitsForAllFiles: boolean;
  readonly onHeld: PassOptions["onHeld"];
}

/** What one pass has found out about files. */
class Pass {
  readonly #core: Core;
  readonly #planner: Planner;
  readonly #facts: PassFacts;
  /** Ids that a file read later may have a better claim to, by the path that claims them. */
  readonly #contested = new Map<string, string>();

  constructor(core: Core, planner: Planner, facts: PassFacts) {
    this.#core = core;
    this.#planner = planner;
    this.#facts = facts;
  }

  /** Writes down what a slice of files turned out to be, and begins what is certain. @returns How many were begun. */
  async record(slice: readonly ParsedChange[]): Promise<number> {
    const { world, versions, deliverer } = this.#core;
    const { state } = world;
    const { nowMs, baseline, onHeld } = this.#facts;
    const bodies: [string, string, Uint8Array][] = [];
    let begun = 0;
    state.transaction(() => {
      state.setMeta("checkpoint", null);
      state.setMeta("baseline", baseline.text);
      if (slice.some(isTimed)) state.setMeta("now", String(nowMs));
      const marked = new Set<string>();
      const decided = new Set<string>();
      for (const { change, parsed } of slice) {
        const fingerprint = this.#fingerprintFor(change, parsed?.verdict ?? null);
        const { ids, verdict } = recordFile(state, change, parsed?.verdict ?? null, fingerprint);
        for (const id of ids) marked.add(id);
        if (verdict?.kind === "held" && onHeld !== undefined) onHeld(change.path);
        else if (verdict !== null) reportUnpublished(world.report, change.path, verdict);
        if (verdict?.kind !== "article") continue;
        const claim = this.#claimAtOnce(change.path, verdict);
        if (claim === null) continue;
        decided.add(verdict.id);
        if (!this.#planner.planOne(claim)) continue;
        begun++;
        if (parsed !== null && parsed.body !== null) bodies.push([verdict.id, verdict.digest, parsed.body]);
      }
      state.touch([...marked].filter((id) => !decided.has(id)));
      state.untouch(decided);
      versions.save();
    });
    // Those that fit are there before delivery looks for them: else it would rebuild each of them.
    const offers = bodies.map(([id, digest, body]) => deliverer.offer(id, digest, body));
    if (begun > 0) deliverer.wake();
    await Promise.all(offers);
    return begun;
  }

  /**
   * What the file claims, if it has its id for certain and its upsert may be begun at once. If it never will have
   * it, it is reported why.
   */
  #claimAtOnce(path: string, verdict: Extract<Verdict, { kind: "article" }>): Claim | null {
    const { state, report } = this.#core.world;
    const { id, digest } = verdict;
    const entry = state.entry(id);
    if (!isPublished(verdict, entry, this.#facts.nowMs)) {
      const why = isExpired(verdict, this.#facts.nowMs) ? "expired" : "scheduled";
      report({ kind: "article.skipped", path, why });
      return null;
    }
    if (this.#facts.waitsForAllFiles || !isClaimSettled(path, digest, entry)) {
      this.#contested.set(path, id);
      return null;
    }
    const claim = state.claim(id, this.#facts.nowMs);
    if (claim.winner?.path === path) return claim;
    if (claim.winner !== null) this.#reportLoser(path, id, claim.winner.path);
    return null;
  }

  /** Files that turned out not to have their id, now that all are read. */
  reportLosers(): void {
    const { state } = this.#core.world;
    const holders = new Map<string, string | null>();
    for (const [path, id] of this.#contested) {
      if (!holders.has(id)) holders.set(id, state.claim(id, this.#facts.nowMs).winner?.path ?? null);
      const holder = holders.get(id) ?? path;
      if (holder !== path) this.#reportLoser(path, id, holder);
    }
  }

  #reportLoser(path: string, id: string, winner: string): void {
    const place = { severity: "error", line: 1, column: 1, length: 1 } as const;
    const problem = { ...place, code: "duplicate-id", params: { id, path: winner } };
    this.#core.world.report({ kind: "article.rejected", path, problems: [problem] });
  }

  /** Lets the brake judge the deletes. @param tree Of the revision. */
  judgeDeletes(
    planned: PlannedDeletes,
    tree: string,
  ): { readonly allowed: readonly string[]; readonly brake: Brake | null } {
    const { world, settings } = this.#core;
    const { state } = world;
    const fateOf = (id: string) => this.#planner.fateOf(id);
    const { maxFraction } = settings.prune;
    const { owned } = this.#facts.baseline;
    const { allowed, held, isNews } = applyBrake(state, planned, owned, maxFraction, fateOf);
    const ids = held.map(({ id }) => id);
    if (isNews) {
      const cause = ids.length === 0 ? null : brakeCauseOf(state, tree, ids);
      state.transaction(() => state.setMeta("brake-cause", cause));
    }
    this.#planner.showBraked(ids);
    const isHeld = new Set(ids);
    invariant(!allowed.some((id) => isHeld.has(id)), "no delete is begun that the brake holds");
    return { allowed, brake: brakeOf(held, state.meta("brake-cause")) };
  }

  /** A verdict that may change without the file changing must not look current for ever. */
  #fingerprintFor({ blob }: Change, verdict: Verdict | null): string {
    const missing = verdict !== null && isMissing(verdict);
    if (missing && blob !== null) this.#core.missing.add(blob);
    return missing ? "" : this.#core.world.articles.fingerprint;
  }

  /** The rows equal this revision now; those whose contents were not to be had are listed again next time. */
  checkpoint(revision: Revision): void {
    const { world, missing } = this.#core;
    const { state, articles } = world;
    const fingerprint = missing.isAny ? "" : articles.fingerprint;
    const isWritten = state.meta("checkpoint") === revision && state.meta("fingerprint") === fingerprint;
    if (isWritten && state.meta("baseline") === null) return;
    state.transaction(() => {
      state.setMeta("checkpoint", revision);
      state.setMeta("baseline", null);
      state.setMeta("fingerprint", fingerprint);
    });
  }
}

/** Whether an article appears or expires at some time. */
function isTimed({ parsed }: ParsedChange): boolean {
  const verdict = parsed?.verdict;
  return verdict?.kind === "article" && (verdict.publishAtMs !== null || verdict.expiresAtMs !== null);
}
