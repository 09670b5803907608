/** Front matter in TOML, between two lines `+++`. This file is loaded when it is first needed. */
import { parse, TomlDate, TomlError } from "smol-toml";
import { DEPTH_MAX, excess } from "./bounds.ts";
import type { Entries, Entry, Written } from "./entries.ts";
import { fault, type Parsed } from "./yaml-fault.ts";

/**
 * Parses the TOML between the fences. Dates become Date, as those of YAML do; what is written in the file is
 * read again where it is wanted, see {@link scanToml}.
 */
export function parseToml(toml: string): Parsed {
  let value: Record<string, unknown>;
  try {
    value = parse(toml, { maxDepth: DEPTH_MAX, integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (error instanceof RangeError) return fault("front-matter-too-deep", 0, { depth: DEPTH_MAX });
    if (!(error instanceof TomlError)) throw error;
    const [line = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    return fault("toml-syntax", offsetOf(toml, error.line, error.column), { reason: line });
  }
  return excess(value) ?? { kind: "map", attributes: plain(value) as Record<string, unknown> };
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}

/** Without the classes and big integers that no other part of the program knows. */
function plain(value: unknown): unknown {
  if (value instanceof TomlDate) return value.isTime() ? value.toISOString() : new Date(value.getTime());
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    // Defined, not set: a key may be called __proto__.
    Object.defineProperty(copy, key, {
      value: plain(member),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return copy;
}

const KEY = /^[ \t]*(?:([\w-]+)|"([^"\\]*)"|'([^']*)')(?:[ \t]*\.[^=\n]*)?[ \t]*=[ \t]*/;
const TABLE = /^[ \t]*\[\[?[ \t]*(?:([\w-]+)|"([^"\\]*)"|'([^']*)')/;

/** Where each top-level key of TOML stands, and what is written after it. Linear in the text. */
export function scanToml(toml: string): Entries {
  const entries = new Map<string, Entry>();
  let isInTable = false;
  for (let offset = 0; offset < toml.length; ) {
    const newline = toml.indexOf("\n", offset);
    const end = newline < 0 ? toml.length : newline;
    const line = toml.slice(offset, end);
    const table = TABLE.exec(line);
    const match = table ?? (isInTable ? null : KEY.exec(line));
    const name = match?.[1] ?? match?.[2] ?? match?.[3];
    isInTable ||= table !== null;
    let next = end + 1;
    if (match !== null && name !== undefined) {
      const from = offset + match[0].length;
      const to = table === null ? valueEnd(toml, from) : from;
      const key = { offset: offset + line.length - line.trimStart().length, length: match[0].trim().length };
      if (!entries.has(name)) entries.set(name, entryOf(toml, key, from, to));
      const after = toml.indexOf("\n", to);
      next = after < 0 ? toml.length : Math.max(after + 1, next);
    }
    offset = next;
  }
  return entries;
}

function entryOf(toml: string, key: Entry["key"], from: number, to: number): Entry {
  const keyLength = toml.slice(key.offset, from).replace(/[ \t]*=[ \t]*$/, "").length;
  const value = writtenAt(toml, from, to);
  const items = toml[from] === "[" && to > from ? itemsOf(toml, from + 1, to - 1) : null;
  return { key: { ...key, length: keyLength }, value, items };
}

function itemsOf(toml: string, from: number, to: number): Written[] {
  const items: Written[] = [];
  for (let start = from; start < to; ) {
    const skipped = /^(?:[\s,]|#[^\n]*)*/.exec(toml.slice(start, to))?.[0].length ?? 0;
    start += skipped;
    if (start >= to) break;
    const end = Math.min(valueEnd(toml, start, /[,#\n\]]/g), to);
    items.push(writtenAt(toml, start, end));
    start = Math.max(end, start + 1);
  }
  return items;
}

/** A number, boolean or date as it is written; anything else has no other words than its value. */
function writtenAt(toml: string, from: number, to: number): Written {
  const source = toml.slice(from, to).trimEnd();
  return { offset: from, length: source.length, text: /^["'[{]/.test(source) ? null : source };
}

/** Where the value that begins here ends. */
function valueEnd(toml: string, from: number, plainEnd = /[#\n]/g): number {
  const first = toml.charAt(from);
  if (first === '"' || first === "'") return stringEnd(toml, from);
  if (first !== "[" && first !== "{") {
    plainEnd.lastIndex = from;
    return plainEnd.exec(toml)?.index ?? toml.length;
  }
  const token = /["'#[\]{}]/g;
  token.lastIndex = from;
  for (let depth = 0, match = token.exec(toml); match !== null; match = token.exec(toml)) {
    const [sign] = match;
    if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") depth--;
    else if (sign === "#") token.lastIndex = endOfLine(toml, match.index);
    else token.lastIndex = stringEnd(toml, match.index);
    if (depth === 0) return token.lastIndex;
  }
  return toml.length;
}

function stringEnd(toml: string, from: number): number {
  const mark = /^(?:"""|'''|"|')/.exec(toml.slice(from, from + 3))?.[0] ?? "";
  const end = mark.startsWith('"') ? /\\.|"""|"/gs : /'''|'/g;
  end.lastIndex = from + mark.length;
  for (let match = end.exec(toml); match !== null; match = end.exec(toml)) {
    if (match[0] === mark) return end.lastIndex;
    // Of three quotes one ends a short string.
    if (match[0].startsWith(mark)) return match.index + mark.length;
  }
  return toml.length;
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline;
}
