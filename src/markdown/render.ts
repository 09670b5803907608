/** Markdown to HTML and outline, within a time that the caller can afford. */
import { Budget } from "./budget.ts";
import { toHtml } from "./html.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { parse } from "./parser.ts";

/** What is wanted of a body. */
export interface Wanted {
  /** `safe`: without raw HTML. `raw`: as written. `false`: no HTML. */
  readonly html: "safe" | "raw" | false;
  readonly outline: boolean;
}

export interface Rendered {
  /** Null where none was wanted. */
  readonly html: string | null;
  /** Computed when it is asked for; null where none was wanted. */
  readonly outline: (() => Outline) | null;
}

/**
 * Renders a body in this thread.
 *
 * @param timeMs The time that it may take. It is kept within a few milliseconds, unless the body is
 *   {@link isHazardous}.
 * @throws {OutOfTime | TooComplex | TooLarge} When the body asks for too much.
 */
export function render(markdown: string, wanted: Wanted, timeMs: number): Rendered {
  const budget = new Budget(timeMs);
  const document = parse(markdown, budget);
  const html =
    wanted.html === false ? null : toHtml(document, markdown.length, wanted.html === "safe", budget);
  return { html, outline: wanted.outline ? () => outlineOf(document) : null };
}

const RUN = 256;
const BLANKS = " ".repeat(RUN);
const BACKTICKS = "`".repeat(RUN);
/** Looks at each run once, from its start. */
const BLANKS_AND_TABS = /(?:^|[^ \t])[ \t]{256}/;

/**
 * Whether a single step of parsing may take quadratic time: commonmark looks for the end of a heading or
 * line from every blank of a run, and for the end of a code fence from every backtick. Such a body must
 * not be rendered where nothing can interrupt it.
 */
export function isHazardous(markdown: string): boolean {
  if (markdown.includes(BLANKS) || markdown.includes(BACKTICKS)) return true;
  return markdown.includes("\t") && BLANKS_AND_TABS.test(markdown);
}
