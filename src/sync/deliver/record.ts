import { acknowledge, refuse, reopen, setUndeletable } from "../entry.ts";
import type { Entry, Trouble } from "../model.ts";
import { writeEntry } from "../plan/manifest.ts";
import { StateUnavailable, type World } from "../ports.ts";
import { type RetryBounds, retryDelayMs } from "../retry.ts";
import type { Versions } from "../version.ts";
import type { Outcome } from "./judge.ts";
import type { DeliveryMemory } from "./memory.ts";

/** How long outcomes are gathered into one transaction, milliseconds, and how many at most. */
const GATHER_MS = 4;
const GATHER_MAX = 256;
/** When so many come in that time they are part of a bulk, where fewer writes count for more than early ones. */
const BULK = 4;
const BULK_GATHER_MS = 80;
/** So many requests at a time are a bulk too: what is said of each is of no interest. */
const IN_FLIGHT_BULK = 64;

/** Outcomes that change the manifest. */
type ManifestChange = Extract<Outcome, { kind: "acknowledged" | "reopened" | "refused" | "undeletable" }>;
type Of<K extends Outcome["kind"]> = Extract<Outcome, { kind: K }>;

/**
 * Records outcomes: what delivery has to know at once, what is reported, and what the manifest learns, many
 * in one transaction. Until an outcome is written its id counts as in flight, so that nothing newer
 * overtakes it. When the state cannot be written the outcomes are kept, and nothing more is sent until it
 * can: an operation whose answer is lost is only sent again.
 */
export class Recorder {
  readonly #world: World;
  readonly #versions: Versions;
  readonly #memory: DeliveryMemory;
  readonly #bounds: RetryBounds;
  readonly #lookAgain: () => void;
  #unwritten: ManifestChange[] = [];
  /** When they are to be written, elapsed milliseconds. */
  #dueMs = Number.POSITIVE_INFINITY;
  #isBulk = false;
  /** Something newer is pending under an id that was under way. */
  #hasMore = false;
  /** Writes that failed one after the other. */
  #failures = 0;
  /** Operations that the inserter confirmed so far. */
  acknowledged = 0;
  /** When it last did, epoch milliseconds. */
  lastSuccessMs: number | null = null;

  /** @param lookAgain Asks for another pass. */
  constructor(
    world: World,
    versions: Versions,
    memory: DeliveryMemory,
    bounds: RetryBounds,
    lookAgain: () => void,
  ) {
    this.#world = world;
    this.#versions = versions;
    this.#memory = memory;
    this.#bounds = bounds;
    this.#lookAgain = lookAgain;
  }

  record(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#record(outcome);
  }

  #record(outcome: Outcome): void {
    const { breaker, batch, denials } = this.#memory;
    switch (outcome.kind) {
      case "acknowledged":
        return this.#acknowledged(outcome);
      case "reopened":
        return this.#reopened(outcome);
      case "refused":
        return this.#refused(outcome);
      case "undeletable":
        this.#world.report({ kind: "article.undeletable", id: outcome.operation.id, reason: outcome.reason });
        return this.#gather(outcome);
      case "retry":
        return this.#retry(outcome);
      case "denied":
        return this.#denied(outcome);
      case "deferred":
        return this.#deferred(outcome);
      case "pause":
        breaker.pause(outcome.why, outcome.reason, outcome.hint, outcome.retryAfterMs);
        return this.#reportTrouble();
      case "failure":
        return this.#failed(outcome);
      case "works":
        return this.#over(breaker.succeeded());
      case "reached":
        return this.#over(breaker.reached());
      case "batch":
        batch.shrink(outcome.limit, outcome.count);
        if (outcome.limit === "none")
          this.#world.report({ kind: "inserter.no-batch", status: outcome.status });
        return;
      case "url-known":
        return this.#urlKnown();
      case "declines-deletes":
        denials.declinesDeletes = outcome.declines;
        return;
      case "look-again":
        return this.#lookAgain();
      case "ask-inventory":
        // Sent by the loop, as all requests are.
        return;
    }
  }

  #acknowledged(outcome: Of<"acknowledged">): void {
    const { operation, durationMs } = outcome;
    const { attempts, batch, breaker, denials, inFlight, queue, recent } = this.#memory;
    const nowMs = this.#world.clock.nowMs();
    this.acknowledged++;
    this.lastSuccessMs = nowMs;
    if (operation.kind === "upsert") this.#urlKnown();
    denials.took(operation);
    if (attempts.isFailing(operation.id)) breaker.repaired();
    batch.grow();
    const { id, cause, version } = operation;
    const acknowledgement = {
      id,
      cause,
      version,
      durationMs,
      waitedMs: nowMs - operation.sinceMs,
      attempts: (attempts.of(operation)?.failures ?? 0) + 1,
      isBulk: queue.isLong || recent.size >= IN_FLIGHT_BULK || inFlight.size >= IN_FLIGHT_BULK,
    };
    if (operation.kind === "delete") this.#world.report({ kind: "article.deleted", ...acknowledgement });
    else this.#world.report({ kind: "article.upserted", path: operation.path, ...acknowledgement });
    this.#gather(outcome);
  }

  #refused(outcome: Of<"refused">): void {
    const { operation, answer } = outcome;
    const { status, excerpt } = answer;
    const path = operation.kind === "upsert" ? operation.path : null;
    if (operation.kind === "upsert") this.#memory.denials.refused(operation.id, operation.digest);
    this.#world.report({ kind: "article.refused", id: operation.id, path, status, excerpt });
    this.#gather(outcome);
  }

  /** The inserter has something newer; time after time, then it is asked ever more seldom. */
  #reopened(outcome: Of<"reopened">): void {
    const { clock, random, report } = this.#world;
    const { operation, kept } = outcome;
    const { id, kind } = operation;
    const { attempts } = this.#memory;
    this.#gather(outcome);
    if (kept === null) return attempts.clear(id);
    this.#versions.raise(kept);
    const overtaken = (attempts.of(operation)?.overtaken ?? 0) + 1;
    // The first time somebody else wrote there, or a request was late: what is sent next is above that.
    const failures = overtaken - 1;
    const nextInMs = failures === 0 ? 0 : retryDelayMs(failures, this.#bounds, random(), null);
    const reason = `inserter answered 412: it keeps version ${kept}, above each that was sent`;
    const nextMs = clock.elapsedMs() + nextInMs;
    attempts.note(operation, clock.nowMs(), { nextMs, message: reason, failures, overtaken });
    if (failures > 0) {
      report({ kind: "article.retry", id, operation: kind, reason, attempts: overtaken, nextInMs });
    }
  }

  #failed({ of, reason, isAnswer }: Of<"failure">): void {
    const { attempts, breaker, denials } = this.#memory;
    if (typeof of === "symbol") return breaker.failed(of, reason, { isAnswer });
    // Others were taken since it first failed: it is this article, and not the inserter.
    const isAtFault = denials.upserts > (attempts.takenBefore(of) ?? denials.upserts);
    breaker.failed(of, reason, { isRepeated: attempts.isFailing(of), isAtFault, isAnswer });
    if (isAtFault && isAnswer) this.#over(breaker.reached());
  }

  #urlKnown(): void {
    const { attempts, denials } = this.#memory;
    if (denials.urlKnown) return;
    denials.urlKnown = true;
    attempts.urlKnown(this.#world.clock.elapsedMs());
    this.#memory.refreshDeletes();
  }

  #retry({ operation, reason, retryAfterMs, mayHaveLanded, awaitsUrl = false }: Of<"retry">): void {
    const { clock, random, report } = this.#world;
    const { attempts, denials } = this.#memory;
    const before = attempts.of(operation);
    const failures = (before?.failures ?? 0) + 1;
    const nextInMs = retryDelayMs(failures, this.#bounds, random(), retryAfterMs);
    attempts.note(operation, clock.nowMs(), {
      failures,
      nextMs: clock.elapsedMs() + nextInMs,
      message: reason,
      mayHaveLanded: mayHaveLanded || (before?.mayHaveLanded ?? false),
      takenBefore: before?.takenBefore ?? denials.upserts,
      awaitsUrl,
    });
    const { id, kind } = operation;
    if (!awaitsUrl)
      report({ kind: "article.retry", id, operation: kind, reason, attempts: failures, nextInMs });
    this.#memory.releaseFailed(id);
  }

  #denied({ operation, reason }: Of<"denied">): void {
    const { attempts, breaker, denials } = this.#memory;
    denials.denied(operation);
    attempts.note(operation, this.#world.clock.nowMs(), {
      failures: (attempts.of(operation)?.failures ?? 0) + 1,
      nextMs: breaker.untilMs,
      message: reason,
      deniedAfter: denials.upserts,
    });
    this.#memory.releaseFailed(operation.id);
  }

  /** It was not taken, though not for its own fault; unless the inserter is too busy for it time after time. */
  #deferred({ operation, mayHaveLanded, wasBusy = false }: Of<"deferred">): void {
    const { clock, random } = this.#world;
    const { attempts, denials } = this.#memory;
    const { id } = operation;
    if (!mayHaveLanded && !wasBusy) return this.#memory.release(id);
    const before = attempts.of(operation);
    const takenBefore = before?.takenBefore ?? null;
    // Busy for the second time: it has a backoff of its own, and what was not tried yet goes first.
    const failures = (before?.failures ?? 0) + (wasBusy && takenBefore !== null ? 1 : 0);
    const isBackedOff = wasBusy && failures > 0;
    const backoffMs = isBackedOff ? retryDelayMs(failures, this.#bounds, random(), null) : 0;
    attempts.note(operation, clock.nowMs(), {
      nextMs: clock.elapsedMs() + backoffMs,
      message: wasBusy ? "the inserter was too busy for it" : "it was sent, and no answer came",
      failures,
      takenBefore: wasBusy ? (takenBefore ?? denials.upserts) : takenBefore,
      mayHaveLanded: mayHaveLanded || (before?.mayHaveLanded ?? false),
    });
    if (isBackedOff) this.#memory.releaseFailed(id);
    else this.#memory.release(id);
  }

  #over(trouble: Trouble | null): void {
    if (trouble === null) return;
    const forMs = Math.max(0, this.#world.clock.nowMs() - trouble.sinceMs);
    this.#world.report({ kind: "inserter.recovered", trouble, forMs });
  }

  /** There is nothing left to probe the inserter with: what was wrong with it is not known any more. */
  nothingPending(): void {
    const trouble = this.#memory.breaker.forget();
    if (trouble !== null) this.#world.report({ kind: "inserter.idle", trouble });
  }

  #reportTrouble(): void {
    const { trouble, untilMs } = this.#memory.breaker;
    if (trouble === null) return;
    const nextInMs = untilMs - this.#world.clock.elapsedMs();
    this.#world.report({ kind: "inserter.trouble", trouble, nextInMs });
  }

  /** To be written soon, with others. */
  #gather(change: ManifestChange): void {
    const isOver = change.kind !== "acknowledged" && change.kind !== "reopened";
    if (isOver) this.#memory.attempts.clear(change.operation.id);
    const count = this.#unwritten.push(change);
    if (count >= GATHER_MAX && this.#failures === 0) this.flush();
    else if (count === 1) this.#dueMs = this.#world.clock.elapsedMs() + GATHER_MS;
  }

  /** All that came is written. */
  get isEmpty(): boolean {
    return this.#unwritten.length === 0;
  }

  /** Writes what has been gathered for long enough. @returns When there is more to write, elapsed milliseconds. */
  writeDue(): number {
    const nowMs = this.#world.clock.elapsedMs();
    if (nowMs < this.#dueMs) return this.#dueMs;
    if (!this.#isBulk && this.#failures === 0 && this.#unwritten.length >= BULK) {
      this.#isBulk = true;
      this.#dueMs = nowMs + BULK_GATHER_MS;
    } else this.flush();
    return this.#dueMs;
  }

  /** Writes what has been gathered. */
  flush(): void {
    const changes = this.#unwritten;
    if (changes.length === 0) return;
    const { state, clock, random } = this.#world;
    try {
      state.transaction(() => {
        for (const change of changes) this.#write(change);
        this.#versions.save();
      });
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#failures++;
      this.#dueMs = clock.elapsedMs() + retryDelayMs(this.#failures, this.#bounds, random(), null);
      this.#onTrouble(error.message);
      return;
    }
    this.#unwritten = [];
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#isBulk = false;
    this.#failures = 0;
    this.#onTrouble(null);
    this.#onWritten(changes);
  }

  #write(change: ManifestChange): void {
    const { state } = this.#world;
    const { id } = change.operation;
    const entry = state.entry(id);
    if (entry === null) return;
    const next = applied(entry, change);
    this.#hasMore ||= next !== null && next.pending !== null;
    writeEntry(state, this.#versions, { id, entry }, next);
    if (change.kind === "reopened") state.touch([id]);
  }

  #onWritten(changes: readonly ManifestChange[]): void {
    const { attempts, bodies, inFlight } = this.#memory;
    for (const { kind, operation } of changes) {
      inFlight.delete(operation.id);
      if (kind === "acknowledged") attempts.clear(operation.id);
      if (operation.kind === "upsert") bodies.drop(operation.id, operation.digest);
    }
    if (this.#hasMore) this.#memory.refresh();
    else this.#memory.refreshDeletes();
    this.#hasMore = false;
  }

  #onTrouble(reason: string | null): void {
    const { stateTrouble } = this.#memory;
    this.#memory.stateTrouble = reason;
    if (reason !== null) this.#world.report({ kind: "state.unavailable", reason });
    else if (stateTrouble !== null) this.#world.report({ kind: "state.recovered" });
  }
}

/** The entry as an outcome leaves it; null when nothing of it is left. */
function applied(entry: Entry, change: ManifestChange): Entry | null {
  const { operation } = change;
  switch (change.kind) {
    case "acknowledged":
      return acknowledge(entry, operation);
    case "reopened":
      return reopen(entry, operation);
    case "refused":
      return refuse(entry, operation, change.answer, change.mayHaveLanded);
    case "undeletable":
      return setUndeletable(entry, operation, change.mayHaveLanded);
  }
}
