/**
 * The seam between HTTP and storage: all that the routes of the reference inserter ask of a store.
 * A store is one folder that implements {@link ArticleStore}: `sqlite/` and `elasticsearch/`.
 */
import type { Digest, Version } from "../../sync/model.ts";
import type { InventoryLine } from "../protocol.ts";
import type { Fields, Summary } from "./text.ts";

/** An article to be stored. */
export interface Upsert {
  readonly kind: "upsert";
  readonly id: string;
  /** JSON text of the payload, stored as it came. */
  readonly payload: string;
  /** The payload, parsed. */
  readonly fields: Fields;
  /** Of `payload`. */
  readonly digest: Digest;
  /** Null: the writer has no versions. */
  readonly version: Version | null;
  /** Null: the writer did not say; the article keeps the owner it has. */
  readonly owner: string | null;
}

/** An article to be deleted. */
export interface Delete extends Pick<Upsert, "id" | "version" | "owner"> {
  readonly kind: "delete";
}

export type Write = Upsert | Delete;

/** What one write did. */
export interface Written {
  /** `absent`: a delete of what was not there. `stale`: older than the stored version; nothing changed. */
  readonly outcome: "created" | "replaced" | "deleted" | "absent" | "stale";
  /** The version that is stored now, for a deleted id too. */
  readonly version: Version;
}

/** A write that was not done, though others of the same call may have been. */
export interface Unwritten {
  readonly outcome: "failed";
  /** As HTTP says it: 422 and 413 are about this article, 429 and 503 about the store just now. */
  readonly status: 413 | 422 | 429 | 503;
  readonly error: string;
}

export type WriteResult = Written | Unwritten;

/** An article as it is stored. */
export interface StoredArticle extends Pick<Upsert, "payload" | "digest" | "owner"> {
  readonly version: Version;
  /** When this version came, milliseconds since the epoch. */
  readonly receivedMs: number;
}

/** What is searched for. Without words: everything, newest first. */
export interface Query {
  readonly words: string;
  readonly tag: string | null;
  /** Items a page, at least 1. */
  readonly limit: number;
  /** `next` of the page before; null for the first page. */
  readonly cursor: string | null;
}

/** One article of a list. */
export interface Item extends Summary {
  readonly id: string;
  readonly digest: Digest;
  readonly version: Version;
  readonly owner: string | null;
  /** When this version came, RFC 3339. */
  readonly received_at: string;
  /** Plain text around the first word found; only when words were searched for. */
  readonly snippet?: string;
}

/** A page of a list. */
export interface Found {
  readonly items: readonly Item[];
  /** Articles found on all pages. */
  readonly total: number;
  /** Articles that came just now and are not searchable yet, as far as the store knows. */
  readonly indexing: number;
  /** The most used tags of all that was found, on the first page; empty on later ones. */
  readonly tags: readonly TagCount[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** Tags that a list counts on its first page. */
export const facetsMax = 20;

export interface TagCount {
  readonly tag: string;
  readonly count: number;
}

/**
 * Articles, and for each id that was ever written the highest version.
 *
 * Every method may throw {@link StoreUnavailable}; what `write` was to store may be stored then or not.
 */
export interface ArticleStore {
  /**
   * Applies writes in order, each by itself. With a version, a write older than the stored one is `stale`
   * and an equal one applies again. Without, it applies and the stored version rises by one, so that a
   * late retry of what it replaced cannot undo it. A versioned delete counts even where nothing was.
   *
   * @returns One result a write, in the same order.
   */
  write(writes: readonly Write[]): Promise<readonly WriteResult[]>;
  read(id: string): Promise<StoredArticle | null>;
  /**
   * Articles that have all the words and the tag: first those with the words in their title, then newest first.
   *
   * @throws {CursorUnknown}
   */
  search(query: Query): Promise<Found>;
  /** The `limit` articles that are most like this one, the most alike first; null where it is not there. */
  similar(id: string, limit: number): Promise<readonly Item[] | null>;
  /** The `limit` most used tags, the most used first. */
  tags(limit: number): Promise<readonly TagCount[]>;
  /** Strong entity tag of the inventory: another one after each change. */
  etag(): Promise<string>;
  /**
   * All articles as of one moment: later writes are neither seen nor held up. The snapshot is held until the
   * iteration ends, however it ends, so it has to be begun.
   */
  inventory(): Promise<Inventory>;
  /** Resolves while the store can be read and written; else throws what is wrong. Changes nothing. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A listing of the whole store. */
export interface Inventory {
  /** That of what is listed; one that never comes again where the store moves too fast to say. */
  readonly etag: string;
  /** In byte order of the ids. */
  readonly pages: AsyncIterable<readonly InventoryLine[]>;
}

/** The store fails just now (full disk, lost connection): the same request may succeed later. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  /** What may be wrong, for the person who runs the store. */
  readonly hint: string;
  /** 429: it has too much to do. */
  readonly status: 429 | 503;
  /** When to ask again, seconds; null where the store has no opinion. */
  readonly retryAfterS: number | null;

  constructor(
    message: string,
    hint: string,
    options: ErrorOptions & { readonly status?: 429 | 503; readonly retryAfterS?: number } = {},
  ) {
    super(message, options);
    this.hint = hint;
    this.status = options.status ?? 503;
    this.retryAfterS = options.retryAfterS ?? null;
  }
}

/** The cursor is not one that a list with the same words and tag gave. */
export class CursorUnknown extends Error {
  override readonly name = "CursorUnknown";
}
