/** A pass that begins more is no edit that somebody waits for: what it began goes by the queue. */
const EDIT_MAX = 256;
/** Passes remembered. */
const PASSES_MAX = 16;

/**
 * Ids that passes have begun lately, the last pass first, each in the order in which it began them: somebody
 * has just edited them, and waits. Only a hint where to look; what is pending, and whether it may leave, is in
 * the manifest.
 */
export class Recent {
  readonly #passes: { readonly sinceMs: number; begun: number; readonly ids: Set<string> }[] = [];

  /**
   * @param sinceMs The time of its pass, epoch milliseconds.
   * @returns Whether it is the first of its pass.
   */
  note(id: string, sinceMs: number): boolean {
    let [pass] = this.#passes;
    const isFirst = pass?.sinceMs !== sinceMs;
    if (pass === undefined || isFirst) {
      pass = { sinceMs, begun: 0, ids: new Set() };
      this.#passes.unshift(pass);
      this.#passes.length = Math.min(this.#passes.length, PASSES_MAX);
    }
    if (++pass.begun <= EDIT_MAX) pass.ids.add(id);
    else pass.ids.clear();
    return isFirst;
  }

  /** They may be dropped on the way. */
  *ids(): Iterable<string> {
    for (const { ids } of this.#passes) yield* ids;
  }

  drop(id: string): void {
    for (const { ids } of this.#passes) ids.delete(id);
  }

  get size(): number {
    return this.#passes.reduce((sum, { ids }) => sum + ids.size, 0);
  }
}
