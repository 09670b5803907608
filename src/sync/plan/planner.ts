import { blankEntry } from "../entry.ts";
import type { Claim } from "../model.ts";
import type { Report, State } from "../ports.ts";
import { isDeclined } from "../rules.ts";
import type { Versions } from "../version.ts";
import { begin, departureOf } from "./manifest.ts";
import { type Decision, decide, type PlanRules } from "./plan.ts";
import { type Brake, brake } from "./policy.ts";

/** What one pass plans, and how. */
export interface PlanScope {
  readonly rules: PlanRules;
  /** Plan every id, not only those that something touched. */
  readonly everything: boolean;
  /** The time against which dates are judged, epoch milliseconds. */
  readonly nowMs: number;
  /** Called with each decision; `braked` deletes are not begun. For `plan`. */
  readonly onDecision?: ((claim: Claim, decision: Decision, braked: boolean) => void) | undefined;
}

/** Deletes of a pass, by whether the inserter declined the same before. */
interface Deletes {
  readonly fresh: string[];
  readonly again: string[];
}

/** Plans ids and begins what was decided: plan → policy → begin. */
export class Planner {
  readonly #state: State;
  readonly #versions: Versions;
  readonly #maxFraction: number;
  /** Ids planned in one go. */
  readonly #page: number;

  readonly #report: Report;

  constructor(options: {
    state: State;
    versions: Versions;
    maxFraction: number;
    page: number;
    report: Report;
  }) {
    this.#state = options.state;
    this.#versions = options.versions;
    this.#maxFraction = options.maxFraction;
    this.#page = options.page;
    this.#report = options.report;
  }

  /** Decides about one id and begins it, within a transaction of the caller's. @returns Whether it was begun. */
  settle(claim: Claim, scope: PlanScope): boolean {
    const decision = this.#decide(claim, scope);
    if (decision.kind !== "delete") this.#reportDecision(claim, decision);
    scope.onDecision?.(claim, decision, false);
    return begin(this.#state, this.#versions, claim, decision, scope.nowMs);
  }

  /**
   * Plans all ids, or those touched; deletes last, and together, so that the brake can judge them. Those
   * that the inserter declined once were let pass then, and are not counted again.
   *
   * @param owned How many articles were owned before the pass.
   */
  plan(revision: string, scope: PlanScope, owned: number): { begun: number; brake: Brake | null } {
    const deletes: Deletes = { fresh: [], again: [] };
    let begun = 0;
    let after: string | null = null;
    for (;;) {
      const page = this.#claims(after, scope);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
      begun += this.#planPage(page, scope, deletes);
    }
    if (scope.everything) this.#dropStaleMarks(scope.nowMs);
    const approved = this.#state.meta("approval") === revision;
    const held = brake(deletes.fresh.length, owned, this.#maxFraction, approved);
    const ids = [...deletes.fresh, ...deletes.again];
    if (held === null) begun += this.#beginDeletes(ids, scope);
    else this.#reportBraked(ids, scope);
    return { begun, brake: held };
  }

  #decide(claim: Claim, { rules, nowMs }: PlanScope): Decision {
    return decide(claim, rules, () => departureOf(this.#state, claim.entry ?? blankEntry(claim.id), nowMs));
  }

  /**
   * Deletes are reported before the brake judges them; what is on its way already was reported when it was
   * begun.
   */
  #reportDecision(claim: Claim, decision: Decision): void {
    if (decision.kind === "nothing" && claim.entry?.pending != null) return;
    this.#report({ kind: "article.decided", claim, decision });
  }

  #claims(after: string | null, { rules, everything, nowMs, onDecision }: PlanScope): readonly Claim[] {
    if (!everything) {
      return this.#state.touched(after, this.#page).map((id) => this.#state.claim(id, nowMs));
    }
    const { resend } = rules;
    const concernsAll = resend === "all" || resend.size > 0 || onDecision !== undefined;
    return concernsAll
      ? this.#state.claims(after, this.#page, nowMs)
      : this.#state.unsettled(after, this.#page, nowMs);
  }

  #planPage(page: readonly Claim[], scope: PlanScope, deletes: Deletes): number {
    const decisions: [Claim, Decision][] = [];
    const settled: string[] = [];
    const open: string[] = [];
    for (const claim of page) {
      const decision = this.#decide(claim, scope);
      this.#reportDecision(claim, decision);
      if (decision.kind === "delete") {
        (decision.again ? deletes.again : deletes.fresh).push(claim.id);
        open.push(claim.id);
        continue;
      }
      // Nobody knows which file it came from: looked at again with each pass, until all files can be read.
      if (decision.kind === "keep" && decision.why === "unaccounted") open.push(claim.id);
      else settled.push(claim.id);
      scope.onDecision?.(claim, decision, false);
      if (!isIdle(decision, claim)) decisions.push([claim, decision]);
    }
    const marked = !scope.everything || this.#state.touched(null, 1).length > 0;
    if (decisions.length === 0 && open.length === 0 && !marked) return 0;
    let begun = 0;
    this.#state.transaction(() => {
      for (const [claim, decision] of decisions) {
        if (begin(this.#state, this.#versions, claim, decision, scope.nowMs)) begun++;
      }
      this.#state.touch(open);
      if (marked) this.#state.untouch(settled);
      this.#versions.save();
    });
    return begun;
  }

  #beginDeletes(ids: readonly string[], scope: PlanScope): number {
    let begun = 0;
    for (let i = 0; i < ids.length; i += this.#page) {
      const page = ids.slice(i, i + this.#page);
      this.#state.transaction(() => {
        for (const id of page) if (this.settle(this.#state.claim(id, scope.nowMs), scope)) begun++;
        this.#state.untouch(page);
        this.#versions.save();
      });
    }
    return begun;
  }

  #reportBraked(ids: readonly string[], scope: PlanScope): void {
    if (scope.onDecision === undefined) return;
    for (const id of ids) {
      const claim = this.#state.claim(id, scope.nowMs);
      scope.onDecision(claim, this.#decide(claim, scope), true);
    }
  }

  /** Marks on ids that neither a file nor an entry knows any more. */
  #dropStaleMarks(nowMs: number): void {
    let after: string | null = null;
    for (;;) {
      const ids = this.#state.touched(after, this.#page);
      after = ids.at(-1) ?? null;
      if (after === null) return;
      const stale = ids.filter((id) => {
        const { winner, entry } = this.#state.claim(id, nowMs);
        return winner === null && entry === null;
      });
      if (stale.length > 0) this.#state.transaction(() => this.#state.untouch(stale));
    }
  }
}

/** Whether a decision changes nothing in the manifest. */
function isIdle(decision: Decision, { entry }: Claim): boolean {
  return decision.kind === "nothing" || (decision.kind === "keep" && (entry === null || !isDeclined(entry)));
}
