import { Director } from "./director.ts";
import { Finale } from "./finale.ts";
import type { History } from "./history.ts";
import type { Failure } from "./watcher.ts";

/** What one history came to. */
export interface Outcome {
  readonly failure: Failure | null;
  /** Virtual time it took, milliseconds. */
  readonly tookMs: number;
  readonly requests: number;
  readonly looks: number;
}

let watching: Director | null = null;

/** Rejections that are not awaited end a process; here they fail the history under way. */
process.on("unhandledRejection", (reason) => {
  if ((reason as Error | undefined)?.name === "Crashed") return;
  const message = `a rejection that is not awaited: ${(reason as Error | undefined)?.stack ?? reason}`;
  if (watching === null) throw new Error(message);
  watching.watch.fail("bug", message);
});

/** Lets a history happen, from the first file to the end of the agent. */
export async function simulate(history: History, trace: (text: string) => void = () => {}): Promise<Outcome> {
  const director = new Director(history, trace);
  const { watch, timeline } = director;
  watching = director;
  try {
    director.boot();
    for (const { afterMs, what } of history.events) {
      await timeline.run(afterMs, () => watch.failure !== null);
      if (watch.failure !== null) break;
      director.happen(what);
    }
    if (watch.failure === null) await new Finale(director).play();
  } catch (error) {
    watch.fail("bug", String((error as Error).stack));
  }
  // Unhandled rejections are reported when the turn of the event loop ends.
  await new Promise((resolve) => setImmediate(resolve));
  watching = null;
  return {
    failure: watch.failure,
    tookMs: timeline.nowMs,
    requests: watch.tally.requests,
    looks: watch.tally.looks,
  };
}
