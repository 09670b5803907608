import type { BlobId } from "../model.ts";
import { type Clock, ObjectsGone, type Random, type Source } from "../ports.ts";
import { retryDelayMs } from "../retry.ts";

const BOUNDS = { minMs: 500, maxMs: 30_000 };
/** Blobs remembered: a partial clone may lack all of them, and one that arrives seldom comes alone. */
const REMEMBERED_MAX = 1_000;
/** Blobs asked for in one go: where git was told to fetch what it lacks, it dies over each. */
const ASKED_MAX = 16;

/** Blobs of files in the tree that the repository lacks: they may still arrive, with a fetch that goes on. */
export class MissingBlobs {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #random: Random;
  #blobs = new Set<BlobId>();
  #attempts = 0;
  /** When to look for them again, elapsed milliseconds; `Infinity` where none is missing. */
  dueMs = Number.POSITIVE_INFINITY;

  constructor({ source, clock, random }: { source: Source; clock: Clock; random: Random }) {
    this.#source = source;
    this.#clock = clock;
    this.#random = random;
  }

  get isAny(): boolean {
    return this.#blobs.size > 0;
  }

  /** The tree is gone through anew. */
  clear(): void {
    this.#blobs.clear();
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  add(blob: BlobId): void {
    if (this.#blobs.size < REMEMBERED_MAX) this.#blobs.add(blob);
    if (this.dueMs === Number.POSITIVE_INFINITY) this.#waitLonger();
  }

  /** Asks for some of them. @returns Whether one is there by now: then a pass has something to examine. */
  async look(): Promise<boolean> {
    const asked = [...this.#blobs].slice(0, ASKED_MAX);
    for (const blob of asked) {
      if (await this.#isThere(blob)) {
        this.clear();
        this.#attempts = 0;
        return true;
      }
      // Next time it is the others' turn.
      this.#blobs.delete(blob);
      this.#blobs.add(blob);
    }
    this.#waitLonger();
    return false;
  }

  #waitLonger(): void {
    this.#attempts++;
    this.dueMs = this.#clock.elapsedMs() + retryDelayMs(this.#attempts, BOUNDS, this.#random(), null);
  }

  async #isThere(blob: BlobId): Promise<boolean> {
    try {
      return (await this.#source.read(blob)).kind !== "missing";
    } catch (error) {
      if (error instanceof ObjectsGone) return false;
      throw error;
    }
  }
}
