/** What authors write for another tool, and what is not rendered here: found line by line, outside of code. */
import type { ArticleSettings } from "../config/settings.ts";

/** What is written, by the tool or flavour that would render it. */
export type Writing =
  | "tables"
  | "strike-through"
  | "task lists"
  | "footnotes"
  | "alerts"
  | "bare links"
  | "math"
  | "containers"
  | "templates"
  | "shortcodes"
  | "wiki links"
  | "components"
  /** With places of the file, not of the body. */
  | "relative links";

/** The first place of a kind in one body. */
export interface Unrendered {
  readonly writing: Writing;
  /** Of the body, from 1. */
  readonly line: number;
}

/** Longer lines are no prose, UTF-16 code units. */
const LINE_MAX = 2_000;
const FENCE = /^ {0,3}(?:> ?|[-*+] |\d+[.)] )*(`{3,}|~{3,})(.*)$/;
const OF_GITHUB: readonly Writing[] = [
  "tables",
  "strike-through",
  "task lists",
  "footnotes",
  "alerts",
  "bare links",
];

/** How each is recognised in a line of prose. */
const PATTERNS: Readonly<Record<Exclude<Writing, "tables" | "math" | "relative links">, RegExp>> = {
  "strike-through": /(?<!~)~~(?=[^\s~])[^~]*[^\s~]~~(?!~)/,
  "task lists": /^\s*(?:[-*+]|\d+[.)]) \[[ xX]\] /,
  footnotes: /\[\^[^\][\s]+\]/,
  alerts: /^\s{0,3}> ?\[!(?:note|tip|important|warning|caution)\]\s*$/i,
  "bare links": /^(?!\s*\[[^\]]*\]:)(?:.*\s)?https?:\/\/[\w-]+\.\w/,
  containers: /^\s*:{3,}\s*(?:message|details|note|tip|info|warning|danger|caution|important)\b/,
  templates: /\{%-?\s*\w+[^%]*%\}|\{\{-?\s*[\w.$"'][^{}]*\}\}/,
  shortcodes: /\{\{[<%]\s*\/?\w/,
  // A line of its own without blanks is a table of TOML.
  "wiki links": /^(?!\s*\[\[[\w.-]+\]\]\s*$).*?\[\[[^\][]+\]\](?!\()/,
  components: /<[A-Z][\w.]*(?:\s[^<>]*)?\/?>/,
};
const DISPLAY_MATH = /^\s*\$\$/;
const INLINE_MATH = /(?<![\w$\\])\$(?![\s$])([^$]+)(?<![\s\\])\$(?!\w)/g;
/** What a price never has. */
const TEX = /[\\^_{]/;
const DELIMITERS = /^\s{0,3}\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$/;

/** What of a body is shown as it is written, each kind once. */
export function unrenderedIn(
  body: string,
  { markdown, math, containers }: Pick<ArticleSettings, "markdown" | "math" | "containers">,
): Unrendered[] {
  const left = new Set<Writing>(["templates", "shortcodes", "wiki links", "components"]);
  if (markdown === "commonmark") for (const writing of OF_GITHUB) left.add(writing);
  if (!math) left.add("math");
  if (!containers) left.add("containers");
  const found: Unrendered[] = [];
  let before = "";
  for (const [index, line] of proseLines(body).entries()) {
    for (const writing of left) {
      if (!isWritten(writing, line, before)) continue;
      left.delete(writing);
      found.push({ writing, line: index + 1 });
    }
    before = line;
  }
  return found;
}

function isWritten(writing: Writing, line: string, before: string): boolean {
  if (writing === "tables") return before.includes("|") && DELIMITERS.test(line);
  if (writing === "relative links") return false;
  if (writing !== "math") return PATTERNS[writing].test(line);
  if (!line.includes("$")) return false;
  return DISPLAY_MATH.test(line) || [...line.matchAll(INLINE_MATH)].some(([, tex = ""]) => TEX.test(tex));
}

/** The lines of a body, with blanks in place of code. */
export function proseLines(body: string): string[] {
  let fence = "";
  return body.split("\n").map((line) => {
    const [, mark = "", rest = ""] = FENCE.exec(line.slice(0, LINE_MAX)) ?? [];
    if (fence !== "") {
      if (mark.startsWith(fence) && rest.trim() === "") fence = "";
      return "";
    }
    if (mark !== "" && !(mark.startsWith("`") && rest.includes("`"))) fence = mark;
    if (fence !== "" || line.length > LINE_MAX || /^(?: {4}|\t)/.test(line)) return "";
    return withoutCode(line.replace(/\r$/, ""));
  });
}

/** Without code, which stands between runs of backticks of the same length. */
function withoutCode(line: string): string {
  if (!line.includes("`")) return line;
  const parts = line.split(/(`+)/);
  /** The next run of the same length, by the place of a run. */
  const next = new Map<number, number>();
  const last = new Map<string, number>();
  for (let at = parts.length - 2; at > 0; at -= 2) {
    const run = parts[at] ?? "";
    next.set(at, last.get(run) ?? -1);
    last.set(run, at);
  }
  let prose = "";
  for (let at = 0; at < parts.length; at++) {
    const end = next.get(at) ?? -1;
    prose += end < 0 ? parts[at] : " ";
    at = Math.max(at, end);
  }
  return prose;
}
