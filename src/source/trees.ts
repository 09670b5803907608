/**
 * The trees of the last recorded revision, kept so that the next flip can be compared without git's old
 * objects, which git-sync prunes at once.
 */
import type { Log, Revision, TreeMemory } from "../sync/ports.ts";

/** How much of a pass's trees waits in memory for the pass to be recorded. */
const HELD_BYTES_MAX = 8_388_608;

type Note =
  | { readonly dir: string; readonly tree: string; readonly bytes: Uint8Array }
  | { readonly dir: string; readonly tree: null };

/**
 * What one pass found out about trees, written down when the pass is recorded; a large pass writes as it
 * goes, at the price of the old revision's trees. Trouble with the disk ends the keeping, not the pass.
 */
export class TreeNotes {
  readonly #trees: TreeMemory;
  readonly #log: Log;
  #held: Note[] = [];
  #heldBytes = 0;
  #begun = false;
  #failed = false;

  constructor(trees: TreeMemory, log: Log) {
    this.#trees = trees;
    this.#log = log;
  }

  put(dir: string, tree: string, bytes: Uint8Array): void {
    this.#note({ dir, tree, bytes }, bytes.length);
  }

  drop(dir: string): void {
    this.#note({ dir, tree: null }, 0);
  }

  /** Writes the rest: the memory now equals `revision`. */
  commit(revision: Revision): void {
    this.#write();
    this.#attempt(() => this.#trees.commit(revision));
    // Should it be called again, there is nothing to add to what was committed.
    this.#failed = true;
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
      if (!this.#begun) this.#trees.begin();
      this.#begun = true;
      for (const { dir, ...note } of held) {
        if (note.tree === null) this.#trees.drop(dir);
        else this.#trees.put(dir, note.tree, note.bytes);
      }
    });
  }

  #attempt(work: () => void): void {
    if (this.#failed) return;
    try {
      work();
    } catch (error) {
      this.#failed = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.emit(
        "warn",
        "trees.unkept",
        `Cannot keep the trees just read: ${reason}; the next comparison takes the longer way`,
      );
    }
  }
}
