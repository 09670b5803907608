import type { Clock } from "../sync/ports.ts";

/** Longest delay that a timer takes, milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, ms), TIMER_MS_MAX));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};
