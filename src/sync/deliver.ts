import { interpret, type Meaning } from "./answer.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { Bodies } from "./bodies.ts";
import { Endpoint, type Trouble } from "./endpoint.ts";
import type { Unsettled } from "./inventory.ts";
import { recordFile } from "./manifest.ts";
import type { Pending } from "./model.ts";
import {
  type Articles,
  type BatchReply,
  type Clock,
  type Log,
  type Outgoing,
  type Random,
  type Reply,
  type Sink,
  type Source,
  type State,
  StateUnavailable,
} from "./ports.ts";
import { type Owed, Queue } from "./queue.ts";
import { type RetryBounds, retryDelayMs } from "./retry.ts";
import { type Settlement, Settlements } from "./settle.ts";
import type { Versions } from "./version.ts";

/** Bytes of one batch, as the protocol has it. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** When the state cannot even be read: how soon to look again. */
const STATE_RETRY_MS = 1_000;
/** Extra time to make a body again that could be made once. */
const RENDER_PATIENCE = 10;

export interface DeliveryOptions {
  readonly concurrency: number;
  readonly ratePerSecond: number;
  readonly batch: "auto" | false | number;
  readonly retry: RetryBounds;
  /** Request bodies kept between examining and sending, bytes. */
  readonly bodiesBytesMax: number;
}

/** What delivery is doing, for status. */
export interface DeliveryStatus {
  readonly inFlight: number;
  readonly trouble: Trouble | null;
  readonly nextProbeMs: number | null;
  readonly stateTrouble: string | null;
  readonly attempts: readonly { readonly id: string; readonly attempt: Attempt }[];
  readonly lastSuccessMs: number | null;
}

/**
 * Sends what was begun until it is acknowledged: level-triggered from the manifest, at most one request
 * an id, each id with its own backoff, the endpoint as a whole with another.
 */
export class Deliverer {
  readonly #state: State;
  readonly #sink: Sink;
  readonly #source: Source;
  readonly #articles: Articles;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #options: DeliveryOptions;
  readonly #versions: Versions;
  readonly #bodies: Bodies;
  readonly #endpoint: Endpoint;
  readonly #attempts = new Attempts();
  readonly #queue: Queue;
  readonly #settlements: Settlements;
  /** Called when a pass has to look again: a body could not be made as planned. */
  readonly #onStale: () => void;
  readonly #startedMs: number;

  /** Ids whose request is on its way, or whose answer is not written yet. */
  readonly #busy = new Set<string>();
  readonly #trackers = new Set<Set<string>>();
  readonly #abort = new AbortController();
  #requests = 0;
  #successes = 0;
  #urlKnown = false;
  #batchMax: number | null = null;
  #batchLimit = Number.POSITIVE_INFINITY;
  #nextSlotMs = 0;
  #lastSuccessMs: number | null = null;
  #stateTrouble: string | null = null;
  #stopping = false;
  #waker = new AbortController();
  #quietWaiters: (() => void)[] = [];
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
    log: Log;
    delivery: DeliveryOptions;
    onStale: () => void;
  }) {
    this.#state = options.state;
    this.#sink = options.sink;
    this.#source = options.source;
    this.#articles = options.articles;
    this.#versions = options.versions;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#options = options.delivery;
    this.#onStale = options.onStale;
    this.#startedMs = options.clock.nowMs();
    this.#bodies = new Bodies(options.clock, options.delivery.bodiesBytesMax);
    this.#endpoint = new Endpoint(options.delivery.concurrency, options.delivery.retry);
    this.#queue = new Queue(options.state);
    this.#settlements = new Settlements({
      state: options.state,
      versions: options.versions,
      clock: options.clock,
      random: options.random,
      bounds: options.delivery.retry,
      onWritten: (settlements) => this.#onWritten(settlements),
      onTrouble: (error) => this.#onStateTrouble(error),
    });
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      const waitMs = this.#launchOrWait();
      if (this.#bug !== null) throw this.#bug.error;
      if (this.#isQuiet()) this.#announceQuiet();
      const waker = this.#waker.signal;
      if (!waker.aborted) await this.#clock.sleep(waitMs, waker);
      this.#waker = new AbortController();
    }
  }

  /** Something was begun, or may be ready now. */
  wake(): void {
    this.#queue.refresh();
    this.#waker.abort();
  }

  /** Takes the body of an operation that was begun; waits while the way is crowded. */
  offer(digest: string, body: Uint8Array): Promise<void> {
    return this.#bodies.offer(digest, body, () => this.#isFlowing());
  }

  /** Most operations a batch, as the inventory said; 0 = none. */
  allowBatches(max: number): void {
    if (this.#options.batch === "auto") this.#batchMax ??= max;
  }

  /** The inserter answered an inventory request: its URL and credentials are right. */
  noteEvidence(): void {
    this.#urlKnown = true;
    this.#successes++;
  }

  /** Ids that an inventory asked for from now on cannot speak of. */
  track(): Unsettled {
    const ids = new Set(this.#busy);
    this.#trackers.add(ids);
    return { ids, end: () => this.#trackers.delete(ids) };
  }

  /** Writes the answers that have come. */
  flush(): void {
    this.#settlements.flush();
  }

  /** Resolves when nothing is on its way and nothing is ready to go. */
  quiet(): Promise<void> {
    if (this.#isQuiet()) return Promise.resolve();
    return new Promise((resolve) => this.#quietWaiters.push(resolve));
  }

  /** When the next owed operation may be tried; null when none waits for a time. */
  nextTryMs(): number | null {
    const nowMs = this.#clock.nowMs();
    const next = this.#attempts.nextMs(nowMs - 1);
    const { untilMs } = this.#endpoint;
    if (untilMs > nowMs) return Math.max(untilMs, next ?? 0);
    return next;
  }

  /** What went wrong so far with one operation; null when nothing did. */
  attemptOf(id: string, version: number): Attempt | null {
    return this.#attempts.of(id, version);
  }

  status(): DeliveryStatus {
    const attempts: DeliveryStatus["attempts"][number][] = [];
    for (const [id, attempt] of this.#attempts.entries()) {
      if (attempts.push({ id, attempt }) >= 100) break;
    }
    return {
      inFlight: this.#busy.size,
      trouble: this.#endpoint.trouble,
      nextProbeMs: this.#endpoint.trouble === null ? null : this.#endpoint.untilMs,
      stateTrouble: this.#stateTrouble,
      attempts,
      lastSuccessMs: this.#lastSuccessMs,
    };
  }

  /** Lets what is in flight end for `graceMs`, then cuts it; the rest stays owed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#waker.abort();
    const deadline = new AbortController();
    if (this.#requests > 0) {
      const ended = new Promise<void>((resolve) => this.#quietWaiters.push(resolve));
      await Promise.race([ended, this.#clock.sleep(graceMs, deadline.signal)]);
      deadline.abort();
    }
    this.#abort.abort();
    this.#settlements.flush();
  }

  #isFlowing(): boolean {
    return this.#endpoint.trouble === null && !this.#settlements.isStuck && !this.#stopping;
  }

  #isQuiet(): boolean {
    if (this.#requests > 0 || !this.#settlements.isEmpty) return false;
    // While the endpoint is paused nobody asks the queue; until the next probe all is as quiet as it gets.
    return this.#queue.exhausted || this.#endpoint.allowance(this.#clock.nowMs(), 0) < 1;
  }

  #announceQuiet(): void {
    const waiters = this.#quietWaiters;
    this.#quietWaiters = [];
    for (const resolve of waiters) resolve();
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
      const nowMs = this.#clock.nowMs();
      if (this.#endpoint.allowance(nowMs, this.#requests) < 1) {
        return this.#requests > 0 ? Number.POSITIVE_INFINITY : this.#endpoint.untilMs - nowMs;
      }
      if (nowMs < this.#nextSlotMs) return this.#nextSlotMs - nowMs;
      const group = this.#takeGroup(nowMs);
      if (group.length === 0) {
        const next = this.#attempts.nextMs(nowMs);
        return next === null ? Number.POSITIVE_INFINITY : next - nowMs;
      }
      if (this.#options.ratePerSecond > 0) {
        this.#nextSlotMs = Math.max(this.#nextSlotMs, nowMs) + 1_000 / this.#options.ratePerSecond;
      }
      this.#requests++;
      for (const { entry } of group) {
        this.#busy.add(entry.id);
        for (const ids of this.#trackers) ids.add(entry.id);
      }
      void this.#deliver(group);
    }
  }

  #takeGroup(nowMs: number): Owed[] {
    // After a time of waiting something may be ready again that was not at the last round.
    if (this.#queue.exhausted && this.#attempts.size > 0) this.#queue.refresh();
    // The queue goes round: without this a short one would come by again within the same group.
    const taken = new Set<string>();
    const isReady = ({ entry, operation }: Owed): boolean =>
      !this.#busy.has(entry.id) &&
      !taken.has(entry.id) &&
      this.#attempts.isReady(entry.id, operation.version, nowMs);
    const first = this.#queue.take(isReady);
    if (first === null) return [];
    const group = [first];
    taken.add(first.entry.id);
    const most = this.#groupMax();
    // Whoever failed before goes alone, so that it cannot spoil the batch of others.
    if (most <= 1 || this.#hasFailed(first)) return group;
    while (group.length < most) {
      const next = this.#queue.take(isReady);
      if (next === null) break;
      if (this.#hasFailed(next)) {
        this.#queue.putBack();
        break;
      }
      group.push(next);
      taken.add(next.entry.id);
    }
    return group;
  }

  #hasFailed({ entry, operation }: Owed): boolean {
    return (this.#attempts.of(entry.id, operation.version)?.failures ?? 0) > 0;
  }

  #groupMax(): number {
    if (this.#endpoint.trouble !== null) return 1;
    const configured = this.#options.batch;
    const most = configured === false ? 0 : configured === "auto" ? (this.#batchMax ?? 0) : configured;
    return Math.min(this.#batchMax === 0 ? 0 : most, this.#batchLimit);
  }

  async #deliver(group: readonly Owed[]): Promise<void> {
    try {
      const ready = await this.#withBodies(group);
      if (this.#abort.signal.aborted) return;
      if (ready.length === 1 || this.#groupMax() <= 1) await this.#sendEach(ready);
      else if (ready.length > 1) await this.#sendBatch(ready);
    } catch (error) {
      for (const { entry } of group) this.#busy.delete(entry.id);
      if (!this.#abort.signal.aborted && !(error instanceof StateUnavailable)) this.#bug = { error };
    } finally {
      this.#requests--;
      this.#waker.abort();
      if (this.#stopping && this.#requests === 0) this.#announceQuiet();
    }
  }

  /** The operations whose bodies could be had; the others go back to the queue. */
  async #withBodies(group: readonly Owed[]): Promise<Ready[]> {
    const made = await Promise.all(
      group.map(async ({ entry, operation }): Promise<Ready | null> => {
        const { id } = entry;
        if (operation.kind === "delete") return { id, operation, body: null };
        const body = this.#bodies.get(operation.digest) ?? (await this.#makeBody(id, operation));
        if (body !== null) return { id, operation, body };
        this.#busy.delete(id);
        return null;
      }),
    );
    const ready: Ready[] = [];
    let sizeBytes = 0;
    for (const one of made) {
      if (one === null) continue;
      sizeBytes += (one.body?.length ?? 0) + 256;
      if (ready.length > 0 && sizeBytes > BATCH_BYTES_MAX) {
        this.#busy.delete(one.id);
        this.#queue.refresh();
      } else ready.push(one);
    }
    return ready;
  }

  /** Makes a body again from Git; null when that is not possible, or comes out differently now. */
  async #makeBody(id: string, operation: Extract<Pending, { kind: "upsert" }>): Promise<Uint8Array | null> {
    const { path, blob, version } = operation;
    const content = await this.#source.read(blob);
    if (content.kind === "missing") {
      this.#failLater(id, operation, "its blob is no longer in the repository", null, false);
      this.#onStale();
      return null;
    }
    const { verdict, body } = await this.#articles.examine(path, blob, content, RENDER_PATIENCE);
    if (verdict.kind === "article" && verdict.digest === operation.digest && body !== null) return body;
    // A hook that is no function of its input: what it says now is what the next pass plans.
    const row = this.#state.file(path);
    this.#failLater(id, operation, "its payload came out differently than planned", null, false);
    if (row?.blob !== blob || this.#state.entry(id)?.pending?.version !== version) return null;
    if (verdict.kind === "article" && body !== null) await this.offer(verdict.digest, body);
    this.#state.transaction(() => {
      this.#state.touch(recordFile(this.#state, { path, blob }, verdict, row.fingerprint));
    });
    this.#onStale();
    return null;
  }

  async #sendEach(ready: readonly Ready[]): Promise<void> {
    for (const one of ready) {
      const startMs = this.#clock.nowMs();
      const reply = await this.#sink.send(outgoing(one), this.#abort.signal);
      this.#conclude(one, reply, startMs);
    }
  }

  async #sendBatch(ready: readonly Ready[]): Promise<void> {
    const startMs = this.#clock.nowMs();
    const reply = await this.#sink.sendBatch(ready.map(outgoing), this.#abort.signal);
    if (reply.whole.kind === "answer" && reply.whole.status === 200) {
      this.#batchLimit = Math.min(this.#batchLimit * 2, Number.MAX_SAFE_INTEGER);
      for (const [index, one] of ready.entries()) this.#conclude(one, lineReply(reply, index), startMs);
      return;
    }
    this.#narrow(ready, reply.whole);
  }

  /** The batch as a whole was not taken: smaller ones, or none any more. */
  #narrow(ready: readonly Ready[], whole: Reply): void {
    const nowMs = this.#clock.nowMs();
    for (const { id } of ready) this.#busy.delete(id);
    this.#queue.refresh();
    const status = whole.kind === "answer" ? whole.status : 0;
    if ([404, 405, 501].includes(status)) {
      this.#batchMax = 0;
      this.#log.emit(
        "info",
        "inserter.no-batch",
        `inserter answered ${status} to a batch: one article a request from now on`,
      );
      return;
    }
    const meaning = interpret("upsert", whole, this.#urlKnown);
    if (meaning.kind === "again" && meaning.scope === "endpoint") {
      this.#endpointFailed(whole, meaning, nowMs);
      return;
    }
    this.#batchLimit = Math.max(1, Math.floor(ready.length / 2));
    if (meaning.kind === "again") {
      if (meaning.mayHaveLanded) for (const one of ready) this.#noteMayHaveLanded(one, nowMs);
      this.#endpoint.articleFailed(meaning.message, nowMs, this.#random());
    }
  }

  #conclude(one: Ready, reply: Reply, startMs: number): void {
    const { id, operation } = one;
    const nowMs = this.#clock.nowMs();
    const meaning = interpret(operation.kind, reply, this.#urlKnown);
    const before = this.#attempts.of(id, operation.version);
    switch (meaning.kind) {
      case "done":
        this.#succeeded(nowMs, operation);
        this.#logDone(one, nowMs - startMs, before);
        this.#settlements.add({ kind: "done", id, operation });
        return;
      case "stale":
        if (this.#versions.raise(meaning.kept) && meaning.kept > operation.version) {
          this.#settlements.add({ kind: "renumber", id, operation });
        } else this.#refuse(one, reply, before);
        return;
      case "cannot-delete":
        this.#undeletable(one, meaning.message);
        return;
      case "refused":
        this.#succeededOtherwise();
        this.#refuse(one, reply, before);
        return;
      case "denied":
        this.#denied(one, reply, meaning, before, nowMs);
        return;
      case "again":
        if (meaning.scope === "endpoint") {
          this.#endpointFailed(reply, meaning, nowMs);
          this.#busy.delete(id);
          this.#queue.refresh();
        } else {
          this.#endpoint.articleFailed(meaning.message, nowMs, this.#random());
          this.#failLater(id, operation, meaning.message, meaning.retryAfterMs, meaning.mayHaveLanded);
        }
    }
  }

  #succeeded(nowMs: number, operation: Pending): void {
    this.#successes++;
    this.#lastSuccessMs = nowMs;
    if (operation.kind === "upsert") this.#urlKnown = true;
    this.#succeededOtherwise();
  }

  /** The inserter answered as one that works. */
  #succeededOtherwise(): void {
    const over = this.#endpoint.succeeded();
    if (over === null) return;
    const forMs = this.#clock.nowMs() - over.sinceMs;
    this.#log.emit("info", "inserter.recovered", `inserter works again after ${Math.round(forMs / 1000)} s`, {
      kind: over.kind,
      attempts: over.attempts,
      forMs,
    });
  }

  #endpointFailed(reply: Reply, meaning: Extract<Meaning, { kind: "again" }>, nowMs: number): void {
    const kind = reply.kind === "failure" ? "unreachable" : "overloaded";
    this.#endpoint.failed(kind, meaning.message, null, meaning.retryAfterMs, nowMs, this.#random());
    this.#logTrouble();
  }

  #logTrouble(): void {
    const { trouble } = this.#endpoint;
    if (trouble === null) return;
    const nextInMs = Math.max(0, Math.round(this.#endpoint.untilMs - this.#clock.nowMs()));
    this.#log.emit(
      "warn",
      "inserter.trouble",
      `Cannot deliver: ${trouble.message} (attempt ${trouble.attempts})`,
      {
        kind: trouble.kind,
        attempts: trouble.attempts,
        nextInMs,
        ...(trouble.hint === null ? {} : { hint: trouble.hint }),
      },
    );
  }

  #denied(
    one: Ready,
    reply: Reply,
    meaning: Extract<Meaning, { kind: "denied" }>,
    before: Attempt | null,
    nowMs: number,
  ): void {
    const { id, operation } = one;
    const deniedAfter = before?.deniedAfter ?? null;
    if (deniedAfter !== null && this.#successes > deniedAfter) {
      // Another one was taken since: it is this article, not the endpoint.
      if (operation.kind === "delete") this.#undeletable(one, meaning.message);
      else this.#refuse(one, reply, before);
      return;
    }
    this.#endpoint.failed("denied", meaning.message, meaning.hint, null, nowMs, this.#random());
    this.#logTrouble();
    this.#attempts.set(id, {
      version: operation.version,
      failures: (before?.failures ?? 0) + 1,
      nextMs: this.#endpoint.untilMs,
      sinceMs: before?.sinceMs ?? nowMs,
      message: meaning.message,
      mayHaveLanded: before?.mayHaveLanded ?? false,
      deniedAfter: this.#successes,
    });
    this.#busy.delete(id);
    this.#queue.refresh();
    if (operation.kind === "delete") void this.#seekEvidence();
  }

  /** Deletes alone cannot tell a wrong token from one that may not delete: the inventory can. */
  async #seekEvidence(): Promise<void> {
    const reply = await this.#sink.inventory(null, this.#abort.signal).catch(() => null);
    if (reply === null) return;
    if (reply.kind === "listing") {
      // Only that it answered is wanted; the listing itself is closed unread.
      await reply.pages[Symbol.asyncIterator]().return?.();
    }
    if (reply.kind === "listing" || reply.kind === "unchanged") this.noteEvidence();
  }

  #undeletable(one: Ready, message: string): void {
    const { id, operation } = one;
    this.#log.emit(
      "warn",
      "article.undeletable",
      `Cannot delete "${id}": ${message}. Tried again at each resync`,
      { id },
    );
    this.#attempts.clear(id);
    this.#succeededOtherwise();
    this.#settlements.add({ kind: "undeletable", id, operation });
  }

  #refuse(one: Ready, reply: Reply, before: Attempt | null): void {
    const { id, operation } = one;
    const status = reply.kind === "answer" ? reply.status : 0;
    const excerpt = reply.kind === "answer" ? reply.excerpt : "";
    const mayHaveLanded = (before?.mayHaveLanded ?? false) || operation.sinceMs < this.#startedMs;
    const verb = operation.kind === "upsert" ? "deliver" : "delete";
    this.#log.emit("warn", "article.refused", `Cannot ${verb} "${id}": inserter refused it with ${status}`, {
      id,
      kind: operation.kind,
      status,
      excerpt,
      ...(operation.kind === "upsert" ? { path: operation.path } : {}),
    });
    this.#attempts.clear(id);
    const answer = { status, excerpt, sinceMs: this.#clock.nowMs() };
    this.#settlements.add({ kind: "refused", id, operation, answer, mayHaveLanded });
  }

  #failLater(
    id: string,
    operation: Pending,
    message: string,
    retryAfterMs: number | null,
    mayHaveLanded: boolean,
  ): void {
    const nowMs = this.#clock.nowMs();
    const before = this.#attempts.of(id, operation.version);
    const failures = (before?.failures ?? 0) + 1;
    const nextMs = nowMs + retryDelayMs(failures, this.#options.retry, this.#random(), retryAfterMs);
    this.#attempts.set(id, {
      version: operation.version,
      failures,
      nextMs,
      sinceMs: before?.sinceMs ?? nowMs,
      message,
      mayHaveLanded: mayHaveLanded || (before?.mayHaveLanded ?? false),
      deniedAfter: before?.deniedAfter ?? null,
    });
    const verb = operation.kind === "upsert" ? "deliver" : "delete";
    this.#log.emit("warn", "article.retry", `Cannot ${verb} "${id}": ${message} (attempt ${failures})`, {
      id,
      kind: operation.kind,
      attempts: failures,
      nextInMs: Math.round(nextMs - nowMs),
    });
    this.#busy.delete(id);
    this.#queue.refresh();
  }

  /** Part of a batch that ended without an answer: no blame, but it may stand there now. */
  #noteMayHaveLanded({ id, operation }: Ready, nowMs: number): void {
    const before = this.#attempts.of(id, operation.version);
    this.#attempts.set(id, {
      version: operation.version,
      failures: before?.failures ?? 0,
      nextMs: nowMs,
      sinceMs: before?.sinceMs ?? nowMs,
      message: "its batch ended without an answer",
      mayHaveLanded: true,
      deniedAfter: before?.deniedAfter ?? null,
    });
  }

  #logDone({ id, operation }: Ready, durationMs: number, before: Attempt | null): void {
    const event = operation.kind === "upsert" ? "article.upserted" : "article.deleted";
    const word = operation.kind === "upsert" ? "delivered" : "deleted";
    this.#log.emit(this.#queue.isLong ? "debug" : "info", event, `"${id}" ${word}`, {
      id,
      ...(operation.kind === "upsert" ? { path: operation.path } : {}),
      cause: operation.cause,
      version: operation.version,
      durationMs: Math.round(durationMs),
      waitedMs: Math.round(this.#clock.nowMs() - operation.sinceMs),
      attempts: (before?.failures ?? 0) + 1,
    });
  }

  #onWritten(settlements: readonly Settlement[]): void {
    for (const { id, operation, kind } of settlements) {
      this.#busy.delete(id);
      if (kind === "done") this.#attempts.clear(id);
      if (operation.kind === "upsert" && kind !== "renumber") this.#bodies.drop(operation.digest);
    }
    this.wake();
  }

  #onStateTrouble(error: StateUnavailable | null): void {
    this.#stateTrouble = error?.message ?? null;
    if (error === null) this.#log.emit("info", "state.recovered", "The state can be written again");
    else
      this.#log.emit(
        "error",
        "state.unavailable",
        `Cannot write the state: ${error.message}. Nothing is sent meanwhile`,
      );
    if (error === null) this.wake();
  }
}

/** An operation with its body. */
interface Ready {
  readonly id: string;
  readonly operation: Pending;
  readonly body: Uint8Array | null;
}

function outgoing({ id, operation, body }: Ready): Outgoing {
  const digest = operation.kind === "upsert" ? operation.digest : null;
  return { kind: operation.kind, id, version: operation.version, digest, body };
}

function lineReply(reply: BatchReply, index: number): Reply {
  return (
    reply.lines[index] ?? { kind: "failure", why: "broken", message: "the batch answer has no line for it" }
  );
}
