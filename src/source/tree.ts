/**
 * Raw tree objects: `<mode> <name>\0<id>` one after the other, in byte order of the names, folders
 * counted with a slash at their end. Compared as they are: an entry that did not change is never decoded.
 *
 * @see base_name_compare() and decode_tree_entry() in git's sources
 */
import type { FileMode } from "../sync/model.ts";

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
