import { acknowledge, refuse, reopen, setUndeletable } from "../entry.ts";
import type { Pending, Refusal } from "../model.ts";
import { type Clock, type Random, type State, StateUnavailable } from "../ports.ts";
import { type RetryBounds, retryDelayMs } from "../retry.ts";
import type { Versions } from "../version.ts";

/** How long answers are gathered into one transaction, milliseconds, and how many at most. */
const GATHER_MS = 4;
const GATHER_MAX = 256;
/** When so many come in that time they are part of a bulk, where fewer writes count for more than early ones. */
const BULK = 4;
const BULK_GATHER_MS = 80;

/** What an answer changes in the manifest. */
export type Settlement = { readonly id: string; readonly operation: Pending } & (
  | { readonly kind: "done" }
  /** To be planned anew. */
  | { readonly kind: "reopened" }
  | { readonly kind: "undeletable"; readonly mayHaveLanded: boolean }
  | { readonly kind: "refused"; readonly answer: Omit<Refusal, "digest">; readonly mayHaveLanded: boolean }
);

/**
 * Writes answers into the manifest, many in one transaction. Until an answer is written its id counts
 * as in flight, so that nothing newer overtakes it. When the state cannot be written the answers are
 * kept, and nothing more is sent until it can: an operation whose answer is lost is only sent again.
 */
export class Settlements {
  readonly #state: State;
  readonly #versions: Versions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #bounds: RetryBounds;
  readonly #onWritten: (settlements: readonly Settlement[]) => void;
  readonly #onTrouble: (error: StateUnavailable | null) => void;
  readonly #onBug: (error: unknown) => void;
  readonly #stopping = new AbortController();
  #waiting: Settlement[] = [];
  #gathering = false;
  #failures = 0;

  constructor(options: {
    state: State;
    versions: Versions;
    clock: Clock;
    random: Random;
    bounds: RetryBounds;
    onWritten: (settlements: readonly Settlement[]) => void;
    /** Null when the state can be written again. */
    onTrouble: (error: StateUnavailable | null) => void;
    /** What nobody expected while nobody was waiting. */
    onBug: (error: unknown) => void;
  }) {
    this.#state = options.state;
    this.#versions = options.versions;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#bounds = options.bounds;
    this.#onWritten = options.onWritten;
    this.#onTrouble = options.onTrouble;
    this.#onBug = options.onBug;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** The state could not be written at the last try. */
  get isStuck(): boolean {
    return this.#failures > 0;
  }

  add(settlement: Settlement): void {
    this.#waiting.push(settlement);
    if (this.#waiting.length >= GATHER_MAX && this.#failures === 0) this.flush();
    else if (!this.#gathering) void this.#gather();
  }

  async #gather(): Promise<void> {
    this.#gathering = true;
    const { signal } = this.#stopping;
    try {
      while (this.#waiting.length > 0) {
        const delayMs =
          this.#failures === 0 ? GATHER_MS : retryDelayMs(this.#failures, this.#bounds, this.#random(), null);
        await this.#clock.sleep(delayMs, signal);
        if (this.#failures === 0 && this.#waiting.length >= BULK)
          await this.#clock.sleep(BULK_GATHER_MS, signal);
        if (signal.aborted) return;
        this.flush();
      }
    } catch (error) {
      this.#onBug(error);
    } finally {
      this.#gathering = false;
    }
  }

  /** Writes what can be written; the rest is lost with this process, and sent again by the next. */
  stop(): void {
    this.#stopping.abort();
    this.flush();
  }

  /** Writes what has been gathered. @returns Whether nothing is left. */
  flush(): boolean {
    if (this.#waiting.length === 0) return true;
    const settlements = this.#waiting;
    try {
      this.#state.transaction(() => {
        for (const settlement of settlements) this.#write(settlement);
        this.#versions.save();
      });
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#failures++;
      this.#onTrouble(error);
      return false;
    }
    this.#waiting = [];
    if (this.#failures > 0) this.#onTrouble(null);
    this.#failures = 0;
    this.#onWritten(settlements);
    return true;
  }

  #write(settlement: Settlement): void {
    const { id, operation } = settlement;
    const entry = this.#state.entry(id);
    if (entry === null) return;
    if (settlement.kind === "done") {
      const next = acknowledge(entry, operation);
      if (next === null) this.#state.dropEntry(id);
      else this.#state.putEntry(next);
    } else if (settlement.kind === "undeletable") {
      this.#state.putEntry(setUndeletable(entry, operation, settlement.mayHaveLanded));
    } else if (settlement.kind === "refused") {
      this.#state.putEntry(refuse(entry, operation, settlement.answer, settlement.mayHaveLanded));
    } else {
      this.#state.putEntry(reopen(entry, operation));
      this.#state.touch([id]);
    }
  }
}
