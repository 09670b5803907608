/** Rows and entries for the contract of the state. */
import * as assert from "uvu/assert";
import { blankEntry } from "../../src/sync/entry.ts";
import type { Entry, FileRow, Verdict } from "../../src/sync/model.ts";

export const BLOB = "b".repeat(40);
export const DIGEST = "d".repeat(64);
/** In byte order of UTF-8; in JavaScript's order the last two are swapped. */
export const ORDERED = ["A", "a", "a/b", "b", "é", "ｱ", "😀"];

export function article(id: string, publishAtMs: number | null = null, digest = DIGEST): Verdict {
  return { kind: "article", id, digest, publishAtMs, expiresAtMs: null };
}

export function expiring(id: string, expiresAtMs: number, publishAtMs: number | null = null): Verdict {
  return { kind: "article", id, digest: DIGEST, publishAtMs, expiresAtMs };
}

export function fileRow(path: string, verdict: Verdict, blob = BLOB): FileRow {
  return { path, blob, fingerprint: "f1", verdict };
}

export function entryOf(id: string, fields: Partial<Entry> = {}): Entry {
  return { ...blankEntry(id), ...fields };
}

export const REJECTED = {
  kind: "rejected",
  id: "x",
  problems: [{ code: "c", severity: "error", line: 1, column: 2, length: 3, params: { a: 1, b: "z" } }],
} as const satisfies Verdict;

/** Without prototypes, which rows of a database do not have. */
export function equal(actual: unknown, expected: unknown): void {
  assert.equal(JSON.parse(JSON.stringify(actual)), expected);
}
