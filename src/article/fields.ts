/** The keys of front matter that mean something here: their types, their defaults, what is wrong with them. */

import { nearest } from "../messages/nearest.ts";
import type { Code } from "../messages/problems.ts";
import { kindOf } from "../messages/problems.ts";
import type { Problem } from "../sync/model.ts";
import { type DateReading, inRange, readDate, type Zone } from "./date.ts";
import { unsafeId } from "./id.ts";

/** Front matter as the built-in payload needs it. */
export interface Fields {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly cover: string;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch. */
  readonly dateMs: number;
  /** Milliseconds since the epoch; null where the article does not say. */
  readonly updatedMs: number | null;
  readonly draft: boolean;
  readonly isExternal: boolean;
  readonly externalURL: string;
}

/** Something wrong with a key, not yet tied to a line. Without `key` it concerns the whole front matter. */
export interface Issue {
  readonly code: Code;
  readonly params: Problem["params"];
  readonly key?: string;
  /** Item of a list. */
  readonly index?: number;
}

/** The text a number, boolean or date was written as; undefined where it does not come from the file. */
export type AsWritten = (value: unknown, key: string, index?: number) => string | undefined;

/** `fields` is null when there are issues; `id` is there whenever a safe one could be read. */
export interface Reading {
  readonly fields: Fields | null;
  readonly id: string | null;
  readonly issues: readonly Issue[];
}

/** Every key that means something, as it is spelt. */
export const KNOWN_KEYS: readonly string[] = [
  "id",
  "title",
  "date",
  "description",
  "cover",
  "tags",
  "draft",
  "isExternal",
  "externalURL",
  "updated",
];

/** Known keys whose values are text, a date or a list of text: where the file's own words count. */
export const WORDED_KEYS = KNOWN_KEYS.filter((key) => key !== "draft" && key !== "isExternal");

/** How much longer a misspelt key may be, and how many are compared: front matter may have any number. */
const NEAR_LENGTH = 8;
const NEAR_MAX = 200;

/** Of a value that is quoted in a message, UTF-16 code units. */
const VALUE_MAX = 100;

/** Reads the known keys of front matter. Finds all that is wrong, not only the first. */
export function readFields(
  attributes: Readonly<Record<string, unknown>>,
  asWritten: AsWritten,
  zone: Zone,
): Reading {
  const issues: Issue[] = [];
  const complain = (code: Code, key: string, params: Problem["params"] = {}, index?: number): void => {
    issues.push({ code, key, params: { key, ...params }, ...(index === undefined ? {} : { index }) });
  };
  const given = (key: string): unknown => (Object.hasOwn(attributes, key) ? (attributes[key] ?? null) : null);

  const isThere = (key: string): boolean => {
    if (given(key) !== null) return true;
    if (Object.hasOwn(attributes, key) && attributes[key] === null) {
      complain("empty-key", key);
      return false;
    }
    const near = nearestUnknown(key, attributes);
    if (near === null) complain("missing-key", key);
    else issues.push({ code: "missing-key-near", key: near, params: { key, near } });
    return false;
  };
  const text = (key: string): string => {
    const value = given(key);
    if (value === null) return "";
    const words = wordsOf(value, asWritten, key);
    if (words === null) complain("not-text", key, { found: kindOf(value) });
    else if (!words.isWellFormed()) complain("unpaired-surrogate", key);
    return words ?? "";
  };
  const requiredText = (key: string): string => {
    if (!isThere(key)) return "";
    const known = issues.length;
    const words = text(key);
    if (issues.length === known && words.trim() === "") complain("empty-key", key);
    return words;
  };
  const date = (key: string): number | null => {
    const value = given(key);
    if (value === null) return null;
    const words = wordsOf(value, asWritten, key);
    if (words === null) complain("not-date", key, { found: kindOf(value) });
    else if (words.trim() === "") complain("empty-key", key);
    else {
      const reading = instantOf(value, words, asWritten(value, key) === undefined, zone);
      if (reading.kind === "instant") return reading.ms;
      complain(reading.kind === "unreadable" ? "bad-date" : "no-such-date", key, { value: shown(words) });
    }
    return null;
  };
  const flag = (key: string): boolean => {
    const value = given(key) ?? false;
    if (typeof value === "string") complain("not-boolean-text", key, { value: shown(value) });
    else if (typeof value !== "boolean") complain("not-boolean", key, { found: kindOf(value) });
    return value === true;
  };
  const tags = (): string[] => {
    const value = given("tags") ?? [];
    if (typeof value === "string") {
      complain("not-list-text", "tags", { value: shown(value), list: listOf(value) });
      return [];
    }
    if (!Array.isArray(value)) {
      complain("not-list", "tags", { found: kindOf(value) });
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      if (item === null || item === undefined) return [];
      const words = wordsOf(item, asWritten, "tags", index);
      if (words === null) complain("not-scalar", "tags", { found: kindOf(item) }, index);
      else if (!words.isWellFormed()) complain("unpaired-surrogate", "tags", {}, index);
      return words ?? [];
    });
  };

  const id = requiredText("id");
  const unsafe = issues.length === 0 ? unsafeId(id) : null;
  if (unsafe !== null) issues.push({ ...unsafe, key: "id" });
  const safeId = issues.length === 0 ? id : null;
  const fields: Fields = {
    id,
    title: requiredText("title"),
    description: text("description"),
    cover: text("cover"),
    tags: tags(),
    dateMs: (isThere("date") ? date("date") : null) ?? Number.NaN,
    updatedMs: date("updated"),
    draft: flag("draft"),
    isExternal: flag("isExternal"),
    externalURL: text("externalURL"),
  };
  if (fields.isExternal && given("externalURL") === null) {
    issues.push({ code: "missing-external-url", key: "isExternal", params: {} });
  } else if (fields.isExternal && attributes["externalURL"] === "") complain("empty-key", "externalURL");
  return { fields: issues.length > 0 ? null : fields, id: safeId, issues };
}

/** So much of a value as a message has room for. */
function shown(value: string): string {
  return value.trim().replace(/\s+/g, " ").slice(0, VALUE_MAX).toWellFormed();
}

/** What the author may have meant by a list written as text, as it would stand between brackets. */
function listOf(value: string): string {
  const items = value.split(/[,、，]/).map((item) => item.trim());
  const isPlain = items.every((item) => /^[\p{L}\p{N}][\p{L}\p{N} ._/+-]*$/u.test(item));
  return isPlain && value.length <= VALUE_MAX ? items.join(", ") : "one, two";
}

/** Text of a scalar; null for anything else. */
function wordsOf(value: unknown, asWritten: AsWritten, key: string, index?: number): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean")
    return asWritten(value, key, index) ?? String(value);
  if (!(value instanceof Date)) return null;
  const words = asWritten(value, key, index);
  if (words !== undefined) return words;
  return Number.isNaN(value.getTime()) ? null : value.toISOString();
}

/** A date that a hook made is an instant already; one from the file is what the file says. */
function instantOf(value: unknown, words: string, isMade: boolean, zone: Zone): DateReading {
  if (!(value instanceof Date && isMade)) return readDate(words, zone);
  const ms = value.getTime();
  return inRange(ms) ? { kind: "instant", ms } : { kind: "nonexistent" };
}

/** A key that means nothing and may have been meant as this one. */
function nearestUnknown(key: string, attributes: Readonly<Record<string, unknown>>): string | null {
  const unknown = Object.keys(attributes)
    .filter((name) => !KNOWN_KEYS.includes(name) && name.length <= key.length + NEAR_LENGTH)
    .slice(0, NEAR_MAX);
  const same = unknown.find((name) => name.toLowerCase() === key.toLowerCase());
  // Two letters are near to too much.
  return same ?? (key.length > 2 ? nearest(key, unknown) : null);
}
