/**
 * Where each top-level key of the front matter stands and what is written after it. The parser's values
 * do not show that: `010` has become 8, and a date that does not exist another one.
 */
import type { Stretch } from "../problem.ts";

/** A value as written. `text` is null for a list, a map, and for a scalar that is more than plain text. */
export interface Written extends Stretch {
  readonly text: string | null;
}

/** One `key: value` of the top level; offsets into the YAML text. */
export interface Entry {
  readonly key: Stretch;
  readonly value: Written;
  /** Items, where the value is a list and each item is clear. */
  readonly items: readonly Written[] | null;
}

export type Entries = ReadonlyMap<string, Entry>;

/** A key with the rest of its line, comment stripped, and the lines below that belong to it. */
interface Draft {
  readonly key: Stretch;
  readonly value: Stretch;
  readonly source: string;
  readonly below: { readonly offset: number; readonly line: string }[];
}

/** A longer key is left to YAML, UTF-16 code units. */
const KEY_MAX = 256;
const KEY = /^(?:([\p{L}\p{N}_][\p{L}\p{N}_. -]*?)|"([^"\\]*)"|'([^']*)')[ \t]*:(?:[ \t]+|$)/u;
const QUOTED = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?:[ \t]+#.*)?$/;
const COMMENT = /(?:^|[ \t])#.*$/s;
/** What a plain scalar does not begin with. */
const INDICATOR = /^["'[\]{}&*!|>%@`?#,]|^-(?:[ \t]|$)/;
/** A list on one line without quotes, anchors or lists in it. */
const FLAT_LIST = /^\[([^[\]{}"'#&*!]*)\]$/;
const ITEM = /^[ \t]*-[ \t]+/;

/**
 * Reads front matter line by line. Null where lines may lie, as inside quotes that span several or in
 * YAML's rarer notations: then `parseEntries` has to look. Ordinary articles need no more than this.
 */
export function scanEntries(yaml: string): Entries | null {
  const drafts = new Map<string, Draft>();
  let last: Draft | null = null;
  for (let offset = 0; offset < yaml.length; ) {
    const newline = yaml.indexOf("\n", offset);
    const end = newline < 0 ? yaml.length : newline;
    const line = yaml.slice(offset, end).trimEnd();
    const first = line.charAt(0);
    // To YAML a line ends there too.
    if (line.includes("\r")) return null;
    if (first === " " || first === "\t" || first === "-") {
      if (last === null) return null;
      last.below.push({ offset, line });
    } else if (first !== "" && first !== "#") {
      const match = KEY.exec(line.slice(0, KEY_MAX));
      const name = match?.[1] ?? match?.[2] ?? match?.[3];
      if (match === null || name === undefined || drafts.has(name)) return null;
      last = draftOf(offset, match[0], match[1] === undefined ? name.length + 2 : name.length, line);
      if (last === null) return null;
      drafts.set(name, last);
    }
    offset = end + 1;
  }
  return new Map(Array.from(drafts, ([name, draft]) => [name, entryOf(draft)]));
}

/** Null for a value that could swallow lines that look like keys, or that stands elsewhere. */
function draftOf(offset: number, head: string, keyLength: number, line: string): Draft | null {
  const rest = line.slice(head.length);
  const quoted = QUOTED.exec(rest)?.[1];
  const source = quoted ?? rest.replace(COMMENT, "").trimEnd();
  const first = source.charAt(0);
  if (quoted === undefined && (first === '"' || first === "'")) return null;
  if ((first === "[" && !source.endsWith("]")) || (first === "{" && !source.endsWith("}"))) return null;
  if (first === "&" || first === "*" || first === "!") return null;
  return {
    key: { offset, length: keyLength },
    value: { offset: offset + head.length, length: source.length },
    source,
    below: [],
  };
}

function entryOf({ key, value, source, below }: Draft): Entry {
  const lines = below.filter(({ line }) => !/^[ \t]*(?:#|$)/.test(line));
  if (source === "") {
    const marks = new Set(lines.map(({ line }) => /^[ \t]*(?:-(?=[ \t]|$))?/.exec(line)?.[0]));
    // Only with one item a line it is clear which is which.
    const isFlat = marks.size === 1 && [...marks][0]?.endsWith("-") === true;
    return { key, value: { ...value, text: null }, items: isFlat ? lines.map(itemOf) : null };
  }
  // With lines below, it is text of several lines, which is never a number or a date.
  const text = lines.length > 0 || INDICATOR.test(source) ? null : source;
  return { key, value: { ...value, text }, items: flatItems(value.offset, source) };
}

function itemOf({ offset, line }: Draft["below"][number]): Written {
  const head = ITEM.exec(line)?.[0] ?? "";
  const source = line.slice(head.length).replace(COMMENT, "").trimEnd();
  const text = head === "" || INDICATOR.test(source) ? null : source;
  return { offset: offset + head.length, length: source.length, text };
}

function flatItems(offset: number, source: string): Written[] | null {
  const inner = FLAT_LIST.exec(source)?.[1];
  if (inner === undefined) return null;
  let at = offset + 1;
  return inner.split(",").map((piece) => {
    const text = piece.trim();
    const item = { offset: at + piece.length - piece.trimStart().length, length: text.length, text };
    at += piece.length + 1;
    return item;
  });
}
