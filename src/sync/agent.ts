import { Deliverer } from "./deliver/deliverer.ts";
import type { DeliveryOptions } from "./deliver/memory.ts";
import type { Brake, OwnerConflict, Revision, Trigger } from "./model.ts";
import { Inventory, type Verified } from "./plan/inventory.ts";
import { MissingBlobs } from "./plan/missing.ts";
import { HeldFiles } from "./plan/parse.ts";
import type { RevisionHead, World } from "./ports.ts";
import { type Core, type PageSizes, type PassOptions, type PassResult, reconcile } from "./reconcile.ts";
import { brakeOf } from "./rules.ts";
import { Versions } from "./version.ts";

/** The part of the settings that the core reads. */
export interface AgentSettings {
  /** Null where the state or the repository says whose articles these are. */
  readonly owner: string | null;
  /** `url` is without credentials: it identifies an inserter. */
  readonly inserter: DeliveryOptions & { readonly url: string };
  readonly startup: "verify" | "full" | "resume";
  readonly prune: Core["settings"]["prune"];
  readonly pollMs: number;
  readonly driftMs: number;
  readonly resyncMs: number;
}

const SIZES: PageSizes = { ids: 256, files: 64, bodiesBytes: 16 * 1024 * 1024 };

/** The core, put together: used by the daemon, by `once` and by `plan`. */
export class Agent implements Core {
  readonly settings: AgentSettings;
  readonly world: World;
  readonly versions: Versions;
  readonly deliverer: Deliverer;
  readonly sizes: PageSizes;
  readonly missing: MissingBlobs;
  readonly #inventory: Inventory;
  readonly #held: HeldFiles;
  /** Requests that had left when the inventory was asked for last. */
  #sentBefore = 0;
  /** Upserts that the inserter had taken when it first denied its inventory; null while it does not. */
  #takenAtDenial: number | null = null;
  /** Called when something found while delivering asks for another pass. */
  lookAgain: () => void = () => {};
  /** What the brake holds; from the start on what the state remembers. */
  brake: Brake | null;
  /** Whether this process has said so. */
  #isBrakeSaid = false;
  /** Why nothing is sent at all; null where that is not so. */
  conflict: OwnerConflict | null = null;

  constructor(settings: AgentSettings, world: World, sizes: PageSizes = SIZES) {
    const { owner, prune, inserter } = settings;
    const { identity, state } = world;
    this.settings = settings;
    this.world = world;
    this.sizes = sizes;
    identity.owner = owner ?? state.meta("owner");
    this.#bindState();
    this.versions = new Versions(world.state, world.clock);
    this.brake = brakeOf(world.state.braked(), world.state.meta("brake-cause"));
    this.#inventory = new Inventory(world, this.versions, prune.scope);
    this.#held = new HeldFiles(world);
    this.missing = new MissingBlobs(world);
    this.deliverer = new Deliverer(world, this.versions, inserter, sizes, () => this.lookAgain());
  }

  /** Before the inserter is first asked for anything: whose articles these are. */
  async #identify(): Promise<void> {
    const { identity } = this.world;
    if (identity.owner !== null) return;
    identity.owner = await identity.derive();
    this.#bindState();
  }

  /** A state made for another inserter, or another owner, acknowledges nothing here. */
  #bindState(): void {
    const { state, report, clock, identity } = this.world;
    if (identity.owner === null) return;
    const now = { inserter: this.settings.inserter.url, owner: identity.owner };
    const before = { inserter: state.meta("inserter"), owner: state.meta("owner") };
    if (before.inserter === now.inserter && before.owner === now.owner) return;
    state.transaction(() => {
      if (before.inserter === null) state.setMeta("started-over", String(clock.nowMs()));
      else state.clearEntries();
      state.setMeta("baseline", null);
      state.setMeta("inserter", now.inserter);
      state.setMeta("owner", now.owner);
      state.setMeta("capability", null);
    });
    if (before.inserter !== null) report({ kind: "state.inserter-changed", before, now });
  }

  /** The time against which dates are judged, epoch milliseconds. */
  nowMs(): number {
    return this.world.clock.nowMs();
  }

  /**
   * Asks the inserter what it holds and brings the manifest in line with the answer.
   *
   * @param again At start and at a resync: see {@link Inventory.refresh}.
   */
  async verify(signal: AbortSignal, again = true): Promise<Verified> {
    const { state } = this.world;
    await this.#identify();
    this.deliverer.flush();
    const { sent } = this.deliverer;
    const isRestored = sent === 0 && this.#inventory.restoreEtag();
    // An inserter that lost what was sent since may well be as it was before.
    if (!isRestored && (again || sent !== this.#sentBefore)) this.#inventory.dropEtag();
    this.#sentBefore = sent;
    const nowMs = this.nowMs();
    const isWanted = (id: string): boolean => state.claim(id, nowMs).winner !== null;
    const tracked = this.deliverer.track();
    const isNew = state.meta("started-over") !== null && state.countOwned() === 0;
    const verified = await this.#inventory.refresh({ tracked, isWanted, again }, signal);
    const held = isNew ? state.countOwned() : 0;
    if (held > 0) this.world.report({ kind: "state.adopted", held });
    if (verified.kind === "known") {
      this.deliverer.noteInventory(this.#inventory.batch);
      this.deliverer.wake();
    }
    return this.#judgeDenial(verified);
  }

  /** An inventory that is denied, and articles that are taken after that: there is no inventory. */
  #judgeDenial(verified: Verified): Verified {
    if (verified.kind !== "unknown" || verified.denied !== true) {
      this.#takenAtDenial = null;
      return verified;
    }
    const { upserts } = this.deliverer;
    this.#takenAtDenial ??= upserts;
    if (upserts === this.#takenAtDenial) return verified;
    this.#inventory.giveUp();
    const reason = `${verified.message}, but it takes articles: it counts as one without an inventory. Drift is not checked, and articles of other owners are not protected, until it allows GET`;
    this.world.report({ kind: "inventory.unknown", reason, wantedFor: "drift" });
    return { kind: "none" };
  }

  /** One pass over this revision. @throws {StateUnavailable} */
  async reconcile(head: RevisionHead, trigger: Trigger, options: PassOptions = {}): Promise<PassResult> {
    const { report, clock } = this.world;
    const startMs = clock.elapsedMs();
    await this.#identify();
    if (trigger === "resync") this.#held.forget();
    this.deliverer.repositoryFound();
    this.deliverer.flush();
    const onHeld = (path: string): void => this.#held.note(path);
    const result = await reconcile(this, head, trigger, {
      ...(options.patience === undefined && { onHeld }),
      ...options,
    });
    if (result.kind === "superseded") {
      report({ kind: "pass.superseded", trigger });
      return result;
    }
    const { revision, way, why, examined, begun, brake } = result;
    this.#noteBrake(brake, revision);
    this.#noteConflict(result.conflict);
    const durationMs = clock.elapsedMs() - startMs;
    report({ kind: "pass.done", trigger, revision, way, why, examined, begun, durationMs });
    return result;
  }

  /** Tries held articles again with more time. @returns Whether a pass has something to plan. */
  retryHeld(signal: AbortSignal): Promise<boolean> {
    return this.#held.retry(signal);
  }

  #noteConflict(conflict: OwnerConflict | null): void {
    const { report, identity } = this.world;
    const before = this.conflict;
    this.conflict = conflict;
    if (conflict === null) {
      if (before !== null) report({ kind: "owner.agreed" });
    } else if (before?.owner !== conflict.owner || before.held !== conflict.held) {
      report({ kind: "owner.conflict", ours: identity.owner ?? "", ...conflict });
    }
  }

  #noteBrake(brake: Brake | null, revision: Revision): void {
    const { report } = this.world;
    const before = this.brake;
    this.brake = brake;
    const isNews = before?.deletes !== brake?.deletes || before?.owned !== brake?.owned;
    if (brake !== null && (isNews || !this.#isBrakeSaid)) {
      this.#isBrakeSaid = true;
      report({ kind: "brake.on", ...brake, revision });
    } else if (brake === null && before !== null) report({ kind: "brake.off", revision });
  }
}
