/** What is wrong in a file, and where: from an offset into its text to line, column and excerpt. */
import type { Code } from "../messages/problems.ts";
import type { Problem } from "../sync/model.ts";

const EXCERPT_MAX = 200;
/** Of a parameter, UTF-16 code units: keys and values may be as long as the file. */
const PARAM_MAX = 1_000;

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

/** The lines of a text, which are looked up once however many places are asked for. */
export class Lines {
  readonly text: string;
  #starts: readonly number[] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Offset at which each line begins. */
  get starts(): readonly number[] {
    this.#starts ??= startsOf(this.text);
    return this.#starts;
  }

  /** 1-based line and column (UTF-16 code units) of an offset, and the text of that line. */
  at(offset: number): { line: number; column: number; lineText: string } {
    const { text, starts } = this;
    const at = Math.min(Math.max(offset, 0), text.length);
    let [line, above] = [0, starts.length];
    while (above - line > 1) {
      const middle = (line + above) >> 1;
      if ((starts[middle] ?? 0) <= at) line = middle;
      else above = middle;
    }
    const start = starts[line] ?? 0;
    const lineText = text.slice(start, (starts[line + 1] ?? text.length + 1) - 1);
    const isCrlf = lineText.endsWith("\r");
    return { line: line + 1, column: at - start + 1, lineText: isCrlf ? lineText.slice(0, -1) : lineText };
  }
}

function startsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** {@link Lines.at}, for one place of a text. */
export function lineAt(text: string, offset: number): ReturnType<Lines["at"]> {
  return new Lines(text).at(offset);
}

/**
 * The problem of this code at a stretch of the text. A stretch over several lines marks the first.
 *
 * @param text {@link Lines} where several problems may be in the same text.
 */
export function problemAt(
  text: string | Lines,
  { offset, length }: Stretch,
  code: Code,
  params: Problem["params"] = {},
  severity: Problem["severity"] = "error",
): Problem {
  const lines = typeof text === "string" ? new Lines(text) : text;
  const { line, column, lineText } = lines.at(offset);
  const rest = Math.max(lineText.length - column + 1, 1);
  const marked = Math.min(Math.max(length, 1), rest);
  const problem = { code, severity, line, column, length: marked, params: shortened(params) };
  return lines.text === "" ? problem : { ...problem, excerpt: lineText.slice(0, EXCERPT_MAX).toWellFormed() };
}

function shortened(params: Problem["params"]): Problem["params"] {
  const isLong = (value: string | number): boolean => typeof value === "string" && value.length > PARAM_MAX;
  if (!Object.values(params).some(isLong)) return params;
  const entries = Object.entries(params).map(([name, value]) => [
    name,
    isLong(value) ? `${String(value).slice(0, PARAM_MAX).toWellFormed()}…` : value,
  ]);
  return Object.fromEntries(entries) as Problem["params"];
}
