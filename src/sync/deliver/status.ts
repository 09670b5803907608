import { type Clock, type State, StateUnavailable } from "../ports.ts";
import type { Attempt, Attempts } from "./attempts.ts";
import type { CircuitBreaker, Trouble } from "./breaker.ts";

/** Ids shown of those in trouble. */
const ATTEMPTS_SHOWN = 100;

/** What delivery is doing, for people. Times are epoch milliseconds. */
export interface DeliveryStatus {
  readonly inFlight: number;
  readonly trouble: Trouble | null;
  readonly nextProbeMs: number | null;
  readonly stateTrouble: string | null;
  readonly attempts: readonly { readonly id: string; readonly attempt: Attempt }[];
  readonly lastSuccessMs: number | null;
}

/** Tells the tries of delivery in the time of day; inside they are counted on a clock that runs evenly. */
export class Tries {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #attempts: Attempts;
  readonly #breaker: CircuitBreaker;

  constructor(state: State, clock: Clock, attempts: Attempts, endpoint: CircuitBreaker) {
    this.#state = state;
    this.#clock = clock;
    this.#attempts = attempts;
    this.#breaker = endpoint;
  }

  /** When the next owed operation may be tried; null when none waits for a time. */
  nextMs(): number | null {
    const elapsedMs = this.#clock.elapsedMs();
    const next = this.#attempts.nextMs(elapsedMs - 1);
    const { untilMs } = this.#breaker;
    if (untilMs > elapsedMs) return this.#timeOfDay(Math.max(untilMs, next ?? 0));
    return next === null ? null : this.#timeOfDay(next);
  }

  /** What went wrong so far with one operation; null when nothing did. */
  of(id: string, version: number): Attempt | null {
    const attempt = this.#attempts.of(id, version);
    return attempt === null ? null : { ...attempt, nextMs: this.#timeOfDay(attempt.nextMs) };
  }

  /** When the inserter as a whole is tried again; null when nothing is wrong with it. */
  nextProbeMs(): number | null {
    return this.#breaker.trouble === null ? null : this.#timeOfDay(this.#breaker.untilMs);
  }

  /** Some of those in trouble. */
  some(): DeliveryStatus["attempts"] {
    const some: DeliveryStatus["attempts"][number][] = [];
    for (const [id, { version }] of this.#attempts.entries()) {
      if (!this.#isOwed(id, version)) continue;
      const attempt = this.of(id, version);
      if (attempt !== null && some.push({ id, attempt }) >= ATTEMPTS_SHOWN) break;
    }
    return some;
  }

  /** What was planned otherwise meanwhile is tried no more. */
  #isOwed(id: string, version: number): boolean {
    try {
      return this.#state.entry(id)?.pending?.version === version;
    } catch (error) {
      if (error instanceof StateUnavailable) return true;
      throw error;
    }
  }

  #timeOfDay(elapsedMs: number): number {
    return this.#clock.nowMs() + elapsedMs - this.#clock.elapsedMs();
  }
}
