import { Deliverer } from "./deliver/deliverer.ts";
import type { DeliveryOptions } from "./deliver/memory.ts";
import type { Claim, Trigger, Version } from "./model.ts";
import { publishingTime } from "./now.ts";
import { HeldFiles } from "./plan/held.ts";
import { Inventory } from "./plan/inventory.ts";
import type { Decision, PlanRules } from "./plan/plan.ts";
import type { Brake } from "./plan/policy.ts";
import type { RevisionHead, World } from "./ports.ts";
import { type PassResult, Reconciler, type Strides } from "./reconcile.ts";
import { Versions } from "./version.ts";

/** The part of the settings that the core reads. */
export interface AgentSettings {
  readonly owner: string;
  /** URL without credentials, to tell one inserter from another. */
  readonly inserter: string;
  readonly startup: "verify" | "full" | "resume";
  readonly scope: "owned" | "all" | "none";
  readonly maxFraction: number;
  readonly pollMs: number;
  readonly driftMs: number;
  readonly resyncMs: number;
  readonly delivery: DeliveryOptions;
  /** How much a pass takes in one go; small strides let a test come in between. */
  readonly strides?: Strides;
}

/** What came of asking the inserter what it holds. */
export type Verified =
  /** The manifest says what the inserter says. `drifted` ids differed. */
  | { readonly kind: "known"; readonly drifted: number }
  /** It has no inventory: nothing can be compared. */
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly message: string; readonly unreachable: boolean };

/** How one pass is to look, beyond what the trigger says. */
export interface LookOptions {
  readonly superseded?: () => boolean | Promise<boolean>;
  /** Send again: everything, or these ids; but nothing that was acknowledged above `resendUpTo`. */
  readonly resend?: PlanRules["resend"];
  /** By default what is acknowledged as the pass begins. */
  readonly resendUpTo?: Version;
  readonly onDecision?: (claim: Claim, decision: Decision, braked: boolean) => void;
  readonly onProgress?: (examined: number) => void;
}

const NOBODY: ReadonlySet<string> = new Set();

/** The rooms of the core, put together: used by the daemon, by `once` and by `plan`. */
export class Agent {
  readonly settings: AgentSettings;
  readonly world: World;
  readonly deliverer: Deliverer;
  readonly #versions: Versions;
  readonly #inventory: Inventory;
  readonly #reconciler: Reconciler;
  readonly #held: HeldFiles;
  /** Requests that had left when the inventory was asked for last. */
  #sentBefore = 0;
  /** Called when something found while delivering asks for another pass. */
  onStale: () => void = () => {};
  brake: Brake | null = null;

  constructor(settings: AgentSettings, world: World) {
    this.settings = settings;
    this.world = world;
    const { state, sink, source, articles, clock, report } = world;
    this.#meetInserter();
    this.#versions = new Versions(state, clock);
    this.#inventory = new Inventory({
      state,
      sink,
      versions: this.#versions,
      report,
      owner: settings.owner,
      scope: settings.scope,
    });
    this.deliverer = new Deliverer(world, this.#versions, settings.delivery, () => this.onStale());
    this.#held = new HeldFiles(state, source, articles);
    this.#reconciler = new Reconciler({
      state,
      source,
      articles,
      versions: this.#versions,
      clock,
      report,
      maxFraction: settings.maxFraction,
      offer: (id, digest, body) => this.deliverer.offer(id, digest, body),
      wake: () => this.deliverer.wake(),
      ...(settings.strides === undefined ? {} : { strides: settings.strides }),
    });
  }

  /** A state made for another inserter, or another owner, acknowledges nothing here. */
  #meetInserter(): void {
    const { state, report, clock } = this.world;
    const { inserter, owner } = this.settings;
    const known = { inserter: state.meta("inserter"), owner: state.meta("owner") };
    if (known.inserter === inserter && known.owner === owner) return;
    state.transaction(() => {
      if (known.inserter === null) state.setMeta("started-over", String(clock.nowMs()));
      else state.clearEntries();
      state.setMeta("inserter", inserter);
      state.setMeta("owner", owner);
      state.setMeta("capability", null);
    });
    if (known.inserter === null) return;
    report({ kind: "state.inserter-changed", before: known, now: { inserter, owner } });
  }

  /** The time against which dates are judged, epoch milliseconds. */
  nowMs(): number {
    return publishingTime(this.world.state, this.world.clock);
  }

  /** Version of the last operation: what is begun from now on has a higher one. */
  get lastVersion(): Version {
    return this.#versions.last;
  }

  /**
   * Asks the inserter what it holds and brings the manifest in line with the answer.
   *
   * @param thorough At start and at a resync: see {@link Inventory.refresh}.
   */
  async verify(signal: AbortSignal, thorough = true): Promise<Verified> {
    const { state } = this.world;
    this.deliverer.flush();
    const goesOn = this.deliverer.sent === 0 && this.#inventory.recall();
    // An inserter that lost what was sent since may well be as it was before.
    if (!goesOn && (thorough || this.deliverer.sent !== this.#sentBefore)) this.#inventory.forget();
    this.#sentBefore = this.deliverer.sent;
    const nowMs = this.nowMs();
    const isWanted = (id: string): boolean => state.claim(id, nowMs).winner !== null;
    const refreshed = await this.#inventory.refresh(this.deliverer.track(), isWanted, thorough, signal);
    if (refreshed.kind === "none") return refreshed;
    if (refreshed.kind === "unknown") {
      const { reply, message } = refreshed;
      return { kind: "unknown", message, unreachable: reply?.kind === "failure" && reply.why === "connect" };
    }
    this.deliverer.noteInventory(this.#inventory.batch);
    if (refreshed.kind === "unchanged") return { kind: "known", drifted: 0 };
    if (refreshed.tellsOwners && state.meta("started-over") !== null) {
      state.transaction(() => state.setMeta("started-over", null));
    }
    this.deliverer.wake();
    return { kind: "known", drifted: refreshed.drifted };
  }

  /** One pass over this revision; see {@link Reconciler}. */
  async look(head: RevisionHead, trigger: Trigger, options: LookOptions = {}): Promise<PassResult> {
    const { report, clock } = this.world;
    const startMs = clock.elapsedMs();
    const thorough = trigger === "start" || trigger === "resync" || trigger === "reload";
    if (trigger === "resync") this.#held.forget();
    this.deliverer.flush();
    const result = await this.#reconciler.pass(head, {
      rules: {
        scope: this.settings.scope,
        retryRefused: thorough,
        resend: options.resend ?? NOBODY,
        resendUpTo: options.resendUpTo ?? this.#versions.last,
      },
      everything: thorough,
      relist: trigger === "resync",
      superseded: options.superseded ?? (() => false),
      ...(options.onDecision === undefined ? {} : { onDecision: options.onDecision }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    });
    if (result.kind === "superseded") {
      report({ kind: "pass.superseded", trigger });
      return result;
    }
    this.#noteBrake(result.brake, head.revision);
    const { revision, way, why, examined, begun } = result;
    const durationMs = clock.elapsedMs() - startMs;
    report({ kind: "pass.done", trigger, revision, way, why, examined, begun, durationMs });
    return result;
  }

  /** Tries held articles again with more time. @returns Whether a pass has something to plan. */
  retryHeld(signal: AbortSignal): Promise<boolean> {
    return this.#held.retry(signal);
  }

  #noteBrake(brake: Brake | null, revision: string): void {
    const { report } = this.world;
    const before = this.brake;
    this.brake = brake;
    if (brake !== null && (before?.deletes !== brake.deletes || before.owned !== brake.owned)) {
      report({ kind: "brake.on", ...brake, revision });
    } else if (brake === null && before !== null) {
      report({ kind: "brake.off", revision });
    }
  }
}
