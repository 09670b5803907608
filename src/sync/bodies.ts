import type { Clock } from "./ports.ts";

/** How long a pass waits for room before the oldest body is dropped, milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Request bodies on their way from the pass that made them to the delivery that sends them; bounded.
 * A body that is dropped is made again from Git when its turn comes.
 */
export class Bodies {
  readonly #clock: Clock;
  readonly #sizeBytesMax: number;
  readonly #byDigest = new Map<string, Uint8Array>();
  #sizeBytes = 0;
  #room = new AbortController();

  constructor(clock: Clock, sizeBytesMax: number) {
    this.#clock = clock;
    this.#sizeBytesMax = sizeBytesMax;
  }

  get(digest: string): Uint8Array | null {
    return this.#byDigest.get(digest) ?? null;
  }

  /**
   * Keeps a body. While delivery flows this waits for room, so that examining never runs far ahead of
   * sending; while it does not, the body is dropped at once.
   */
  async offer(digest: string, body: Uint8Array, flowing: () => boolean): Promise<void> {
    while (this.#sizeBytes + body.length > this.#sizeBytesMax && this.#byDigest.size > 0) {
      if (!flowing()) return;
      const room = this.#room.signal;
      await this.#clock.sleep(PATIENCE_MS, room);
      if (!room.aborted) this.#dropOldest();
    }
    this.drop(digest);
    this.#byDigest.set(digest, body);
    this.#sizeBytes += body.length;
  }

  drop(digest: string): void {
    const body = this.#byDigest.get(digest);
    if (body === undefined) return;
    this.#byDigest.delete(digest);
    this.#sizeBytes -= body.length;
    this.#room.abort();
    this.#room = new AbortController();
  }

  #dropOldest(): void {
    const [oldest] = this.#byDigest.keys();
    if (oldest !== undefined) this.drop(oldest);
  }
}
