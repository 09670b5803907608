import type { Pending } from "../model.ts";
import { publishingTime } from "../now.ts";
import type { Articles, BatchReply, Clock, Outgoing, Reply, Report, Sink, Source, State } from "../ports.ts";
import type { BatchSize } from "./batch-size.ts";
import type { Bodies } from "./bodies.ts";
import type { CircuitBreaker } from "./breaker.ts";
import type { Conclusions, Ready } from "./conclude.ts";
import type { InFlight } from "./in-flight.ts";
import type { Owed } from "./queue.ts";
import { remakeBody } from "./remake.ts";

/** Bytes of one batch, as the protocol has it. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** What a line of a batch has around its payload, at most. */
const LINE_BYTES = 256;
/** Bodies made again at the same time. */
const REMAKES = 8;

/** One request: gathers the bodies of its operations, sends it, and has the reply judged. */
export class Dispatch {
  readonly #state: State;
  readonly #sink: Sink;
  readonly #source: Source;
  readonly #articles: Articles;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #bodies: Bodies;
  readonly #batch: BatchSize;
  readonly #breaker: CircuitBreaker;
  readonly #inFlight: InFlight;
  readonly #conclusions: Conclusions;
  /** The operation cannot be sent as it was begun: it is to be planned anew. */
  readonly #reopen: (id: string, operation: Pending) => void;
  /** Not sent after all. */
  readonly #release: (id: string) => void;
  readonly #offer: (id: string, digest: string, body: Uint8Array) => Promise<void>;
  readonly #lookAgain: () => void;
  /** Requests that have left so far. */
  sent = 0;

  constructor(options: {
    state: State;
    sink: Sink;
    source: Source;
    articles: Articles;
    clock: Clock;
    report: Report;
    bodies: Bodies;
    batch: BatchSize;
    breaker: CircuitBreaker;
    inFlight: InFlight;
    conclusions: Conclusions;
    reopen: (id: string, operation: Pending) => void;
    release: (id: string) => void;
    offer: (id: string, digest: string, body: Uint8Array) => Promise<void>;
    lookAgain: () => void;
  }) {
    this.#state = options.state;
    this.#sink = options.sink;
    this.#source = options.source;
    this.#articles = options.articles;
    this.#clock = options.clock;
    this.#report = options.report;
    this.#bodies = options.bodies;
    this.#batch = options.batch;
    this.#breaker = options.breaker;
    this.#inFlight = options.inFlight;
    this.#conclusions = options.conclusions;
    this.#reopen = options.reopen;
    this.#release = options.release;
    this.#offer = options.offer;
    this.#lookAgain = options.lookAgain;
  }

  /** @throws What `signal` or a bug makes of it; and {@link StateUnavailable}. */
  async deliver(group: readonly Owed[], signal: AbortSignal): Promise<void> {
    const ready = this.#thatMayLeave(await this.#withBodies(group));
    if (signal.aborted) return;
    const [first, ...others] = ready;
    if (first === undefined) return;
    const batches = this.#breaker.trouble === null && this.#batch.most > 1;
    if (others.length > 0 && batches) return this.#sendBatch(ready, signal);
    // Meanwhile there are no batches any more, or trouble.
    for (const { id } of others) this.#release(id);
    const startMs = this.#clock.elapsedMs();
    this.sent++;
    const reply = await this.#sink.send(outgoing(first), signal);
    this.#conclusions.conclude(first, reply, startMs);
  }

  async #sendBatch(ready: readonly Ready[], signal: AbortSignal): Promise<void> {
    const startMs = this.#clock.elapsedMs();
    this.sent++;
    const reply = await this.#sink.sendBatch(ready.map(outgoing), signal);
    const { whole } = reply;
    const status = whole.kind === "answer" ? whole.status : 0;
    if (status === 200) {
      for (const [index, one] of ready.entries()) {
        this.#conclusions.conclude(one, lineReply(reply, index), startMs);
      }
      return;
    }
    if ([404, 405, 501].includes(status)) {
      this.#batch.giveUp();
      this.#report({ kind: "inserter.no-batch", status });
      for (const { id } of ready) this.#release(id);
      return;
    }
    const meaning = this.#conclusions.concludeWhole(ready, whole);
    if (status === 413) this.#batch.tooLarge(ready.length);
    else if (meaning.kind === "denied") this.#batch.single();
    else if (meaning.kind !== "again" || meaning.scope === "article") this.#batch.halve(ready.length);
  }

  /** Much may have happened while bodies were made. */
  #thatMayLeave(ready: readonly Ready[]): Ready[] {
    const isPaused = this.#breaker.isPaused(this.#clock.elapsedMs());
    return ready.filter(({ id }) => {
      const may = !isPaused && this.#inFlight.mayLeave(id);
      if (!may) this.#release(id);
      return may;
    });
  }

  /** The operations whose bodies could be had and that fit into one request; the others wait their turn. */
  async #withBodies(group: readonly Owed[]): Promise<Ready[]> {
    const ready: Ready[] = [];
    let sizeBytes = 0;
    for (let i = 0; i < group.length; i += REMAKES) {
      const made = await Promise.all(group.slice(i, i + REMAKES).map((owed) => this.#withBody(owed)));
      for (const one of made) {
        if (one === null) continue;
        sizeBytes += (one.body?.length ?? 0) + LINE_BYTES;
        if (ready.length === 0 || sizeBytes <= BATCH_BYTES_MAX) ready.push(one);
        else this.#release(one.id);
      }
      if (sizeBytes <= BATCH_BYTES_MAX) continue;
      for (const { entry } of group.slice(i + REMAKES)) this.#release(entry.id);
      break;
    }
    return ready;
  }

  /** Null when there is nothing to send for it now. */
  async #withBody({ entry: { id }, operation }: Owed): Promise<Ready | null> {
    if (operation.kind === "delete") return { id, operation, body: null };
    const kept = this.#bodies.get(id, operation.digest);
    if (kept !== null) return { id, operation, body: kept };
    const world = { source: this.#source, articles: this.#articles, state: this.#state };
    const remade = await remakeBody(world, id, operation, publishingTime(this.#state, this.#clock));
    if (remade.kind === "body") return { id, operation, body: remade.body };
    if (remade.kind === "moot") {
      this.#reopen(id, operation);
      return null;
    }
    this.#conclusions.failLater(id, operation, remade.message, null, false);
    if (remade.other !== null) await this.#offer(id, remade.other.digest, remade.other.body);
    if (remade.stale) this.#lookAgain();
    return null;
  }
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
