import { blankEntry } from "../entry.ts";
import { checkPage } from "../invariants.ts";
import type { Claim, Digest } from "../model.ts";
import type { World } from "../ports.ts";
import { isDeclined, isOwned } from "../rules.ts";
import type { Versions } from "../version.ts";
import { begin, departureOf } from "./manifest.ts";
import { type Decision, decide, type PlanRules } from "./plan.ts";
import type { BrakedFate, PlannedDeletes } from "./policy.ts";

/** What was owned before the change that a pass finds. */
export interface Baseline {
  /** How many articles. */
  readonly owned: number;
  /** As the state keeps it until a pass over the change has come to its end. */
  readonly text: string;
}

/** Why an operation is begun. */
export interface Beginning {
  /** Its file changed. */
  readonly isEdit: boolean;
  /** The payload of this id that was refused until now. */
  readonly refused: Digest | null;
}

/** What one pass plans, and how. */
export interface PlanScope {
  readonly rules: PlanRules;
  /** Plan every id, not only those that something touched. */
  readonly everything: boolean;
  /** The time against which dates are judged, epoch milliseconds. */
  readonly nowMs: number;
  readonly baseline: Baseline;
  /** Ids planned in one go. */
  readonly page: number;
  /** Called with each decision; `braked` deletes are not begun. For `plan`. */
  readonly onDecision?: ((claim: Claim, decision: Decision, braked: boolean) => void) | undefined;
  /** Called with each id of which an operation is begun, within its transaction. */
  readonly onBegun?: ((id: string, why: Beginning) => void) | undefined;
}

/** Decides about ids, and begins what was decided: the plan of one pass. */
export class Planner {
  readonly #world: World;
  readonly #versions: Versions;
  readonly #scope: PlanScope;

  constructor(world: World, versions: Versions, scope: PlanScope) {
    this.#world = world;
    this.#versions = versions;
    this.#scope = scope;
  }

  /** Decides about one id and begins it, within a transaction of the caller's. @returns Whether it was begun. */
  planOne(claim: Claim, isEdit = true): boolean {
    const decision = this.#decide(claim);
    // A delete was reported when it was planned, before the brake judged it.
    if (decision.kind !== "delete") this.#report(claim, decision);
    this.#scope.onDecision?.(claim, decision, false);
    return this.#begin(claim, decision, isEdit);
  }

  #begin(claim: Claim, decision: Decision, isEdit: boolean): boolean {
    const isBegun = begin(this.#world.state, this.#versions, claim, decision, this.#scope.nowMs);
    const refused = claim.entry?.refusal?.digest ?? null;
    if (isBegun) this.#scope.onBegun?.(claim.id, { isEdit, refused });
    return isBegun;
  }

  /** Plans all ids, or those touched, and begins all but the deletes: the brake judges them together. */
  planAll(): { readonly begun: number; readonly deletes: PlannedDeletes } {
    const deletes = { fresh: [] as string[], again: [] as string[] };
    let begun = 0;
    let after: string | null = null;
    for (;;) {
      const page = this.#claims(after);
      checkPage(after, page);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
      begun += this.#planPage(page, deletes);
    }
    if (this.#scope.everything) this.#dropStaleMarks();
    return { begun, deletes };
  }

  /** @returns How many were begun. */
  beginDeletes(ids: readonly string[]): number {
    const { state } = this.#world;
    const { everything, nowMs, page: size } = this.#scope;
    let begun = 0;
    for (let i = 0; i < ids.length; i += size) {
      const page = ids.slice(i, i + size);
      state.transaction(() => {
        for (const id of page) if (this.planOne(state.claim(id, nowMs), !everything)) begun++;
        state.untouch(page);
        if (state.anyBraked()) state.dropBraked(page);
        this.#versions.save();
      });
    }
    return begun;
  }

  /** Shows the decisions on deletes that the brake holds back. */
  showBraked(ids: readonly string[]): void {
    const { onDecision, nowMs } = this.#scope;
    if (onDecision === undefined) return;
    for (const id of ids) {
      const claim = this.#world.state.claim(id, nowMs);
      onDecision(claim, this.#decide(claim), true);
    }
  }

  /** What has become of an id that the brake holds. */
  fateOf(id: string): BrakedFate {
    const claim = this.#world.state.claim(id, this.#scope.nowMs);
    if (claim.winner !== null) return "back";
    if (claim.entry === null || !isOwned(claim.entry)) return "over";
    return this.#decide(claim).kind === "delete" ? "asked" : "kept";
  }

  #decide(claim: Claim): Decision {
    const { rules, nowMs } = this.#scope;
    const { state } = this.#world;
    return decide(claim, rules, () => departureOf(state, claim.entry ?? blankEntry(claim.id), nowMs));
  }

  /** What is under way already was reported when it was begun. */
  #report(claim: Claim, decision: Decision): void {
    if (decision.kind === "nothing" && claim.entry?.pending != null) return;
    this.#world.report({ kind: "article.decided", claim, decision });
  }

  #claims(after: string | null): readonly Claim[] {
    const { rules, everything, nowMs, page, onDecision } = this.#scope;
    const { state } = this.#world;
    if (!everything) return state.touched(after, page).map((id) => state.claim(id, nowMs));
    const { resend } = rules;
    const concernsAll = resend === "all" || resend.size > 0 || onDecision !== undefined;
    return concernsAll ? state.claims(after, page, nowMs) : state.unsettled(after, page, nowMs);
  }

  #planPage(page: readonly Claim[], deletes: { fresh: string[]; again: string[] }): number {
    const { state } = this.#world;
    const { everything, baseline, onDecision } = this.#scope;
    const decisions: [Claim, Decision][] = [];
    const decided: string[] = [];
    const open: string[] = [];
    for (const claim of page) {
      const decision = this.#decide(claim);
      this.#report(claim, decision);
      if (decision.kind === "delete") {
        (decision.again ? deletes.again : deletes.fresh).push(claim.id);
        open.push(claim.id);
        continue;
      }
      // Its file is unknown: looked at again with each pass, until all files can be read.
      const isOpen = decision.kind === "keep" && decision.why === "unaccounted";
      (isOpen ? open : decided).push(claim.id);
      onDecision?.(claim, decision, false);
      if (!isIdle(decision, claim)) decisions.push([claim, decision]);
    }
    const marked = !everything || state.touched(null, 1).length > 0;
    if (decisions.length === 0 && open.length === 0 && !marked) return 0;
    let begun = 0;
    state.transaction(() => {
      for (const [claim, decision] of decisions) {
        if (this.#begin(claim, decision, !everything)) begun++;
      }
      if (begun > 0) state.setMeta("baseline", baseline.text);
      state.touch(open);
      if (marked) state.untouch(decided);
      this.#versions.save();
    });
    return begun;
  }

  /** Marks on ids that neither a file nor an entry knows any more. */
  #dropStaleMarks(): void {
    const { state } = this.#world;
    const { nowMs, page } = this.#scope;
    let after: string | null = null;
    for (;;) {
      const ids = state.touched(after, page);
      after = ids.at(-1) ?? null;
      if (after === null) return;
      const stale = ids.filter((id) => {
        const { winner, entry } = state.claim(id, nowMs);
        return winner === null && entry === null;
      });
      if (stale.length > 0) state.transaction(() => state.untouch(stale));
    }
  }
}

/** Whether a decision changes nothing in the manifest. */
function isIdle(decision: Decision, { entry }: Claim): boolean {
  return decision.kind === "nothing" || (decision.kind === "keep" && (entry === null || !isDeclined(entry)));
}
