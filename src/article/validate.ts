/** The keys of front matter that mean something here: their types, their defaults, what is wrong with them. */
import { nearest } from "../messages/nearest.ts";
import { type Code, kindOf } from "../messages/problems.ts";
import type { Problem } from "../sync/model.ts";
import { type DateReading, inRange, readDate, type Zone } from "./date.ts";
import { FIELD_NAMES, FIELDS, type FieldName, type FoundFields, findFields } from "./fields.ts";
import { invisibleIn, withoutInvisible } from "./front-matter/corrected.ts";
import type { AsWritten } from "./front-matter/front-matter.ts";
import type { Issue } from "./problem.ts";
import { type Publication, publicationOf } from "./publication.ts";
import type { Rules } from "./rules.ts";

/** Front matter as the built-in payload needs it. */
export interface Fields {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly cover: string;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch; null where none is needed, and there is none. */
  readonly dateMs: number | null;
  /** Milliseconds since the epoch; null where the article does not say. */
  readonly updatedMs: number | null;
  readonly draft: boolean;
  readonly isExternal: boolean;
  readonly externalURL: string;
  /** Null where the repository has one language. */
  readonly lang: string | null;
}

/** `fields` is null when there are issues; `id` is there whenever a safe one could be read. */
export interface Validation {
  readonly fields: Fields | null;
  readonly id: string | null;
  readonly issues: readonly Issue[];
  readonly publication: Publication;
  /** Where the fields were found. */
  readonly found: FoundFields;
}

/** What front matter is validated with. */
export interface ValidationContext {
  readonly asWritten: AsWritten;
  readonly zone: Zone;
  readonly rules: Rules;
  readonly path: string;
  readonly body: () => string;
}

/** Every key that means something without further ado. */
export const KNOWN_KEYS: readonly string[] = FIELD_NAMES;
/** Known keys that may be left out, so that a misspelt one goes unnoticed. */
export const OPTIONAL_KEYS = KNOWN_KEYS.filter((key) => !["id", "title", "date"].includes(key));
/** Known keys whose values count as they are written in the file, not as YAML reads them. */
export const WORDED_KEYS = Object.entries(FIELDS).flatMap(([key, type]) => (type === "boolean" ? [] : [key]));

/** How much longer a misspelt key may be, and how many are compared: front matter may have any number. */
const NEAR_LENGTH = 8;
const NEAR_MAX = 200;
/** Of a value that is quoted in a message, UTF-16 code units. */
const VALUE_MAX = 100;
const ID_BYTES_MAX = 512;
/** Lists of tags in lists. */
const TAG_DEPTH_MAX = 5;
/** What the name of a tag is called, where tags are maps. */
const LABELS = ["label", "name", "title", "slug"];

/** Reads the fields of an article from its front matter. Finds all that is wrong, not only the first. */
export function validate(
  attributes: Readonly<Record<string, unknown>>,
  context: ValidationContext,
): Validation {
  const { rules, path, body } = context;
  const around = { path, body, idFromPath: rules.idFromPath, isEmptyAbsent: rules.isLoose };
  const found = findFields(attributes, rules.sources, around);
  const reader = new KeyReader(attributes, found, context);
  const { issues } = reader;
  const lang = rules.languageOf?.(path) ?? null;
  const written = reader.requiredText("id");
  const id = lang === null || written === "" ? written : rules.idIn(lang, written);
  const unsafe = issues.length === 0 ? unsafeId(id) : null;
  if (unsafe !== null) issues.push({ ...unsafe, key: reader.keyOf("id") });
  const safeId = issues.length === 0 ? id : null;
  const publication = published(publicationOf(attributes, reader, rules.draftKeys, rules.publicKeys), {
    isHidden: rules.isHidden(attributes, path),
  });
  const fields: Fields = {
    id,
    title: reader.requiredText("title"),
    description: reader.text("description"),
    cover: reader.text("cover"),
    tags: reader.tags(),
    dateMs: rules.isDateRequired && !reader.isThere("date") ? null : reader.fieldDate("date"),
    updatedMs: reader.fieldDate("updated"),
    draft: publication.hidden?.why === "draft" || reader.boolean("draft"),
    isExternal: reader.boolean("isExternal"),
    externalURL: reader.text("externalURL"),
    lang,
  };
  if (fields.isExternal && reader.value("externalURL") === null)
    issues.push({ code: "missing-external-url", key: reader.keyOf("isExternal"), params: {} });
  else if (fields.isExternal && reader.value("externalURL") === "") reader.add("empty-key", "externalURL");
  else if (fields.externalURL !== "" && !isWebUrl(fields.externalURL))
    reader.add("bad-url", "externalURL", { value: shown(fields.externalURL) });
  if (isUnsafeImage(fields.cover)) reader.add("unsafe-cover", "cover", { value: shown(fields.cover) });
  return { fields: issues.length > 0 ? null : fields, id: safeId, issues, publication, found };
}

/** What the preset keeps private is private as a draft is. */
function published(publication: Publication, { isHidden }: { readonly isHidden: boolean }): Publication {
  if (!isHidden || publication.hidden?.issue === null) return publication;
  return { ...publication, hidden: { why: "draft", issue: null, severity: "warning" } };
}

/**
 * Why an URL cannot carry this id safely, or null if it can. `.` and `..` vanish when a path is resolved,
 * even if they are encoded; control characters and half characters do not survive encoding everywhere.
 */
export function unsafeId(id: string): Issue | null {
  if (id === "." || id === "..") return { code: "unsafe-id-dots", params: { id } };
  if (/\p{Cc}/u.test(id)) return { code: "unsafe-id-control", params: {} };
  if (!id.isWellFormed()) return { code: "unpaired-surrogate", params: { key: "id" } };
  const sizeBytes = Buffer.byteLength(id);
  if (sizeBytes <= ID_BYTES_MAX) return null;
  return { code: "unsafe-id-long", params: { sizeBytes, maxBytes: ID_BYTES_MAX } };
}

/** A whole address of the web, as it may stand in a link: nothing in it that a browser would take away. */
function isWebUrl(text: string): boolean {
  return /^https?:\/\/[^/?#]/i.test(text) && !/[\p{C}\p{Z}]/u.test(text) && URL.canParse(text);
}

/** A script, or other data than an image, to a browser: it takes no notice of blanks before and of line breaks. */
function isUnsafeImage(text: string): boolean {
  const seen = text.replace(/[\p{C}\p{Z}]+/gu, "");
  return /^(?:javascript|vbscript):|^data:(?!image\/)/i.test(seen);
}

/** Front matter with its fields as they were understood; those that are absent stay absent. */
export function withFields(
  attributes: Record<string, unknown>,
  fields: Fields,
  found: FoundFields,
): Record<string, unknown> {
  const { dateMs, updatedMs, tags, lang: _, ...others } = fields;
  const understood: Record<string, unknown> = {
    ...others,
    tags: [...tags],
    date: dateMs === null ? null : new Date(dateMs).toISOString(),
    updated: updatedMs === null ? null : new Date(updatedMs).toISOString(),
  };
  const all: Record<string, unknown> = {};
  // What came from elsewhere than the key of its name.
  for (const [name, { key, value }] of found) {
    if (key !== name && value !== null && understood[name] !== null) all[name] = understood[name];
  }
  for (const [key, value] of Object.entries(attributes)) {
    const isKnown = Object.hasOwn(understood, key);
    if (isKnown && (value === null || value === undefined)) continue;
    // Defined, not set: a key may be called __proto__.
    const property = { value: isKnown ? understood[key] : value, configurable: true, enumerable: true };
    Object.defineProperty(all, key, { ...property, writable: true });
  }
  return all;
}

/** Reads single fields and keys, and collects what is wrong with them. */
class KeyReader {
  readonly issues: Issue[] = [];
  readonly #attributes: Readonly<Record<string, unknown>>;
  readonly #found: FoundFields;
  readonly #asWritten: AsWritten;
  readonly #zone: Zone;
  readonly #rules: Rules;

  constructor(
    attributes: Readonly<Record<string, unknown>>,
    found: FoundFields,
    { asWritten, zone, rules }: ValidationContext,
  ) {
    this.#rules = rules;
    this.#attributes = attributes;
    this.#found = found;
    this.#asWritten = asWritten;
    this.#zone = zone;
  }

  /** The key of the front matter that a field stands at; its own name where it is absent. */
  keyOf(field: FieldName): string {
    return this.#found.get(field)?.key ?? field;
  }

  add(code: Code, field: FieldName, params: Problem["params"] = {}, index?: number): void {
    this.#addAt(code, this.keyOf(field), params, index);
  }

  #addAt(code: Code, key: string, params: Problem["params"] = {}, index?: number): void {
    this.issues.push({ code, key, params: { key, ...params }, ...(index === undefined ? {} : { index }) });
  }

  /** Null where it is absent. */
  value(field: FieldName): unknown {
    return this.#found.get(field)?.value ?? null;
  }

  /** Whether a required field has a value. */
  isThere(field: FieldName): boolean {
    if (this.value(field) !== null) return true;
    if (this.#found.has(field)) {
      this.add("empty-key", field);
      return false;
    }
    const near = nearestUnknown(field, this.#attributes);
    if (near === null) this.add("missing-key", field);
    else {
      const character = invisibleIn(near);
      const isSame = character !== null && withoutInvisible(near) === field;
      const code = isSame ? "key-invisible" : "missing-key-near";
      const params = { key: field, near, ...(isSame && { character }) };
      this.issues.push({ code, key: near, params });
    }
    return false;
  }

  text(field: FieldName): string {
    const value = this.value(field);
    if (value === null) return "";
    const words = this.#words(value, this.keyOf(field));
    if (words === null) this.add("not-text", field, { found: kindOf(value) });
    else if (!words.isWellFormed()) this.add("unpaired-surrogate", field);
    return words ?? "";
  }

  requiredText(field: FieldName): string {
    if (!this.isThere(field)) return "";
    const known = this.issues.length;
    const words = this.text(field);
    if (this.issues.length === known && words.trim() === "") this.add("empty-key", field);
    return words;
  }

  /** Milliseconds since the epoch; null where it is absent, or is no date. */
  fieldDate(field: FieldName): number | null {
    return this.#date(this.value(field), this.keyOf(field));
  }

  /** The same of any key. */
  date(key: string): number | null {
    return this.#date(Object.hasOwn(this.#attributes, key) ? (this.#attributes[key] ?? null) : null, key);
  }

  #date(value: unknown, key: string): number | null {
    if (value === null) return null;
    const words = this.#words(value, key);
    if (words === null) this.#addAt("not-date", key, { found: kindOf(value) });
    else if (words.trim() === "") this.#addAt("empty-key", key);
    else {
      const reading = this.#instant(value, words, key);
      if (reading.kind === "instant") return reading.ms;
      this.#addAt(reading.kind === "unreadable" ? "bad-date" : "no-such-date", key, { value: shown(words) });
    }
    return null;
  }

  boolean(field: FieldName): boolean {
    const value = this.value(field) ?? false;
    if (typeof value === "string") this.add("not-boolean-text", field, { value: shown(value) });
    else if (typeof value !== "boolean") this.add("not-boolean", field, { found: kindOf(value) });
    return value === true;
  }

  tags(): string[] {
    const written = this.value("tags") ?? [];
    const separator = this.#rules.tagSeparator;
    const value = separator === null ? written : looseTags(written, separator);
    if (typeof value === "string") {
      this.add("not-list-text", "tags", { value: shown(value), list: listOf(value) });
      return [];
    }
    if (!Array.isArray(value)) {
      this.add("not-list", "tags", { found: kindOf(value) });
      return [];
    }
    const key = this.keyOf("tags");
    return value.flatMap((item: unknown, index) => {
      if (item === null || item === undefined) return [];
      const words = this.#words(item, key, index);
      if (words === null) this.add("not-scalar", "tags", { found: kindOf(item) }, index);
      else if (!words.isWellFormed()) this.add("unpaired-surrogate", "tags", {}, index);
      return words ?? [];
    });
  }

  /** Text of a scalar; null for anything else. */
  #words(value: unknown, key: string, index?: number): string | null {
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean")
      return this.#asWritten(value, key, index) ?? String(value);
    if (!(value instanceof Date)) return null;
    const words = this.#asWritten(value, key, index);
    if (words !== undefined) return words;
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }

  /** A date that a hook made is an instant already; one from the file is what the file says. */
  #instant(value: unknown, words: string, key: string): DateReading {
    if (!(value instanceof Date) || this.#asWritten(value, key) !== undefined)
      return readDate(words, this.#zone, this.#rules.isLoose);
    const ms = value.getTime();
    return inRange(ms) ? { kind: "instant", ms } : { kind: "nonexistent" };
  }
}

/**
 * Tags as tools take them: in lists in lists, as maps with a label, several in one text. What can be none is
 * left out.
 */
function looseTags(value: unknown, separator: RegExp, depth = 0): unknown[] {
  if (typeof value === "string") {
    return value.split(separator).flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()]));
  }
  if (Array.isArray(value)) {
    if (depth === TAG_DEPTH_MAX) return [];
    // An item of a list is one tag, whatever is in it.
    return value.flatMap((item: unknown) =>
      typeof item === "string" ? (item.trim() === "" ? [] : [item]) : looseTags(item, separator, depth + 1),
    );
  }
  if (typeof value !== "object" || value instanceof Date) return value === undefined ? [] : [value];
  const label = LABELS.map((name) => (value as Record<string, unknown> | null)?.[name]).find(
    (one) => typeof one === "string",
  );
  return label === undefined ? [] : [label];
}

/** So much of a value as a message has room for. */
function shown(value: string): string {
  return value.trim().replace(/\s+/g, " ").slice(0, VALUE_MAX).toWellFormed();
}

/** What the author may have meant by a list written as text, as it would stand between brackets. */
function listOf(value: string): string {
  const items = value.split(/[,、，]/).map((item) => item.trim().replace(/^["“”'‘’]+|["“”'‘’]+$/g, ""));
  const isPlain = items.every((item) => /^[\p{L}\p{N}][\p{L}\p{N} ._/+-]*$/u.test(item));
  return isPlain && value.length <= VALUE_MAX ? items.join(", ") : "one, two";
}

/** A key that means nothing and may have been meant as this one. */
function nearestUnknown(key: string, attributes: Readonly<Record<string, unknown>>): string | null {
  const unknown = Object.keys(attributes)
    .filter((name) => !KNOWN_KEYS.includes(name) && name.length <= key.length + NEAR_LENGTH)
    .slice(0, NEAR_MAX);
  const same = unknown.find((name) => withoutInvisible(name).toLowerCase() === key.toLowerCase());
  // Two letters are near to too much.
  return same ?? (key.length > 2 ? nearest(key, unknown) : null);
}
