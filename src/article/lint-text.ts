/** Warnings that the text of a file shows, line by line: what YAML or Markdown takes otherwise than it looks. */
import type { Problem } from "../sync/model.ts";
import { Lines, problemAt } from "./problem.ts";

/** So many are enough for one file. */
const WARNINGS_MAX = 50;
/** Longer lines are left alone, UTF-16 code units. */
const LINE_MAX = 1_000;
const KEY = /^[ \t]*(?:- +)?["']?([\p{L}_][\p{L}\p{N}_.-]*)["']?[ \t]*:(?=[ \t]|$)/u;
/** What stands before a value: the dash of an item, a key, or nothing but blanks. */
const HEAD = /^[ \t]*(?:- +)?(?:["']?[\p{L}_][\p{L}\p{N}_.-]*["']?[ \t]*:(?:[ \t]+|$))?/u;
const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'/g;
const TYPOGRAPHIC = /^[“”„‟][^“”„‟]*[“”‟]$|^\[(?:[^“”„‟]*[[,])?[ \t]*[“”„‟][^“”„‟]*[“”‟][ \t]*[,\]]/;
/** A value that goes on below as it is written. */
const BLOCK_SCALAR = /[:-][ \t]+[|>][+-]?\d?[+-]?[ \t]*$/;
/** `#go`, not `# a remark`. */
const HASH = /(?:^|[ \t])#(?=[^\s#!])/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/s;

/**
 * A `#` in front matter that turns words into a comment, wherever it stands in a value.
 *
 * @param bodyStart Where the front matter ends in the text.
 */
export function commentsInValues(source: string, bodyStart: number): Problem[] {
  const problems: Problem[] = [];
  const lines = new Lines(source);
  let key = "";
  /** The line of the key or item, and those below that go on with its value. */
  let value = "";
  /** Lines that are indented deeper belong to a block of text. */
  let textIndent = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (const line of source.slice(0, bodyStart).split("\n")) {
    const start = offset;
    offset += line.length + 1;
    const indent = line.length - line.trimStart().length;
    if (line.trim() === "" || indent > textIndent || line.length > LINE_MAX) continue;
    textIndent = BLOCK_SCALAR.test(line) ? indent : Number.POSITIVE_INFINITY;
    const own = HEAD.exec(line)?.[0] ?? "";
    key = KEY.exec(line)?.[1] ?? key;
    const isBelow = own.trim() === "" && !line.trimStart().startsWith("#");
    if (!isBelow) value = line;
    else if (value.length < LINE_MAX) value = `${value.trimEnd()} ${line.trim()}`;
    const at = hashIn(line, own, value);
    if (at === null || key === "" || problems.length === WARNINGS_MAX) continue;
    const params = { key, line: quotedValue(value) };
    problems.push(problemAt(lines, { offset: start + at, length: 1 }, "comment-in-value", params, "warning"));
  }
  return problems;
}

/**
 * Where a `#` takes words away; null where none does, or quotes keep it.
 *
 * @param head What stands before the value.
 * @param value The line, after those above it that the value began on.
 */
function hashIn(line: string, head: string, value: string): number | null {
  const rest = line.slice(head.length).replace(QUOTED, (text) => "x".repeat(text.length));
  // A comment of its own line is meant as it stands.
  if (head.trim() === "" && line.trimStart().startsWith("#")) return null;
  const hash = HASH.exec(rest);
  if (hash === null) return null;
  const at = hash.index + hash[0].length - 1;
  const whole = value.slice(HEAD.exec(value)?.[0].length ?? 0).trimStart();
  // So it is behind a value that is complete.
  const isClosed = /^["'{|>&*!]/.test(whole) || (whole.startsWith("[") && rest.slice(0, at).includes("]"));
  return isClosed ? null : head.length + at;
}

/** Values and items in typographic quotes, which YAML takes for letters. */
export function typographicQuotes(source: string, bodyStart: number): Problem[] {
  const problems: Problem[] = [];
  const lines = new Lines(source);
  let key = "";
  let offset = 0;
  for (const line of source.slice(0, bodyStart).split("\n")) {
    const start = offset;
    offset += line.length + 1;
    if (line.length > LINE_MAX || problems.length === WARNINGS_MAX) continue;
    key = KEY.exec(line)?.[1] ?? key;
    const head = HEAD.exec(line)?.[0] ?? "";
    const value = line.slice(head.length).trim();
    if (key === "" || head.trim() === "" || !TYPOGRAPHIC.test(value)) continue;
    const stretch = { offset: start + line.indexOf(value, head.length), length: value.length };
    const fix = head.trimStart() + value.replace(/[“”„‟]/g, '"');
    problems.push(problemAt(lines, stretch, "curly-quotes", { key, fix }, "warning"));
  }
  return problems;
}

/** The line with its value in quotes. */
function quotedValue(line: string): string {
  const head = HEAD.exec(line)?.[0] ?? "";
  const value = line.slice(head.length).trim();
  // Of a list only the item is meant.
  const quoted = value.startsWith("[")
    ? value.replace(/(?<=[[,][ \t]*)#[^,\]]*/g, (item) => JSON.stringify(item.trim()))
    : JSON.stringify(value);
  return `${head.trim()} ${quoted}`.trimStart();
}

/** A code fence in the body that is never closed: all below it is code. */
export function unclosedFence(source: string, bodyStart: number): Problem[] {
  let open: { readonly mark: string; readonly offset: number } | null = null;
  let offset = bodyStart;
  for (const line of source.slice(bodyStart).split("\n")) {
    const [, mark = "", rest = ""] = FENCE.exec(line.slice(0, LINE_MAX)) ?? [];
    if (mark !== "" && open === null && !(mark.startsWith("`") && rest.includes("`")))
      open = { mark, offset };
    else if (open !== null && mark.startsWith(open.mark) && rest.trim() === "") open = null;
    offset += line.length + 1;
  }
  if (open === null) return [];
  const stretch = { offset: open.offset, length: open.mark.length };
  return [problemAt(source, stretch, "fence-unclosed", { mark: open.mark }, "warning")];
}
