/** What a payload has to show in a list, and the words it is found by. */

/** A payload as it was parsed: any JSON object with an id. */
export type Fields = Readonly<Record<string, unknown>>;

/** The parts of a payload that a list shows; each only where the payload has it, in the right type. */
export interface Summary {
  readonly title?: string;
  readonly description?: string;
  readonly cover?: string;
  readonly tags?: readonly string[];
  readonly created_at?: string;
  readonly updated_at?: string;
  readonly is_external?: boolean;
  readonly external_url?: string;
  readonly path?: string;
}

const shown = {
  title: "string",
  description: "string",
  cover: "string",
  created_at: "string",
  updated_at: "string",
  is_external: "boolean",
  external_url: "string",
  path: "string",
} as const;

/** Picks what a list shows. */
export function summarize(fields: Fields): Summary {
  const summary: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(shown)) {
    const value = fields[key];
    if (typeof value === type) summary[key] = value;
  }
  const tags = fields["tags"];
  if (Array.isArray(tags)) summary["tags"] = [...new Set(tags.filter((tag) => typeof tag === "string"))];
  return summary;
}

/** When the article says it was published, in milliseconds; null where it does not say. */
export function publishedMs(summary: Summary): number | null {
  const ms = summary.created_at === undefined ? Number.NaN : Date.parse(summary.created_at);
  return Number.isNaN(ms) ? null : ms;
}

/** Text as it is searched: compatibility forms unified (full-width letters, half-width kana), lower case. */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

const addressOrTime = /^(?:https?:\/\/\S*|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))$/;

/**
 * The text an article is found by, beside its title: each string in the payload but addresses,
 * timestamps, and `html` where `body` has the same words without the markup.
 */
export function searchedText(fields: Fields): string {
  const parts: string[] = [];
  const rendered = typeof fields["body"] === "string" ? "html" : null;
  // A list of what is left to look at instead of recursion: nesting is the sender's choice.
  const left = Object.entries(fields)
    .filter(([key]) => key !== rendered && key !== "title")
    .map(([, value]) => value)
    .reverse();
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string") {
      if (value !== "" && !addressOrTime.test(value)) parts.push(value);
    } else if (typeof value === "object" && value !== null) {
      for (const inner of Object.values(value).reverse()) left.push(inner);
    }
  }
  return parts.join("\n");
}

const wordsMax = 10;

/** Words, and phrases in quotes, of a query as they are searched: each must be found. Of more than ten the first ten count. */
export function queryWords(query: string): readonly string[] {
  const found = folded(query).matchAll(/"([^"]*)"|[^\s\p{Cc}"]+/gu);
  const words = found.map(([word, phrase]) => (phrase ?? word).trim().replace(/[\s\p{Cc}]+/gu, " "));
  return [...new Set(words)].filter((word) => word !== "").slice(0, wordsMax);
}

const snippetLength = 160;
const snippetLead = 40;
/** Characters around a word that a snippet is made from: with markup taken out, enough for a line. */
const windowLength = 1_000;
/**
 * Markdown's own characters and link targets, which only disturb in a line of plain text. Each alternative
 * ends at the character that another one could begin with, so no part of a text is read twice.
 */
const markup = /\]\([^()[\]\s]*\)|[#*`>|[\]~]+|^-{3,}$|<[^<>]{0,200}>/gmu;

/**
 * A line of the text around the first of the words that is in it, for a list of results.
 *
 * @param words As {@link queryWords} gives them.
 * @returns At most about 160 characters of plain text; its beginning if no word is in it.
 */
export function snippet(text: string, words: readonly string[]): string {
  const window = windowAround(text.normalize("NFKC"), words);
  const lead = toPlain(window.lead);
  const plain = `${lead.slice(-snippetLead)}${toPlain(window.rest)}`.trimStart();
  const isFromStart = window.isFromStart && lead.length <= snippetLead;
  const piece = plain.slice(0, snippetLength).toWellFormed().replaceAll("\ufffd", "").trim();
  const isToEnd = window.isToEnd && plain.trimEnd().length <= snippetLength;
  return `${isFromStart ? "" : "…"}${piece}${isToEnd ? "" : "…"}`;
}

/** Part of a text before and after the place where the first of the words begins. */
export interface TextWindow {
  readonly lead: string;
  readonly rest: string;
  /** Whether nothing of the text comes before `lead`, and nothing after `rest`. */
  readonly isFromStart: boolean;
  readonly isToEnd: boolean;
}

/** The part of a text that a snippet is made from, however long the text is: at most 1,000 characters. */
export function windowAround(text: string, words: readonly string[]): TextWindow {
  const lower = text.toLowerCase();
  const found = words.map((word) => lower.indexOf(word)).filter((index) => index >= 0);
  const at = found.length === 0 ? 0 : Math.min(...found);
  const start = Math.max(0, at - windowLength / 2);
  const end = Math.min(text.length, at + windowLength / 2);
  return {
    lead: text.slice(start, at),
    rest: text.slice(at, end),
    isFromStart: start === 0,
    isToEnd: end === text.length,
  };
}

/** Without markup, in one line. */
function toPlain(text: string): string {
  return text.replace(markup, " ").replace(/\s+/gu, " ");
}
