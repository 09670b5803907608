import { invariant } from "../invariants.ts";
import type { Trouble, Version } from "../model.ts";
import type { Beginning } from "../plan/planner.ts";
import { type Reply, StateUnavailable, type World } from "../ports.ts";
import type { Versions } from "../version.ts";
import { Waiters } from "../waiting.ts";
import type { Attempt } from "./attempts.ts";
import type { Lane, UnderWay } from "./breaker.ts";
import type { TrackedIds } from "./in-flight.ts";
import {
  isTaken,
  judge,
  judgeBatch,
  judgeInventoryAsked,
  type Outcome,
  ASK_INVENTORY,
  URL_KNOWN,
} from "./judge.ts";
import { DeliveryMemory, type DeliveryOptions } from "./memory.ts";
import { type Group, Picker } from "./pick.ts";
import { Recorder } from "./record.ts";
import { outgoing, prepareRequest, type Ready } from "./request.ts";

/** When the state cannot even be read: how soon to look again. */
const STATE_RETRY_MS = 1_000;
const LANES: readonly Lane[] = ["recent", "fresh", "failed"];
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
  /** Those of operations that had failed before. */
  #repeats = 0;
  /** Requests that have left so far. */
  sent = 0;
  /** The next request may leave then, elapsed milliseconds. */
  #nextSlotMs = 0;
  #stopped: Promise<void> | null = null;
  #isAsking = false;
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

  /** A pass has begun an operation. @param sinceMs The time of the pass, epoch milliseconds. */
  begun(id: string, sinceMs: number, { isEdit, refused }: Beginning): void {
    const { attempts, breaker, denials, recent } = this.#memory;
    attempts.replaced(id);
    if (refused !== null) denials.refused(id, refused);
    if (isEdit && recent.note(id, sinceMs)) breaker.edited();
  }

  /** The repository can be read: what an earlier process left pending can be made from it. */
  repositoryFound(): void {
    this.#memory.repositoryFound();
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

  /** Upserts among them. */
  get upserts(): number {
    return this.#memory.denials.upserts;
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
    const { attempts, breaker, repository } = this.#memory;
    if (!repository.isOpen) return this.#timeOfDay(repository.opensMs);
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
    for (const [id, { version, overtaken }] of this.#memory.attempts.entries()) {
      // What was planned otherwise meanwhile is tried no more.
      if (!this.#isPending(id, overtaken > 0 ? null : version)) continue;
      const attempt = this.attemptOf(id, version);
      if (attempt !== null && some.push({ id, attempt }) >= ATTEMPTS_SHOWN) break;
    }
    return some;
  }

  /** @param version Null: whatever it is. */
  #isPending(id: string, version: Version | null): boolean {
    try {
      const pending = this.#world.state.entry(id)?.pending ?? null;
      return pending !== null && (version === null || pending.version === version);
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
    const { attempts, breaker, inFlight, isStopping, repository, stateTrouble } = this.#memory;
    if (isStopping || stateTrouble !== null) return Number.POSITIVE_INFINITY;
    for (;;) {
      const nowMs = this.#world.clock.elapsedMs();
      if (nowMs < this.#nextSlotMs) return this.#nextSlotMs - nowMs;
      if (nowMs >= repository.opensMs) this.#memory.repositoryFound();
      const underWay = { all: this.#requests, failed: this.#repeats };
      const group = this.#picker.next(nowMs, (lane) => breaker.leavesMs(lane, underWay) <= nowMs);
      if (group === null) return this.#restMs(nowMs, underWay);
      if (this.#ratePerSecond > 0) {
        this.#nextSlotMs = Math.max(this.#nextSlotMs, nowMs) + 1_000 / this.#ratePerSecond;
      }
      this.#requests++;
      if (group.lane === "failed") this.#repeats++;
      for (const operation of group.operations) inFlight.add(operation, attempts.failures(operation) > 0);
      void this.#deliver(group);
    }
  }

  /** Nothing can be sent now. @returns How long that is so, unless woken; milliseconds. */
  #restMs(nowMs: number, underWay: UnderWay): number {
    const { attempts, breaker, repository } = this.#memory;
    const isProbed = breaker.trouble !== null && underWay.all === 0 && nowMs >= breaker.untilMs;
    if (isProbed && this.#world.state.pending(null, 1).length === 0) this.#recorder.nothingPending();
    const opensMs = LANES.map((lane) => breaker.leavesMs(lane, underWay)).filter((ms) => ms > nowMs);
    if (!repository.isOpen) opensMs.push(repository.opensMs);
    return Math.min(...opensMs, attempts.nextMs(nowMs) ?? Number.POSITIVE_INFINITY) - nowMs;
  }

  async #deliver({ lane, operations: group }: Group): Promise<void> {
    try {
      const { ready, outcomes } = await prepareRequest(group, this.#world, this.#memory);
      this.#record(outcomes, group.length - ready.length);
      await this.#send(this.#thatMayLeave(ready, lane));
    } catch (error) {
      for (const { id } of group) this.#memory.release(id);
      if (error instanceof StateUnavailable)
        this.#nextSlotMs = this.#world.clock.elapsedMs() + STATE_RETRY_MS;
      else if (!this.#abort.signal.aborted) this.#onBug(error);
    } finally {
      this.#requests--;
      if (lane === "failed") this.#repeats--;
      this.#memory.isResting = false;
      this.#memory.wakeup.wake();
      if (this.#memory.isStopping && this.#requests === 0) this.#quiet.release();
    }
  }

  /** Much may have happened while bodies were rebuilt. */
  #thatMayLeave(ready: readonly Ready[], lane: Lane): readonly Ready[] {
    const { breaker, inFlight } = this.#memory;
    const isPaused = breaker.isPaused(lane);
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
      const answers = ready.map((one, i) => [one, lines[i] ?? NO_LINE] as const);
      // What was taken comes last: it shows that the inserter works, at however many others it failed.
      const [taken, others] = [
        answers.filter(([, reply]) => isTaken(reply)),
        answers.filter(([, reply]) => !isTaken(reply)),
      ];
      for (const [one, reply] of [...others, ...taken]) conclude(one, reply);
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
    if (outcomes.includes(ASK_INVENTORY))
      void this.#askInventory().catch((error: unknown) => this.#onBug(error));
  }

  /** Asks for the inventory, and closes it unread: that it was answered is all there is to learn. */
  async #askInventory(): Promise<void> {
    const { sink, state } = this.#world;
    if (this.#isAsking) return;
    this.#isAsking = true;
    const reply = await sink.inventory(null, this.#abort.signal).catch(() => null);
    this.#isAsking = false;
    if (reply === null || reply.kind === "unknown") return;
    if (reply.kind === "listing") await reply.pages[Symbol.asyncIterator]().return?.();
    const { denials, breaker } = this.#memory;
    try {
      const upsertDenied = denials.hasDeniedUpsert((id) => state.entry(id)?.pending?.kind === "upsert");
      const { upserts } = denials;
      this.#record(
        judgeInventoryAsked(reply.kind !== "none", upsertDenied, { upserts, trouble: breaker.trouble }),
        0,
      );
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
