/** What must come true once all faults have ended: liveness, quiescence, and then exactness. */
import type { Outgoing } from "../../src/sync/ports.ts";
import { MemoryState } from "../support/memory-state.ts";
import { type Director, OWNER } from "./director.ts";
import type { Stored } from "./inserter.ts";
import { Poisoning } from "./poisoning.ts";
import { type Candidate, isTimed } from "./repository.ts";
import { keepers, restProblem, wanted } from "./rest.ts";
import { deletesMayWait, isUnjudged, statusProblem } from "./truth.ts";
import type { Tally } from "./watcher.ts";

const STEP_MS = 4_000;
/** How long the inserter is out of order in the end, and how often it is asked what that has cost so far. */
const SIEGE_MS = 3_600_000;
const SIEGE_PARTS = 12;
/** Slack for everything that is only seconds: first delays of backoffs, slow pages, restarts. */
const SLACK_MS = 60_000;

export class Finale {
  readonly #director: Director;
  /** The agent has come to rest since the faults ended. */
  #hasLooked = false;

  constructor(director: Director) {
    this.#director = director;
  }

  async play(): Promise<void> {
    const { history, watch, repository } = this.#director;
    this.#director.heal();
    if (repository.current === null) this.#director.happen({ do: "replace", files: [] });
    await this.#reachRest("liveness", this.#longestMs());
    if (watch.failure === null) await this.#checkQuiescence();
    for (const step of history.walk) {
      if (watch.failure !== null || isUnjudged(this.#director)) return;
      await this.#walk(() => this.#director.happen(step));
    }
    if (watch.failure === null && history.setup.mode === "daemon") await this.#setClockBack();
    if (watch.failure === null && history.siege !== null && history.setup.mode === "daemon") {
      await this.#besiege();
    }
    if (watch.failure === null && history.poison !== null && history.setup.mode === "daemon") {
      await new Poisoning(this.#director, history.poison).play();
      if (watch.failure === null) await this.#reachRest("liveness after a poison", this.#longestMs());
    }
    if (watch.failure === null) await this.#end();
  }

  /**
   * Within this everything must be in step: late requests have landed, the longest pause that a
   * Retry-After may ask for is over, and two resyncs have come.
   */
  #longestMs(): number {
    const { setup } = this.#director.history;
    return 900_000 + 3.3 * setup.resyncMs + 4 * setup.retry.maxMs;
  }

  /** What is not as it should be by now; null when all is at rest. */
  #problem(): string | null {
    const director = this.#director;
    const { network, inserter, repository, watch, history } = director;
    const isOnce = history.setup.mode === "once";
    if (isOnce && director.process !== null) return "once has not ended yet";
    const process = isOnce ? director.finished : director.process;
    if (process === null) return "no agent runs";
    if (director.isStopping) return "the agent is about to end";
    const { inventory } = history.abilities;
    const sinceMs = Math.max(director.healedMs, network.lastLateMs);
    const isOld = watch.lastListedMs < sinceMs || watch.lastListedMs <= watch.lastRacedMs;
    if (inventory !== "none" && isOld) return "no inventory was read yet";
    if (network.lateOnes > 0) return "late requests are under way";
    if (process.daemon !== null && !process.daemon.status.firstPassDone) return "no pass was made yet";
    // The clock was set right when the faults ended: what was not published any more may be due again.
    this.#hasLooked ||= (process.restingSinceMs ?? -1) > director.healedMs;
    if (!this.#hasLooked) return "it has not looked again yet";
    if (process.agent.brake !== null) return "the brake is on";
    if (process.result !== null && process.result.reason !== null) return process.result.reason;
    return (
      restProblem({
        repository,
        inserter,
        setup: history.setup,
        watch,
        owner: OWNER,
        nowMs: director.wallMs(),
        holders: director.tables.entries,
      }) ?? statusProblem(director, process)
    );
  }

  /** Waits until nothing is wrong any more. */
  async #reachRest(promise: string, withinMs: number): Promise<void> {
    const { timeline, watch } = this.#director;
    const untilMs = timeline.nowMs + withinMs;
    let problem = this.#problem();
    while (problem !== null && timeline.nowMs < untilMs && watch.failure === null) {
      await this.#run(STEP_MS);
      if (this.#director.history.setup.mode === "once") await this.#betweenRuns();
      const { process, finished } = this.#director;
      if ((process ?? finished)?.agent.brake !== null) this.#director.approve();
      problem = this.#problem();
    }
    if (problem !== null) watch.fail(promise, problem);
  }

  #run(forMs: number): Promise<void> {
    const { timeline, watch } = this.#director;
    return timeline.run(forMs, () => watch.failure !== null);
  }

  /** One more pass of each kind sends nothing. */
  async #checkQuiescence(): Promise<void> {
    const director = this.#director;
    const { setup, abilities } = director.history;
    const { daemon } = director.process ?? {};
    if (setup.mode === "once") await this.#betweenRuns();
    this.#forget();
    daemon?.hint();
    await this.#run(2 * setup.pollMs + 1_000);
    if (abilities.inventory !== "none") {
      daemon?.resync("resync");
      await this.#run(setup.driftMs + 2_000);
    }
    const { watch } = director;
    if (setup.mode === "once") await this.#betweenRuns();
    const needless = this.#sentInVain();
    if (needless !== null) watch.fail("quiescence", needless);
    await this.#reachRest("quiescence", this.#wasThorough() || this.#dateCame() ? SLACK_MS : 0);
  }

  #betweenRuns(): Promise<void> {
    return this.#director.timeline.run(SLACK_MS, () => this.#director.process === null);
  }

  /** When what is sent was last forgotten, by the time of day. */
  #sinceMs = 0;

  /** Whether a date came since: that is a reason to send. */
  #dateCame(): boolean {
    const nowMs = this.#director.wallMs();
    const [firstMs, lastMs] = [Math.min(this.#sinceMs, nowMs), Math.max(this.#sinceMs, nowMs)];
    const isBetween = (atMs: number | null): boolean => atMs !== null && atMs > firstMs && atMs <= lastMs;
    // One that has appeared stays when the clock is set back; one that has expired is there again, and one that
    // lost its id before it appeared waits once more, and keeps nothing.
    const { candidates } = this.#director.repository.current ?? {
      candidates: new Map<string, Candidate[]>(),
    };
    return [...candidates.values()].some((files) =>
      files.some(({ publishAtMs, expiresAtMs }) => {
        const isForward = nowMs >= this.#sinceMs || files.length > 1;
        return isBetween(expiresAtMs) || (isForward && isBetween(publishAtMs));
      }),
    );
  }

  /** Ids that were refused after an earlier try had no answer: the next try is not for nothing. */
  readonly #inDoubt = new Set<string>();

  #forget(): void {
    this.#inDoubt.clear();
    for (const { id, refusal, uncertain } of this.#director.tables.entries.values()) {
      if (refusal !== null && uncertain) this.#inDoubt.add(id);
    }
    this.#sinceMs = this.#director.wallMs();
    this.#director.watch.sentLately = [];
    this.#director.watch.triggers.length = 0;
  }

  /** A request that should not have been; null when there is none. */
  #sentInVain(): string | null {
    const { watch, inserter, history } = this.#director;
    if (this.#dateCame()) return null;
    const resent = watch.triggers.some((trigger) => trigger === "start" || trigger === "resync");
    if (resent && (history.abilities.inventory === "none" || history.setup.startup === "full")) return null;
    const deletesWait = inserter.abilities.deletes !== "yes" || deletesMayWait(this.#director);
    const excused = ({ kind, id }: Outgoing): boolean =>
      inserter.refusing.has(id) ||
      this.#inDoubt.has(id) ||
      inserter.isAltered(id) ||
      (kind === "delete" && deletesWait);
    const needless = watch.sentLately.find((one) => !excused(one));
    return needless === undefined ? null : `${needless.kind} of ${needless.id} was sent for nothing`;
  }

  /** A change of the repository without any fault: what comes of it is known exactly. */
  async #walk(change: () => void): Promise<void> {
    const director = this.#director;
    const { repository, inserter, watch, history } = director;
    const stood = new Map(
      [...inserter.articles.keys()].map((id) => [id, inserter.articles.get(id) as Stored]),
    );
    const publicationBefore = repository.current;
    const heldAt = new Map([...director.tables.entries.values()].map(({ id, path }) => [id, path]));
    const nowMs = director.wallMs();
    // What was not confirmed may be sent once more.
    const uncertain = new Set(
      [...director.tables.entries.values()].filter((entry) => entry.uncertain).map((entry) => entry.id),
    );
    this.#forget();
    change();
    const { setup } = history;
    await this.#run(2 * setup.pollMs + 500);
    const onceMs = setup.mode === "once" ? 120_000 : 0;
    // Without an inventory only the next resync finds out what the inserter has
    // lost; and when nothing was taken yet, only what it sends then shows that deletes alone are denied.
    const isBlind = watch.mayHoldUnknown || watch.othersWrote || !watch.upsertWasTaken;
    const resyncMs = history.abilities.inventory === "none" && isBlind ? 1.2 * setup.resyncMs : 0;
    await this.#reachRest("walk", SLACK_MS + 2 * setup.retry.maxMs + onceMs + resyncMs);
    const publication = repository.current;
    if (watch.failure !== null || publication === null || publicationBefore === null) return;
    const calm = !hasDates(director);
    const holders = director.tables.entries;
    const articles = wanted(publication, director.wallMs(), holders);
    const unreadable = keepers(publication, director.wallMs(), holders);
    for (const [id, stored] of stood) {
      if (articles.has(id) || stored.owner !== OWNER) continue;
      const before = publicationBefore.candidates.get(id) ?? [];
      const file = calm ? before.find(({ path }) => path === heldAt.get(id)) : undefined;
      const named = [...unreadable.values()].includes(id);
      const isKept = named || (file !== undefined && unreadable.has(file.path));
      const there = inserter.articles.get(id);
      // One that was published for a while, and expired since, is the last good version now.
      if (publication.candidates.get(id)?.some(isTimed)) continue;
      if (isKept && there?.digest !== stored.digest) {
        return watch.fail("last good version", `${id} is ${there?.digest ?? "gone"}, was ${stored.digest}`);
      }
    }
    if (!calm || this.#wasThorough()) return;
    const sent = new Map<string, number>();
    for (const { id, kind } of watch.sentLately) {
      // Whether it arrived once may never have been known.
      if ((kind === "delete" && !stood.has(id)) || uncertain.has(id)) continue;
      sent.set(id, (sent.get(id) ?? 0) + 1);
    }
    for (const [id, times] of sent) {
      const changed = inserter.articles.get(id)?.digest !== stood.get(id)?.digest;
      const { deletes, inventory } = inserter.abilities;
      const isRepaired = inserter.isAltered(id);
      const excused = isRepaired || inserter.refusing.has(id) || deletes !== "yes" || inventory !== "full";
      if ((!changed || times > 1) && !excused) {
        watch.fail("needless work", `${id} was sent ${times} times, after ${nowMs}`);
      }
    }
  }

  #wasThorough(): boolean {
    return this.#director.watch.triggers.some((trigger) => trigger === "start" || trigger === "resync");
  }

  /** A clock set back withdraws nothing and stops nothing. */
  async #setClockBack(): Promise<void> {
    const director = this.#director;
    this.#forget();
    director.setWall(-3_600_000);
    director.process?.daemon?.resync("resync");
    await this.#run(2 * director.history.setup.pollMs + 1_000);
    const needless = this.#sentInVain();
    if (needless !== null) director.watch.fail("clock set back", needless);
    director.setWall(3_600_000);
  }

  /** An hour of an inserter out of order, with articles pending: attempts stay few. */
  async #besiege(): Promise<void> {
    const { history, watch, repository } = this.#director;
    const { siege } = history;
    if (siege === null) return;
    const before = { ...watch.tally };
    this.#director.happen({ do: "weather", weather: siege, forMs: SIEGE_MS, retryAfterMs: null });
    const files = [...(repository.current?.commit.tree ?? [])];
    const changes = files.map(([path], i) => [path, { blob: `good|s${i}|0|`, mode: "file" }] as const);
    this.#director.happen({ do: "commit", changes });
    // A loop that never rests is reported early.
    for (let part = 1; part <= SIEGE_PARTS && watch.failure === null; part++) {
      await this.#run(SIEGE_MS / SIEGE_PARTS);
      this.#checkEffort(before, changes.length, `${part} of ${SIEGE_PARTS} parts of an hour of ${siege}`);
    }
    const counts = new MemoryState(this.#director.tables).counts(this.#director.wallMs());
    const { current } = repository;
    const isOwed =
      current !== null && wanted(current, this.#director.wallMs(), this.#director.tables.entries).size > 0;
    // What was denied while another one, on its way since before, was taken counts as refused, until a resync.
    if (isOwed && counts.pending + counts.refused === 0)
      watch.fail("status", "nothing is pending in a siege");
    await this.#reachRest("liveness after a siege", this.#longestMs());
  }

  /** What an hour of trouble may cost at most. */
  #checkEffort(before: Tally, changes: number, time: string): void {
    const { history, watch, tables } = this.#director;
    const { driftMs, resyncMs, retry, concurrency } = history.setup;
    const retries = SIEGE_MS / retry.maxMs;
    const entries = [...tables.entries.values()];
    const owedMax = entries.filter(({ pending }) => pending !== null).length + changes;
    const pending = Math.max(1, Math.min(owedMax, Math.max(concurrency, 3)));
    // What is declined is asked for again with each resync.
    const declined = entries.filter((one) => one.undeletable || one.pending?.kind === "delete").length;
    const resyncs = SIEGE_MS / resyncMs;
    const limits = {
      requests: 100 + 4 * retries * pending + 2 * resyncs * declined,
      inventories: 50 + (2 * SIEGE_MS) / driftMs + (2 * SIEGE_MS) / Math.min(retry.maxMs, 10_000),
      looks: 50 + 4 * resyncs,
      lines: 200 + 6 * retries * pending + (2 * SIEGE_MS) / driftMs + 4 * resyncs * declined,
    };
    for (const key of ["requests", "inventories", "looks", "lines"] as const) {
      const count = watch.tally[key] - before[key];
      if (count > limits[key]) watch.fail("hot loop", `${count} ${key} in ${time}`);
    }
  }

  /** Asked to end, it ends, and then does nothing any more. */
  async #end(): Promise<void> {
    if (this.#director.process === null) return;
    let hasEnded = false;
    this.#director.stop(() => {
      hasEnded = true;
    });
    await this.#run(30_000);
    if (!hasEnded) {
      this.#director.watch.fail("stop", "the agent did not end when it was asked to");
    }
  }
}

function hasDates({ repository }: Director): boolean {
  const { publications } = repository;
  return publications
    .slice(-2)
    .some(({ candidates }) =>
      [...candidates.values()].some((files) => files.some((one) => isTimed(one) || one.isSlow)),
    );
}
