import type { Operation, Version } from "../model.ts";
import type { Clock, World } from "../ports.ts";
import { Wakeup } from "../waiting.ts";
import { Attempts } from "./attempts.ts";
import { type BatchOptions, BatchSize } from "./batch-size.ts";
import { Bodies } from "./bodies.ts";
import { type BreakerOptions, CircuitBreaker } from "./breaker.ts";
import { Denials } from "./denials.ts";
import { InFlight } from "./in-flight.ts";
import type { Context } from "./judge.ts";
import { Queue } from "./queue.ts";
import { Recent } from "./recent.ts";
import { RepositoryAccess } from "./repository.ts";

/** How delivery may use the inserter. */
export interface DeliveryOptions extends BreakerOptions, BatchOptions {
  /** Requests that leave, at most; 0 = no limit. */
  readonly ratePerSecond: number;
}

/** What delivery knows between requests, beyond the manifest; gone with the process. */
export class DeliveryMemory {
  readonly #clock: Clock;
  readonly #inherited: Version;
  readonly attempts = new Attempts();
  readonly batch: BatchSize;
  readonly bodies: Bodies;
  readonly breaker: CircuitBreaker;
  readonly denials = new Denials();
  readonly inFlight = new InFlight();
  readonly queue: Queue;
  /** The same operations, for the deletes that go last. */
  readonly deletes: Queue;
  readonly recent = new Recent();
  readonly repository = new RepositoryAccess();
  readonly wakeup = new Wakeup();
  /** Why the state could not be written at the last try; null when it could. */
  stateTrouble: string | null = null;
  isStopping = false;
  /** All that could be sent was, since anything last changed. */
  isResting = false;

  /** @param inherited Operations up to this one were begun by an earlier process, and may have been sent by it. */
  constructor(world: World, inherited: Version, options: DeliveryOptions, bodiesBytes: number) {
    this.#clock = world.clock;
    this.#inherited = inherited;
    this.batch = new BatchSize(options);
    this.bodies = new Bodies(world.clock, bodiesBytes);
    this.breaker = new CircuitBreaker(world, options);
    this.queue = new Queue(world.state);
    this.deletes = new Queue(world.state);
  }

  /** What is known when the reply to a request comes. @param startMs When it left, elapsed milliseconds. */
  contextOf(operation: Operation, startMs: number): Context {
    const { urlKnown, declinesDeletes, upserts } = this.denials;
    return {
      attempt: this.attempts.of(operation),
      wasRefused: this.denials.wasRefused(operation),
      isInherited: operation.version <= this.#inherited,
      urlKnown,
      declinesDeletes,
      upserts,
      trouble: this.breaker.trouble,
      durationMs: this.#clock.elapsedMs() - startMs,
      nowMs: this.#clock.nowMs(),
    };
  }

  /** Whether a request body that is kept will soon be sent. */
  get isFlowing(): boolean {
    return this.breaker.trouble === null && this.stateTrouble === null && !this.isStopping;
  }

  /** Takes the body of an operation that was begun; waits while the way is crowded. */
  keepBody(id: string, digest: string, body: Uint8Array): Promise<void> {
    return this.bodies.offer(id, digest, body, () => this.isFlowing);
  }

  /** More may be sent than at the last look. */
  refresh(): void {
    this.queue.refresh();
    this.refreshDeletes();
  }

  /** Deletes may leave that waited for something else; nothing new is pending. */
  refreshDeletes(): void {
    this.deletes.refresh();
    this.isResting = false;
  }

  /** The repository can be read, or may be: what waited for that may leave. */
  repositoryFound(): void {
    if (this.repository.found()) this.refresh();
  }

  /** The id may be taken again when its time comes. */
  releaseFailed(id: string): void {
    this.inFlight.delete(id);
    this.refreshDeletes();
  }

  /** The id may be taken again at once. */
  release(id: string): void {
    this.inFlight.delete(id);
    this.refresh();
  }
}
