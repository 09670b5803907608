/** Puts what is wrong in an article into words: a code picks the sentence, parameters fill it. */
import type { Problem } from "../sync/model.ts";
import type { Lang } from "./language.ts";
import { WORDS, type Words } from "./words.ts";

/** Every problem, warning and reason that has a sentence. */
export type Code = keyof Words["problems"];

/** What a value turned out to be: the parameter `found` of a problem. */
export type Kind = keyof Words["kinds"];

/** `message` says what is wrong, `hint` how to fix it. */
export interface Sentence {
  readonly message: string;
  readonly hint: string;
}

/** A problem in words. `where` is `path:line:column`. */
export interface Description extends Sentence {
  readonly where: string;
}

/** A problem as people read it. */
export function describe(problem: Problem, path: string, lang: Lang): Description {
  const where = `${path}:${problem.line}:${problem.column}`;
  return { where, ...sentence(problem.code, problem.params, lang) };
}

/**
 * One sentence with its parameters filled in. A code that this version does not know (a state file may
 * come from another version) is shown as it is.
 */
export function sentence(code: string, params: Problem["params"], lang: Lang): Sentence {
  const problems: Readonly<Record<string, string>> = WORDS[lang].problems;
  const kinds: Readonly<Record<string, string>> = WORDS[lang].kinds;
  const [message = code, hint = ""] = Object.hasOwn(problems, code)
    ? (problems[code]?.split("\n") ?? [])
    : [];
  const fill = (text: string): string =>
    text.trim().replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (!Object.hasOwn(params, name)) return whole;
      const value = String(params[name]);
      return name === "found" ? (kinds[value] ?? value) : value;
    });
  const fix = "fix" in params ? ` ${fill(WORDS[lang].corrected)}` : "";
  return { message: fill(message), hint: `${fill(hint)}${fix}` };
}

/** What a value is, for messages that say what was found instead of what was expected. */
export function kindOf(value: unknown): Kind {
  const type = typeof value;
  if (type === "string") return "text";
  if (type === "number") return Number.isFinite(value) ? "number" : "not-finite";
  if (type !== "object") return type;
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid-date" : "date";
  if (value instanceof Promise) return "promise";
  return isPlain(value) ? "map" : "object";
}

/** Whether this is a map as YAML and JSON have it, not an instance of a class. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
