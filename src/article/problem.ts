/** What is wrong in a file, and where: from an offset into its text to line, column and excerpt. */
import type { Code } from "../messages/problems.ts";
import type { Problem } from "../sync/model.ts";

const EXCERPT_MAX = 200;

/** A stretch of a text: UTF-16 code units from `offset`. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** Something wrong with a key, not yet tied to a line. Without `key` it concerns the whole front matter. */
export interface Issue {
  readonly code: Code;
  readonly params: Problem["params"];
  readonly key?: string;
  /** Item of a list. */
  readonly index?: number;
}

/** 1-based line and column (UTF-16 code units) of an offset, and the text of that line. */
export function lineAt(text: string, offset: number): { line: number; column: number; lineText: string } {
  const at = Math.min(Math.max(offset, 0), text.length);
  let line = 1;
  let start = 0;
  for (let next = text.indexOf("\n"); next >= 0 && next < at; next = text.indexOf("\n", start)) {
    line++;
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  const lineText = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
  return { line, column: at - start + 1, lineText };
}

/** The problem of this code at a stretch of the text. A stretch over several lines marks the first. */
export function problemAt(
  text: string,
  { offset, length }: Stretch,
  code: Code,
  params: Problem["params"] = {},
  severity: Problem["severity"] = "error",
): Problem {
  const { line, column, lineText } = lineAt(text, offset);
  const rest = Math.max(lineText.length - column + 1, 1);
  const marked = Math.min(Math.max(length, 1), rest);
  const problem = { code, severity, line, column, length: marked, params };
  return text === "" ? problem : { ...problem, excerpt: lineText.slice(0, EXCERPT_MAX).toWellFormed() };
}
