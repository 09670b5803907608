import type { Agent, Trigger } from "./agent.ts";
import { type Head, type RevisionHead, StateUnavailable } from "./ports.ts";
import { retryDelayMs } from "./retry.ts";

/** How often an inventory that cannot be told is asked for before the first pass goes on without it. */
const VERIFY_TRIES = 4;

/** Where the daemon stands; for status and probes. Times are milliseconds since the epoch. */
export interface DaemonStatus {
  readonly phase: "waiting-for-repository" | "waiting-for-inserter" | "reconciling" | "following";
  /** Why it waits, and how to mend it. */
  readonly waiting: { readonly reason: string; readonly hint: string } | null;
  readonly revision: string | null;
  /** When that revision was first seen. */
  readonly revisionSeenMs: number | null;
  readonly firstPassDone: boolean;
  readonly lastPass: { readonly atMs: number; readonly trigger: Trigger; readonly examined: number } | null;
  readonly lastVerifiedMs: number | null;
  /** End of the last completed turn of the loop, and when the next is due at the latest. */
  readonly lastTurnMs: number;
  readonly nextTurnMs: number;
  readonly nextDriftMs: number;
  readonly nextResyncMs: number;
  readonly stateTrouble: string | null;
}

/**
 * The loop. Level-triggered: a watcher's hint or a timer only says "look again"; every turn reads the
 * truth anew, one pass at a time. Delivery runs beside it.
 */
export class Daemon {
  readonly #agent: Agent;
  readonly #stopping = new AbortController();
  #waker = new AbortController();
  #hinted = false;
  #resyncWanted: Trigger | null = null;
  /** Something half-done, or found while delivering, asks for another pass. */
  #stale = false;
  #started = false;
  /** Nothing can be done before this, unless a hint comes. */
  #holdUntilMs = 0;
  #nextPollMs = 0;
  #nextDriftMs: number;
  #nextResyncMs: number;
  #stateFailures = 0;
  #verifyTries = 0;
  /** Passes dropped one after the other over the same revision. */
  #dropped = { revision: "", times: 0 };
  #retrying: Promise<void> | null = null;
  /** Poll tick: re-arm the watcher, look for a changed configuration. */
  onPoll: () => void = () => {};
  #status: DaemonStatus;

  constructor(agent: Agent) {
    this.#agent = agent;
    const nowMs = agent.world.clock.nowMs();
    this.#nextDriftMs = nowMs + agent.settings.driftMs;
    this.#nextResyncMs = nowMs + this.#resyncDelayMs();
    this.#status = {
      phase: "waiting-for-repository",
      waiting: null,
      revision: null,
      revisionSeenMs: null,
      firstPassDone: false,
      lastPass: null,
      lastVerifiedMs: null,
      lastTurnMs: nowMs,
      nextTurnMs: nowMs,
      nextDriftMs: this.#nextDriftMs,
      nextResyncMs: this.#nextResyncMs,
      stateTrouble: null,
    };
    agent.onStale = () => {
      this.#stale = true;
      this.#wake();
    };
  }

  get status(): DaemonStatus {
    return { ...this.#status, nextDriftMs: this.#nextDriftMs, nextResyncMs: this.#nextResyncMs };
  }

  /** The link may have moved. */
  hint(): void {
    this.#hinted = true;
    this.#wake();
  }

  /** A full reconcile now: SIGHUP, or a new configuration. */
  resync(trigger: "resync" | "reload"): void {
    this.#resyncWanted = trigger;
    this.#wake();
  }

  /** Runs until `stop`. @throws What is a bug. */
  async run(): Promise<void> {
    const delivering = this.#agent.deliverer.run();
    const looping = this.#loop();
    try {
      // Whichever fails first ends both; neither ends by itself before `stop`.
      await Promise.all([delivering, looping]);
    } finally {
      await this.stop(0);
      await this.#retrying;
    }
  }

  /** What is in flight gets `graceMs`; the rest stays owed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#agent.deliverer.stop(graceMs);
  }

  #wake(): void {
    this.#waker.abort();
  }

  async #loop(): Promise<void> {
    const { clock } = this.#agent.world;
    while (!this.#stopping.signal.aborted) {
      await this.#turn();
      const nowMs = clock.nowMs();
      const dueMs = this.#nextDueMs(nowMs);
      this.#status = { ...this.#status, lastTurnMs: nowMs, nextTurnMs: dueMs };
      const waker = this.#waker.signal;
      if (dueMs > nowMs && !this.#hinted && !waker.aborted) await clock.sleep(dueMs - nowMs, waker);
      this.#waker = new AbortController();
    }
  }

  #nextDueMs(nowMs: number): number {
    if (this.#holdUntilMs > nowMs) return this.#holdUntilMs;
    if (this.#stale || this.#resyncWanted !== null) return nowMs;
    const dueMs = Math.min(this.#nextPollMs, this.#nextResyncMs, this.#nextDriftMs);
    if (!this.#started) return dueMs;
    try {
      const scheduledMs = this.#agent.world.state.nextScheduledMs(this.#agent.nowMs());
      return scheduledMs === null ? dueMs : Math.min(dueMs, scheduledMs);
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      return dueMs;
    }
  }

  #hold(delayMs: number): void {
    this.#holdUntilMs = this.#agent.world.clock.nowMs() + delayMs;
  }

  /** One turn: reads the head, and passes over it when anything asks for that. */
  async #turn(): Promise<void> {
    const { clock, source } = this.#agent.world;
    const watched = this.#hinted;
    this.#hinted = false;
    const nowMs = clock.nowMs();
    if (nowMs >= this.#nextPollMs) {
      this.#nextPollMs = nowMs + this.#agent.settings.pollMs;
      this.onPoll();
    }
    try {
      const head = await source.head();
      if (head.kind === "waiting") return this.#wait(head);
      this.#arrived(head);
      const trigger = await this.#dueTrigger(head, watched);
      if (trigger !== null) await this.#pass(head, trigger);
      this.#writable();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#unwritable(error);
    }
  }

  #unwritable(error: StateUnavailable): void {
    const { random, log } = this.#agent.world;
    this.#stateFailures++;
    this.#stale = true;
    this.#hold(retryDelayMs(this.#stateFailures, { minMs: 1_000, maxMs: 30_000 }, random(), null));
    if (this.#status.stateTrouble === null) {
      log.emit(
        "error",
        "state.unavailable",
        `Cannot write the state: ${error.message}. Nothing new is sent meanwhile`,
      );
    }
    this.#status = { ...this.#status, stateTrouble: error.message };
  }

  #writable(): void {
    this.#stateFailures = 0;
    if (this.#status.stateTrouble === null) return;
    this.#status = { ...this.#status, stateTrouble: null };
    this.#agent.world.log.emit("info", "state.recovered", "The state can be written again");
  }

  #wait(head: Extract<Head, { kind: "waiting" }>): void {
    if (this.#status.waiting?.reason !== head.reason) {
      this.#agent.world.log.emit("warn", "repository.waiting", `Waiting: ${head.reason}`, {
        hint: head.hint,
      });
    }
    this.#status = {
      ...this.#status,
      phase: "waiting-for-repository",
      waiting: { reason: head.reason, hint: head.hint },
    };
    this.#hold(Math.max(0, this.#nextPollMs - this.#agent.world.clock.nowMs()));
  }

  #arrived(head: RevisionHead): void {
    if (this.#status.waiting !== null && this.#status.phase === "waiting-for-repository") {
      this.#agent.world.log.emit("info", "repository.found", `Repository is at ${head.revision}`, {
        revision: head.revision,
      });
    }
    if (this.#status.revision === head.revision && this.#status.waiting === null) return;
    const { clock, log } = this.#agent.world;
    const isNew = this.#status.revision !== head.revision;
    const seenMs = isNew ? clock.nowMs() : this.#status.revisionSeenMs;
    if (isNew) {
      log.emit("debug", "revision.seen", `The repository is at ${head.revision}`, { revision: head.revision });
    }
    this.#status = { ...this.#status, waiting: null, revision: head.revision, revisionSeenMs: seenMs };
  }

  /** Why a pass is due, if one is. A due drift check asks the inventory here, and only then knows. */
  async #dueTrigger(head: RevisionHead, watched: boolean): Promise<Trigger | null> {
    const { clock, state } = this.#agent.world;
    const nowMs = clock.nowMs();
    if (!this.#started) return "start";
    if (this.#resyncWanted !== null) return this.#resyncWanted;
    if (nowMs >= this.#nextResyncMs) return "resync";
    if (state.meta("checkpoint") !== head.revision) return watched ? "watch" : "poll";
    const scheduledMs = state.nextScheduledMs(Number(state.meta("now") ?? 0));
    if (scheduledMs !== null && scheduledMs <= this.#agent.nowMs()) return "schedule";
    if (this.#agent.brake !== null && state.meta("approval") === head.revision) return "approval";
    if (this.#stale) return "poll";
    if (nowMs >= this.#nextDriftMs && (await this.#drifted())) return "drift";
    return null;
  }

  async #drifted(): Promise<boolean> {
    const { clock, state, log } = this.#agent.world;
    this.#nextDriftMs = clock.nowMs() + this.#agent.settings.driftMs;
    if (state.meta("capability") === "none") return false;
    const verified = await this.#agent.verify(this.#stopping.signal);
    if (verified.kind === "unknown") {
      log.emit("warn", "inventory.unknown", `Cannot check for drift: ${verified.message}`);
      return false;
    }
    this.#status = { ...this.#status, lastVerifiedMs: clock.nowMs() };
    if (verified.kind === "none" || verified.drifted === 0) return false;
    log.emit("warn", "inserter.drifted", `${verified.drifted} articles differ at the inserter`, {
      ids: verified.drifted,
    });
    return true;
  }

  async #pass(head: RevisionHead, trigger: Trigger): Promise<void> {
    const { clock } = this.#agent.world;
    const thorough = trigger === "start" || trigger === "resync" || trigger === "reload";
    let resend: "all" | ReadonlySet<string> = new Set();
    if (thorough) {
      const answer = await this.#verify(trigger);
      if (answer === "waiting") return;
      resend = answer;
    }
    this.#stale = false;
    this.#status = { ...this.#status, phase: "reconciling" };
    const result = await this.#agent.look(head, trigger, {
      resend,
      superseded: () => this.#hasMoved(head),
    });
    if (result.kind === "superseded") return this.#drop(head);
    if (thorough) {
      this.#started = true;
      this.#resyncWanted = null;
      this.#nextResyncMs = clock.nowMs() + this.#resyncDelayMs();
      this.#nextDriftMs = clock.nowMs() + this.#agent.settings.driftMs;
    }
    const lastPass = { atMs: clock.nowMs(), trigger, examined: result.examined };
    this.#status = { ...this.#status, phase: "following", waiting: null, firstPassDone: true, lastPass };
    this.#retryHeld();
  }

  /** Begins again, at once for a newer revision; with patience when this one itself cannot be read. */
  #drop({ revision }: RevisionHead): void {
    const times = this.#dropped.revision === revision ? this.#dropped.times + 1 : 0;
    this.#dropped = { revision, times };
    this.#stale = true;
    if (times > 0)
      this.#hold(retryDelayMs(times, { minMs: 200, maxMs: 30_000 }, this.#agent.world.random(), null));
  }

  async #hasMoved(head: RevisionHead): Promise<boolean> {
    if (this.#stopping.signal.aborted) return true;
    if (!this.#hinted) return false;
    const now = await this.#agent.world.source.head();
    return now.kind === "revision" && now.revision !== head.revision;
  }

  /** What is to be sent again though unchanged; or "waiting", for an inserter that is not up yet. */
  async #verify(trigger: Trigger): Promise<"all" | ReadonlySet<string> | "waiting"> {
    const { clock, log, random } = this.#agent.world;
    const { startup } = this.#agent.settings;
    const nothing: ReadonlySet<string> = new Set();
    if (trigger === "start" && startup === "resume") return nothing;
    const verified = await this.#agent.verify(this.#stopping.signal);
    if (verified.kind === "unknown") {
      this.#verifyTries++;
      if (this.#status.phase !== "waiting-for-inserter") {
        log.emit("warn", "inserter.waiting", `Waiting for the inserter: ${verified.message}`);
      }
      // One that answers, if only with errors, may take articles all the same.
      if (verified.unreachable || this.#verifyTries < VERIFY_TRIES) {
        const waiting = { reason: `inserter: ${verified.message}`, hint: "It is tried again by itself." };
        this.#status = { ...this.#status, phase: "waiting-for-inserter", waiting };
        const bounds = this.#agent.settings.delivery.retry;
        const delayMs = retryDelayMs(
          this.#verifyTries,
          { minMs: bounds.minMs, maxMs: Math.min(bounds.maxMs, 10_000) },
          random(),
          null,
        );
        this.#hold(delayMs);
        return "waiting";
      }
      log.emit("warn", "inventory.unknown", `Going on without the inventory: ${verified.message}`);
    } else {
      this.#status = { ...this.#status, lastVerifiedMs: clock.nowMs() };
    }
    if (this.#verifyTries > 0 && verified.kind !== "unknown") {
      log.emit("info", "inserter.found", "The inserter answers");
    }
    this.#verifyTries = 0;
    if (trigger === "start" && startup === "full") return "all";
    return verified.kind === "none" ? "all" : nothing;
  }

  #retryHeld(): void {
    this.#retrying ??= this.#agent
      .retryHeld(this.#stopping.signal)
      .then((changed) => {
        if (changed) this.#agent.onStale();
      })
      .catch((error: unknown) => {
        if (!(error instanceof StateUnavailable)) throw error;
      })
      .finally(() => {
        this.#retrying = null;
      });
  }

  #resyncDelayMs(): number {
    return this.#agent.settings.resyncMs * (0.9 + 0.2 * this.#agent.world.random());
  }
}
