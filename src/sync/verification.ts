import type { Agent } from "./agent.ts";
import type { Trigger } from "./model.ts";
import { retryDelayMs } from "./retry.ts";

/** How often an inventory that cannot be told is asked for before a pass goes on without it. */
const TRIES = 4;
/** Longest time between two such tries, milliseconds. */
const DELAY_MS_MAX = 10_000;

/** Ids to be sent again though unchanged. */
export type Resend = "all" | ReadonlySet<string>;

/** Whether a full reconcile can begin, and what it is to send again. */
export type Readiness =
  | {
      readonly kind: "go";
      readonly resend: Resend;
      /** Whether the inserter said what it has, if only that it cannot. */
      readonly known: boolean;
    }
  /** The inserter is not up yet: ask again after `delayMs`. */
  | { readonly kind: "wait"; readonly delayMs: number; readonly message: string };

const NOTHING: Resend = new Set();

/** Asks the inserter what it holds before a full reconcile, and waits for one that is not up yet. */
export class Verification {
  readonly #agent: Agent;
  #tries = 0;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  async ask(trigger: Trigger, signal: AbortSignal): Promise<Readiness> {
    const { report } = this.#agent.world;
    const { startup } = this.#agent.settings;
    if (trigger === "start" && startup === "resume") return { kind: "go", resend: NOTHING, known: false };
    const verified = await this.#agent.verify(signal);
    // Given up because the agent ends: that says nothing of the inserter.
    if (signal.aborted) return { kind: "wait", delayMs: 0, message: "the agent ends" };
    const known = verified.kind !== "unknown";
    if (verified.kind === "unknown") {
      this.#tries++;
      // One that answers, if only with errors, may take articles all the same. And new settings do not make
      // what is known of it untrue.
      const waits = trigger !== "reload" && (verified.unreachable || this.#tries < TRIES);
      if (waits) return this.#wait(verified.message);
      report({ kind: "inventory.unknown", reason: verified.message, wantedFor: "pass" });
    } else if (this.#tries > 0) report({ kind: "inserter.found" });
    this.#tries = 0;
    const full = trigger === "start" && startup === "full";
    const blind = verified.kind === "none" && trigger !== "reload";
    return { kind: "go", resend: full || blind ? "all" : NOTHING, known };
  }

  #wait(message: string): Readiness {
    const { report, random } = this.#agent.world;
    if (this.#tries === 1) report({ kind: "inserter.waiting", reason: message });
    const { minMs, maxMs } = this.#agent.settings.inserter.retry;
    const bounds = { minMs, maxMs: Math.max(minMs, Math.min(maxMs, DELAY_MS_MAX)) };
    return { kind: "wait", delayMs: retryDelayMs(this.#tries, bounds, random(), null), message };
  }
}
