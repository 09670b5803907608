/** The front matter of one article: its values, the words they were written in, and where they stand. */
import type { Problem } from "../sync/model.ts";
import { type Entries, scanEntries } from "./entries.ts";
import type { Split } from "./fence.ts";
import { type AsWritten, type Issue, WORDED_KEYS } from "./fields.ts";
import { problemAt, type Stretch } from "./position.ts";

/** Nobody reads more problems of one file. */
const PROBLEMS_MAX = 50;
/** The fence that the whole front matter stands for. */
const FENCE: Stretch = { offset: 0, length: 3 };

/** A number, boolean or date, which the parser has changed from the words of the file. */
interface Odd {
  readonly key: string;
  readonly index: number | undefined;
  readonly value: unknown;
}

/** Finds entries that {@link scanEntries} cannot; null where that would take too long. */
export type FindEntries = (yaml: string) => Promise<Entries | null>;

export class FrontMatter {
  /** As the YAML parser made them; dates are Date. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly #text: string;
  readonly #yaml: string;
  readonly #yamlStart: number;
  readonly #find: FindEntries;
  readonly #words: (Odd & { readonly text: string })[] = [];

  /**
   * @param text The file without byte order mark.
   * @param block Where its front matter is.
   */
  constructor(
    text: string,
    block: Extract<Split, { kind: "block" }>,
    attributes: Readonly<Record<string, unknown>>,
    find: FindEntries,
  ) {
    this.#text = text;
    this.#yaml = text.slice(block.yamlStart, block.yamlEnd);
    this.#yamlStart = block.yamlStart;
    this.attributes = attributes;
    this.#find = find;
  }

  /**
   * Looks up the words of every value that may have to be text, before {@link asWritten} is asked.
   *
   * @param isAnyKey Whether a hook may make any key into any other.
   * @returns False if they cannot be had in time: then nothing may be made of these values.
   */
  async readWords(isAnyKey: boolean): Promise<boolean> {
    const odds = (isAnyKey ? Object.keys(this.attributes) : WORDED_KEYS).flatMap((key) => this.#oddsOf(key));
    if (odds.length === 0 || this.#collect(odds, scanEntries(this.#yaml))) return true;
    const entries = await this.#find(this.#yaml);
    this.#collect(odds, entries);
    return entries !== null;
  }

  #oddsOf(key: string): Odd[] {
    const value = Object.hasOwn(this.attributes, key) ? this.attributes[key] : undefined;
    if (isOdd(value)) return [{ key, index: undefined, value }];
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) => (isOdd(item) ? { key, index, value: item } : []));
  }

  /** False if the words of any are not to be had that way. */
  #collect(odds: readonly Odd[], entries: Entries | null): boolean {
    this.#words.length = 0;
    for (const odd of odds) {
      const entry = entries?.get(odd.key);
      const text = odd.index === undefined ? entry?.value.text : entry?.items?.[odd.index]?.text;
      if (typeof text === "string") this.#words.push({ ...odd, text });
    }
    return this.#words.length === odds.length;
  }

  /** The words of a value where it stood, or where it stood before a hook gave it another name. */
  readonly asWritten: AsWritten = (value, key, index) => {
    const same = this.#words.filter((word) => Object.is(word.value, value));
    const here = same.find((word) => word.key === key && word.index === index);
    if (here !== undefined) return here.text;
    const texts = new Set(same.map(({ text }) => text));
    return texts.size === 1 ? same[0]?.text : undefined;
  };

  /** The issues as problems with a place, in the order of the file; keys that are not in the file are missed at the first fence. */
  async place(issues: readonly Issue[], severity: Problem["severity"] = "error"): Promise<Problem[]> {
    if (issues.length === 0) return [];
    const scanned = scanEntries(this.#yaml);
    const isEnough = scanned !== null && issues.every((issue) => tellsItem(scanned, issue));
    const found = (isEnough ? scanned : await this.#find(this.#yaml)) ?? scanned ?? new Map();
    const problems = issues.slice(0, PROBLEMS_MAX).map((issue) => {
      const stretch = stretchOf(issue, found);
      const at = stretch === null ? FENCE : { ...stretch, offset: stretch.offset + this.#yamlStart };
      return problemAt(this.#text, at, issue.code, issue.params, severity);
    });
    return problems.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /**
   * Issues with keys that a hook made out of others, told of the keys that stand in the file: an author who
   * wrote `topics` does not look for `tags`.
   *
   * @param made What the hook returned.
   */
  traced(issues: readonly Issue[], made: Readonly<Record<string, unknown>>): Issue[] {
    return issues.map((issue) => {
      const { key, params } = issue;
      if (key === undefined || Object.hasOwn(this.attributes, key)) return issue;
      const value = made[key] ?? "";
      const sources = Object.keys(this.attributes).filter((name) => Object.is(this.attributes[name], value));
      const [source] = sources;
      if (source === undefined || sources.length > 1 || value === "") return issue;
      return { ...issue, key: source, params: { ...params, ...("key" in params && { key: source }) } };
    });
  }
}

function isOdd(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean" || value instanceof Date;
}

/** Whether these entries tell the place of the item that an issue is about. */
function tellsItem(entries: Entries, { key = "", index }: Issue): boolean {
  const entry = entries.get(key);
  return index === undefined || entry === undefined || entry.items?.[index] !== undefined;
}

/** The item or value at fault, or the key where there is no value or its name is what is wrong. */
function stretchOf({ code, key, index }: Issue, entries: Entries): Stretch | null {
  const entry = key === undefined ? undefined : entries.get(key);
  if (entry === undefined) return null;
  const item = index === undefined ? undefined : entry.items?.[index];
  if (item !== undefined) return item;
  return entry.value.length === 0 || code === "missing-key-near" || code === "near-key"
    ? entry.key
    : entry.value;
}
