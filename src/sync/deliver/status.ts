import type { Trouble } from "../model.ts";
import { StateUnavailable, type World } from "../ports.ts";
import type { Attempt } from "./attempts.ts";
import type { DeliveryMemory } from "./memory.ts";

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

/** Says when delivery tries again, in the time of day; inside that is counted on a clock that runs evenly. */
export class DeliveryTimes {
  readonly #world: World;
  readonly #memory: DeliveryMemory;

  constructor(world: World, memory: DeliveryMemory) {
    this.#world = world;
    this.#memory = memory;
  }

  /** When the next pending operation may be tried; null when none waits for a time. */
  nextTryMs(): number | null {
    const { attempts, breaker } = this.#memory;
    const elapsedMs = this.#world.clock.elapsedMs();
    const next = attempts.nextMs(elapsedMs - 1);
    if (breaker.untilMs > elapsedMs) return this.#timeOfDay(Math.max(breaker.untilMs, next ?? 0));
    return next === null ? null : this.#timeOfDay(next);
  }

  /** What went wrong so far with one operation; null when nothing did. */
  attemptOf(id: string, version: number): Attempt | null {
    const attempt = this.#memory.attempts.of({ id, version });
    return attempt === null ? null : { ...attempt, nextMs: this.#timeOfDay(attempt.nextMs) };
  }

  /** When the inserter as a whole is tried again; null when nothing is wrong with it. */
  nextProbeMs(): number | null {
    const { breaker } = this.#memory;
    return breaker.trouble === null ? null : this.#timeOfDay(breaker.untilMs);
  }

  /** Some of those in trouble. */
  someAttempts(): DeliveryStatus["attempts"] {
    const some: DeliveryStatus["attempts"][number][] = [];
    for (const [id, { version }] of this.#memory.attempts.entries()) {
      if (!this.#isPending(id, version)) continue;
      const attempt = this.attemptOf(id, version);
      if (attempt !== null && some.push({ id, attempt }) >= ATTEMPTS_SHOWN) break;
    }
    return some;
  }

  /** What was planned otherwise meanwhile is tried no more. */
  #isPending(id: string, version: number): boolean {
    try {
      return this.#world.state.entry(id)?.pending?.version === version;
    } catch (error) {
      if (error instanceof StateUnavailable) return true;
      throw error;
    }
  }

  #timeOfDay(elapsedMs: number): number {
    const { clock } = this.#world;
    return clock.nowMs() + elapsedMs - clock.elapsedMs();
  }
}
