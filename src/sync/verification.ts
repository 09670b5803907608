import type { Agent } from "./agent.ts";
import type { Verified } from "./plan/inventory.ts";

/** Asks the inserter what it holds, beside the loop, so that one that does not answer holds up no edit. One at a time. */
export class Verification {
  readonly #agent: Pick<Agent, "verify">;
  readonly #signal: AbortSignal;
  #asking: Promise<void> | null = null;
  #error: { readonly error: unknown } | null = null;

  constructor(agent: Pick<Agent, "verify">, signal: AbortSignal) {
    this.#agent = agent;
    this.#signal = signal;
  }

  get isUnderWay(): boolean {
    return this.#asking !== null;
  }

  /**
   * Asks, unless that is under way.
   *
   * @param again At start and at a resync.
   * @param answered Called with the answer; with null when there is an error to throw.
   */
  ask(again: boolean, answered: (verified: Verified | null) => void): void {
    this.#asking ??= this.#agent
      .verify(this.#signal, again)
      .catch((error: unknown) => {
        this.#error = { error };
        return null;
      })
      .then((verified) => {
        this.#asking = null;
        // Given up because the agent ends: that says nothing of the inserter.
        if (!this.#signal.aborted) answered(verified);
      });
  }

  /** @throws What went wrong, once. */
  rethrow(): void {
    const failed = this.#error;
    this.#error = null;
    if (failed !== null) throw failed.error;
  }

  async ended(): Promise<void> {
    await this.#asking;
  }
}
