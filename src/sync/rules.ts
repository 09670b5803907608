/**
 * Rules of the manifest, each said once: who has an id, what is kept, what counts as owned. Pure. An
 * implementation of `State` that selects by SQL has to select the same; its contract tests compare.
 */
import type {
  Brake,
  BrakeCause,
  Braked,
  Digest,
  Entry,
  FileRow,
  Listed,
  ListingComparison,
  Problem,
  Verdict,
  Winner,
} from "./model.ts";

type Article = Extract<Verdict, { kind: "article" }>;

/** The id that a file names; null where none could be read. */
export function idOf(verdict: Verdict): string | null {
  return verdict.kind === "none" ? null : verdict.id;
}

/** An article whose date, if it has one, has come, even if the clock was set back since; and that has not expired. */
export function isPublished(verdict: Verdict, entry: Entry | null, nowMs: number): verdict is Article {
  if (verdict.kind !== "article" || isExpired(verdict, nowMs)) return false;
  const comesMs = verdict.publishAtMs ?? Number.NEGATIVE_INFINITY;
  return comesMs <= nowMs || comesMs <= (entry?.appearedMs ?? Number.NEGATIVE_INFINITY);
}

/** An article whose time is over. */
export function isExpired(verdict: Verdict, nowMs: number): boolean {
  return verdict.kind === "article" && verdict.expiresAtMs !== null && verdict.expiresAtMs <= nowMs;
}

/** What the author of a file learns of its verdict. */
export function problemsOf(verdict: Verdict): readonly Problem[] {
  if (verdict.kind === "rejected") return verdict.problems;
  return verdict.kind === "withdrawn" && verdict.problem !== undefined ? [verdict.problem] : [];
}

/** A file that cannot be published as it is, malformed or too slow to render: its last good version stays. */
export function isUnreadable({ kind }: Verdict): boolean {
  return kind === "rejected" || kind === "held";
}

/**
 * What a path is that was an article and has no readable front matter any more: its author has made a slip in its
 * first lines, and has not withdrawn it. The same verdict where that is not so.
 *
 * @param before The verdict on its row until now; null when there is none.
 * @param holdsId Whether an entry of ours stands at this path.
 */
export function afterSlip(verdict: Verdict, before: Verdict | null, holdsId: boolean): Verdict {
  if (verdict.kind !== "none" || verdict.why === "symlink" || verdict.why === "submodule") return verdict;
  if (!holdsId && !(before !== null && wasRead(before))) return verdict;
  const place = { severity: "error", line: 1, column: 1, length: 1 } as const;
  const slip = verdict.slip ?? { ...place, code: "front-matter-lost", params: {} };
  return { kind: "rejected", id: null, problems: [{ ...slip, severity: "error" }] };
}

/** Whether the file was seen to be an article, in whatever state; its content was at hand then. */
function wasRead(verdict: Verdict): boolean {
  return verdict.kind !== "none" && !isMissing(verdict);
}

/** The content of the file was not to be had. */
export function isMissing(verdict: Verdict): boolean {
  return verdict.kind === "rejected" && verdict.problems.some(({ code }) => code === "missing-blob");
}

/**
 * Whether a file holds its id: it stands at the inserter from this path. Where it is unknown from which, as for an
 * entry adopted from an inventory, a file with the digest listed there holds it.
 */
export function isHolder(path: string, digest: Digest, entry: Entry | null): boolean {
  if (entry === null) return false;
  if (entry.path !== null) return entry.path === path;
  return entry.acknowledged?.digest === digest;
}

/**
 * The file that has an id: of those that are published the one that holds it, else the first.
 *
 * @param rows Files that name the id, in byte order of their paths.
 */
export function winnerOf(rows: Iterable<FileRow>, entry: Entry | null, nowMs: number): Winner | null {
  let first: Winner | null = null;
  for (const { path, blob, verdict } of rows) {
    if (!isPublished(verdict, entry, nowMs)) continue;
    const { digest } = verdict;
    if (isHolder(path, digest, entry)) return { path, blob, digest };
    first ??= { path, blob, digest };
  }
  return first;
}

/**
 * Whether no file of a later path can have a better claim to the id than this one, or than an earlier one. Files are
 * read in byte order of their paths.
 */
export function isClaimSettled(path: string, digest: Digest, entry: Entry | null): boolean {
  if (entry === null || isHolder(path, digest, entry)) return true;
  if (entry.path !== null) return compareBytes(entry.path, path) < 0;
  return (entry.acknowledged?.digest ?? null) === null;
}

/** Whether anything of ours may stand at the inserter under this id. */
export function mayStand({ acknowledged, pending, uncertain }: Entry): boolean {
  return acknowledged !== null || pending !== null || uncertain;
}

/** What the brake is measured against: no other owner's, perhaps at the inserter, and not pending a delete. */
export function isOwned(entry: Entry): boolean {
  return mayStand(entry) && entry.foreignOwner === null && entry.pending?.kind !== "delete";
}

/**
 * What the brake holds; null when it is not on.
 *
 * @param rows Ids that the state remembers.
 * @param cause What it remembers of the cause.
 */
export function brakeOf(rows: readonly Braked[], cause: string | null): Brake | null {
  const held = rows.filter(({ asked }) => asked);
  if (held.length === 0) return null;
  // Each change that asked for too much was judged by what was owned beside the ids held before.
  const owned = [...new Set(held.map((row) => row.owned))].reduce((sum, one) => sum + one, 0);
  return {
    deletes: held.length,
    owned: Math.max(owned, held.length),
    cause: cause as BrakeCause | null,
  };
}

/** Acknowledged, with nothing pending, and no other owner's. */
export function isDelivered({ acknowledged, pending, foreignOwner }: Entry): boolean {
  return acknowledged !== null && pending === null && foreignOwner === null;
}

/** The inserter said no to something. */
export function isDeclined({ refusal, undeletable }: Entry): boolean {
  return refusal !== null || undeletable;
}

/**
 * Whether no plan can find anything to do for an id that this file alone names.
 *
 * @param winner The file, if it is published.
 */
export function isInStep(winner: Winner, entry: Entry): boolean {
  return (
    entry.acknowledged?.digest === winner.digest &&
    entry.path === winner.path &&
    entry.blob === winner.blob &&
    isDelivered(entry) &&
    !entry.uncertain &&
    !isDeclined(entry)
  );
}

/**
 * Whose article a line of an inventory names, when it is not ours; null when it is, or the line names no owner.
 *
 * @param ours Whose articles count as ours; null where all do.
 */
export function otherOwner({ owner }: Listed, ours: string | null): string | null {
  return ours === null || owner === null || owner === "" || owner === ours ? null : owner;
}

/**
 * Whether the inserter lists what it was sent last, with nothing pending and nothing in the way: then the
 * manifest has nothing to learn about this id. That is so for most ids, most of the time.
 *
 * @param ours As of {@link otherOwner}.
 */
export function matchesListing({ listed, entry }: ListingComparison, ours: string | null): boolean {
  if (listed === null || entry === null || listed.digest === null) return false;
  const isAtRest = entry.pending === null && entry.repaired === null && entry.foreignOwner === null;
  return isAtRest && otherOwner(listed, ours) === null && entry.acknowledged?.digest === listed.digest;
}

/**
 * Byte order of UTF-8, the order of Git's trees and of SQLite's BINARY collation. It differs from
 * JavaScript's own order (UTF-16 code units) only where surrogates meet U+E000 to U+FFFF.
 *
 * @returns Negative, zero or positive, as `Array.prototype.sort` wants it.
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above U+FFFF, where the code points they stand for belong. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
