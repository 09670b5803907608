/** The words for what is wrong in an article: a code picks the sentence, parameters fill it. */
import type { Problem } from "../sync/model.ts";
import { KINDS_EN, SENTENCES_EN } from "./en/problems.ts";
import { KINDS_JA, SENTENCES_JA } from "./ja/problems.ts";

/** `message` says what is wrong, `hint` how to mend it; `{name}` stands for a parameter. */
export interface Sentence {
  readonly message: string;
  readonly hint: string;
}

/** Every problem, warning and reason that this room can name. */
export type Code = keyof typeof SENTENCES_EN;

export type Lang = "en" | "ja";

/** What a value turned out to be: the parameter `found` of a problem. */
export type Kind =
  | "text"
  | "number"
  | "boolean"
  | "date"
  | "list"
  | "map"
  | "null"
  | "function"
  | "bigint"
  | "symbol"
  | "undefined"
  | "not-finite"
  | "invalid-date"
  | "cycle"
  | "promise"
  | "object";

/** A problem in words. `where` is `path:line:column`. */
export interface Description {
  readonly where: string;
  readonly message: string;
  readonly hint: string;
}

interface Catalogue {
  readonly sentences: Readonly<Record<string, Sentence>>;
  readonly kinds: Readonly<Record<string, string>>;
}

const CATALOGUES: Readonly<Record<Lang, Catalogue>> = {
  en: { sentences: SENTENCES_EN, kinds: KINDS_EN },
  ja: { sentences: SENTENCES_JA, kinds: KINDS_JA },
};

/** The languages that every sentence is there in. */
export const LANGS = Object.keys(CATALOGUES) as readonly Lang[];

/**
 * A problem as people read it. A code that this version does not know (a state file may come from
 * another one) is shown as it is.
 */
export function describe(problem: Problem, path: string, lang: Lang): Description {
  const where = `${path}:${problem.line}:${problem.column}`;
  return { where, ...sentence(problem.code, problem.params, lang) };
}

/** One sentence of the catalogue with its parameters filled in. */
export function sentence(code: string, params: Problem["params"], lang: Lang): Sentence {
  const { sentences, kinds } = CATALOGUES[lang];
  const found = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
  if (found === undefined) return { message: code, hint: "" };
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (!Object.hasOwn(params, name)) return whole;
      const value = String(params[name]);
      return name === "found" ? (kinds[value] ?? value) : value;
    });
  return { message: fill(found.message), hint: fill(found.hint) };
}
