import type { Clock } from "../ports.ts";

/** How long a pass waits for room before the oldest body is dropped, milliseconds. */
const PATIENCE_MS = 1_000;

/** A request body, and the payload that it is. */
interface Kept {
  readonly digest: string;
  readonly body: Uint8Array;
}

/**
 * Request bodies on their way from the pass that made them to the delivery that sends them; bounded,
 * one an id. A body that is dropped is made again from Git when its turn comes.
 */
export class Bodies {
  readonly #clock: Clock;
  readonly #sizeBytesMax: number;
  readonly #byId = new Map<string, Kept>();
  #sizeBytes = 0;
  #room = new AbortController();

  constructor(clock: Clock, sizeBytesMax: number) {
    this.#clock = clock;
    this.#sizeBytesMax = sizeBytesMax;
  }

  get(id: string, digest: string): Uint8Array | null {
    const kept = this.#byId.get(id);
    return kept?.digest === digest ? kept.body : null;
  }

  /**
   * Keeps a body. While delivery flows this waits for room, so that examining never runs far ahead of
   * sending; while it does not, the body is dropped at once.
   */
  async offer(id: string, digest: string, body: Uint8Array, flowing: () => boolean): Promise<void> {
    // What was kept for this id is out of date.
    this.#drop(id);
    while (this.#sizeBytes + body.length > this.#sizeBytesMax && this.#byId.size > 0) {
      if (!flowing()) return;
      const room = this.#room.signal;
      await this.#clock.sleep(PATIENCE_MS, room);
      if (!room.aborted) this.#dropOldest();
    }
    this.#drop(id);
    this.#byId.set(id, { digest, body });
    this.#sizeBytes += body.length;
  }

  /** This payload is delivered, or will not be. */
  drop(id: string, digest: string): void {
    if (this.#byId.get(id)?.digest === digest) this.#drop(id);
  }

  #drop(id: string): void {
    const kept = this.#byId.get(id);
    if (kept === undefined) return;
    this.#byId.delete(id);
    this.#sizeBytes -= kept.body.length;
    this.wake();
  }

  /** Whoever waits for room looks again. */
  wake(): void {
    // A reason given spares the making of one, with its stack, for each body.
    this.#room.abort(null);
    this.#room = new AbortController();
  }

  #dropOldest(): void {
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }
}
