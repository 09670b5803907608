import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/**
 * Waits until a condition holds, asking again every 20 ms.
 *
 * @param what Named in the error, e.g. `"the article at the inserter"`.
 * @throws {Error} When the time is up; what the condition throws ends the waiting too.
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  const startMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startMs > timeoutMs) {
      throw new Error(`Waited ${timeoutMs / 1000} s for ${what} without success`);
    }
    await sleep(POLL_MS);
  }
}
