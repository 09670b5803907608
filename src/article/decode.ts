/** From bytes to text: whether a file begins like an article at all, and whether it is clean UTF-8. */
import { isUtf8 } from "node:buffer";
import type { Code } from "../messages/problems.ts";
import type { NoArticleReason } from "../sync/model.ts";
import { isFence, split } from "./front-matter/fence.ts";

/** A fault of the bytes, at an offset into `text`, which is the file decoded as well as it can be. */
export interface ByteFault {
  readonly kind: "fault";
  readonly code: Extract<Code, "not-utf8" | "other-encoding" | "utf-16" | "nul-byte">;
  readonly params?: Readonly<Record<string, string>>;
  readonly text: string;
  readonly offset: number;
}

export type Decoded =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none"; readonly why: NoArticleReason }
  | ByteFault;

const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder("utf-8");
const REPLACEMENT = "\ufffd";
/** What a file with front matter begins with, as bytes. */
const FENCES = ["---", "+++", "{"].map((fence) => [...Buffer.from(fence)]);
const LFS = /^version https:\/\/git-lfs\.github\.com\/spec\//;

/**
 * The text of a file whose first line is a front matter fence, without its byte order mark.
 *
 * Bytes that are no UTF-8 are a fault only in a file that begins like an article: other files may have any
 * bytes. UTF-16 is recognised because it is how one editor saves "Unicode".
 */
export function decode(bytes: Uint8Array, isAnyText = false): Decoded {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (!beginsLikeFence((index) => bytes[start + index])) {
    const other = decodeOther(bytes);
    const isText =
      other.kind === "none" && other.why === "no-front-matter" && isUtf8(bytes) && !bytes.includes(0);
    return isAnyText && isText ? { kind: "text", text: strict.decode(bytes) } : other;
  }
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return beginsWithFence(bytes) ? notUtf8(bytes) : { kind: "none", why: "no-front-matter" };
  }
  const nul = text.indexOf("\0");
  if (nul >= 0 && beginsWithFence(bytes)) return { kind: "fault", code: "nul-byte", text, offset: nul };
  return { kind: "text", text };
}

function decodeOther(bytes: Uint8Array): Decoded {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  const big = bytes[0] === 0xfe && bytes[1] === 0xff;
  if (little || big) {
    const unit = (index: number): number | undefined => bytes[index * 2 + (little ? 0 : 1)];
    if (beginsLikeFence((index) => unit(index + 1)))
      return { kind: "fault", code: "utf-16", text: "", offset: 0 };
  }
  const head = lenient.decode(bytes.subarray(0, 256));
  return { kind: "none", why: LFS.test(head) ? "lfs-pointer" : "no-front-matter" };
}

function beginsLikeFence(byteAt: (index: number) => number | undefined): boolean {
  return FENCES.some((fence) => fence.every((byte, index) => byteAt(index) === byte));
}

function beginsWithFence(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(0x0a);
  const line = lenient.decode(end < 0 ? bytes : bytes.subarray(0, end));
  return (
    isFence(line, "---") ||
    isFence(line, "+++") ||
    (isFence(line, "{") && split(lenient.decode(bytes)).kind !== "none")
  );
}

/** How Japanese text was saved before UTF-8, the more common first. */
const JAPANESE = ["Shift_JIS", "EUC-JP"] as const;
/** Kana: text in another encoding that is taken for this one hardly has any. */
const KANA = /[ぁ-んァ-ヶー]/u;
const NO_TEXT = /(?![\t\n\r])\p{Cc}|\p{Co}|\ufffd/u;

/** The fault of a file in an encoding of Japanese, at its first letter that is not ASCII; null for others. */
function inJapanese(bytes: Uint8Array): ByteFault | null {
  for (const encoding of JAPANESE) {
    const text = new TextDecoder(encoding).decode(bytes);
    if (!KANA.test(text) || NO_TEXT.test(text)) continue;
    const offset = Math.max(0, text.search(/[^\p{ASCII}]/u));
    return { kind: "fault", code: "other-encoding", params: { encoding }, text, offset };
  }
  return null;
}

/** Finds the first bad byte line by line; a line is short, and a character never spans two. */
function notUtf8(bytes: Uint8Array): ByteFault {
  const japanese = inJapanese(bytes);
  if (japanese !== null) return japanese;
  const text = lenient.decode(bytes);
  let offset = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.subarray(start, end);
    if (!isUtf8(line)) return { kind: "fault", code: "not-utf8", text, offset: offset + firstBad(line) };
    offset += lenient.decode(line).length;
    start = end;
  }
  return { kind: "fault", code: "not-utf8", text, offset };
}

/** UTF-16 offset of the first character of a line that could not be decoded. */
function firstBad(line: Uint8Array): number {
  const text = lenient.decode(line);
  let from = 0;
  let byte = 0;
  for (let at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, from)) {
    byte += Buffer.byteLength(text.slice(from, at));
    // The replacement character may also stand in the file itself.
    if (line[byte] !== 0xef || line[byte + 1] !== 0xbf || line[byte + 2] !== 0xbd) return at;
    from = at + 1;
    byte += 3;
  }
  return from;
}
