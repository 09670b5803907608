/** The front matter of one article: its values, the words they were written in, and where they stand. */
import type { Problem } from "../../sync/model.ts";
import type { Executor } from "../executor.ts";
import { type Issue, Lines, problemAt, type Stretch } from "../problem.ts";
import type { Entries } from "./entries.ts";
import { correctedLine } from "./corrected.ts";
import type { Block } from "./fence.ts";
import type { Notation } from "./syntax.ts";

/** The text that a number, boolean or date was written as; undefined where it does not come from the file. */
export type AsWritten = (value: unknown, key: string, index?: number) => string | undefined;

/** So many problems are enough for one file. */
const PROBLEMS_MAX = 50;
/** The opening fence stands for the whole front matter. */
const FENCE: Stretch = { offset: 0, length: 3 };

/** Not the value is at fault, but the name of the key. */
const ABOUT_KEYS: ReadonlySet<string> = new Set([
  "missing-key-near",
  "near-key",
  "near-draft",
  "key-invisible",
  "key-unused",
]);

/** A number, boolean or date: YAML's value may differ from the words in the file. */
interface Scalar {
  readonly key: string;
  readonly index: number | undefined;
  readonly value: unknown;
}

/** The words that one value was written in. */
interface Words {
  /** By place, see {@link placeOf}. */
  readonly at: Map<string, string>;
  /** Those that differ; two are enough. */
  readonly texts: Set<string>;
}

export class FrontMatter {
  /** As the parser made them; dates are Date. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What the hook `attributes` made of them; null without one. */
  translated: Readonly<Record<string, unknown>> | null = null;
  readonly #lines: Lines;
  readonly #yaml: string;
  readonly #yamlStart: number;
  readonly #isYaml: boolean;
  readonly #executor: Pick<Executor, "findEntries">;
  readonly #notation: Pick<Notation, "scan">;
  /** By value: with many values, no value may cost a look at all others. */
  readonly #words = new Map<unknown, Words>();

  /**
   * @param text The file without byte order mark.
   * @param block Where its front matter is.
   */
  constructor(
    text: string,
    block: Block,
    attributes: Readonly<Record<string, unknown>>,
    executor: Pick<Executor, "findEntries">,
    notation: Pick<Notation, "scan">,
  ) {
    this.#lines = new Lines(text);
    this.#isYaml = block.syntax === "yaml";
    this.#notation = notation;
    this.#yaml = text.slice(block.yamlStart, block.yamlEnd);
    this.#yamlStart = block.yamlStart;
    this.attributes = attributes;
    this.#executor = executor;
  }

  /**
   * Finds the words of every value that may have to be text, before {@link asWritten} is called.
   *
   * @param keys Keys whose values may have to be text.
   * @returns False if they cannot be found in time: then nothing may be made of these values.
   */
  async readWords(keys: readonly string[]): Promise<boolean> {
    const scalars = keys.flatMap((key) => this.#scalarsOf(key));
    if (scalars.length === 0 || this.#collect(scalars, this.#notation.scan(this.#yaml))) return true;
    if (!this.#isYaml) return true;
    const entries = await this.#executor.findEntries(this.#yaml);
    this.#collect(scalars, entries);
    return entries !== null;
  }

  #scalarsOf(key: string): Scalar[] {
    const value = Object.hasOwn(this.attributes, key) ? this.attributes[key] : undefined;
    if (isScalar(value)) return [{ key, index: undefined, value }];
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) => (isScalar(item) ? { key, index, value: item } : []));
  }

  /** False if the words of any are not in these entries. */
  #collect(scalars: readonly Scalar[], entries: Entries | null): boolean {
    this.#words.clear();
    let isComplete = true;
    for (const { key, index, value } of scalars) {
      const entry = entries?.get(key);
      const text = index === undefined ? entry?.value.text : entry?.items?.[index]?.text;
      if (typeof text === "string") this.#note(value, placeOf(key, index), text);
      else isComplete = false;
    }
    return isComplete;
  }

  #note(value: unknown, place: string, text: string): void {
    let words = this.#words.get(value);
    if (words === undefined) {
      words = { at: new Map(), texts: new Set() };
      this.#words.set(value, words);
    }
    words.at.set(place, text);
    if (words.texts.size < 2) words.texts.add(text);
  }

  /** The words of a value where it stands, or where it stood before a hook gave it another name. */
  readonly asWritten: AsWritten = (value, key, index) => {
    const words = this.#words.get(value);
    const own = words?.at.get(placeOf(key, index));
    if (words === undefined || own !== undefined) return own;
    return words.texts.size === 1 ? [...words.texts][0] : undefined;
  };

  /** The issues as problems, in the order of the file; a key that is not in the file is missed at the first fence. */
  async place(issues: readonly Issue[], severity: Problem["severity"] = "error"): Promise<Problem[]> {
    if (issues.length === 0) return [];
    const first = issues.slice(0, PROBLEMS_MAX);
    const scanned = this.#notation.scan(this.#yaml);
    const isEnough = scanned !== null && (!this.#isYaml || first.every((issue) => hasItem(scanned, issue)));
    const found = (isEnough ? scanned : await this.#executor.findEntries(this.#yaml)) ?? scanned ?? new Map();
    const problems = first.map((one) => {
      const indented = this.#indented(one);
      const issue = indented === null ? one : { ...one, code: "missing-key-indented" as const };
      const stretch = indented ?? stretchOf(issue, found);
      const at = stretch === null ? FENCE : { ...stretch, offset: stretch.offset + this.#yamlStart };
      const fix = stretch === null ? null : correctedLine(issue, this.#lines.at(at.offset).lineText);
      const params = fix === null ? issue.params : { ...issue.params, fix };
      return problemAt(this.#lines, at, issue.code, params, severity);
    });
    return problems.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Where a missing key stands after all, with blanks before it; null where it does not. */
  #indented({ code, params }: Issue): Stretch | null {
    const key = String(params["key"] ?? "");
    if (code !== "missing-key" || !this.#isYaml || !/^\w+$/.test(key)) return null;
    const match = new RegExp(`^[ \\t]+(?=${key}[ \\t]*:(?:[ \\t]|$))`, "m").exec(this.#yaml);
    return match === null ? null : { offset: match.index + match[0].length, length: key.length };
  }

  /**
   * Issues with keys that a hook made out of others, with the keys that stand in the file instead: an author
   * who wrote `topics` does not look for `tags`.
   */
  traced(issues: readonly Issue[]): readonly Issue[] {
    const { attributes, translated } = this;
    if (translated === null) return issues;
    // No more are shown, and each takes a look at all keys.
    return issues.slice(0, PROBLEMS_MAX).map((issue) => {
      const { key, params } = issue;
      if (key === undefined || Object.hasOwn(attributes, key)) return issue;
      const value = translated[key] ?? "";
      const sources = Object.keys(attributes).filter((name) => Object.is(attributes[name], value));
      const [source] = sources;
      if (source === undefined || sources.length > 1 || value === "") return issue;
      return { ...issue, key: source, params: { ...params, ...("key" in params && { key: source }) } };
    });
  }
}

/** A value of a key, or an item of it. */
function placeOf(key: string, index: number | undefined): string {
  return JSON.stringify([key, index]);
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean" || value instanceof Date;
}

/** Whether these entries have the item that an issue is about. */
function hasItem(entries: Entries, { key = "", index }: Issue): boolean {
  const entry = entries.get(key);
  return index === undefined || entry === undefined || entry.items?.[index] !== undefined;
}

/** The item or value at fault, or the key where there is no value or its name is what is wrong. */
function stretchOf({ code, key, index }: Issue, entries: Entries): Stretch | null {
  const entry = key === undefined ? undefined : entries.get(key);
  if (entry === undefined) return null;
  const item = index === undefined ? undefined : entry.items?.[index];
  if (item !== undefined) return item;
  return entry.value.length === 0 || ABOUT_KEYS.has(code) ? entry.key : entry.value;
}
