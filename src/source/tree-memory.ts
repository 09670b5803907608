/** Trees that are known from the last comparison, so that the next one need not read them from git. */
import { type Log, type Revision, StateCorrupt, type TreeMemory } from "../sync/ports.ts";

/** How much of a pass's trees waits in memory for the pass to be recorded. */
const HELD_BYTES_MAX = 8_388_608;

interface Note {
  readonly dir: string;
  /** The folder's tree; null when it and all below it are gone. */
  readonly kept: { readonly tree: string; readonly bytes: Uint8Array } | null;
}

/** Tree id of the root, when what is remembered equals `revision`; else null. */
export function rememberedRoot(memory: TreeMemory, revision: Revision): string | null {
  return nullIfFailed(() => (memory.at() === revision ? (memory.get("")?.tree ?? null) : null));
}

/** Raw bytes of a folder's tree; null when it is not remembered, or is another tree. */
export function rememberedTree(memory: TreeMemory, dir: string, tree: string): Uint8Array | null {
  const kept = nullIfFailed(() => memory.get(dir));
  return kept?.tree === tree ? kept.bytes : null;
}

/** A memory that fails remembers nothing. */
function nullIfFailed<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof StateCorrupt) throw error;
    return null;
  }
}

/**
 * What one comparison found out about trees, written down when the pass is recorded; a large one writes as it
 * goes, at the price of the old revision's trees. Trouble with the disk ends the keeping, not the pass.
 */
export class TreeNotes {
  readonly #memory: TreeMemory;
  readonly #log: Log;
  #held: Note[] = [];
  #heldBytes = 0;
  #isBegun = false;
  #isFinished = false;
  #isFailed = false;

  constructor(memory: TreeMemory, log: Log) {
    this.#memory = memory;
    this.#log = log;
  }

  put(dir: string, tree: string, bytes: Uint8Array): void {
    this.#note({ dir, kept: { tree, bytes } }, bytes.length);
  }

  drop(dir: string): void {
    this.#note({ dir, kept: null }, 0);
  }

  /**
   * The comparison came to its end: now it may be committed.
   *
   * @returns Trees noted and not yet written, by their ids.
   */
  finish(): Map<string, Uint8Array> {
    this.#isFinished = true;
    return new Map(this.#held.flatMap(({ kept }) => (kept === null ? [] : [[kept.tree, kept.bytes]])));
  }

  /** Writes the rest: the memory now equals `revision`. Once, and only of a comparison that was finished. */
  commit(revision: Revision): void {
    if (!this.#isFinished) return;
    this.#isFinished = false;
    this.#write();
    this.#attempt(() => this.#memory.commit(revision));
  }

  #note(note: Note, bytes: number): void {
    this.#held.push(note);
    this.#heldBytes += bytes + note.dir.length;
    if (this.#heldBytes > HELD_BYTES_MAX) this.#write();
  }

  #write(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#attempt(() => {
      if (!this.#isBegun) this.#memory.begin();
      this.#isBegun = true;
      for (const { dir, kept } of held) {
        if (kept === null) this.#memory.drop(dir);
        else this.#memory.put(dir, kept.tree, kept.bytes);
      }
    });
  }

  #attempt(work: () => void): void {
    if (this.#isFailed) return;
    try {
      work();
    } catch (error) {
      if (error instanceof StateCorrupt) throw error;
      this.#isFailed = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.emit(
        "warn",
        "trees.unkept",
        `Cannot keep the trees just read: ${reason}; the next comparison takes longer`,
      );
    }
  }
}
