import type { Agent } from "./agent.ts";
import type { Trigger, Version } from "./model.ts";
import type { Verified } from "./plan/inventory.ts";
import type { PlanRules } from "./plan/plan.ts";
import { type Head, type ObjectsGone, type RevisionHead, StateUnavailable } from "./ports.ts";
import { isThorough } from "./reconcile.ts";
import { retryDelayMs } from "./retry.ts";
import { Timetable } from "./timetable.ts";
import { Verification } from "./verification.ts";
import { Wakeup } from "./waiting.ts";

/** A state that cannot be written, and a revision that cannot be read, are tried again within these. */
const STATE_BOUNDS = { minMs: 1_000, maxMs: 30_000 };
/** How often an inventory that is unknown is asked for before a pass goes on without it; and how soon at most. */
const VERIFY_TRIES = 4;
const VERIFY_DELAY_MS_MAX = 10_000;
/** So long the first pass waits for the inventory before edits go out without it, milliseconds. */
const HEAD_START_MS = 1_000;
const DROP_BOUNDS = { minMs: 200, maxMs: 30_000 };
const NONE: ReadonlySet<string> = new Set();

/** How the daemon is doing; for status and probes. Times are milliseconds since the epoch. */
export interface DaemonStatus {
  readonly phase: "waiting-for-repository" | "waiting-for-inserter" | "reconciling" | "following";
  /** Why it waits, and how to fix it. */
  readonly waiting: {
    readonly reason: string;
    readonly hint: string;
    readonly isTrouble: boolean;
    readonly isUnborn?: boolean;
  } | null;
  /** The revision of which a part cannot be read, why, and how to fix that; null where all is well. */
  readonly unreadable: { readonly revision: string; readonly reason: string; readonly hint: string } | null;
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

/** Times that are kept on the clock that runs evenly. */
type Due = "lastTurnMs" | "nextTurnMs" | "nextDriftMs" | "nextResyncMs";

/**
 * The loop. Level-triggered: a watcher's hint or a timer only says "look again"; every turn reads the
 * truth anew, one pass at a time. Delivery runs beside it.
 */
export class Daemon {
  readonly #agent: Agent;
  readonly #first: "start" | "reload" | "resync";
  readonly #stopping = new AbortController();
  readonly #timetable: Timetable;
  readonly #wakeup = new Wakeup();
  #hinted = false;
  #resyncWanted: Trigger | null = null;
  #resyncsAsked = 0;
  /** Something half-done, or found while delivering, asks for another pass. */
  #stale = false;
  /** How the revision was found that no pass has come to an end over yet. */
  #found: "watch" | "poll" | null = null;
  #started = false;
  #stateFailures = 0;
  readonly #verification: Verification;
  /** What the inserter said that a full reconcile waits for; null while it has said nothing. */
  #verified: Verified | null = null;
  /** How often the inventory was asked for in vain, one time after the other. */
  #verifyTries = 0;
  /** The inventory takes its time: until it is there an edit goes out by what the state knows. */
  #isSilent = false;
  /** The inventory differs from the manifest. */
  #hasDrifted = false;
  /** What a full reconcile that was dropped had begun to send again: not once more from the first. */
  #resendUpTo: Version | null = null;
  /** Passes dropped one after the other over the same revision. */
  #dropped = { revision: "", times: 0 };
  #retrying: Promise<void> | null = null;
  /** An unexpected error: it ends `run`. */
  #bug: { readonly error: unknown } | null = null;
  /** Poll tick: re-arm the watcher, look for a changed configuration. */
  onPoll: () => void = () => {};
  #status: Omit<DaemonStatus, Due>;
  /** End of the last turn, and when the next is due, elapsed milliseconds. */
  #turn = { endedMs: 0, dueMs: 0 };

  /** @param first What the first pass is for: a start, or settings that replace others in the same process. */
  constructor(agent: Agent, first: "start" | "reload" | "resync" = "start") {
    this.#agent = agent;
    this.#first = first;
    const { clock, random } = agent.world;
    const nowMs = clock.elapsedMs();
    this.#timetable = new Timetable(agent.settings, nowMs, random);
    this.#turn = { endedMs: nowMs, dueMs: nowMs };
    this.#status = {
      phase: "waiting-for-repository",
      waiting: null,
      unreadable: null,
      revision: null,
      revisionSeenMs: null,
      firstPassDone: false,
      lastPass: null,
      lastVerifiedMs: null,
      stateTrouble: null,
    };
    this.#verification = new Verification(agent, this.#stopping.signal);
    agent.lookAgain = () => {
      this.#stale = true;
      this.#wakeup.wake();
    };
  }

  get status(): DaemonStatus {
    const { clock } = this.#agent.world;
    const offsetMs = clock.nowMs() - clock.elapsedMs();
    return {
      ...this.#status,
      lastTurnMs: this.#turn.endedMs + offsetMs,
      nextTurnMs: this.#turn.dueMs + offsetMs,
      nextDriftMs: this.#timetable.driftMs + offsetMs,
      nextResyncMs: this.#timetable.resyncMs + offsetMs,
    };
  }

  #note(change: Partial<Omit<DaemonStatus, Due>>): void {
    this.#status = { ...this.#status, ...change };
  }

  /** The link may have moved. */
  hint(): void {
    this.#hinted = true;
    this.#wakeup.wake();
  }

  /** A full reconcile now: SIGHUP, or a new configuration. */
  resync(trigger: "resync" | "reload"): void {
    this.#resyncWanted = trigger;
    this.#resyncsAsked++;
    this.#timetable.verifyMs = 0;
    this.#wakeup.wake();
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
      await Promise.allSettled([delivering, looping]);
      await this.#retrying;
      await this.#verification.ended();
    }
  }

  /** What is in flight gets `graceMs`; the rest stays pending. */
  stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#wakeup.wake();
    return this.#agent.deliverer.stop(graceMs);
  }

  async #loop(): Promise<void> {
    const { clock } = this.#agent.world;
    while (!this.#stopping.signal.aborted) {
      await this.#takeTurn();
      if (this.#bug !== null) throw this.#bug.error;
      const nowMs = clock.elapsedMs();
      const dueMs = this.#nextDueMs(nowMs);
      this.#turn = { endedMs: nowMs, dueMs };
      await this.#wakeup.sleep(clock, dueMs - nowMs);
    }
  }

  #nextDueMs(nowMs: number): number {
    const dueMs = this.#timetable.next(nowMs, this.#started, this.#resyncWanted !== null);
    if (this.#timetable.holdMs > nowMs || !this.#started) return dueMs;
    const { missing } = this.#agent;
    return this.#stale ? nowMs : Math.min(dueMs, missing.dueMs, nowMs + this.#scheduledInMs());
  }

  /** How long until an article's date comes, milliseconds. */
  #scheduledInMs(): number {
    const { state } = this.#agent.world;
    try {
      const nowMs = this.#agent.nowMs();
      const scheduledMs = state.nextScheduledMs(nowMs);
      return scheduledMs === null ? Number.POSITIVE_INFINITY : scheduledMs - this.#agent.world.clock.nowMs();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      return Number.POSITIVE_INFINITY;
    }
  }

  #pause(delayMs: number): void {
    this.#timetable.holdMs = this.#agent.world.clock.elapsedMs() + delayMs;
  }

  /** One turn: reads the head, and passes over it when anything asks for that. */
  async #takeTurn(): Promise<void> {
    const { clock, source } = this.#agent.world;
    const watched = this.#hinted;
    this.#hinted = false;
    if (this.#timetable.poll(clock.elapsedMs())) this.onPoll();
    try {
      this.#verification.rethrow();
      const head = await source.head();
      if (this.#stopping.signal.aborted) return;
      if (head.kind === "waiting") return this.#wait(head);
      this.#arrived(head, watched);
      this.#agent.deliverer.repositoryFound();
      const trigger = await this.#dueTrigger(head);
      if (trigger !== null) await this.#pass(head, trigger);
      this.#writable();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#unwritable(error);
    }
  }

  #unwritable(error: StateUnavailable): void {
    const { random, report } = this.#agent.world;
    this.#stateFailures++;
    this.#stale = true;
    this.#pause(retryDelayMs(this.#stateFailures, STATE_BOUNDS, random(), null));
    if (this.#status.stateTrouble === null) report({ kind: "state.unavailable", reason: error.message });
    this.#note({ stateTrouble: error.message });
  }

  #writable(): void {
    this.#stateFailures = 0;
    if (this.#status.stateTrouble === null) return;
    this.#note({ stateTrouble: null });
    this.#agent.world.report({ kind: "state.recovered" });
  }

  #wait({ reason, hint, isTrouble = false, isUnborn = false }: Extract<Head, { kind: "waiting" }>): void {
    if (this.#status.waiting?.reason !== reason) {
      this.#agent.world.report({ kind: "repository.waiting", reason, hint });
    }
    this.#note({ phase: "waiting-for-repository", waiting: { reason, hint, isTrouble, isUnborn } });
    this.#pause(Math.max(0, this.#timetable.pollMs - this.#agent.world.clock.elapsedMs()));
  }

  #arrived(head: RevisionHead, watched: boolean): void {
    const { clock, report } = this.#agent.world;
    const { revision } = head;
    if (this.#status.phase === "waiting-for-repository") {
      if (this.#status.waiting !== null) report({ kind: "repository.found", revision });
      const phase = this.#started ? "following" : "reconciling";
      this.#note({ phase, waiting: null });
    }
    if (this.#status.revision === revision) return;
    // A hint may have come while the head was read.
    this.#found = watched || this.#hinted ? "watch" : "poll";
    report({ kind: "revision.seen", revision });
    this.#note({ revision, revisionSeenMs: clock.nowMs() });
  }

  /** Why a pass is due, if one is. */
  async #dueTrigger(head: RevisionHead): Promise<Trigger | null> {
    const { clock, state } = this.#agent.world;
    const nowMs = clock.elapsedMs();
    const thorough = this.#dueThorough(nowMs);
    if (thorough !== null && this.#isVerified(thorough)) return thorough;
    if (!this.#started && !this.#mayBeginUnverified()) return null;
    if (state.meta("checkpoint") !== head.revision) return this.#found ?? "again";
    if (this.#dateCame()) return "schedule";
    if (this.#agent.brake !== null && state.anyApproved()) return "approval";
    if (this.#stale) return "again";
    const { missing } = this.#agent;
    if (nowMs >= missing.dueMs && (await missing.look())) return "again";
    if (this.#hasDrifted) return "drift";
    if (this.#started && nowMs >= this.#timetable.driftMs) this.#checkDrift();
    return null;
  }

  #dueThorough(nowMs: number): Trigger | null {
    if (this.#timetable.verifyMs > nowMs) return null;
    if (!this.#started) return this.#first;
    return this.#resyncWanted ?? (nowMs >= this.#timetable.resyncMs ? "resync" : null);
  }

  /** Whether the inserter has said what it holds, where that is wanted first; else it is asked, beside the loop. */
  #isVerified(trigger: Trigger): boolean {
    if (this.#verified !== null || this.#trusts(trigger)) return true;
    const { clock } = this.#agent.world;
    if (this.#verification.isUnderWay) this.#isSilent = true;
    this.#ask(true, (verified) => {
      this.#verified = verified;
    });
    const mayTakeLong = this.#started || this.#isSilent;
    this.#timetable.verifyMs = mayTakeLong ? Number.POSITIVE_INFINITY : clock.elapsedMs() + HEAD_START_MS;
    return false;
  }

  /** Asks beside the loop, which goes on with the answer; unless that is under way, for whatever purpose. */
  #ask(again: boolean, answered: (verified: Verified) => void): void {
    this.#verification.ask(again, (verified) => {
      if (verified !== null) answered(verified);
      // A full reconcile may wait for it, or for its turn to ask.
      this.#timetable.verifyMs = 0;
      this.#wakeup.wake();
    });
  }

  /** Whether the first pass goes by the state alone. */
  #trusts(trigger: Trigger): boolean {
    return trigger === "start" && this.#agent.settings.startup === "resume";
  }

  /** Whether what the state knows of the inserter is enough to send an edit before the first full reconcile. */
  #mayBeginUnverified(): boolean {
    const { state } = this.#agent.world;
    if (!this.#isSilent || state.meta("owner") === null) return false;
    return state.meta("started-over") === null || state.meta("capability") === "none";
  }

  /** Whether a date lies between the last pass and now, in whichever order: the clock may have been set back. */
  #dateCame(): boolean {
    const { state } = this.#agent.world;
    const judgedMs = Number(state.meta("now") ?? 0);
    const nowMs = this.#agent.nowMs();
    const scheduledMs = state.nextScheduledMs(Math.min(judgedMs, nowMs));
    return scheduledMs !== null && scheduledMs <= Math.max(judgedMs, nowMs);
  }

  #checkDrift(): void {
    const { clock, state, report } = this.#agent.world;
    this.#timetable.drifted(clock.elapsedMs());
    if (state.meta("capability") === "none") return;
    this.#ask(false, (verified) => {
      if (verified.kind === "unknown") {
        report({ kind: "inventory.unknown", reason: verified.message, wantedFor: "drift" });
        return;
      }
      this.#note({ lastVerifiedMs: clock.nowMs() });
      if (verified.kind === "none" || verified.drifted === 0) return;
      report({ kind: "inserter.drifted", ids: verified.drifted });
      this.#hasDrifted = true;
    });
  }

  async #pass(head: RevisionHead, trigger: Trigger): Promise<void> {
    const { clock } = this.#agent.world;
    const thorough = isThorough(trigger);
    const resyncsAsked = this.#resyncsAsked;
    let resend: PlanRules["resend"] = NONE;
    if (thorough) {
      const answer = this.#verify(trigger);
      if (answer === null) return;
      resend = answer;
      this.#resendUpTo ??= this.#agent.versions.last;
    }
    this.#stale = false;
    this.#hasDrifted = false;
    this.#note({ phase: "reconciling", waiting: null });
    const result = await this.#agent.reconcile(head, trigger, {
      resend,
      ...(this.#resendUpTo === null ? {} : { resendUpTo: this.#resendUpTo }),
      superseded: () => this.#hasMoved(head),
    });
    if (result.kind === "superseded") return this.#drop(head, result.fault);
    this.#found = null;
    if (thorough) {
      this.#started = true;
      // Who asked while this one ran wants another.
      if (this.#resyncsAsked === resyncsAsked) this.#resyncWanted = null;
      this.#resendUpTo = null;
      this.#timetable.resynced(clock.elapsedMs());
    }
    const lastPass = { atMs: clock.nowMs(), trigger, examined: result.examined };
    if (this.#status.unreadable !== null) {
      this.#agent.world.report({ kind: "revision.readable", revision: head.revision });
    }
    this.#note({ lastPass, unreadable: null });
    if (this.#started) this.#note({ phase: "following", firstPassDone: true });
    this.#retryHeld();
  }

  /** Begins again, at once for a newer revision; with patience when this one itself cannot be read. */
  #drop({ revision }: RevisionHead, fault: ObjectsGone | null): void {
    const { random, report } = this.#agent.world;
    const times = this.#dropped.revision === revision ? this.#dropped.times + 1 : 0;
    this.#dropped = { revision, times };
    this.#stale = true;
    if (times === 0) return;
    this.#pause(retryDelayMs(times, DROP_BOUNDS, random(), null));
    if (fault === null) return;
    // No newer revision has come: this one is damaged.
    const unreadable = { revision, reason: fault.message, hint: fault.hint };
    if (this.#status.unreadable?.reason !== unreadable.reason) {
      report({ kind: "revision.unreadable", ...unreadable });
    }
    this.#note({ unreadable });
  }

  async #hasMoved(head: RevisionHead): Promise<boolean> {
    if (this.#stopping.signal.aborted) return true;
    if (!this.#hinted) return false;
    // A hint has served when the head was looked at and is still the same: not to be asked with each slice.
    this.#hinted = false;
    const now = await this.#agent.world.source.head();
    const isSame = now.kind === "revision" && now.revision === head.revision;
    if (!isSame) this.#hinted = true;
    return !isSame && now.kind === "revision";
  }

  /**
   * What a full reconcile makes of what the inserter said.
   *
   * @returns What is to be sent again though unchanged; null while the inserter is not up yet.
   */
  #verify(trigger: Trigger): PlanRules["resend"] | null {
    const { clock, report } = this.#agent.world;
    const verified = this.#verified;
    this.#verified = null;
    if (verified === null) return NONE;
    // Only articles can show whether it denies no more than that.
    const isDenied = verified.kind === "unknown" && verified.denied === true;
    if (verified.kind === "unknown") {
      this.#verifyTries++;
      // One that answers, if only with errors, may take articles all the same. And new settings do not make
      // what is known of it untrue.
      const waits =
        trigger !== "reload" && !isDenied && (verified.unreachable || this.#verifyTries < VERIFY_TRIES);
      this.#isSilent = !verified.unreachable;
      if (waits) return this.#waitForInserter(verified.message);
      report({ kind: "inventory.unknown", reason: verified.message, wantedFor: "pass" });
    } else {
      if (this.#verifyTries > 0) report({ kind: "inserter.found" });
      this.#note({ lastVerifiedMs: clock.nowMs() });
    }
    this.#verifyTries = 0;
    const isFull = trigger === "start" && this.#agent.settings.startup === "full";
    const isBlind = (verified.kind === "none" || isDenied) && trigger !== "reload";
    return isFull || isBlind ? "all" : NONE;
  }

  #waitForInserter(message: string): null {
    const { clock, random, report } = this.#agent.world;
    if (this.#verifyTries === 1) report({ kind: "inserter.waiting", reason: message });
    const { minMs, maxMs } = this.#agent.settings.inserter.retry;
    const bounds = { minMs, maxMs: Math.max(minMs, Math.min(maxMs, VERIFY_DELAY_MS_MAX)) };
    this.#timetable.verifyMs = clock.elapsedMs() + retryDelayMs(this.#verifyTries, bounds, random(), null);
    if (!this.#started) {
      const hint = "It is tried again automatically.";
      const waiting = { reason: `inserter: ${message}`, hint, isTrouble: false };
      this.#note({ phase: "waiting-for-inserter", waiting });
    }
    return null;
  }

  #retryHeld(): void {
    this.#retrying ??= this.#agent
      .retryHeld(this.#stopping.signal)
      .then((changed) => {
        if (changed) this.#agent.lookAgain();
      })
      .catch((error: unknown) => {
        if (!(error instanceof StateUnavailable)) this.#bug = { error };
        this.#wakeup.wake();
      })
      .finally(() => {
        this.#retrying = null;
      });
  }
}
