/**
 * Whether an article may be public, and when: not only by `draft`, but by the keys with which other tools, and
 * careless fingers, say the same. A key that is in no table here decides nothing.
 */
import { kindOf } from "../messages/problems.ts";
import type { Problem } from "../sync/model.ts";
import type { Issue } from "./problem.ts";
import {
  flagOf,
  isEmpty,
  isHiddenWord,
  isPublicWord,
  isSlip,
  isWaitingWord,
  plain,
} from "./publication-words.ts";

/** What front matter says about being public. */
export interface Publication {
  /** Null where nothing says that it is not. */
  readonly hidden: Hidden | null;
  /** Not before the last time to appear, and not from the first time to expire on; epoch milliseconds. */
  readonly publishAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** Its `date` is a time to appear, whatever the configuration says. */
  readonly awaitsDate: boolean;
}

/** Why an article is not public. */
export interface Hidden {
  readonly why: "draft" | "not-public";
  /** What its author should know; null where it is said as it should be. */
  readonly issue: Issue | null;
  readonly severity: Problem["severity"];
}

/** How a key is read. */
interface Rule {
  /** `hides`: true means not public. `shows`: false does. `state`: the words for it do. */
  readonly flag?: "hides" | "shows" | "state";
  /** Any text hides that does not say the opposite. */
  readonly isFirm?: boolean;
  /** What a date in it is. */
  readonly at?: "publish" | "expire";
  /** What is not empty has to be a date. */
  readonly isTime?: boolean;
}

const rules = (names: string, rule: Rule): (readonly [string, Rule])[] =>
  names.split(/\s+/).map((name) => [name, rule] as const);

/** By the key as `plain` makes it, without `is` before it. */
const RULES: ReadonlyMap<string, Rule> = new Map([
  ...rules(
    "draft drafts private unlisted wip workinprogress nopublish notpublished dontpublish donotpublish ignorepublish saveasdraft 下書き 草稿 非公開 未公開 限定公開",
    { flag: "hides", isFirm: true },
  ),
  ...rules("hidden hide secret confidential internal headless deleted trashed 非表示", { flag: "hides" }),
  ...rules("unpublish unpublished", { flag: "hides", isFirm: true, at: "expire" }),
  ...rules("expired", { flag: "hides", at: "expire" }),
  ...rules("embargo embargoed embargodate embargountil", { flag: "hides", at: "publish" }),
  ...rules("public listed visible 公開する", { flag: "shows" }),
  ...rules("published publish 公開", { flag: "shows", at: "publish" }),
  ...rules(
    "status state visibility privacy access stage workflow workflowstate workflowstatus publishstatus publishedstatus publishstate publicationstatus publicationstate poststatus articlestatus pagestatus 状態 ステータス 公開状態 公開設定 公開範囲",
    { flag: "state" },
  ),
  ...rules(
    "publishdate publisheddate publishdatetime publishat publishedat publishon publishedon publishtime publishfrom publishafter publicationdate pubdate pubdatetime golive goliveat golivedate goliveon livedate liveat visiblefrom availablefrom 公開日 公開日時 公開予定日 公開開始日 公開開始日時",
    { flag: "shows", at: "publish", isTime: true },
  ),
  ...rules("scheduledat scheduledfor scheduledate scheduleddate scheduleat 予約日時 公開予約日時", {
    at: "publish",
    isTime: true,
  }),
  ...rules(
    "expires expire expiry expiration expirydate expiresdate expiredate expirationdate expiresat expireat expireson expireon expiresafter unpublishdate unpublishat unpublishon unpublishedat publishuntil publisheduntil unlistdate unlistat validuntil visibleuntil availableuntil removeat removeon takedowndate 公開終了日 公開終了日時 公開期限 掲載終了日 掲載期限 有効期限",
    { at: "expire", isTime: true },
  ),
]);
/** Of these a name with one letter wrong counts too, where its value is true or false. */
const MISSPELT_FLAGS = ["published", "publish", "private", "unlisted", "hidden", "unpublished"];
/** And of these, which are like no other keys, where it is a date. */
const MISSPELT_TIMES = [...RULES].flatMap(([name, { isTime }]) => (isTime && name.length > 7 ? [name] : []));
/** Items of a list that are looked at. */
const ITEMS_MAX = 20;
/** Of a value in a message, UTF-16 code units. */
const VALUE_MAX = 100;
const LIKE_DATE = /^\d{4}(?:[-/]\d{1,2}[-/]\d|\d{4}(?:T|$))/;

/**
 * @param attributes Front matter after the hook `attributes`: what the hook leaves out decides nothing.
 * @param reader Of the same; takes what is wrong with times.
 * @param keys Keys that decide instead of the built-in ones; null for those. `draft` and times always do.
 * @param expected Keys by which the author's tool says so itself: nothing to report.
 */
export function publicationOf(
  attributes: Readonly<Record<string, unknown>>,
  reader: { date(key: string): number | null },
  keys: readonly string[] | null,
  expected: ReadonlySet<string> = new Set(),
): Publication {
  let hidden: Hidden | null = null;
  let awaitsDate = false;
  let publishAtMs: number | null = null;
  let expiresAtMs: number | null = null;
  for (const [key, value] of Object.entries(attributes)) {
    const rule = ruleOf(key, value);
    if (rule?.flag === "state" && scalarsOf(value).some(isWaitingWord)) awaitsDate = true;
    if (rule?.at !== undefined && mayBeTime(value, rule)) {
      const ms = reader.date(key);
      if (rule.at === "publish") publishAtMs = later(publishAtMs, ms);
      else expiresAtMs = earlier(expiresAtMs, ms);
      continue;
    }
    const found =
      keys === null || key === "draft"
        ? asExpected(hiddenBy(key, value, rule), key, expected)
        : listed(key, value, rule, keys);
    if (found !== null && (hidden === null || weightOf(found) > weightOf(hidden))) hidden = found;
  }
  return { hidden, publishAtMs, expiresAtMs, awaitsDate };
}

function asExpected(found: Hidden | null, key: string, expected: ReadonlySet<string>): Hidden | null {
  if (found === null || key === "draft" || !expected.has(key)) return found;
  return { why: "draft", issue: null, severity: "warning" };
}

/** The later of two times; null stands for none. */
export function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Whether a key decides about being public, and is spelt as such: then it is no other key misspelt. */
export function isDeciding(key: string): boolean {
  return ruleOf(key, null) !== null && (key === "draft" || !isNearDraft(key));
}

/** Whether a value may be a time to appear or to expire. */
export function isTimed(key: string, value: unknown): boolean {
  return ruleOf(key, value)?.at !== undefined;
}

function ruleOf(key: string, value: unknown): Rule | null {
  const name = plain(key) ?? "";
  const rule = RULES.get(name) ?? (name.startsWith("is") ? RULES.get(name.slice(2)) : undefined);
  if (rule !== undefined) return rule;
  const meant = isLikeDate(value) ? MISSPELT_TIMES.find((one) => isSlip(name, one)) : undefined;
  return meant === undefined ? null : (RULES.get(meant) ?? null);
}

/** One letter or case away from `draft`. */
function isNearDraft(key: string): boolean {
  return isSlip(plain(key) ?? "", "draft");
}

/** What is said as it should be outweighs what is said otherwise, and an error a warning. */
function weightOf({ issue, severity }: Hidden): number {
  return issue === null ? 2 : severity === "error" ? 1 : 0;
}

/** By a key that the configuration lists, which is nothing to report. */
function listed(key: string, value: unknown, rule: Rule | null, keys: readonly string[]): Hidden | null {
  const isHidden = keys.includes(key) && hides(value, rule ?? { flag: "hides", isFirm: true });
  return isHidden ? { why: "draft", issue: null, severity: "warning" } : null;
}

function hiddenBy(key: string, value: unknown, rule: Rule | null): Hidden | null {
  if (key === "draft") return byDraft(value);
  const params = (): Issue["params"] => ({ key, value: shown(value) });
  if (isNearDraft(key)) {
    const isFirm = plain(key) === "draft";
    if (!isEmpty(value) && !hides(value, { flag: "hides", isFirm })) return null;
    return { why: "not-public", issue: { code: "near-draft", key, params: params() }, severity: "error" };
  }
  const isHidden = rule === null ? isMisspelt(key, value) : hides(value, rule);
  if (!isHidden) return null;
  return { why: "not-public", issue: { code: "not-public", key, params: params() }, severity: "warning" };
}

/** `draft` itself has to be true or false, but what else it may be says enough. */
function byDraft(value: unknown): Hidden | null {
  if (value === true) return { why: "draft", issue: null, severity: "warning" };
  if (!hides(value, { flag: "hides" })) return null;
  const isText = typeof value === "string";
  const code = isText ? "not-boolean-text" : "not-boolean";
  const params = { key: "draft", value: shown(value), found: kindOf(value) };
  return { why: "draft", issue: { code, key: "draft", params }, severity: "error" };
}

function hides(value: unknown, { flag, isFirm = false }: Rule): boolean {
  return scalarsOf(value).some((item) => {
    if (flag === undefined) return false;
    if (isHiddenWord(item)) return true;
    // `status: none` or `stage: 0` says nothing about being public.
    if (flag === "state") return item === false || plain(item) === "false";
    const is = flagOf(item);
    if (is !== null) return is === (flag === "hides");
    return isFirm && !isEmpty(item) && !isPublicWord(item);
  });
}

function isMisspelt(key: string, value: unknown): boolean {
  if (typeof value !== "boolean" && typeof value !== "string") return false;
  const name = plain(key) ?? "";
  const meant = MISSPELT_FLAGS.find((one) => isSlip(name, one));
  return meant !== undefined && flagOf(value) === (RULES.get(meant)?.flag === "hides");
}

/** The value, or the items of a list; not what is in them. */
function scalarsOf(value: unknown): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(value) ? value.slice(0, ITEMS_MAX) : [value];
  return items.filter((item) => typeof item !== "object" || item instanceof Date);
}

function mayBeTime(value: unknown, { isTime = false }: Rule): boolean {
  if (isEmpty(value) || flagOf(value) !== null || isHiddenWord(value) || isPublicWord(value)) return false;
  return isTime || isLikeDate(value);
}

function isLikeDate(value: unknown): boolean {
  if (value instanceof Date) return true;
  return (typeof value === "string" || typeof value === "number") && LIKE_DATE.test(String(value).trim());
}

function shown(value: unknown): string {
  const text = Array.isArray(value) ? value.slice(0, ITEMS_MAX).join(", ") : String(value ?? "");
  return text.trim().replace(/\s+/g, " ").slice(0, VALUE_MAX).toWellFormed();
}
