import type { Pending, Version } from "../model.ts";
import type { Clock, Random, Reply, Report } from "../ports.ts";
import { type RetryBounds, retryDelayMs } from "../retry.ts";
import type { Versions } from "../version.ts";
import { interpret, type Meaning } from "./answer.ts";
import type { Attempt, Attempts } from "./attempts.ts";
import type { CircuitBreaker, Moment } from "./breaker.ts";
import { Denials } from "./denials.ts";
import type { Settlement } from "./settle.ts";

/** An operation with its body. */
export interface Ready {
  readonly id: string;
  readonly operation: Pending;
  /** Null for a delete. */
  readonly body: Uint8Array | null;
}

/** What a conclusion does besides: the loop's part of it. */
export interface Consequences {
  /** Writes it into the manifest; the id stays busy until that is done. */
  settle(settlement: Settlement): void;
  /** The id may be taken again, when its time comes. */
  release(id: string): void;
  /** A pass has to look again. */
  lookAgain(): void;
  /** Deletes alone cannot tell a wrong token from one that may not delete: asks for the inventory. */
  seekEvidence(): void;
  /** Whether the article is still to be sent. @throws {StateUnavailable} */
  owesUpsert(id: string): boolean;
  /** Something was taken. */
  taken(): void;
  /** Many are delivered: what is said of each is of no interest. */
  isBulk(): boolean;
}

/**
 * What the reply to an operation means for its article and for the endpoint: done, again later,
 * refused, or a sign that the endpoint is misconfigured.
 */
export class Conclusions {
  readonly #attempts: Attempts;
  readonly #breaker: CircuitBreaker;
  readonly #versions: Versions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #report: Report;
  readonly #bounds: RetryBounds;
  readonly #then: Consequences;
  /** Operations up to this one were begun by an earlier process, and may have been sent by it. */
  readonly #inherited: Version;
  readonly #denials: Denials;
  #lastSuccessMs: number | null = null;
  /** Operations confirmed. */
  acknowledged = 0;

  constructor(options: {
    attempts: Attempts;
    breaker: CircuitBreaker;
    versions: Versions;
    clock: Clock;
    random: Random;
    report: Report;
    retry: RetryBounds;
    consequences: Consequences;
  }) {
    this.#attempts = options.attempts;
    this.#breaker = options.breaker;
    this.#versions = options.versions;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#report = options.report;
    this.#bounds = options.retry;
    this.#then = options.consequences;
    this.#inherited = options.versions.last;
    this.#denials = new Denials((id) => options.consequences.owesUpsert(id));
  }

  /** Epoch milliseconds; null before the first. */
  get lastSuccessMs(): number | null {
    return this.#lastSuccessMs;
  }

  /** The inserter answered an inventory request: its URL and credentials are right. */
  noteEvidence(): void {
    this.#denials.noteEvidence();
  }

  /** A delete was denied, and then the inventory was asked for. @throws {StateUnavailable} */
  judgeDeletes(answered: boolean): void {
    const declinesDeletes = this.#denials.judgeDeletes(answered);
    if (declinesDeletes && this.#breaker.trouble?.kind === "denied") this.#breakerWorks();
  }

  /** There is nothing left to probe the endpoint with: whatever was wrong with it is not known any more. */
  nothingOwed(): void {
    const over = this.#breaker.forget(this.#clock.elapsedMs());
    if (over !== null) this.#report({ kind: "inserter.idle", trouble: over });
  }

  conclude(one: Ready, reply: Reply, startMs: number): void {
    const { id, operation } = one;
    const meaning = interpret(operation.kind, reply, this.#denials.urlKnown);
    const before = this.#attempts.of(id, operation.version);
    switch (meaning.kind) {
      case "done":
        this.#done(one, before, startMs);
        break;
      case "stale":
        this.#stale(one, reply, before, meaning.kept);
        break;
      case "cannot-delete":
        this.#undeletable(one, meaning.message, before);
        break;
      case "refused":
        this.#breakerWorks();
        this.#refuse(one, reply, before);
        break;
      case "denied":
        this.#denied(one, reply, meaning, before);
        break;
      case "again":
        this.#again(one, reply, meaning);
    }
  }

  /** A reply to a batch as a whole that is none to its operations. */
  concludeWhole(ready: readonly Ready[], reply: Reply): Meaning {
    const meaning = interpret("upsert", reply, this.#denials.urlKnown);
    if (meaning.kind === "again") {
      if (meaning.mayHaveLanded) for (const one of ready) this.#noteMayHaveLanded(one);
      if (meaning.scope === "endpoint") this.#breakerFailed(reply, meaning);
      // Each batch is another one: its articles will meet again in others.
      else this.#breaker.articleFailed(Symbol("batch"), meaning.message, this.#moment());
    }
    for (const { id } of ready) this.#then.release(id);
    return meaning;
  }

  /** Could not even be sent, or got no answer that counts. */
  failLater(
    id: string,
    operation: Pending,
    message: string,
    retryAfterMs: number | null,
    mayHaveLanded: boolean,
  ): void {
    const before = this.#attempts.of(id, operation.version);
    const failures = (before?.failures ?? 0) + 1;
    const delayMs = retryDelayMs(failures, this.#bounds, this.#random(), retryAfterMs);
    this.#attempts.set(id, {
      version: operation.version,
      failures,
      nextMs: this.#clock.elapsedMs() + delayMs,
      sinceMs: before?.sinceMs ?? this.#clock.nowMs(),
      message,
      mayHaveLanded: mayHaveLanded || (before?.mayHaveLanded ?? false),
      deniedAfter: before?.deniedAfter ?? null,
    });
    this.#report({
      kind: "article.retry",
      id,
      operation: operation.kind,
      reason: message,
      attempts: failures,
      nextInMs: delayMs,
    });
    this.#then.release(id);
  }

  #moment(): Moment {
    return { elapsedMs: this.#clock.elapsedMs(), nowMs: this.#clock.nowMs(), random: this.#random() };
  }

  #done(one: Ready, before: Attempt | null, startMs: number): void {
    const { id, operation } = one;
    this.acknowledged++;
    this.#lastSuccessMs = this.#clock.nowMs();
    this.#denials.took(operation.kind);
    this.#breakerWorks();
    this.#then.taken();
    this.#logDone(one, this.#clock.elapsedMs() - startMs, before);
    this.#then.settle({ kind: "done", id, operation });
  }

  /** The inserter holds something newer: above it, and only if the repository still wants it. */
  #stale({ id, operation, body }: Ready, reply: Reply, before: Attempt | null, kept: Version): void {
    if (kept <= operation.version || !this.#versions.raise(kept)) {
      this.#refuse({ id, operation, body }, reply, before);
      return;
    }
    this.#breakerWorks();
    this.#attempts.clear(id);
    this.#then.settle({ kind: "reopened", id, operation });
    this.#then.lookAgain();
  }

  #again(one: Ready, reply: Reply, meaning: Extract<Meaning, { kind: "again" }>): void {
    const { id, operation } = one;
    const { message, retryAfterMs, mayHaveLanded } = meaning;
    if (meaning.scope === "article") {
      this.#breaker.articleFailed(id, message, this.#moment());
      this.failLater(id, operation, message, retryAfterMs, mayHaveLanded);
      return;
    }
    if (mayHaveLanded) this.#noteMayHaveLanded(one);
    this.#breakerFailed(reply, meaning);
    this.#then.release(id);
  }

  #breakerWorks(): void {
    const over = this.#breaker.succeeded(this.#clock.elapsedMs());
    if (over === null) return;
    const forMs = Math.max(0, this.#clock.nowMs() - over.sinceMs);
    this.#report({ kind: "inserter.recovered", trouble: over, forMs });
  }

  #breakerFailed(reply: Reply, meaning: Extract<Meaning, { kind: "again" }>): void {
    const kind = reply.kind === "failure" ? "unreachable" : "overloaded";
    this.#breaker.failed(kind, meaning.message, null, meaning.retryAfterMs, this.#moment());
    this.#logTrouble();
  }

  #logTrouble(): void {
    const { trouble } = this.#breaker;
    if (trouble === null) return;
    const nextInMs = this.#breaker.untilMs - this.#clock.elapsedMs();
    this.#report({ kind: "inserter.trouble", trouble, nextInMs });
  }

  #denied(
    one: Ready,
    reply: Reply,
    meaning: Extract<Meaning, { kind: "denied" }>,
    before: Attempt | null,
  ): void {
    const { id, operation } = one;
    const isDelete = operation.kind === "delete";
    const deniedAfter = before?.deniedAfter ?? null;
    if (isDelete && this.#denials.declinesDeletes) {
      this.#undeletable(one, meaning.message, before);
      return;
    }
    // Another one was taken since, and the endpoint denies nothing else by now: it is this article.
    const { upserts } = this.#denials;
    const isAlone = deniedAfter !== null && upserts > deniedAfter && this.#breaker.trouble === null;
    if (!isDelete && isAlone) {
      this.#refuse(one, reply, before);
      return;
    }
    this.#denials.denied(operation.kind, id);
    this.#breaker.failed("denied", meaning.message, meaning.hint, null, this.#moment());
    this.#logTrouble();
    this.#attempts.set(id, {
      version: operation.version,
      failures: (before?.failures ?? 0) + 1,
      nextMs: this.#breaker.untilMs,
      sinceMs: before?.sinceMs ?? this.#clock.nowMs(),
      message: meaning.message,
      mayHaveLanded: before?.mayHaveLanded ?? false,
      deniedAfter: upserts,
    });
    this.#then.release(id);
    if (isDelete) this.#then.seekEvidence();
  }

  #undeletable({ id, operation }: Ready, message: string, before: Attempt | null): void {
    this.#report({ kind: "article.undeletable", id, reason: message });
    this.#attempts.clear(id);
    // That a delete is declined is no sign that an endpoint which denies articles takes them again.
    if (this.#breaker.trouble?.kind !== "denied") this.#breakerWorks();
    const mayHaveLanded = this.#mayHaveLanded(operation, before);
    this.#then.settle({ kind: "undeletable", id, operation, mayHaveLanded });
  }

  /** Whether an earlier attempt, of this process or of one before it, may have arrived all the same. */
  #mayHaveLanded({ version }: Pending, before: Attempt | null): boolean {
    return (before?.mayHaveLanded ?? false) || version <= this.#inherited;
  }

  #refuse({ id, operation }: Ready, reply: Reply, before: Attempt | null): void {
    const status = reply.kind === "answer" ? reply.status : 0;
    const excerpt = reply.kind === "answer" ? reply.excerpt : "";
    const mayHaveLanded = this.#mayHaveLanded(operation, before);
    const path = operation.kind === "upsert" ? operation.path : null;
    this.#report({ kind: "article.refused", id, path, status, excerpt });
    this.#attempts.clear(id);
    const answer = { status, excerpt, sinceMs: this.#clock.nowMs() };
    this.#then.settle({ kind: "refused", id, operation, answer, mayHaveLanded });
  }

  /** It ended without an answer, though not for its own fault: it may stand there now. */
  #noteMayHaveLanded({ id, operation }: Ready): void {
    const before = this.#attempts.of(id, operation.version);
    this.#attempts.set(id, {
      version: operation.version,
      failures: before?.failures ?? 0,
      nextMs: this.#clock.elapsedMs(),
      sinceMs: before?.sinceMs ?? this.#clock.nowMs(),
      message: "it was sent, and no answer came",
      mayHaveLanded: true,
      deniedAfter: before?.deniedAfter ?? null,
    });
  }

  #logDone({ id, operation }: Ready, durationMs: number, before: Attempt | null): void {
    const acknowledgement = {
      id,
      cause: operation.cause,
      version: operation.version,
      durationMs,
      waitedMs: this.#clock.nowMs() - operation.sinceMs,
      attempts: (before?.failures ?? 0) + 1,
      isBulk: this.#then.isBulk(),
    };
    if (operation.kind === "delete") this.#report({ kind: "article.deleted", ...acknowledgement });
    else this.#report({ kind: "article.upserted", path: operation.path, ...acknowledgement });
  }
}
