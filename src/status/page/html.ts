/** How the page is written: markup that escapes what comes into it, and a reader with a language and a moment. */
import type { Saying } from "../../messages/en/status-page.ts";
import type { Lang } from "../../messages/language.ts";
import { describe } from "../../messages/problems.ts";
import { type StatusPageWords, WORDS } from "../../messages/words.ts";
import type { BrakeStatus, ProblemStatus, Reason, Time } from "../../status.ts";

/** A piece of markup: what came into it as text was escaped on the way. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template: markup as it is, text escaped, nothing for null and false. */
export type Content = Markup | string | number | null | false | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Writes markup. Every value is escaped, in text and in quoted attributes, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) text += rendered(value) + (strings[index + 1] ?? "");
  return new Markup(text);
}

function rendered(value: Content): string {
  if (value === null || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(rendered).join("");
  // A lone half of a character would end as a replacement character anyway.
  return String(value)
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** Who the page is written for: a language, and the moment it is written at. */
export interface Reader {
  readonly lang: Lang;
  readonly words: StatusPageWords;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  number(value: number): string;
  /** A duration in its largest fitting unit: `84 ms`, `5 min`. */
  span(ms: number): string;
  /** How long ago, or ahead, with the exact time at hand. */
  when(time: Time): Markup;
  /** The same without markup. */
  ago(time: Time): string;
  /** A problem in the reader's language. */
  said(problem: ProblemStatus, path: string): { readonly message: string; readonly hint: string };
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365.25 * DAY_MS;

export function createReader(lang: Lang, nowMs: number): Reader {
  const words = WORDS[lang].statusPage;
  const numbers = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  const number = (value: number): string => numbers.format(value);
  const whole = (value: number): string => number(Math.floor(value));
  const { units } = words;
  const span = (ms: number): string => {
    if (ms < SECOND_MS) return units.ms(whole(Math.max(0, ms)));
    if (ms < 10 * SECOND_MS) return units.s(number(Math.floor(ms / 100) / 10));
    if (ms < MINUTE_MS) return units.s(whole(ms / SECOND_MS));
    if (ms < HOUR_MS) return units.min(whole(ms / MINUTE_MS));
    if (ms < 2 * DAY_MS) return units.h(whole(ms / HOUR_MS));
    return ms < 2 * YEAR_MS ? units.days(whole(ms / DAY_MS)) : units.years(whole(ms / YEAR_MS));
  };
  const ago = (time: Time): string => {
    const agoMs = nowMs - Date.parse(time);
    // A page that counts tenths of seconds is never at rest.
    const rounded = Math.floor(Math.abs(agoMs) / SECOND_MS) * SECOND_MS;
    if (rounded < SECOND_MS) return units.now;
    return agoMs > 0 ? units.ago(span(rounded)) : units.ahead(span(rounded));
  };
  return {
    lang,
    words,
    nowMs,
    number,
    span,
    ago,
    when: (time) => html`<time datetime="${time}" title="${time}">${ago(time)}</time>`,
    said: (problem, path) => {
      if (lang === "en") return problem;
      const { code, severity, params, line, column, length } = problem;
      return describe({ code, severity, params, line, column, length }, path, lang);
    },
  };
}

/** A reason in the reader's own words; null in English, which the agent's words are in already. */
export function sayingOf(
  { lang, words }: Reader,
  { code }: Pick<Reason, "code">,
  brake: BrakeStatus | null,
): Saying | null {
  const own = words.reasons?.[code];
  if (own === undefined) return null;
  const cause = code === "brake" ? (brake?.cause ?? null) : null;
  return cause === null ? own : { ...own, more: `${WORDS[lang].commands.brakeCauses[cause]}${own.more}` };
}
