import picocolors from "picocolors";
import type { Problem } from "../sync/model.ts";
import type { Lang } from "./language.ts";
import { describe, sentence } from "./problems.ts";
import { cells, cut, cutStart, visible } from "./terminal.ts";
import { type CommandWords, WORDS } from "./words.ts";

/** Something to say about a place in a file, in words. */
export interface Finding {
  /** From the repository's root. */
  readonly path: string;
  /** `note`: worth knowing, nothing wrong. */
  readonly severity: keyof CommandWords["severities"];
  readonly code: string;
  /** From 1; null where it concerns the file as a whole. */
  readonly line: number | null;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** At least 1. */
  readonly length: number;
  readonly message: string;
  /** How to fix it; may be empty. */
  readonly hint: string;
  /** Text of the line. */
  readonly excerpt: string | null;
}

/** Of a long line, so much is shown around what is meant, cells: with its number it fits in 80 columns. */
const shownMax = 64;

/** A problem of an article in words. */
export function findingOf(problem: Problem, path: string, lang: Lang): Finding {
  const { severity, code, line, column, length, excerpt } = problem;
  const { message, hint } = describe(problem, path, lang);
  return { path, severity, code, line, column, length, message, hint, excerpt: excerpt ?? null };
}

/** What is to be said of a file as a whole. */
export function wholeFile(
  path: string,
  severity: Finding["severity"],
  code: string,
  lang: Lang,
  params: Problem["params"] = {},
): Finding {
  const place = { path, line: null, column: 1, length: 1, excerpt: null };
  return { ...place, severity, code, ...sentence(code, params, lang) };
}

/** That a file is held; its reason is English, as the state keeps it, with a number of seconds in it. */
export function heldFinding(path: string, reason: string, lang: Lang): Finding {
  const seconds = /(\d+) s\b/.exec(reason)?.[1];
  if (reason === sentence("render-later", {}, "en").message)
    return wholeFile(path, "error", "render-later", lang);
  const finding = wholeFile(path, "error", "render-too-slow", lang, { seconds: seconds ?? "?" });
  return seconds === undefined || lang === "en" ? { ...finding, message: reason } : finding;
}

/**
 * One finding for a person at a terminal: where and what, the line with what is meant marked below it, and
 * how to fix it. Ends with a line feed.
 */
export function prettyFinding(finding: Finding, colour: boolean, lang: Lang): string {
  const { bold, cyan, dim, red, yellow } = picocolors.createColors(colour);
  const paint = { error: red, warning: yellow, note: cyan }[finding.severity];
  const { path, line, column, severity, message, code, hint } = finding;
  const where = line === null ? path : `${path}:${line}:${column}`;
  const lines = [
    `${bold(visible(where))} ${paint(WORDS[lang].commands.severities[severity])} ${visible(message)} ${dim(`[${code}]`)}`,
  ];
  const marked = markedLine(finding);
  if (marked !== null) {
    const number = String(line);
    lines.push(
      dim(`  ${number} | `) + marked.text,
      `${dim(`  ${" ".repeat(number.length)} | `)}${paint(marked.mark)}`,
    );
  }
  if (hint !== "") lines.push(`  ${dim(visible(hint))}`);
  return `${lines.join("\n")}\n`;
}

/** The line as it can be shown, and the blanks and carets below it; null where there is nothing to mark. */
function markedLine({ line, column, length, excerpt }: Finding): { text: string; mark: string } | null {
  if (line === null || excerpt === null || excerpt.trim() === "" || column - 1 > excerpt.length) return null;
  const at = column - 1;
  const [before, meant, after] = [
    excerpt.slice(0, at),
    excerpt.slice(at, at + length),
    excerpt.slice(at + length),
  ].map(visible) as [string, string, string];
  const room = shownMax - cells(meant) - cells(after);
  const head = cutStart(before, Math.max(room, Math.floor(shownMax / 3)));
  const middle = cut(meant, shownMax - cells(head));
  const tail = middle === meant ? cut(after, shownMax - cells(head) - cells(middle)) : "";
  const lead = head === before ? head : `…${head}`;
  return {
    text: lead + middle + tail + (middle + tail === meant + after ? "" : "…"),
    mark: `${" ".repeat(cells(lead))}${"^".repeat(Math.max(1, cells(middle)))}`,
  };
}
