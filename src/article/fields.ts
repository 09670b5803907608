/** Where the fields of an article come from: keys of its front matter in order, its body, its path, a literal. */
import type { KeySource } from "../index.ts";

/** Every field that front matter fills, and what it holds. */
export const FIELDS = {
  id: "text",
  title: "text",
  date: "date",
  description: "text",
  cover: "text",
  tags: "texts",
  draft: "boolean",
  isExternal: "boolean",
  externalURL: "text",
  updated: "date",
} as const;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** Sources of each field, the first that has something counts. */
export type FieldSources = Readonly<Record<FieldName, readonly KeySource[]>>;

/** Where a value was found. `name` is what stands there: the key, the name of the file, its path. */
export interface Origin {
  readonly kind: "key" | "heading" | "file" | "path" | "literal";
  readonly name: string;
}

/** A field as it was found. */
export interface Found {
  readonly value: unknown;
  /** The top-level key that it stands at; null where it comes from elsewhere. */
  readonly key: string | null;
  readonly origin: Origin;
}

export type FoundFields = ReadonlyMap<FieldName, Found>;

/** What a field can come from besides front matter. */
export interface Surroundings {
  readonly path: string;
  /** What `path` means for an id. */
  readonly idFromPath: (path: string) => string;
  readonly body: () => string;
  /** Whether an empty value is none, as other tools see it. */
  readonly isEmptyAbsent: boolean;
}

/** Each field from the key of its own name. */
export const OWN_SOURCES = Object.fromEntries(
  FIELD_NAMES.map((name) => [name, [name]] as const),
) as unknown as FieldSources;

/** Of a body so much is searched for its first heading, UTF-16 code units. */
const BODY_MAX = 64 * 1024;
/** Items of a list that are looked at for its first usable one. */
const ITEMS_MAX = 20;
export const ARTICLE_EXTENSION = /\.(?:md|mdx|markdown|mdown)$/i;
const DATE_IN_PATH = /(?<!\d)([12]\d{3})([-/_.]?)(0[1-9]|1[0-2]|[1-9])\2(3[01]|[12]\d|0?[1-9])(?!\d)/g;

/** The fields of an article, each from the first of its sources that has something. */
export function findFields(
  attributes: Readonly<Record<string, unknown>>,
  sources: FieldSources,
  around: Surroundings,
): FoundFields {
  const fields = new Map<FieldName, Found>();
  const present = presentOf(attributes, sources);
  for (const [at, name] of FIELD_NAMES.entries()) {
    const list = present[at] ?? [];
    if (list.length === 0) continue;
    const isOnly = sources[name].length === 1;
    const found = isOnly ? null : firstFitting(name, list, attributes, around);
    const first = found ?? firstPresent(name, list, isOnly, attributes, around);
    if (first !== null) fields.set(name, first);
  }
  return fields;
}

/** Which fields a key is a source of, by their numbers, and where in their lists. */
type Index = ReadonlyMap<string, readonly (readonly [field: number, at: number])[]>;

const indices = new WeakMap<FieldSources, Index>();
/** In the index: sources that need no key. */
const KEYLESS = "";

/** Of each field the sources that may have something: lists are long, and front matter is short. */
function presentOf(attributes: Readonly<Record<string, unknown>>, sources: FieldSources): KeySource[][] {
  let index = indices.get(sources);
  if (index === undefined) {
    index = indexOf(sources);
    indices.set(sources, index);
  }
  const present: number[][] = FIELD_NAMES.map(() => []);
  for (const key of [KEYLESS, ...Object.keys(attributes)]) {
    for (const [field, at] of index.get(key) ?? [])
      if (!present[field]?.includes(at)) present[field]?.push(at);
  }
  return present.map((all, field) => {
    const list = sources[FIELD_NAMES[field] ?? "id"];
    return all.sort((a, b) => a - b).flatMap((at) => list[at] ?? []);
  });
}

function indexOf(sources: FieldSources): Index {
  const index = new Map<string, [number, number][]>();
  const add = (key: string, field: number, at: number): void => {
    const known = index.get(key) ?? [];
    known.push([field, at]);
    index.set(key, known);
  };
  for (const [field, name] of FIELD_NAMES.entries()) {
    for (const [at, source] of sources[name].entries()) {
      if (typeof source !== "string") {
        if ("literal" in source) add(KEYLESS, field, at);
        else for (const key of source.all.flatMap(withTop)) add(key, field, at);
      } else if (["heading", "file", "path"].includes(source)) add(KEYLESS, field, at);
      else for (const key of withTop(source)) add(key, field, at);
    }
  }
  return index;
}

/** The key itself, and the one that it may be below. */
function withTop(key: string): string[] {
  const top = key.replace(/\..*$/s, "");
  return top === key ? [key] : [key, top];
}

/** Names of keys in these sources, without what is below them. */
export function keysIn(sources: FieldSources): ReadonlySet<string> {
  const names = Object.values(sources).flatMap((list) =>
    list.flatMap((source) =>
      typeof source === "string" ? [source] : "all" in source ? [...source.all] : [],
    ),
  );
  return new Set(names.flatMap(withTop));
}

function firstFitting(
  name: FieldName,
  list: readonly KeySource[],
  attributes: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Found | null {
  for (const source of list) {
    const found = findAt(name, source, attributes, around);
    if (found === null) continue;
    const value = fitting(name, found.value);
    if (value !== undefined) return { ...found, value };
  }
  return null;
}

/** What is there though it does not fit, so that the author is shown what is wrong with it. */
function firstPresent(
  name: FieldName,
  list: readonly KeySource[],
  isOnly: boolean,
  attributes: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Found | null {
  for (const source of list) {
    const found = findAt(name, source, attributes, around);
    // Of several, one of another tool's shape is no slip: `cover: {}` is a map to some themes.
    const isMeant = isOnly || source === name || !(around.isEmptyAbsent || name === "cover");
    const isNothing =
      around.isEmptyAbsent && (found?.value == null || emptyAsAbsent(found.value) === undefined);
    if (found !== null && isMeant && !isNothing) return found;
  }
  return null;
}

function findAt(
  name: FieldName,
  source: KeySource,
  attributes: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Found | null {
  if (typeof source !== "string") {
    if ("literal" in source)
      return { value: source.literal, key: null, origin: { kind: "literal", name: String(source.literal) } };
    return allOf(source.all, attributes);
  }
  const elsewhere = (kind: Origin["kind"], value: unknown, what: string): Found | null =>
    value === null || value === "" ? null : { value, key: null, origin: { kind, name: what } };
  const { path } = around;
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  if (source === "heading") return elsewhere("heading", firstHeading(around.body()), "");
  if (source === "file") return elsewhere("file", stemOf(path), fileName);
  if (source === "path") return elsewhere("path", fromPath(name, around), path);
  return valueAt(source, attributes);
}

/** The values of several keys as one list. */
function allOf(keys: readonly string[], attributes: Readonly<Record<string, unknown>>): Found | null {
  const found = keys.flatMap((key) => valueAt(key, attributes) ?? []);
  const [first] = found;
  if (first === undefined) return null;
  if (found.length === 1) return first;
  const value = found.flatMap((one) => one.value as unknown);
  return {
    value,
    key: first.key,
    origin: { kind: "key", name: found.map(({ origin }) => origin.name).join(", ") },
  };
}

/** What stands at a key: `ms.date` is a key of that name, or else what is below `ms`. */
export function valueAt(source: string, attributes: Readonly<Record<string, unknown>>): Found | null {
  const isHere = Object.hasOwn(attributes, source);
  if (!isHere && !source.includes(".")) return null;
  const origin = { kind: "key", name: source } as const;
  if (isHere) return { value: attributes[source] ?? null, key: source, origin };
  const [key = "", ...below] = source.split(".");
  if (below.length === 0 || !Object.hasOwn(attributes, key)) return null;
  let value = attributes[key];
  for (const step of below) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return null;
    value = (value as Record<string, unknown>)[step];
  }
  return { value: value ?? null, key, origin };
}

/** The value if it can be what the field holds, the first of a list where one is wanted; else undefined. */
function fitting(name: FieldName, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const kind = FIELDS[name];
  if (kind === "texts") return Array.isArray(value) || isScalar(value) ? emptyAsAbsent(value) : undefined;
  if (kind === "boolean") return typeof value === "boolean" ? value : undefined;
  const one = Array.isArray(value) && name === "cover" ? value.slice(0, ITEMS_MAX).find(isScalar) : value;
  if (kind === "date") return typeof one === "boolean" || !isScalar(one) ? undefined : emptyAsAbsent(one);
  return isScalar(one) ? emptyAsAbsent(one) : undefined;
}

function emptyAsAbsent(value: unknown): unknown {
  return typeof value === "string" && value.trim() === "" ? undefined : value;
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value instanceof Date ? value !== undefined : false;
}

function fromPath(name: FieldName, { path, idFromPath }: Surroundings): string | string[] | null {
  if (name === "id") return idFromPath(path);
  if (FIELDS[name] === "date") return dateInPath(path);
  if (name === "tags") return path.split("/").slice(0, -1);
  return stemOf(path).replace(/^\d{4}-\d{1,2}-\d{1,2}[-_ ]?(?=.)/, "");
}

/** The path without its extension, and without `/index`. */
export function pathAsId(path: string): string {
  return path.replace(ARTICLE_EXTENSION, "");
}

/** Name of the file without extension; of an index file that of its folder. */
export function stemOf(path: string): string {
  const names = path.replace(/\.[^./]+$/, "").split("/");
  const last = names.at(-1) ?? "";
  return /^_?index$/i.test(last) ? (names.at(-2) ?? last) : last;
}

/** The last date in a path, as `2024-05-01`: `2024-05-01-hello.md`, `2024/05/01/hello.md`, `20240501.md`. */
export function dateInPath(path: string): string | null {
  const found = [...path.matchAll(DATE_IN_PATH)].at(-1);
  if (found === undefined) return null;
  const [, year = "", separator, month = "", day = ""] = found;
  // Digits in a row are a date only with two for each.
  if (separator === "" && (month.length < 2 || day.length < 2)) return null;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) ? date : null;
}

/** Text of the first heading of a body, without markup; null where there is none. */
export function firstHeading(body: string): string | null {
  let fence = "";
  let before = "";
  for (const line of body.slice(0, BODY_MAX).split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence !== "") {
      if (mark.startsWith(fence) && line.trim() === mark) fence = "";
      continue;
    }
    fence = mark;
    const heading = /^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line)?.[1];
    const text = plainText(heading ?? (/^ {0,3}(?:=+|-+)[ \t]*$/.test(line) ? before : ""));
    if (text !== "") return text;
    before = /^ {0,3}[^\s>#*+=-]/.test(line) ? line : "";
  }
  return null;
}

/** One line of Markdown as the words that a reader sees. */
function plainText(markdown: string): string {
  return markdown
    .slice(0, 1_000)
    .replace(/\{#[^{}\s]*\}\s*$/, "")
    .replace(/<[^<>]*>/g, "")
    .replace(/!?\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g, "$1")
    .replace(/(\*\*|__|~~|`+)(?=\S)([^*_~`]+)\1/g, "$2")
    .replace(/(?<![\p{L}\p{N}])([*_])(?=\S)([^*_]+)\1(?![\p{L}\p{N}])/gu, "$2")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}
