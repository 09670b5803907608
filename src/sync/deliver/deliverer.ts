import type { Unsettled } from "../plan/inventory.ts";
import {
  type Articles,
  type Clock,
  type Random,
  type Report,
  type Sink,
  type Source,
  type State,
  StateUnavailable,
} from "../ports.ts";
import type { Versions } from "../version.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { BatchSize } from "./batch-size.ts";
import { Bodies } from "./bodies.ts";
import { CircuitBreaker } from "./breaker.ts";
import { Conclusions } from "./conclude.ts";
import { Dispatch } from "./dispatch.ts";
import { withEvidence } from "./evidence.ts";
import { InFlight } from "./in-flight.ts";
import type { DeliveryOptions } from "./options.ts";
import { Picker } from "./picker.ts";
import { type Owed, Queue } from "./queue.ts";
import { type Settlement, Settlements } from "./settle.ts";
import { type DeliveryStatus, Tries } from "./status.ts";
import { Waiters } from "./waiters.ts";

/** When the state cannot even be read: how soon to look again. */
const STATE_RETRY_MS = 1_000;

/**
 * Sends what was begun until it is acknowledged: level-triggered from the manifest, at most one request
 * an id, each id with its own backoff, the endpoint as a whole with another.
 */
export class Deliverer {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #ratePerSecond: number;
  readonly #bodies: Bodies;
  readonly #breaker: CircuitBreaker;
  readonly #attempts = new Attempts();
  readonly #tries: Tries;
  readonly #batch: BatchSize;
  readonly #queue: Queue;
  readonly #settlements: Settlements;
  readonly #conclusions: Conclusions;
  readonly #dispatch: Dispatch;
  /** Called when a pass has to look again: something begun cannot be sent as it is. */
  readonly #onStale: () => void;

  readonly #inFlight = new InFlight();
  readonly #picker: Picker;
  readonly #abort = new AbortController();
  #requests = 0;
  /** The next request may leave then, elapsed milliseconds. */
  #nextSlotMs = 0;
  #stateTrouble: string | null = null;
  #stopping = false;
  #stopped: Promise<void> | null = null;
  #waker = new AbortController();
  /** What could be sent was, since anything last changed. */
  #rests = false;
  readonly #quiet = new Waiters();
  /** An error that nobody expected: it ends `run`. */
  #bug: { readonly error: unknown } | null = null;

  constructor(options: {
    state: State;
    sink: Sink;
    source: Source;
    articles: Articles;
    versions: Versions;
    clock: Clock;
    random: Random;
    report: Report;
    delivery: DeliveryOptions;
    onStale: () => void;
  }) {
    const { state, clock, random, report, versions, delivery } = options;
    this.#state = state;
    this.#clock = clock;
    this.#report = report;
    this.#onStale = options.onStale;
    this.#ratePerSecond = delivery.ratePerSecond;
    this.#bodies = new Bodies(clock, delivery.bodiesBytesMax);
    this.#breaker = new CircuitBreaker(delivery.concurrency, delivery.retry);
    this.#batch = new BatchSize(delivery.batch);
    this.#tries = new Tries(state, clock, this.#attempts, this.#breaker);
    this.#queue = new Queue(state);
    this.#picker = new Picker({
      queue: this.#queue,
      probes: new Queue(state),
      attempts: this.#attempts,
      batch: this.#batch,
      breaker: this.#breaker,
      inFlight: this.#inFlight,
    });
    this.#settlements = new Settlements({
      state,
      versions,
      clock,
      random,
      bounds: delivery.retry,
      onWritten: (settlements) => this.#onWritten(settlements),
      onTrouble: (error) => this.#onStateTrouble(error),
      onBug: (error) => this.#onBug(error),
    });
    this.#conclusions = new Conclusions({
      attempts: this.#attempts,
      breaker: this.#breaker,
      versions,
      clock,
      random,
      report,
      retry: delivery.retry,
      consequences: {
        settle: (settlement) => this.#settlements.add(settlement),
        release: (id) => this.#release(id),
        lookAgain: () => this.#onStale(),
        seekEvidence: () =>
          void withEvidence(options.sink, this.#abort.signal, (answered) => {
            this.#conclusions.judgeDeletes(answered);
            this.wake();
          }).catch((error: unknown) => this.#onBug(error)),
        owesUpsert: (id) => state.entry(id)?.pending?.kind === "upsert",
        taken: () => this.#batch.grow(),
        isBulk: () => this.#queue.isLong || this.#inFlight.size >= 64,
      },
    });
    this.#dispatch = new Dispatch({
      state,
      sink: options.sink,
      source: options.source,
      articles: options.articles,
      clock,
      report,
      bodies: this.#bodies,
      batch: this.#batch,
      breaker: this.#breaker,
      inFlight: this.#inFlight,
      conclusions: this.#conclusions,
      reopen: (id, operation) => {
        this.#settlements.add({ kind: "reopened", id, operation });
        this.#onStale();
      },
      release: (id) => this.#release(id),
      offer: (id, digest, body) => this.offer(id, digest, body),
      lookAgain: () => this.#onStale(),
    });
  }

  /** Runs until `stop`. @throws What is a bug. */
  async run(): Promise<void> {
    try {
      while (!this.#stopping) {
        const waitMs = this.#launchOrWait();
        if (this.#bug !== null) throw this.#bug.error;
        this.#rests = true;
        if (this.#isQuiet()) this.#quiet.release();
        const waker = this.#waker.signal;
        if (!waker.aborted) await this.#clock.sleep(waitMs, waker);
        this.#waker = new AbortController();
      }
    } finally {
      // Told to stop, it is quiet when the last answer is there, not when the last request has left.
      if (!this.#stopping || this.#requests === 0) this.#quiet.release();
    }
  }

  /** Something was begun, or may be ready now. */
  wake(): void {
    this.#queue.refresh();
    this.#rests = false;
    this.#waker.abort(null);
  }

  /** Takes the body of an operation that was begun; waits while the way is crowded. */
  offer(id: string, digest: string, body: Uint8Array): Promise<void> {
    return this.#bodies.offer(id, digest, body, () => this.#isFlowing());
  }

  /** Most operations a batch, as the inventory said; 0 = none. */
  allowBatches(most: number): void {
    this.#batch.announce(most);
  }

  /** The inserter answered an inventory request: its URL and credentials are right. */
  noteEvidence(): void {
    this.#conclusions.noteEvidence();
  }

  /** Ids that an inventory asked for from now on cannot speak of. */
  track(): Unsettled {
    return this.#inFlight.track();
  }

  /** Requests that have left so far. */
  get sent(): number {
    return this.#dispatch.sent;
  }

  /** Operations that the inserter has confirmed so far. */
  get acknowledged(): number {
    return this.#conclusions.acknowledged;
  }

  /** Writes the answers that have come. */
  flush(): void {
    this.#settlements.flush();
  }

  /** Resolves when nothing is on its way, and nothing can be sent now; or delivery has ended. */
  quiet(): Promise<void> {
    return this.#isQuiet() || this.#stopping ? Promise.resolve() : this.#quiet.wait();
  }

  /** When the next owed operation may be tried, epoch milliseconds; null when none waits for a time. */
  nextTryMs(): number | null {
    return this.#tries.nextMs();
  }

  /** What went wrong so far with one operation; null when nothing did. `nextMs` is in epoch milliseconds. */
  attemptOf(id: string, version: number): Attempt | null {
    return this.#tries.of(id, version);
  }

  status(): DeliveryStatus {
    return {
      inFlight: this.#inFlight.size,
      trouble: this.#breaker.trouble,
      nextProbeMs: this.#tries.nextProbeMs(),
      stateTrouble: this.#stateTrouble,
      attempts: this.#tries.some(),
      lastSuccessMs: this.#conclusions.lastSuccessMs,
    };
  }

  /** Lets what is in flight end for `graceMs`, then cuts it; the rest stays owed. The first call counts. */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#waker.abort(null);
    this.#bodies.wake();
    if (this.#requests > 0 && graceMs > 0) {
      const deadline = new AbortController();
      await Promise.race([this.#quiet.wait(), this.#clock.sleep(graceMs, deadline.signal)]);
      deadline.abort(null);
    }
    this.#abort.abort();
    this.#settlements.stop();
  }

  #isFlowing(): boolean {
    return this.#breaker.trouble === null && !this.#settlements.isStuck && !this.#stopping;
  }

  #isQuiet(): boolean {
    return this.#requests === 0 && this.#settlements.isEmpty && this.#rests;
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
    if (this.#settlements.isStuck) return Number.POSITIVE_INFINITY;
    for (;;) {
      const nowMs = this.#clock.elapsedMs();
      if (this.#breaker.allowance(nowMs, this.#requests) < 1) {
        return this.#requests > 0 ? Number.POSITIVE_INFINITY : this.#breaker.untilMs - nowMs;
      }
      if (nowMs < this.#nextSlotMs) return this.#nextSlotMs - nowMs;
      const group = this.#picker.next(nowMs);
      if (group.length === 0) {
        if (this.#breaker.trouble !== null && this.#state.pending(null, 1).length === 0) {
          this.#conclusions.nothingOwed();
        }
        const next = this.#attempts.nextMs(nowMs);
        return next === null ? Number.POSITIVE_INFINITY : next - nowMs;
      }
      if (this.#ratePerSecond > 0) {
        this.#nextSlotMs = Math.max(this.#nextSlotMs, nowMs) + 1_000 / this.#ratePerSecond;
      }
      this.#requests++;
      for (const { entry } of group) this.#inFlight.add(entry.id);
      void this.#deliver(group);
    }
  }

  async #deliver(group: readonly Owed[]): Promise<void> {
    try {
      await this.#dispatch.deliver(group, this.#abort.signal);
    } catch (error) {
      for (const { entry } of group) this.#release(entry.id);
      if (error instanceof StateUnavailable) this.#nextSlotMs = this.#clock.elapsedMs() + STATE_RETRY_MS;
      else if (!this.#abort.signal.aborted) this.#onBug(error);
    } finally {
      this.#requests--;
      this.#rests = false;
      this.#waker.abort(null);
      if (this.#stopping && this.#requests === 0) this.#quiet.release();
    }
  }

  #release(id: string): void {
    this.#inFlight.delete(id);
    this.#queue.refresh();
    this.#rests = false;
  }

  #onWritten(settlements: readonly Settlement[]): void {
    for (const { id, kind, operation } of settlements) {
      this.#inFlight.delete(id);
      if (kind === "done") this.#attempts.clear(id);
      if (operation.kind === "upsert") this.#bodies.drop(id, operation.digest);
    }
    this.wake();
  }

  #onStateTrouble(error: StateUnavailable | null): void {
    this.#stateTrouble = error?.message ?? null;
    if (error === null) {
      this.#report({ kind: "state.recovered" });
      this.wake();
    } else this.#report({ kind: "state.unavailable", reason: error.message });
  }

  #onBug(error: unknown): void {
    this.#bug ??= { error };
    this.#waker.abort(null);
  }
}
