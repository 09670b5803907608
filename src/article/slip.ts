/**
 * What keeps a file from having readable front matter, as far as its first lines show it: a slip of its author,
 * a program that saved it otherwise, or nothing that is known.
 */
import type { Code } from "../messages/problems.ts";
import type { NoArticleReason, Problem } from "../sync/model.ts";
import { isFence } from "./front-matter/fence.ts";
import { problemAt, type Stretch } from "./problem.ts";

/** As much of a file as is looked at, bytes. */
const HEAD_BYTES = 8_192;
/** Lines before front matter that are still a slip. */
const LINES_MAX = 20;
const KEY_LINE = /^["']?[\p{L}_][\p{L}\p{N}_-]*["']?[ \t]*[:：](?:[ \t]|$)/u;
const TOML_LINE = /^[\w-]+[ \t]*=/;
/** What was meant as a fence: dashes of another kind or number, or another line across. */
const LIKE_FENCE = /^(?:[-‐-―−－ー─━]{1,20}|[*_=~+#`]{3,20}|(?:-[ \t]+){1,5}-)$/;
const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t]|$)/;

interface Found extends Stretch {
  readonly code: Code;
  readonly params?: Problem["params"];
}

/**
 * The slip of a file that is no article, with its place and how to fix it.
 *
 * @param why What the file is taken for.
 */
export function slipOf(bytes: Uint8Array, why: NoArticleReason): Problem {
  const text = isWide(bytes) ? "" : new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES));
  const { code, params = {}, ...stretch } = found(bytes, text, why);
  return problemAt(text, stretch, code, params);
}

function found(bytes: Uint8Array, text: string, why: NoArticleReason): Found {
  const first = { offset: 0, length: 1 };
  if (why === "lfs-pointer" || why === "toml-front-matter") return { code: why, ...first };
  if (isWide(bytes)) return { code: "utf-16", ...first };
  if (/^[\p{C}\p{Z}]*$/u.test(text)) return { code: "slip-empty", ...first };
  if (/^-{3}[ \t]*\r(?!\n)/.test(text))
    return { code: "slip-line-ends", offset: text.indexOf("\r"), length: 1 };
  return inLines(text) ?? { code: "slip-unknown", ...first };
}

/** Looks for the first line that shows what happened. */
function inLines(text: string): Found | null {
  const lines = text.split("\n", LINES_MAX).map((line) => line.replace(/\r$/, ""));
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const slip = inLine(line, lines[index + 1] ?? "", index);
    const place = { offset: slip?.code === "slip-fence-lost" ? 0 : offset, length: Math.max(line.length, 1) };
    if (slip !== null) return { ...place, ...slip };
    offset += line.length + (text[offset + line.length] === "\r" ? 2 : 1);
  }
  return null;
}

function inLine(line: string, next: string, index: number): Pick<Found, "code" | "params"> | null {
  if (CONFLICT.test(line)) return { code: "slip-conflict" };
  if (index === 0 && /^[ \t]*<!--/.test(line)) return { code: "slip-comment" };
  if (isFence(line, "---") || isFence(line, "+++"))
    return index > 0 && (KEY_LINE.test(next) || TOML_LINE.test(next)) ? { code: "slip-late" } : null;
  const hidden = line.replace(/[\p{C}\p{Z}]+/gu, "") === "---" ? /[^-\t ]/u.exec(line) : null;
  if (hidden !== null) return { code: "slip-invisible", params: { character: nameOf(hidden[0]) } };
  if (line.trim() === "---") return { code: "slip-indented" };
  if (KEY_LINE.test(line)) return /^(?:id|title|date)\b/i.test(line) ? { code: "slip-fence-lost" } : null;
  if (!KEY_LINE.test(next)) return null;
  if (LIKE_FENCE.test(line.trim())) return { code: "slip-dashes", params: { found: line.trim() } };
  if (line.includes("--")) return { code: "slip-typed", params: { found: line.trim().slice(0, 40) } };
  return null;
}

/** UTF-16 or UTF-32: every other byte of plain text is NUL. */
function isWide(bytes: Uint8Array): boolean {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  const head = bytes.subarray(0, 64);
  return head.length >= 4 && head.filter((byte) => byte === 0).length * 3 >= head.length;
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
