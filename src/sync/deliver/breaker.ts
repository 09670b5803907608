import type { Trouble } from "../model.ts";
import type { World } from "../ports.ts";
import { RETRY_AFTER_MS_MAX, type RetryBounds, retryDelayMs } from "../retry.ts";
import { Pace } from "./pace.ts";

/**
 * How an operation asks to leave: begun by a pass just now (`recent`), not tried yet (`fresh`), or known to
 * have failed (`failed`). What has failed never takes the place of what has not.
 */
export type Lane = "recent" | "fresh" | "failed";

/** What is known of something that failed. */
export interface FailureContext {
  /** It had failed before. */
  readonly isRepeated?: boolean;
  /** And others have been taken since: that says nothing of the inserter. */
  readonly isAtFault?: boolean;
  /** The inserter answered. */
  readonly isAnswer?: boolean;
}

/** Requests under way: all of them, and those of operations that had failed before. */
export interface UnderWay {
  readonly all: number;
  readonly failed: number;
}

export interface BreakerOptions {
  /** Most requests at a time. */
  readonly concurrency: number;
  /** Between two probes, and between two attempts of one operation. */
  readonly retry: RetryBounds;
}

/**
 * The circuit breaker of the inserter as a whole: closed (requests flow), open (paused until a time), then
 * half-open (probed with one request at a time). The failures of one article never open it, however many,
 * nor those of an article that fails while others are taken; those of max(`concurrency`, 3) articles, with no
 * success between, do. What was not tried yet is then still tried, one at a time and ever more slowly, and an
 * edit at once: it may be just the others that fail. So a dead inserter with 100,000 pending articles sees no
 * storm, and one article that it would take is not held up by any number of others.
 */
export class CircuitBreaker {
  readonly #world: Pick<World, "clock" | "random">;
  readonly #options: BreakerOptions;
  #trouble: Trouble | null = null;
  #untilMs = 0;
  /** A trouble was forgotten, and nothing was taken since. */
  #isUnsure = false;
  /** Until when the inserter asked for a pause, elapsed milliseconds. */
  #askedMs = 0;
  /** What failed since the last success: ids, and a symbol for each batch. */
  readonly #failing = new Set<string | symbol>();
  /** How soon the next one leaves of what has just been edited, of what was not tried yet, and of what has failed. */
  readonly #paces: Readonly<Record<Lane, Pace>>;

  constructor(world: Pick<World, "clock" | "random">, options: BreakerOptions) {
    this.#world = world;
    this.#options = options;
    const pace = (): Pace => new Pace(options.retry);
    this.#paces = { recent: pace(), fresh: pace(), failed: pace() };
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** When the next probe is due, elapsed milliseconds; 0 when nothing is wrong. */
  get untilMs(): number {
    return this.#trouble === null ? 0 : this.#untilMs;
  }

  /** Nothing of this kind may leave now, not even a probe. */
  isPaused(lane: Lane): boolean {
    return this.#opensMs(lane) > this.#world.clock.elapsedMs();
  }

  /**
   * When one more request may leave, elapsed milliseconds; it may be past. `Infinity`: not before one of those
   * under way has ended.
   */
  leavesMs(lane: Lane, { all, failed }: UnderWay): number {
    const { concurrency } = this.#options;
    const isOneByOne = this.#isUnsure || this.#trouble !== null;
    if (all >= (isOneByOne ? 1 : concurrency)) return Number.POSITIVE_INFINITY;
    const failedMax = Math.max(1, Math.floor(concurrency / 2));
    if (lane === "failed" && failed >= failedMax) return Number.POSITIVE_INFINITY;
    return this.#opensMs(lane);
  }

  #opensMs(lane: Lane): number {
    // Where nothing can be connected to nothing is gained by trying another article.
    const isWhole = lane === "failed" || this.#trouble?.kind === "unreachable";
    const opensMs = isWhole ? this.untilMs : this.#askedMs;
    return this.#trouble === null && lane !== "failed" ? 0 : Math.max(opensMs, this.#paces[lane].nextMs);
  }

  /**
   * Something was taken. While a `Retry-After` lasts that is no more than the echo of a request that had
   * left before.
   *
   * @returns The trouble that is over with this, if there was any.
   */
  succeeded(): Trouble | null {
    if (this.#world.clock.elapsedMs() < this.#askedMs) return null;
    this.#isUnsure = false;
    return this.#clear();
  }

  /**
   * It answered, though it took nothing, and did not ask for less. What comes next goes out one by one, and what
   * slowed down stays slow, until something is taken.
   *
   * @returns The trouble that is over with this, if there was any.
   */
  reached(): Trouble | null {
    const over = this.#trouble;
    const isOver = over?.kind === "unreachable" || over?.kind === "overloaded";
    if (!isOver || this.#world.clock.elapsedMs() < this.#askedMs) return null;
    this.#isUnsure = true;
    this.#close();
    return over;
  }

  /** Something was taken that had failed before: whatever it was may be over for the others too. */
  repaired(): void {
    this.#paces.failed.reset();
  }

  /** A pass has begun something: its author waits, and has no part in what failed before. */
  edited(): void {
    this.#paces.recent.reset();
  }

  /**
   * There is nothing left to probe with, so that whatever was wrong is not known any more. What comes next
   * goes out one by one all the same, until something is taken.
   *
   * @returns The trouble that is forgotten, if there was any.
   */
  forget(): Trouble | null {
    if (this.#world.clock.elapsedMs() < this.#askedMs) return null;
    this.#isUnsure ||= this.#trouble !== null;
    return this.#clear();
  }

  #clear(): Trouble | null {
    const over = this.#trouble;
    this.#close();
    this.#paces.fresh.reset();
    this.#paces.recent.reset();
    return over;
  }

  #close(): void {
    this.#trouble = null;
    this.#untilMs = 0;
    this.#failing.clear();
  }

  /** One article, or one batch, failed. Opens the breaker when that makes max(`concurrency`, 3) of them. */
  failed(which: string | symbol, message: string, context: FailureContext = {}): void {
    const { isRepeated = false, isAtFault = false, isAnswer = true } = context;
    this.#slow(isRepeated ? ["failed"] : ["recent", "fresh"], false);
    if (isAtFault) return;
    this.#failing.add(which);
    if (this.#trouble === null && this.#failing.size < Math.max(this.#options.concurrency, 3)) return;
    // One of the time before it was unreachable may end without an answer: that is no sign of life.
    const isStill = this.#trouble?.kind === "unreachable" && !isAnswer;
    this.#open(isStill ? "unreachable" : "failing", message, null);
  }

  /** The inserter itself failed. */
  pause(kind: Trouble["kind"], message: string, hint: string | null, retryAfterMs: number | null): void {
    const nowMs = this.#world.clock.elapsedMs();
    if (retryAfterMs !== null) {
      this.#askedMs = Math.max(this.#askedMs, nowMs + Math.min(retryAfterMs, RETRY_AFTER_MS_MAX));
    }
    if (kind !== "unreachable") this.#slow(["recent", "fresh"], true);
    this.#open(kind, message, hint);
    this.#untilMs = Math.max(this.#untilMs, this.#askedMs);
  }

  #slow(lanes: readonly Lane[], isGentle: boolean): void {
    const nowMs = this.#world.clock.elapsedMs();
    for (const lane of lanes) this.#paces[lane].failed(nowMs, isGentle);
  }

  #open(kind: Trouble["kind"], message: string, hint: string | null): void {
    const { clock, random } = this.#world;
    const nowMs = clock.elapsedMs();
    // Requests that left together fail together: that is one failure, not many.
    if (this.#trouble === null || nowMs >= this.#untilMs) {
      const attempts = (this.#trouble?.attempts ?? 0) + 1;
      const sinceMs = this.#trouble?.sinceMs ?? clock.nowMs();
      this.#trouble = { kind, message, hint, sinceMs, attempts };
      this.#untilMs = nowMs + retryDelayMs(attempts, this.#options.retry, random(), null);
    } else if (this.#trouble.kind === "failing" && kind !== "failing") {
      // Worse than single articles that fail: nothing gets through.
      this.#trouble = { ...this.#trouble, kind, message, hint };
    }
  }
}
