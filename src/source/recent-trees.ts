/** More than a folder of 100,000 files takes. */
const BYTES_MAX = 8_388_608;

/**
 * Trees that one walk read, by their ids: pushes often change a folder again and again, and the next walk then
 * need not read from disk what it was like before.
 */
export class RecentTrees {
  readonly #trees = new Map<string, Uint8Array>();
  #bytesLeft = BYTES_MAX;

  /** Raw bytes of the tree; undefined where it is not kept. */
  get(tree: string): Uint8Array | undefined {
    return this.#trees.get(tree);
  }

  /** Keeps it, if there is room. */
  add(tree: string, bytes: Uint8Array): void {
    if (bytes.length > this.#bytesLeft || this.#trees.has(tree)) return;
    this.#bytesLeft -= bytes.length;
    this.#trees.set(tree, bytes);
  }
}
