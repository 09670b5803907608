/** Articles that the inserter fails at, denies or has newer, and edits of one that it takes. */
import { write } from "./content.ts";
import type { Director } from "./director.ts";
import type { Poison } from "./history.ts";

const GOOD = "zzz";
/** A request takes no longer, there and back. */
const REQUEST_MS = 8_000;
/** Reading the body once more, and what else is no request. */
const SLACK_MS = 1_000;
/** Reading the head and the tree takes no longer. */
const LOOK_MS = 4_000;
/** Time for a pass, and for what it has begun. */
const PASS_MS = 25_000;
const EDITS = 3;
const NEVER = { begunMs: Number.POSITIVE_INFINITY, sentMs: Number.POSITIVE_INFINITY };

/**
 * | promise | checked |
 * | --- | --- |
 * | no waiting | an edit is found within a poll, whether or not the inventory is answered |
 * | isolation | the edit of an article that is taken leaves within one request time of its pass, however many others fail |
 * | these fail | the inserter is in no trouble once it has taken what was edited after the others failed |
 * | hot loop | what fails is tried with a backoff |
 */
export class Poisoning {
  readonly #director: Director;
  readonly #poison: Poison;
  #edit = 0;

  constructor(director: Director, poison: Poison) {
    this.#director = director;
    this.#poison = poison;
  }

  async play(): Promise<void> {
    const { inserter, watch, timeline, history, config } = this.#director;
    const { count, statuses, restarts, isMute } = this.#poison;
    const ids = Array.from({ length: count }, (_, i) => `p${String(i).padStart(2, "0")}`);
    inserter.refusing.clear();
    // Without owners in it nothing is known of the inserter before it has answered.
    inserter.isMute = isMute && !(restarts && inserter.abilities.inventory === "bare");
    for (const [i, id] of ids.entries()) {
      inserter.refusing.set(config.idOf(id), statuses[i % statuses.length] ?? 500);
    }
    const [sinceMs, requests] = [timeline.nowMs, watch.tally.requests];
    this.#commit([...ids, GOOD]);
    if (restarts) {
      await this.#run(history.setup.pollMs + SLACK_MS);
      this.#director.happen({ do: "restart", downMs: 0, config: null });
    }
    await this.#run(history.setup.pollMs + PASS_MS);
    for (let i = 0; i < EDITS && watch.failure === null; i++) await this.#editGood(i === EDITS - 1);
    this.#checkEffort(timeline.nowMs - sinceMs, watch.tally.requests - requests);
    inserter.refusing.clear();
    inserter.isMute = false;
  }

  /** A new version of each. */
  #commit(ids: readonly string[]): void {
    const edit = 1_000 + this.#edit++;
    const text = { kind: "good", edit, dateMs: null, expiresMs: null } as const;
    const changes = ids.map((id) => [`${id}.md`, write({ ...text, id })] as const);
    this.#director.happen({ do: "commit", changes });
  }

  async #editGood(isLast: boolean): Promise<void> {
    const { inserter, timeline, watch, history, config, process } = this.#director;
    const { pollMs, ratePerSecond } = history.setup;
    const id = config.idOf(GOOD);
    const sinceMs = timeline.nowMs;
    watch.edits.delete(id);
    this.#commit([GOOD]);
    await this.#run(pollMs + PASS_MS);
    // Whose articles these are is for a person to say first.
    if (watch.failure !== null || process === null || process.agent.conflict !== null) return;
    const slackMs = SLACK_MS + (ratePerSecond > 0 ? 1_000 / ratePerSecond : 0);
    const { begunMs, sentMs } = watch.edits.get(id) ?? NEVER;
    if (begunMs - sinceMs > pollMs + LOOK_MS)
      watch.fail("no waiting", `${GOOD} was found after ${begunMs - sinceMs} ms`);
    if (sentMs - begunMs > REQUEST_MS + slackMs) {
      watch.fail("isolation", `${GOOD} left ${sentMs - begunMs} ms after its pass`);
    }
    // By the last one each of the others has failed once, and something was taken since.
    const { trouble } = process.agent.deliverer.status();
    if (isLast && trouble !== null && inserter.abilities.deletes === "yes")
      watch.fail("these fail", `the inserter is said to be ${trouble.kind}`);
  }

  #checkEffort(forMs: number, requests: number): void {
    const { watch, history } = this.#director;
    const { retry, resyncMs } = history.setup;
    const each = 30 + (4 * forMs) / retry.maxMs + (4 * forMs) / resyncMs;
    const most = 50 + this.#poison.count * each;
    if (requests > most) watch.fail("hot loop", `${requests} requests, and ${most.toFixed(0)} are enough`);
  }

  #run(forMs: number): Promise<void> {
    const { timeline, watch } = this.#director;
    return timeline.run(forMs, () => watch.failure !== null);
  }
}
