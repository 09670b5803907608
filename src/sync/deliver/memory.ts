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
  }

  /** What is known when the reply to a request comes. @param startMs When it left, elapsed milliseconds. */
  contextOf(operation: Operation, startMs: number): Context {
    const { urlKnown, declinesDeletes, upserts } = this.denials;
    return {
      attempt: this.attempts.of(operation),
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
    this.isResting = false;
  }

  /** The id may be taken again, when its time comes. */
  release(id: string): void {
    this.inFlight.delete(id);
    this.refresh();
  }
}
