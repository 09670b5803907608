import type { Clock, State } from "./ports.ts";

/**
 * The time against which dates are judged, epoch milliseconds: the time of day, but never running
 * backwards, so that an article once published is not withdrawn because a clock was set back.
 */
export function publishingTime(state: State, clock: Clock): number {
  return Math.max(clock.nowMs(), Number(state.meta("now") ?? 0));
}
