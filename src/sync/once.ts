import type { Agent, LookOptions } from "./agent.ts";
import type { Brake } from "./policy.ts";
import type { Counts, RevisionHead } from "./ports.ts";
import { retryDelayMs } from "./retry.ts";

/** How one full reconcile ended. */
export interface OnceResult {
  /** Null when it never came to a pass: `reason` says why. */
  readonly revision: string | null;
  readonly reason: string | null;
  readonly counts: Counts;
  readonly begun: number;
  readonly brake: Brake | null;
}

const WAIT_BOUNDS = { minMs: 100, maxMs: 2_000 };

/**
 * One full reconcile to the end: waits for repository and inserter, passes, delivers, and gives up
 * when nothing has been acknowledged for `waitMs`.
 */
export class Once {
  readonly #agent: Agent;
  readonly #waitMs: number;
  readonly #abort: AbortSignal;

  constructor(agent: Agent, waitMs: number, signal: AbortSignal) {
    this.#agent = agent;
    this.#waitMs = waitMs;
    this.#abort = signal;
  }

  async run(options: Pick<LookOptions, "resend" | "onProgress"> & { full: boolean }): Promise<OnceResult> {
    const delivering = this.#agent.deliverer.run();
    try {
      return await this.#reconcile(options);
    } finally {
      await this.#agent.deliverer.stop(5_000);
      await delivering;
    }
  }

  async #reconcile(
    options: Pick<LookOptions, "resend" | "onProgress"> & { full: boolean },
  ): Promise<OnceResult> {
    const deadlineMs = this.#agent.world.clock.nowMs() + this.#waitMs;
    const found = await this.#head(deadlineMs);
    if (typeof found === "string") return this.#result(null, found, 0);
    const verified = await this.#verify(deadlineMs);
    if (verified.kind === "unknown") return this.#result(null, verified.message, 0);
    let head = found;
    let begun = 0;
    const resend = options.full || verified.kind === "none" ? "all" : (options.resend ?? new Set<string>());
    for (let trigger: "start" | "poll" = "start"; ; ) {
      if (this.#abort.aborted) return this.#result(null, "stopped", begun);
      const result = await this.#agent.look(head, trigger, {
        ...(trigger === "start" ? { resend } : {}),
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      });
      if (result.kind === "superseded") {
        const next = await this.#head(this.#agent.world.clock.nowMs() + this.#waitMs);
        if (typeof next === "string") return this.#result(null, next, begun);
        head = next;
        continue;
      }
      begun += result.begun;
      trigger = "poll";
      if (await this.#agent.retryHeld(this.#abort)) continue;
      if (await this.#delivered()) continue;
      return this.#result(head.revision, null, begun);
    }
  }

  /** The head, or why there is none in time. */
  async #head(deadlineMs: number): Promise<RevisionHead | string> {
    const { source, clock, random, log } = this.#agent.world;
    let said = "";
    for (let attempt = 1; ; attempt++) {
      const head = await source.head();
      if (head.kind === "revision") return head;
      if (said !== head.reason)
        log.emit("warn", "repository.waiting", `Waiting: ${head.reason}`, { hint: head.hint });
      said = head.reason;
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0 || this.#abort.aborted) return head.reason;
      await clock.sleep(Math.min(leftMs, retryDelayMs(attempt, WAIT_BOUNDS, random(), null)), this.#abort);
    }
  }

  async #verify(deadlineMs: number): ReturnType<Agent["verify"]> {
    const { clock, random, log } = this.#agent.world;
    for (let attempt = 1; ; attempt++) {
      const verified = await this.#agent.verify(this.#abort);
      if (verified.kind !== "unknown") return verified;
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0 || this.#abort.aborted) {
        // One that answers, if only with errors, may take articles all the same.
        return verified.unreachable ? verified : { kind: "known", drifted: 0 };
      }
      if (attempt === 1)
        log.emit("warn", "inserter.waiting", `Waiting for the inserter: ${verified.message}`);
      await clock.sleep(Math.min(leftMs, retryDelayMs(attempt, WAIT_BOUNDS, random(), null)), this.#abort);
    }
  }

  /**
   * Waits until nothing is owed, or nothing has moved for `waitMs`.
   *
   * @returns Whether another pass has something to plan.
   */
  async #delivered(): Promise<boolean> {
    const { deliverer, world } = this.#agent;
    const { clock, state } = world;
    let stale = false;
    this.#agent.onStale = () => {
      stale = true;
    };
    let lastMs = clock.nowMs();
    for (;;) {
      await deliverer.quiet();
      if (stale) return true;
      if (state.pending(null, 1).length === 0 || this.#abort.aborted) return false;
      lastMs = Math.max(lastMs, deliverer.status().lastSuccessMs ?? 0);
      const nowMs = clock.nowMs();
      const leftMs = lastMs + this.#waitMs - nowMs;
      if (leftMs <= 0) return false;
      const tryMs = Math.max(20, (deliverer.nextTryMs() ?? nowMs) - nowMs);
      await clock.sleep(Math.min(leftMs, tryMs), this.#abort);
    }
  }

  #result(revision: string | null, reason: string | null, begun: number): OnceResult {
    const counts = this.#agent.world.state.counts(this.#agent.nowMs());
    return { revision, reason, counts, begun, brake: this.#agent.brake };
  }
}
