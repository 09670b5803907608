import { invariant } from "../invariants.ts";
import type { Operation, Trouble, Version } from "../model.ts";
import { type Reply, StateUnavailable, type World } from "../ports.ts";
import type { Versions } from "../version.ts";
import { Waiters } from "../waiting.ts";
import type { Attempt } from "./attempts.ts";
import type { TrackedIds } from "./in-flight.ts";
import { judge, judgeBatch, judgeProbe, type Outcome, PROBE, URL_KNOWN } from "./judge.ts";
import { DeliveryMemory, type DeliveryOptions } from "./memory.ts";
import { Picker } from "./pick.ts";
import { Recorder } from "./record.ts";
import { outgoing, prepareRequest, type Ready } from "./request.ts";

/** When the state cannot even be read: how soon to look again. */
const STATE_RETRY_MS = 1_000;
const NO_LINE: Reply = { kind: "failure", why: "broken", message: "the batch answer has no line for it" };

/** Ids shown of those in trouble. */
const ATTEMPTS_SHOWN = 100;

/** What delivery is doing, for people. Times are epoch milliseconds. */
export interface DeliveryStatus {
  readonly inFlight: number;
  readonly trouble: Trouble | null;
  readonly nextProbeMs: number | null;
  readonly stateTrouble: string | null;
  /** Some of the operations in trouble. */
  readonly attempts: readonly { readonly id: string; readonly attempt: Attempt }[];
  readonly lastSuccessMs: number | null;
}

/**
 * Sends what was begun until it is acknowledged: pick → send → judge → record. Level-triggered from the
 * manifest, at most one request an id, each id with its own backoff, the inserter as a whole with another.
 */
export class Deliverer {
  readonly #world: World;
  readonly #ratePerSecond: number;
  readonly #memory: DeliveryMemory;
  readonly #picker: Picker;
  readonly #recorder: Recorder;
  readonly #abort = new AbortController();
  #requests = 0;
  /** Requests that have left so far. */
  sent = 0;
  /** The next request may leave then, elapsed milliseconds. */
  #nextSlotMs = 0;
  #stopped: Promise<void> | null = null;
  readonly #quiet = new Waiters();
  /** An unexpected error: it ends `run`. */
  #bug: { readonly error: unknown } | null = null;

  /** @param lookAgain Asks for another pass: something begun cannot be sent as it is. */
  constructor(
    world: World,
    versions: Versions,
    options: DeliveryOptions,
    sizes: { readonly bodiesBytes: number },
    lookAgain: () => void,
  ) {
    this.#world = world;
    this.#ratePerSecond = options.ratePerSecond;
    this.#memory = new DeliveryMemory(world, versions.last, options, sizes.bodiesBytes);
    this.#picker = new Picker(this.#memory, world.state);
    this.#recorder = new Recorder(world, versions, this.#memory, options.retry, lookAgain);
  }

  /** Runs until `stop`. @throws What is a bug. */
  async run(): Promise<void> {
    const { clock } = this.#world;
    try {
      while (!this.#isOver) {
        const dueMs = this.#recorder.writeDue();
        const waitMs = this.#launchOrWait();
        if (this.#bug !== null) throw this.#bug.error;
        this.#memory.isResting = true;
        if (this.#isQuiet) this.#quiet.release();
        await this.#memory.wakeup.sleep(clock, Math.min(waitMs, dueMs - clock.elapsedMs()));
      }
    } finally {
      this.#quiet.release();
    }
  }

  /** Something was begun, or may be ready now. */
  wake(): void {
    this.#memory.refresh();
    this.#memory.wakeup.wake();
  }

  /** Takes the body of an operation that was begun; waits while the way is crowded. */
  offer(id: string, digest: string, body: Uint8Array): Promise<void> {
    return this.#memory.keepBody(id, digest, body);
  }

  /**
   * The inserter answered an inventory request: its URL and credentials are right.
   *
   * @param batch Most operations a batch, as the inventory says; 0 = none.
   */
  noteInventory(batch: number): void {
    this.#recorder.record([URL_KNOWN]);
    this.#memory.batch.announce(batch);
  }

  /** Ids that an inventory asked for from now on cannot speak of. */
  track(): TrackedIds {
    return this.#memory.inFlight.track();
  }

  /** Operations that the inserter has confirmed so far. */
  get acknowledged(): number {
    return this.#recorder.acknowledged;
  }

  /** Writes the answers that have come. */
  flush(): void {
    if (this.#recorder.isEmpty) return;
    this.#recorder.flush();
    this.#memory.wakeup.wake();
  }

  /** Resolves when nothing is under way, and nothing can be sent now; or delivery has ended. */
  quiet(): Promise<void> {
    return this.#isQuiet || this.#memory.isStopping ? Promise.resolve() : this.#quiet.wait();
  }

  /** When the next pending operation may be tried, epoch milliseconds; null when none waits for a time. */
  nextTryMs(): number | null {
    const { attempts, breaker } = this.#memory;
    const elapsedMs = this.#world.clock.elapsedMs();
    const next = attempts.nextMs(elapsedMs - 1);
    if (breaker.untilMs > elapsedMs) return this.#timeOfDay(Math.max(breaker.untilMs, next ?? 0));
    return next === null ? null : this.#timeOfDay(next);
  }

  /** What went wrong so far with one operation; null when nothing did. `nextMs` is in epoch milliseconds. */
  attemptOf(id: string, version: Version): Attempt | null {
    const attempt = this.#memory.attempts.of({ id, version });
    return attempt === null ? null : { ...attempt, nextMs: this.#timeOfDay(attempt.nextMs) };
  }

  status(): DeliveryStatus {
    const { breaker, inFlight, stateTrouble } = this.#memory;
    const { trouble, untilMs } = breaker;
    return {
      inFlight: inFlight.size,
      trouble,
      nextProbeMs: trouble === null ? null : this.#timeOfDay(untilMs),
      stateTrouble,
      attempts: this.#someAttempts(),
      lastSuccessMs: this.#recorder.lastSuccessMs,
    };
  }

  #someAttempts(): DeliveryStatus["attempts"] {
    const some: DeliveryStatus["attempts"][number][] = [];
    for (const [id, { version }] of this.#memory.attempts.entries()) {
      // What was planned otherwise meanwhile is tried no more.
      if (!this.#isPending(id, version)) continue;
      const attempt = this.attemptOf(id, version);
      if (attempt !== null && some.push({ id, attempt }) >= ATTEMPTS_SHOWN) break;
    }
    return some;
  }

  #isPending(id: string, version: Version): boolean {
    try {
      return this.#world.state.entry(id)?.pending?.version === version;
    } catch (error) {
      if (error instanceof StateUnavailable) return true;
      throw error;
    }
  }

  /** Inside, times are counted on a clock that runs evenly. */
  #timeOfDay(elapsedMs: number): number {
    const { clock } = this.#world;
    return clock.nowMs() + elapsedMs - clock.elapsedMs();
  }

  /** Lets what is in flight end for `graceMs`, then cuts it; the rest stays pending. The first call counts. */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#memory.isStopping = true;
    this.#memory.bodies.wake();
    this.#memory.wakeup.wake();
    if (this.#requests > 0 && graceMs > 0) {
      const deadline = new AbortController();
      await Promise.race([this.#quiet.wait(), this.#world.clock.sleep(graceMs, deadline.signal)]);
      deadline.abort(null);
    }
    this.#abort.abort();
    this.#memory.wakeup.wake();
    this.#recorder.flush();
  }

  /** Asked to stop, it is over when the last answer is there, or is waited for no longer. */
  get #isOver(): boolean {
    return this.#memory.isStopping && (this.#requests === 0 || this.#abort.signal.aborted);
  }

  get #isQuiet(): boolean {
    return this.#requests === 0 && this.#recorder.isEmpty && this.#memory.isResting;
  }

  #launchOrWait(): number {
    try {
      return this.#launch();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      return STATE_RETRY_MS;
    }
  }

  /** Sends what may be sent. @returns How long nothing more can be, unless woken; milliseconds. */
  #launch(): number {
    const { attempts, breaker, inFlight, isStopping, stateTrouble } = this.#memory;
    if (isStopping || stateTrouble !== null) return Number.POSITIVE_INFINITY;
    for (;;) {
      const nowMs = this.#world.clock.elapsedMs();
      if (breaker.allowance(nowMs, this.#requests) < 1) {
        return this.#requests > 0 ? Number.POSITIVE_INFINITY : breaker.untilMs - nowMs;
      }
      if (nowMs < this.#nextSlotMs) return this.#nextSlotMs - nowMs;
      const group = this.#picker.next(nowMs);
      if (group.length === 0) {
        const isIdle = breaker.trouble !== null && this.#world.state.pending(null, 1).length === 0;
        if (isIdle) this.#recorder.nothingPending();
        const next = attempts.nextMs(nowMs);
        return next === null ? Number.POSITIVE_INFINITY : next - nowMs;
      }
      if (this.#ratePerSecond > 0) {
        this.#nextSlotMs = Math.max(this.#nextSlotMs, nowMs) + 1_000 / this.#ratePerSecond;
      }
      this.#requests++;
      for (const { id } of group) inFlight.add(id);
      void this.#deliver(group);
    }
  }

  async #deliver(group: readonly Operation[]): Promise<void> {
    try {
      const { ready, outcomes } = await prepareRequest(group, this.#world, this.#memory);
      this.#record(outcomes, group.length - ready.length);
      await this.#send(this.#thatMayLeave(ready));
    } catch (error) {
      for (const { id } of group) this.#memory.release(id);
      if (error instanceof StateUnavailable)
        this.#nextSlotMs = this.#world.clock.elapsedMs() + STATE_RETRY_MS;
      else if (!this.#abort.signal.aborted) this.#onBug(error);
    } finally {
      this.#requests--;
      this.#memory.isResting = false;
      this.#memory.wakeup.wake();
      if (this.#memory.isStopping && this.#requests === 0) this.#quiet.release();
    }
  }

  /** Much may have happened while bodies were rebuilt. */
  #thatMayLeave(ready: readonly Ready[]): readonly Ready[] {
    const { breaker, inFlight } = this.#memory;
    const { isPaused } = breaker;
    const may = ready.filter(({ operation }) => !isPaused && inFlight.mayLeave(operation.id));
    // Meanwhile there may be no batches any more, or trouble.
    const most = breaker.trouble === null && this.#memory.batch.most > 1 ? may.length : 1;
    const leaving = may.slice(0, most);
    const ids = new Set(leaving.map(({ operation }) => operation.id));
    for (const { operation } of ready) if (!ids.has(operation.id)) this.#memory.release(operation.id);
    return leaving;
  }

  /** One request: send → judge → record. */
  async #send(ready: readonly Ready[]): Promise<void> {
    const [first, second] = ready;
    const { signal } = this.#abort;
    if (first === undefined || signal.aborted) return;
    const { sink, clock } = this.#world;
    const startMs = clock.elapsedMs();
    const conclude = ({ operation }: Ready, reply: Reply): void =>
      this.#record(judge(operation, reply, this.#memory.contextOf(operation, startMs)), 1);
    this.sent++;
    if (second === undefined) {
      conclude(first, await sink.send(outgoing(first), signal));
      return;
    }
    const { whole, lines } = await sink.sendBatch(ready.map(outgoing), signal);
    if (whole.kind === "answer" && whole.status === 200) {
      for (const [i, one] of ready.entries()) conclude(one, lines[i] ?? NO_LINE);
      return;
    }
    const operations = ready.map(({ operation }) => operation);
    this.#record(judgeBatch(operations, whole), operations.length);
  }

  /** @param operations How many they decide about. */
  #record(outcomes: readonly Outcome[], operations: number): void {
    const decided = outcomes.reduce((count, outcome) => count + ("operation" in outcome ? 1 : 0), 0);
    invariant(decided === operations, "each operation of a request has exactly one outcome");
    this.#recorder.record(outcomes);
    if (outcomes.includes(PROBE)) void this.#probe().catch((error: unknown) => this.#onBug(error));
  }

  /** Asks for the inventory, and closes it unread: that it was answered is all there is to learn. */
  async #probe(): Promise<void> {
    const { sink, state } = this.#world;
    const reply = await sink.inventory(null, this.#abort.signal).catch(() => null);
    if (reply === null || reply.kind === "unknown") return;
    if (reply.kind === "listing") await reply.pages[Symbol.asyncIterator]().return?.();
    const { denials, breaker } = this.#memory;
    try {
      const upsertDenied = denials.hasDeniedUpsert((id) => state.entry(id)?.pending?.kind === "upsert");
      const { upserts } = denials;
      this.#record(judgeProbe(reply.kind !== "none", upsertDenied, { upserts, trouble: breaker.trouble }), 0);
      this.wake();
    } catch (error) {
      // What is denied next asks again.
      if (!(error instanceof StateUnavailable)) throw error;
    }
  }

  #onBug(error: unknown): void {
    this.#bug ??= { error };
    this.#memory.wakeup.wake();
  }
}
