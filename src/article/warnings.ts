/** What is doubtful in an article without being wrong: never a reason to reject it. */
import { nearest } from "../messages/nearest.ts";
import type { Problem } from "../sync/model.ts";
import { type Issue, KNOWN_KEYS } from "./fields.ts";
import { problemAt } from "./position.ts";
import { type Findings, traced } from "./study.ts";

const YEAR_MS = 366 * 86_400_000;
/** Keys that may be left out, so that a misspelt one goes unnoticed. */
const OPTIONAL_KEYS = KNOWN_KEYS.filter((key) => !["id", "title", "date"].includes(key));
/** `title: C# tips #1`: a comment to YAML, hardly to its author. */
const COMMENT_IN_VALUE = /^([\w-]+)[ \t]*:[ \t]+[^\s"'#[{|>&*!][^\n]*?[ \t]#(?=[^\s#])/gm;
/** Nobody reads more of them. */
const COMMENTS_MAX = 50;
/** The warning that many articles may have in common, and how few tell of no habit. */
const LACKING = "description-missing";
const FEW = 10;
/** So many keys are compared with the known ones. */
const KEYS_MAX = 200;
/** Front matter after blank lines, without its first fence, or with one of other or more dashes. */
const LATE_FRONT_MATTER =
  /^\s+---[ \t]*\r?\n|^(?:id|title|date):[ \t]|^(?:--|-{4,10}|[—–―－ー]{1,5})[ \t]*\r?\n["']?[a-z]\w*["']?[:：]/i;

/**
 * Doubts about one file on its own.
 *
 * @param isTranslated Whether a hook reads keys of its own, which nobody can tell from misspelt ones.
 * @param nowMs Milliseconds since the epoch.
 */
export async function warningsOf(
  findings: Findings,
  bytes: Uint8Array,
  isTranslated: boolean,
  nowMs: number,
): Promise<Problem[]> {
  const { verdict, source, front, fields } = findings;
  if (verdict.kind === "none") return lateFrontMatter(bytes);
  if (front === null || source === null) return [];
  const issues: Issue[] = [];
  if (fields?.description === "") issues.push({ code: "description-missing", params: {} });
  if (fields !== null && fields.dateMs > nowMs + YEAR_MS) {
    const value = new Date(fields.dateMs).toISOString();
    issues.push({ code: "date-far-future", key: "date", params: { key: "date", value } });
  }
  const keys = Object.keys(front.attributes);
  const absent = OPTIONAL_KEYS.filter((key) => !keys.includes(key));
  for (const near of keys.slice(0, KEYS_MAX)) {
    const key = KNOWN_KEYS.includes(near) ? null : nearest(near, absent);
    // `updated_at` is another tool's key, `tag` hardly is.
    const isOther = key === null || (isTranslated && Math.abs(key.length - near.length) > 1);
    if (!isOther) issues.push({ code: "near-key", key: near, params: { key, near } });
  }
  const frontMatter = source.slice(0, findings.bodyStart);
  const comments: Problem[] = [];
  for (const { 0: match, 1: key = "", index } of frontMatter.matchAll(COMMENT_IN_VALUE)) {
    if (comments.length === COMMENTS_MAX) break;
    const stretch = { offset: index + match.length - 1, length: 1 };
    comments.push(problemAt(source, stretch, "comment-in-value", { key }, "warning"));
  }
  return [...(await front.place(traced(issues, findings), "warning")), ...comments];
}

/**
 * Codes of what most articles of some repository lack, and nobody misses: a warning at every one of them
 * would hide the others.
 *
 * @param ofArticles The problems of each article that is at hand.
 */
export function unmissedCodes(ofArticles: readonly (readonly Problem[])[]): ReadonlySet<string> {
  const lacking = ofArticles.filter((problems) => problems.some(({ code }) => code === LACKING)).length;
  return new Set(ofArticles.length > FEW && lacking * 2 > ofArticles.length ? [LACKING] : []);
}

function lateFrontMatter(bytes: Uint8Array): Problem[] {
  const head = new TextDecoder().decode(bytes.subarray(0, 4096));
  if (!LATE_FRONT_MATTER.test(head)) return [];
  return [problemAt(head, { offset: 0, length: 1 }, "front-matter-not-first", {}, "warning")];
}
