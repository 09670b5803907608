/**
 * Comparison of two trees by descending only where they differ.
 *
 * Raw tree objects are `<mode> <name>\0<id>` one after the other, in byte order of the names, folders counted
 * with a slash at their end. They are compared as they are: an entry that did not change is never decoded.
 *
 * @see base_name_compare() and decode_tree_entry() in git's sources
 */
import { isUtf8 } from "node:buffer";
import type { Change, FileMode } from "../sync/model.ts";

/** Most changes in a page. */
export const PAGE_LENGTH_MAX = 256;
/** Entries looked at ahead of the one in hand, and folders read ahead among them. */
const ENTRIES_AHEAD = 256;
const FOLDERS_AHEAD = 16;

/** Which paths can be articles. */
export interface Selector {
  selects(path: string): boolean;
  /** Whether a folder, named `a/b/`, can hold one. Never asked for the root. */
  mayContain(dir: string): boolean;
}

/** Which files a comparison is about. */
export interface Selection extends Selector {
  /** Called with each path that would be selected, were it UTF-8. It has U+FFFD for what cannot be read. */
  onInvalidPath(path: string): void;
}

/** Two trees, and where their bytes come from. A side that is absent is null. */
export interface Walk extends Selection {
  readonly before: string | null;
  readonly now: string;
  /** Raw bytes of a folder's tree before. */
  readBefore(dir: string, tree: string): Uint8Array;
  /** Raw bytes of a folder's tree now. */
  readNow(tree: string, dir: string): Promise<Uint8Array>;
  /** Called with each folder that is new or differs, before what is in it. */
  onFolder(dir: string, tree: string, bytes: Uint8Array): void;
  /** Called with each folder that is gone, after what was in it. */
  onFolderGone(dir: string): void;
}

/** An entry that differs and is asked for. */
interface Step {
  readonly difference: Difference;
  /** Its path; a folder's ends with a slash. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Raw bytes of the folder now; null for what is no folder (any more). */
  readonly reading: Promise<Uint8Array> | null;
}

/**
 * Changes from one tree to the other, in pages, in byte order of the paths; with nothing before, all
 * selected files. Holds a page and a few trees at a time, whatever the size of the repository.
 */
export async function* walkTrees(walk: Walk): AsyncGenerator<Change[], void, undefined> {
  const page: Change[] = [];
  const { before, now } = walk;
  if (before !== now) yield* walkFolder(walk, "", before, now, readAhead(walk, now, ""), page);
  if (page.length > 0) yield page;
}

/** @param page Filled, and yielded when it is full; the rest is left in it. */
async function* walkFolder(
  walk: Walk,
  dir: string,
  before: string | null,
  now: string | null,
  reading: Promise<Uint8Array> | null,
  page: Change[],
): AsyncGenerator<Change[], void, undefined> {
  const old = before === null ? null : walk.readBefore(dir, before);
  const young = await reading;
  if (now !== null && young !== null) walk.onFolder(dir, now, young);
  const idBytes = (now ?? before ?? "").length / 2;
  for (const step of steps(walk, dir, differences(old, young, idBytes))) {
    const { difference, path } = step;
    if (step.isFolder) {
      const [was, is] = [difference.before?.id ?? null, difference.now?.id ?? null];
      yield* walkFolder(walk, path, was, is, step.reading, page);
    } else if (page.push(changeAt(path, difference)) === PAGE_LENGTH_MAX) yield page.splice(0);
  }
  if (now === null) walk.onFolderGone(dir);
}

/** Entries of a folder, with the next ones and their folders coming. */
function* steps(walk: Walk, dir: string, entries: Iterable<Difference>): Generator<Step, void, undefined> {
  const ahead: Step[] = [];
  let foldersAhead = 0;
  for (const difference of entries) {
    const path = pathOf(walk, dir, difference);
    if (path === null) continue;
    const { before, now } = difference;
    const isFolder = (now ?? before)?.kind === "folder";
    const reading = isFolder && now !== null ? readAhead(walk, now.id, path) : null;
    if (reading !== null) foldersAhead += 1;
    ahead.push({ difference, path, isFolder, reading });
    while (ahead.length === ENTRIES_AHEAD || foldersAhead === FOLDERS_AHEAD) {
      const step = ahead.shift() as Step;
      if (step.reading !== null) foldersAhead -= 1;
      yield step;
    }
  }
  yield* ahead;
}

/** It fails where it is awaited; a walk that was given up must not bring the program down. */
function readAhead(walk: Walk, tree: string, dir: string): Promise<Uint8Array> {
  const reading = walk.readNow(tree, dir);
  reading.catch(() => {});
  return reading;
}

/** Full path of what differs, a folder's with its slash; null when it is not asked for. */
function pathOf(walk: Walk, dir: string, { before, now }: Difference): string | null {
  const entry = now ?? before;
  if (entry === null) return null;
  const path = dir + entry.name.toString("utf8") + (entry.kind === "folder" ? "/" : "");
  const wanted = entry.kind === "folder" ? walk.mayContain(path) : walk.selects(path);
  if (!wanted) return null;
  if (isUtf8(entry.name) && !entry.name.includes(SLASH)) return path;
  if (now !== null) walk.onInvalidPath(path);
  return null;
}

function changeAt(path: string, { before, now }: Difference): Change {
  const kind = (now ?? before)?.kind ?? "file";
  return { path, blob: now?.id ?? null, mode: kind === "folder" ? "file" : kind };
}

/** One entry of a tree. */
export interface TreeEntry {
  readonly kind: FileMode | "folder";
  readonly name: Buffer;
  /** Object id, lowercase hex. */
  readonly id: string;
}

/** An entry that differs: gone where `now` is null, added where `before` is. */
export interface Difference {
  readonly before: TreeEntry | null;
  readonly now: TreeEntry | null;
}

/** The bytes are not those of a tree object. */
export class MalformedTree extends Error {
  override readonly name = "MalformedTree";
}

const NUL = 0;
const BLANK = 0x20;
const SLASH = 0x2f;

/**
 * Entries in which two trees differ, in git's order. With nothing before, every entry.
 *
 * A change of the permission bits alone is no difference. A file that became a folder makes two: `a` and
 * `a/` are apart in the order.
 *
 * @param idBytes Length of an id in these trees: 20, or 32 in a SHA-256 repository.
 * @throws {MalformedTree} from the iteration.
 */
export function* differences(
  before: Uint8Array | null,
  now: Uint8Array | null,
  idBytes: number,
): Generator<Difference, void, undefined> {
  const old = new TreeCursor(before, idBytes);
  const young = new TreeCursor(now, idBytes);
  for (;;) {
    skipCommon(old, young);
    if (old.done && young.done) return;
    const order = old.done ? 1 : young.done ? -1 : compareNames(old, young);
    const difference: Difference = {
      before: order <= 0 ? old.take() : null,
      now: order >= 0 ? young.take() : null,
    };
    if (difference.before?.id === difference.now?.id && difference.before?.kind === difference.now?.kind) {
      continue;
    }
    yield difference;
  }
}

/** A place between two entries of a tree. */
class TreeCursor {
  readonly bytes: Buffer;
  readonly idBytes: number;
  /** Where the next entry begins. */
  at = 0;

  constructor(bytes: Uint8Array | null, idBytes: number) {
    this.bytes = bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.alloc(0);
    this.idBytes = idBytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Where the next entry's name begins. */
  nameStart(): number {
    const blank = this.bytes.indexOf(BLANK, this.at);
    if (blank < 0 || blank - this.at > 7) throw new MalformedTree(`no mode at byte ${this.at} of a tree`);
    return blank + 1;
  }

  /** Where the NUL after the next entry's name is. */
  nameEnd(): number {
    const end = this.bytes.indexOf(NUL, this.at);
    if (end < 0 || end + this.idBytes >= this.bytes.length) {
      throw new MalformedTree(`a tree is cut short in the entry at its byte ${this.at}`);
    }
    return end;
  }

  /** The next entry; the cursor is behind it then. */
  take(): TreeEntry {
    const nameStart = this.nameStart();
    const nameEnd = this.nameEnd();
    const mode = this.bytes.toString("latin1", this.at, nameStart - 1);
    const name = this.bytes.subarray(nameStart, nameEnd);
    this.at = nameEnd + 1 + this.idBytes;
    return { kind: kindOf(mode), name, id: this.bytes.toString("hex", nameEnd + 1, this.at) };
  }
}

/** Kind of an entry by its mode, octal digits as in a tree object. */
export function kindOf(mode: string): TreeEntry["kind"] {
  switch (mode) {
    case "40000":
      return "folder";
    case "120000":
      return "symlink";
    case "160000":
      return "submodule";
    default:
      return "file";
  }
}

/** Bytes compared in one go: the loop below is slower than the processor's own. */
const BLOCK_BYTES = 4_096;

/** Moves both cursors behind the entries that are equal to the byte from where they are. */
function skipCommon(old: TreeCursor, young: TreeCursor): void {
  const { bytes, idBytes } = old;
  const end = old.at + commonBytes(old, young);
  let entry = old.at;
  for (;;) {
    let at = entry;
    while (at < end && bytes[at] !== NUL) at++;
    const next = at + 1 + idBytes;
    if (next > end) break;
    entry = next;
  }
  young.at += entry - old.at;
  old.at = entry;
}

/** How many bytes are equal from where the cursors are. */
function commonBytes(old: TreeCursor, young: TreeCursor): number {
  const [{ bytes: a, at: i }, { bytes: b, at: j }] = [old, young];
  const length = Math.min(a.length - i, b.length - j);
  let common = 0;
  for (let to = BLOCK_BYTES; to <= length; to += BLOCK_BYTES) {
    // Not `compare` with ranges: Deno checks the ends against the length of the wrong buffer.
    if (!a.subarray(i + common, i + to).equals(b.subarray(j + common, j + to))) break;
    common = to;
  }
  while (common < length && a[i + common] === b[j + common]) common++;
  return common;
}

/** Order of the next entries of two trees: negative when the first comes first, zero for one name. */
function compareNames(old: TreeCursor, young: TreeCursor): number {
  const a = old.bytes;
  const b = young.bytes;
  let i = old.nameStart();
  let j = young.nameStart();
  const aEnd = old.nameEnd();
  const bEnd = young.nameEnd();
  // Only a folder's mode, 40000, has five digits.
  const aTail = i - old.at === 6 ? SLASH : NUL;
  const bTail = j - young.at === 6 ? SLASH : NUL;
  for (; ; i++, j++) {
    const x = i < aEnd ? (a[i] ?? NUL) : aTail;
    const y = j < bEnd ? (b[j] ?? NUL) : bTail;
    if (x !== y) return x - y;
    if (i >= aEnd || j >= bEnd) return (i < aEnd ? 1 : 0) - (j < bEnd ? 1 : 0);
  }
}
