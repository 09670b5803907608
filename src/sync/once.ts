import type { Agent } from "./agent.ts";
import type { Brake, OwnerConflict, Trigger } from "./model.ts";
import type { Verified } from "./plan/inventory.ts";
import type { Counts, RevisionHead } from "./ports.ts";
import type { PassOptions } from "./reconcile.ts";
import { retryDelayMs } from "./retry.ts";

/** How one full reconcile ended. */
export interface OnceResult {
  /** Null when it never came to a pass: `reason` says why. */
  readonly revision: string | null;
  readonly reason: string | null;
  readonly counts: Counts;
  readonly begun: number;
  readonly brake: Brake | null;
  readonly conflict: OwnerConflict | null;
  /** Ids whose delete was approved with this call. */
  readonly approved: readonly string[];
}

/** What a caller may ask for besides. */
type OnceOptions = Pick<PassOptions, "resend" | "onProgress"> & {
  readonly full: boolean;
  /** What the brake holds when the first pass is done is approved, and nothing that it holds later. */
  readonly approve?: boolean;
};

const WAIT_BOUNDS = { minMs: 100, maxMs: 2_000 };
/** What is in flight at the end gets so long, milliseconds. */
const GRACE_MS = 4_500;

/**
 * One full reconcile to the end: waits for repository and inserter, passes, delivers, and gives up
 * when nothing has been acknowledged for `waitMs`.
 */
export class Once {
  readonly #agent: Agent;
  readonly #waitMs: number;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  /** Something found while delivering asks for another pass. */
  #stale = false;
  /** When something was last begun or acknowledged, elapsed milliseconds. */
  #progressMs = 0;
  #approved: readonly string[] = [];

  constructor(agent: Agent, waitMs: number, signal: AbortSignal) {
    this.#agent = agent;
    this.#waitMs = waitMs;
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
    agent.lookAgain = () => {
      this.#stale = true;
    };
  }

  /** @throws {StateUnavailable} When the state cannot be written; and what is a bug. */
  async run(options: OnceOptions): Promise<OnceResult> {
    const { deliverer } = this.#agent;
    const delivering = deliverer.run();
    // A pass that waits for delivery to make room waits no more.
    this.#signal.addEventListener("abort", () => void deliverer.stop(GRACE_MS));
    const reconciling = this.#reconcile(options);
    try {
      // Delivery does not end by itself, unless with a bug.
      return await Promise.race([reconciling, delivering.then(() => reconciling)]);
    } finally {
      this.#ending.abort();
      await deliverer.stop(GRACE_MS);
      await Promise.allSettled([delivering, reconciling]);
    }
  }

  async #reconcile(options: OnceOptions): Promise<OnceResult> {
    const { clock, random, report } = this.#agent.world;
    const deadlineMs = clock.elapsedMs() + this.#waitMs;
    const found = await this.#head(deadlineMs);
    if (typeof found === "string") return this.#result(null, found, 0);
    this.#agent.deliverer.repositoryFound();
    const verified = await this.#verify(deadlineMs);
    if (verified.kind === "unknown") return this.#result(null, verified.message, 0);
    let head = found;
    let begun = 0;
    const resend = options.full || verified.kind === "none" ? "all" : (options.resend ?? new Set<string>());
    const resendUpTo = this.#agent.versions.last;
    this.#progressMs = clock.elapsedMs();
    /** A revision that was dropped half-way, how often, and how long it is tried. */
    let dropped = { revision: "", times: 0, deadlineMs: 0 };
    let mayApprove = options.approve === true;
    for (let trigger: Trigger = "start"; ; ) {
      if (this.#signal.aborted) return this.#result(null, "stopped", begun);
      this.#stale = false;
      const result = await this.#agent.reconcile(head, trigger, {
        ...(trigger === "start" ? { resend, resendUpTo } : {}),
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        superseded: () => this.#signal.aborted,
      });
      if (result.kind === "superseded") {
        if (dropped.revision !== head.revision) {
          dropped = { revision: head.revision, times: 0, deadlineMs: clock.elapsedMs() + this.#waitMs };
        }
        const { fault } = result;
        if (dropped.times++ > 0) {
          if (dropped.times === 2 && fault !== null) {
            const { message: reason, hint } = fault;
            report({ kind: "revision.unreadable", revision: head.revision, reason, hint });
          }
          if (clock.elapsedMs() > dropped.deadlineMs) {
            const why = fault === null ? "" : `: ${fault.message}`;
            return this.#result(null, `revision ${head.revision} cannot be read${why}`, begun);
          }
          await clock.sleep(retryDelayMs(dropped.times, WAIT_BOUNDS, random(), null), this.#signal);
        }
        const next = await this.#head(clock.elapsedMs() + this.#waitMs);
        if (typeof next === "string") return this.#result(null, next, begun);
        head = next;
        continue;
      }
      begun += result.begun;
      if (result.begun > 0) this.#progressMs = clock.elapsedMs();
      trigger = "again";
      if (mayApprove) this.#approve();
      mayApprove = false;
      if (this.#agent.brake !== null && this.#agent.world.state.anyApproved()) {
        trigger = "approval";
        continue;
      }
      if (await this.#agent.retryHeld(this.#signal)) continue;
      if (!(await this.#delivered())) return this.#result(head.revision, null, begun);
      // What could not be sent as planned may belong to a revision that is no more.
      const next = await this.#head(clock.elapsedMs() + this.#waitMs);
      if (typeof next === "string") return this.#result(null, next, begun);
      head = next;
    }
  }

  #approve(): void {
    const { state } = this.#agent.world;
    this.#approved = state.transaction(() => state.approveBraked());
  }

  /** The head, or why there is none in time. */
  async #head(deadlineMs: number): Promise<RevisionHead | string> {
    const { source, report } = this.#agent.world;
    let reported = "";
    for (let attempt = 1; ; attempt++) {
      const head = await source.head();
      if (head.kind === "revision") return head;
      if (this.#signal.aborted) return "stopped";
      const { reason, hint } = head;
      if (reported !== reason) report({ kind: "repository.waiting", reason, hint });
      reported = reason;
      if (!(await this.#waited(attempt, deadlineMs))) return reason;
    }
  }

  async #verify(deadlineMs: number): Promise<Verified> {
    for (let attempt = 1; ; attempt++) {
      const verified = await this.#agent.verify(this.#signal);
      if (verified.kind !== "unknown") return verified;
      if (verified.denied === true) {
        this.#agent.world.report({ kind: "inventory.unknown", reason: verified.message, wantedFor: "pass" });
        return { kind: "none" };
      }
      if (attempt === 1) this.#agent.world.report({ kind: "inserter.waiting", reason: verified.message });
      if (await this.#waited(attempt, deadlineMs)) continue;
      // One that answers, if only with errors, may take articles all the same.
      return verified.unreachable ? verified : { kind: "known", drifted: 0 };
    }
  }

  /** Waits before another attempt. @returns False when time is up. */
  async #waited(attempt: number, deadlineMs: number): Promise<boolean> {
    const { clock, random } = this.#agent.world;
    const leftMs = deadlineMs - clock.elapsedMs();
    if (leftMs <= 0 || this.#signal.aborted) return false;
    const delayMs = retryDelayMs(attempt, WAIT_BOUNDS, random(), null);
    await clock.sleep(Math.min(leftMs, delayMs), this.#signal);
    return true;
  }

  /**
   * Waits until nothing is pending, or nothing was acknowledged for `waitMs`.
   *
   * @returns Whether another pass has something to plan.
   */
  async #delivered(): Promise<boolean> {
    const { deliverer, world } = this.#agent;
    const { clock, state } = world;
    let last = deliverer.acknowledged;
    for (;;) {
      await this.#quietWithin(this.#progressMs + this.#waitMs - clock.elapsedMs());
      const nowMs = clock.elapsedMs();
      if (deliverer.acknowledged !== last) this.#progressMs = nowMs;
      last = deliverer.acknowledged;
      const leftMs = this.#progressMs + this.#waitMs - nowMs;
      const isOver = leftMs <= 0 || this.#signal.aborted;
      if (this.#stale) return !isOver;
      if (isOver || state.pending(null, 1).length === 0) return false;
      const tryMs = Math.max(20, (deliverer.nextTryMs() ?? clock.nowMs()) - clock.nowMs());
      await clock.sleep(Math.min(leftMs, tryMs), this.#signal);
    }
  }

  /** Until nothing is on its way and nothing can be sent now, or for so long. */
  async #quietWithin(ms: number): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#signal]);
    await Promise.race([
      this.#agent.deliverer.quiet(),
      this.#agent.world.clock.sleep(Math.max(0, ms), signal),
    ]);
    over.abort(null);
  }

  #result(revision: string | null, reason: string | null, begun: number): OnceResult {
    const counts = this.#agent.world.state.counts(this.#agent.nowMs());
    const { brake, conflict } = this.#agent;
    return { revision, reason, counts, begun, brake, conflict, approved: this.#approved };
  }
}
