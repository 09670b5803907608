/** What is worth a warning in an article without being wrong: never a reason to reject it. */
import type { ArticleSettings } from "../config/settings.ts";
import { nearest } from "../messages/nearest.ts";
import type { Problem } from "../sync/model.ts";
import { problemsOf } from "../sync/rules.ts";
import type { FieldName, Origin } from "./fields.ts";
import { invisibleIn, withoutInvisible } from "./front-matter/corrected.ts";
import { commentsInValues, typographicQuotes, unclosedFence } from "./lint-text.ts";
import type { Parsed } from "./parse.ts";
import { type Issue, lineAt, problemAt } from "./problem.ts";
import { isDeciding } from "./publication.ts";
import { type Reference, referencesOf } from "./references.ts";
import type { Rules } from "./rules.ts";
import { type Unrendered, proseLines, unrenderedIn } from "./unrendered.ts";
import { KNOWN_KEYS, OPTIONAL_KEYS } from "./validate.ts";

export type Origins = { readonly [Field in FieldName]?: Origin };

/** Everything that can be said about one file on its own. */
export interface LintResult extends Pick<Parsed, "verdict" | "attributes" | "payload" | "source"> {
  /** Errors and warnings, in the order of the file. */
  readonly problems: readonly Problem[];
  /** Where each field was found. */
  readonly origins: Origins;
  /** What its author writes for another tool or flavour. */
  readonly unrendered: readonly Unrendered[];
  /** Cover, images and links that lead to other files of the repository. */
  readonly references: readonly Reference[];
}

/** What only looks like HTML: escaped, or for another tool. */
const NO_HTML = /\\<|\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}/g;
/** So many names are listed in one warning. */
const NAMES_MAX = 5;
const YEAR_MS = 366 * 86_400_000;
/** So many keys are compared with the known ones. */
const KEYS_MAX = 200;
const SAID_BY_ERRORS: ReadonlySet<string> = new Set(["key-invisible", "curly-quotes"]);
/** What other tools call tags. */
const OTHER_TAGS: ReadonlySet<string> = new Set(
  "topics categories category keywords keyword labels label タグ カテゴリ カテゴリー".split(" "),
);
/** A longer tag is a sentence, UTF-16 code units. */
const TAG_MAX = 60;
/** The warning that many articles may have in common, and from how many articles that can be concluded. */
const LACKING = "description-missing";
const FEW = 10;
/** Front matter after blank lines, without its first fence, or with one of other or more dashes. */
const LATE_FRONT_MATTER =
  /^\s+---[ \t]*\r?\n|^(?:id|title|date):[ \t]|^(?:--|-{4,10}|[—–―－ー]{1,5})[ \t]*\r?\n["']?[a-z]\w*["']?[:：]/i;

/** What a file is judged by. */
export interface LintOptions {
  readonly settings: Pick<ArticleSettings, "markdown" | "math" | "containers" | "html" | "links">;
  readonly rules: Rules;
  /** Whether a hook reads keys of its own, which look like misspelt ones. */
  readonly isTranslated: boolean;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * Adds the warnings about one file to what parsing found.
 *
 * @param parsed Parsed in detail, from `bytes`.
 */
export async function lint(
  path: string,
  parsed: Parsed,
  bytes: Uint8Array,
  options: LintOptions,
): Promise<LintResult> {
  const { verdict, attributes, payload, source, found } = parsed;
  const errors = [...problemsOf(verdict), ...parsed.besides];
  const lines = new Set(errors.map(({ line }) => line));
  const warnings = verdict.kind === "none" ? lateFrontMatter(bytes) : await warningsOf(parsed, options);
  const problems = [
    ...errors,
    // An error says the same, and more.
    ...warnings.filter(({ code, line }) => !SAID_BY_ERRORS.has(code) || !lines.has(line)),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  const origins = Object.fromEntries([...found].map(([field, { origin }]) => [field, origin]));
  const references = await referencesOf(path, parsed);
  const isArticle = verdict.kind === "article" && source !== null;
  const body = isArticle ? source.slice(parsed.bodyStart) : "";
  const before = isArticle ? lineAt(source, parsed.bodyStart).line - 1 : 0;
  const written = unrenderedIn(body, options.settings).map((one) => ({ ...one, line: one.line + before }));
  const unrendered = [...written, ...linksToFiles(references, options)];
  return { verdict, problems, attributes, payload, source, origins, unrendered, references };
}

/** Relative links and images that lead nowhere from a published page, as no address is configured for them. */
function linksToFiles(references: readonly Reference[], { settings }: LintOptions): Unrendered[] {
  const first = references.find(({ path, routes, warning }) => {
    const isLink = warning.code === "link-missing" && /\.(?:md|markdown|mdown|mdx)$/i.test(path);
    return routes.length === 0 && settings.links[isLink ? "article" : "asset"] === null;
  });
  return first === undefined ? [] : [{ writing: "relative links", line: first.warning.line }];
}

async function warningsOf(
  parsed: Parsed,
  { settings, rules, isTranslated, nowMs }: LintOptions,
): Promise<Problem[]> {
  const { verdict, source, front, fields } = parsed;
  const hiddenBy = verdict.kind === "withdrawn" ? verdict.problem?.params["key"] : undefined;
  if (front === null || source === null) return [];
  const issues: Issue[] = [];
  if (fields?.description === "") issues.push({ code: "description-missing", params: {} });
  if (fields !== null && fields.dateMs !== null && fields.dateMs > nowMs + YEAR_MS) {
    const value = new Date(fields.dateMs).toISOString();
    issues.push({ code: "date-far-future", key: "date", params: { key: "date", value } });
  }
  issues.push(...aheadOf(parsed, nowMs), ...doubtfulTags(fields?.tags ?? []));
  const keys = Object.keys(front.attributes);
  const absent = OPTIONAL_KEYS.filter((key) => !keys.includes(key));
  for (const near of keys.slice(0, KEYS_MAX)) {
    const character = invisibleIn(near);
    if (character !== null && near !== hiddenBy) {
      issues.push({ code: "key-invisible", key: near, params: { key: withoutInvisible(near), character } });
      continue;
    }
    const isMeant =
      KNOWN_KEYS.includes(near) || rules.names.has(near) || isDeciding(near) || near === hiddenBy;
    const key = isMeant ? null : nearest(near, absent);
    // `external_url` is how other tools write it.
    if (key !== null && near.replaceAll("_", "") === key.toLowerCase()) continue;
    // `updated_at` is another tool's key, `tag` hardly is.
    const isOther = key === null || (isTranslated && Math.abs(key.length - near.length) > 1);
    if (!isOther) issues.push({ code: "near-key", key: near, params: { key, near } });
    else if (!isMeant && !isTranslated && OTHER_TAGS.has(near.toLowerCase()) && absent.includes("tags"))
      issues.push({ code: "key-unused", key: near, params: { key: "tags", near } });
  }
  const placed = await front.place(front.traced(issues), "warning");
  const { bodyStart } = parsed;
  const html = settings.html === "safe" ? await leftOutHtml(source, bodyStart) : [];
  const inText = [commentsInValues, typographicQuotes, unclosedFence];
  return [...placed, ...inText.flatMap((find) => find(source, bodyStart)), ...html];
}

/** HTML of the author's that is left out of the page: one warning a file. */
async function leftOutHtml(source: string, bodyStart: number): Promise<Problem[]> {
  const body = source.slice(bodyStart);
  if (!/<[a-z]/i.test(body)) return [];
  const prose = proseLines(body).join("\n").replaceAll(NO_HTML, "");
  const { leftOut } = await import("../markdown/sanitize.ts");
  const found = leftOut(prose);
  const [first] = found;
  if (first === undefined) return [];
  const line = prose.slice(0, first.offset).split("\n").length;
  let offset = bodyStart;
  for (let skipped = 1; skipped < line; skipped++) offset = source.indexOf("\n", offset) + 1;
  const names = found.slice(0, NAMES_MAX).map(({ name }) => name);
  const params = { names: [...names, ...(found.length > NAMES_MAX ? ["…"] : [])].join(", ") };
  return [problemAt(source, { offset, length: 1 }, "html-left-out", params, "warning")];
}

/**
 * Codes of what most articles of a repository lack on purpose: a warning at every one of them would hide the
 * others.
 */
export class Unmissed {
  #articles = 0;
  #lacking = 0;

  /** @param problems Of one more article. */
  add(problems: readonly Problem[]): void {
    this.#articles++;
    if (problems.some(({ code }) => code === LACKING)) this.#lacking++;
  }

  codes(): ReadonlySet<string> {
    return new Set(this.#articles > FEW && this.#lacking * 2 > this.#articles ? [LACKING] : []);
  }
}

function lateFrontMatter(bytes: Uint8Array): Problem[] {
  const head = new TextDecoder().decode(bytes.subarray(0, 4096));
  if (!LATE_FRONT_MATTER.test(head)) return [];
  return [problemAt(head, { offset: 0, length: 1 }, "front-matter-not-first", {}, "warning")];
}

/** A date to come that keeps nothing back: hardly what its author expects. */
function aheadOf({ verdict, fields }: Parsed, nowMs: number): Issue[] {
  if (fields === null || verdict.kind !== "article" || verdict.publishAtMs !== null) return [];
  if (fields.dateMs === null) return [];
  if (fields.dateMs <= nowMs || fields.dateMs > nowMs + YEAR_MS) return [];
  const value = new Date(fields.dateMs).toISOString();
  return [{ code: "date-ahead", key: "date", params: { key: "date", value } }];
}

/** Tags that are there twice, and several that were meant to be apart. */
function doubtfulTags(tags: readonly string[]): Issue[] {
  const issues: Issue[] = [];
  const some = tags.slice(0, KEYS_MAX);
  if (some.some((tag) => /[、，]/.test(tag))) {
    const list = some
      .flatMap((tag) => tag.split(/[、，]/))
      .map((tag) => tag.trim())
      .join(", ");
    issues.push({ code: "tags-wide-comma", key: "tags", params: { list } });
  }
  const sentence = some.find((tag) => tag.length > TAG_MAX || tag.includes("\n"));
  if (sentence !== undefined) {
    const value = sentence.replace(/\s+/g, " ").slice(0, TAG_MAX).toWellFormed();
    issues.push({ code: "tag-odd", key: "tags", params: { value } });
  }
  const unique = new Set(some);
  if (unique.size < some.length) {
    const list = [...unique].join(", ");
    issues.push({ code: "tags-twice", key: "tags", params: { list } });
  }
  return issues;
}
