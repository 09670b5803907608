/** Most ids remembered: those of one large commit. What is beyond them goes by the queue. */
const RECENT_MAX = 256;

/** Ids begun by one pass, in the order in which it began them. */
interface Change {
  readonly sinceMs: number;
  readonly ids: string[];
  next: number;
}

/**
 * Ids that passes have begun lately, the last pass first: somebody has just edited them, and waits. Only a
 * hint where to look; what is pending, and whether it may leave, is in the manifest.
 */
export class Recent {
  readonly #changes: Change[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param sinceMs The time of its pass, epoch milliseconds. */
  note(id: string, sinceMs: number): void {
    const last = this.#changes.at(-1);
    if (last?.sinceMs === sinceMs) last.ids.push(id);
    else this.#changes.push({ sinceMs, ids: [id], next: 0 });
    this.#size++;
    if (this.#size > RECENT_MAX) this.#forgetOldest();
  }

  /** Takes the next id that is free; those that are not stay. Null when there is none. */
  take(isFree: (id: string) => boolean): string | null {
    const busy: [string, number][] = [];
    let one = this.#pop();
    while (one !== null && !isFree(one[0])) {
      busy.push(one);
      one = this.#pop();
    }
    for (const [id, sinceMs] of busy.reverse()) this.note(id, sinceMs);
    return one?.[0] ?? null;
  }

  #pop(): [id: string, sinceMs: number] | null {
    for (;;) {
      const last = this.#changes.at(-1);
      if (last === undefined) return null;
      const id = last.ids[last.next++];
      if (id === undefined) this.#changes.pop();
      else {
        this.#size--;
        return [id, last.sinceMs];
      }
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#changes;
    if (oldest === undefined) return;
    if (oldest.next < oldest.ids.length) {
      oldest.next++;
      this.#size--;
    }
    if (oldest.next >= oldest.ids.length) this.#changes.shift();
  }
}
