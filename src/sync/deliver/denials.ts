/**
 * What the inserter took and what it denied: tells one that only cannot delete, and one article that it
 * does not want, from an endpoint that denies everything.
 */
export class Denials {
  /** Whether an upsert of the id is owed still. @throws {StateUnavailable} */
  readonly #owesUpsert: (id: string) => boolean;
  #upserts = 0;
  /** Ids whose upsert it denied since it last took one. */
  readonly #upsertsDenied = new Set<string>();
  #declinesDeletes = false;
  #urlKnown = false;

  constructor(owesUpsert: (id: string) => boolean) {
    this.#owesUpsert = owesUpsert;
  }

  /** Upserts taken so far. */
  get upserts(): number {
    return this.#upserts;
  }

  /** Whether the URL is known to be right: an upsert was taken, or an inventory read, since the start. */
  get urlKnown(): boolean {
    return this.#urlKnown;
  }

  /** It denies deletes, and nothing else. */
  get declinesDeletes(): boolean {
    return this.#declinesDeletes;
  }

  /** An inventory request was answered: the URL and the credentials are right. */
  noteEvidence(): void {
    this.#urlKnown = true;
  }

  took(kind: "upsert" | "delete"): void {
    if (kind === "delete") {
      this.#declinesDeletes = false;
      return;
    }
    this.#upserts++;
    this.#urlKnown = true;
    this.#upsertsDenied.clear();
  }

  denied(kind: "upsert" | "delete", id: string): void {
    if (kind === "upsert") this.#upsertsDenied.add(id);
  }

  /**
   * A delete was denied, and then the inventory was asked for.
   *
   * @param answered Whether it was to be had. An inserter that has none is judged by the upserts it took.
   * @returns Whether it denies deletes, and nothing else.
   * @throws {StateUnavailable}
   */
  judgeDeletes(answered: boolean): boolean {
    this.#urlKnown ||= answered;
    // What was denied and is not wanted any more is never tried again, and tells nothing.
    for (const id of this.#upsertsDenied) {
      if (this.#owesUpsert(id)) break;
      this.#upsertsDenied.delete(id);
    }
    this.#declinesDeletes = this.#upsertsDenied.size === 0 && (answered || this.#upserts > 0);
    return this.#declinesDeletes;
  }
}
