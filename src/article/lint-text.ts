/** Warnings that the text of a file shows, line by line: what YAML or Markdown takes otherwise than it looks. */
import type { Problem } from "../sync/model.ts";
import { Lines, problemAt } from "./problem.ts";

/** So many are enough for one file. */
const WARNINGS_MAX = 50;
/** Longer lines are left alone, UTF-16 code units. */
const LINE_MAX = 1_000;
const KEY = /^[ \t]*(?:- +)?["']?([\p{L}_][\p{L}\p{N}_.-]*)["']?[ \t]*:(?=[ \t]|$)/u;
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
  /** Lines that are indented deeper belong to a block of text. */
  let textIndent = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (const line of source.slice(0, bodyStart).split("\n")) {
    const start = offset;
    offset += line.length + 1;
    const indent = line.length - line.trimStart().length;
    if (line.trim() === "" || indent > textIndent || line.length > LINE_MAX) continue;
    textIndent = BLOCK_SCALAR.test(line) ? indent : Number.POSITIVE_INFINITY;
    key = KEY.exec(line)?.[1] ?? key;
    const at = hashIn(line);
    if (at === null || key === "" || problems.length === WARNINGS_MAX) continue;
    const params = { key, line: quotedValue(line) };
    problems.push(problemAt(lines, { offset: start + at, length: 1 }, "comment-in-value", params, "warning"));
  }
  return problems;
}

/** Where a `#` takes words away; null where none does, or quotes keep it. */
function hashIn(line: string): number | null {
  const value =
    /^[ \t]*(?:- +)?(?:["']?[\p{L}_][\p{L}\p{N}_.-]*["']?[ \t]*:(?=[ \t]|$))?/u.exec(line)?.[0] ?? "";
  const rest = line.slice(value.length);
  // A comment of its own line, and what is in quotes or brackets, is meant as it stands.
  if (value.trim() === "" && line.trimStart().startsWith("#")) return null;
  if (/^[ \t]*["'[{|>&*!]/.test(rest)) return null;
  const hash = HASH.exec(rest);
  return hash === null ? null : value.length + hash.index + hash[0].length - 1;
}

/** The line with its value in quotes. */
function quotedValue(line: string): string {
  const head = /^[ \t]*(?:- +)?(?:["']?[\p{L}_][\p{L}\p{N}_.-]*["']?[ \t]*:[ \t]*)?/u.exec(line)?.[0] ?? "";
  return `${head.trimStart()}${JSON.stringify(line.slice(head.length).trimEnd())}`;
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
