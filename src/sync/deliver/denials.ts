import type { Digest, Operation } from "../model.ts";

/**
 * What the inserter took and what it denied in this process. That distinguishes one that only
 * cannot delete, and one article that it does not want, from an inserter that denies everything.
 */
export class Denials {
  /** Upserts taken so far. */
  upserts = 0;
  /** The URL is known to be right: an upsert was taken, or an inventory read. */
  urlKnown = false;
  /** It denies deletes, and nothing else. */
  declinesDeletes = false;
  /** Payloads that it denied while it took others, by id. */
  readonly #refused = new Map<string, Digest>();
  /** Ids whose upsert it denied since it last took one. */
  readonly #upsertsDenied = new Set<string>();

  took({ kind, id }: Operation): void {
    this.#refused.delete(id);
    if (kind === "delete") {
      this.declinesDeletes = false;
      return;
    }
    this.upserts++;
    this.urlKnown = true;
    this.#upsertsDenied.clear();
  }

  denied({ kind, id }: Operation): void {
    if (kind === "upsert") this.#upsertsDenied.add(id);
  }

  /** It is this article that is not wanted. */
  refused(id: string, digest: Digest): void {
    this.#refused.set(id, digest);
  }

  /** That it denies this very payload says nothing new. */
  wasRefused(operation: Operation): boolean {
    return operation.kind === "upsert" && this.#refused.get(operation.id) === operation.digest;
  }

  /**
   * Whether an upsert was denied since one was last taken. One that is not wanted any more is never tried
   * again, and says nothing.
   */
  hasDeniedUpsert(isWanted: (id: string) => boolean): boolean {
    for (const id of this.#upsertsDenied) {
      if (isWanted(id)) return true;
      this.#upsertsDenied.delete(id);
    }
    return false;
  }
}
