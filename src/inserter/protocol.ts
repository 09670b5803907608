/**
 * The inserter API over HTTP: names, line shapes and limits that the client and the reference inserter
 * share. The OpenAPI document of the reference inserter describes the same for others.
 */
import type { Digest, Version } from "../sync/model.ts";

/** One JSON value a line: inventories, and batches with their answers. */
export const mediaTypeNdjson = "application/x-ndjson";
/** Payloads, lists and errors. */
export const mediaTypeJson = "application/json";

/** Header names in lower case, as `node:http` gives them. */
export const headers = {
  /** Lowercase hex SHA-256 of the request body. */
  digest: "sync-digest",
  /** Decimal {@link Version}; in an answer with status 412, the one that was kept. */
  version: "sync-version",
  /** Whose article this is: see {@link toHeader}. */
  owner: "sync-owner",
  /** `<digest>-<version>`: the same for each try of one operation. */
  idempotencyKey: "idempotency-key",
} as const;

/** Appended to the inserter's URL: where batches are posted. */
export const batchPath = "/_batch";
/** Most bytes of one batch, line ends included; above it an inserter answers 413. */
export const batchBytesMax = 8 * 1024 * 1024;
/** Most bytes of one payload that the reference inserter takes. */
export const payloadBytesMax = 32 * 1024 * 1024;
/** Operations a batch that the reference inserter takes by default. */
export const batchLinesDefault = 500;
/** Bytes of an id in UTF-8 above which an URL cannot be relied on to carry it. */
export const idBytesMax = 512;

/** First line of an inventory. `batch`: most operations a batch; 0 or absent = takes none. */
export interface InventoryHead {
  readonly inventory: 1;
  readonly batch?: number;
}

/** One article of an inventory, in byte order of the ids where it comes from the reference inserter. */
export interface InventoryLine {
  readonly id: string;
  readonly digest?: Digest | null;
  readonly version?: Version | null;
  readonly owner?: string | null;
}

/** Last line of an inventory. Missing, or with another count than the lines between: it was cut short. */
export interface InventoryEnd {
  readonly end: true;
  readonly count: number;
}

/**
 * One line of a batch. `digest` is that of the canonical JSON of `upsert`, not of the line.
 * A writer puts the canonical JSON there byte by byte, so that it need not be parsed.
 */
export type BatchLine =
  | {
      readonly upsert: Readonly<Record<string, unknown>>;
      readonly digest?: Digest;
      readonly version?: Version;
      readonly owner?: string;
    }
  | { readonly delete: string; readonly version?: Version; readonly owner?: string };

/**
 * One line of a batch's answer, in the order of the operations. `status` is that of a single request with
 * the same operation; with 412, `version` is the one that was kept. `id` is null where the operation's
 * line was too broken to have one.
 */
export interface BatchAnswer {
  readonly id: string | null;
  readonly status: number;
  readonly error?: string;
  readonly version?: Version;
}

/** The URL of one article. @param url The inserter's URL without a trailing slash. */
export function articleUrl(url: string, id: string): string {
  return `${url}/${encodeURIComponent(id)}`;
}

/**
 * Reads a version from a header or a JSON value.
 *
 * @returns An integer from 0 to 2^53 - 1, or null if that is not one.
 */
export function parseVersion(value: unknown): Version | null {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : null;
}

/** Text as a header carries it: its UTF-8 bytes, each as one character (HTTP knows bytes only). */
export function toHeader(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The reverse of {@link toHeader}; what is not UTF-8 is taken for Latin-1. */
export function fromHeader(value: string): string {
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? value : text;
}
