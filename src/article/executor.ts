/** The steps of parsing that may take long: who runs them, and how they run at once in this thread. */
import { rendererOf } from "../markdown/flavour.ts";
import {
  ELEMENTS_MAX,
  type Flavour,
  GROWTH_MAX,
  OutOfTime,
  type Rendered,
  type Renderer,
  TooComplex,
  TooLarge,
  type Wanted,
} from "../markdown/renderer.ts";
import type { Entries } from "./front-matter/entries.ts";
import { loadNotation, type Syntax } from "./front-matter/syntax.ts";
import type { Parsed } from "./front-matter/yaml-fault.ts";

/** Runs the long steps, in this thread or elsewhere. */
export interface Executor {
  /** @param patience Factor on the time allowed, {@link RENDER_MS}; with 0 it is {@link QUICK_MS}. */
  render(markdown: string, wanted: Wanted, patience: number): Promise<RenderResult>;
  /** @param patience Of 0: {@link QUICK_MS}; of others {@link YAML_MS}. */
  parseYaml(yaml: string, syntax?: Syntax, patience?: number): Promise<Parsed>;
  /** Null if that takes too long. @param patience As with {@link Executor.parseYaml}. */
  findEntries(yaml: string, patience?: number): Promise<Entries | null>;
}

export type RenderResult = ({ readonly kind: "rendered" } & Rendered) | NotRendered;

/** Why there is no HTML. `too-slow` may be otherwise next time, the others not. */
export type NotRendered =
  | { readonly kind: "too-slow"; readonly seconds: number }
  | {
      readonly kind: "refused";
      readonly code: "markdown-too-complex" | "html-too-large" | "outline-too-large" | "render-failed";
      readonly params: Readonly<Record<string, string | number>>;
    };

/** Time that a render may take, before patience. */
export const RENDER_MS = 2_000;
/** Time that reading front matter may take. */
export const YAML_MS = 2_000;
/** What takes longer on a thread is not quick. */
export const QUICK_MS = 200;
/** Longest body that is rendered at once, UTF-16 code units. */
export const EASY_LENGTH_MAX = 64 * 1024;
/** Longest front matter that is parsed at once, UTF-16 code units. */
const EASY_YAML_MAX = 16 * 1024;

/** The file asks for more than can be done at once. */
export class NotInline extends Error {
  override readonly name = "NotInline";
}

/**
 * Does everything at once in this thread, where nothing can interrupt it. Its methods throw
 * {@link NotInline} when that might take too long.
 */
export function inlineExecutor(flavour: Flavour): Executor {
  return {
    async render(markdown, wanted) {
      const renderer = await rendererOf(flavour, markdown);
      if (!isEasyBody(renderer, markdown)) throw new NotInline();
      const result = renderWithin(renderer, markdown, wanted, QUICK_MS);
      // Others wait for this thread.
      if (result === null) throw new NotInline();
      return result;
    },
    async parseYaml(yaml, syntax = "yaml") {
      if (!isEasyYaml(yaml)) throw new NotInline();
      return (await loadNotation(syntax)).parse(yaml);
    },
    async findEntries(yaml) {
      if (!isEasyYaml(yaml)) throw new NotInline();
      return (await loadParseEntries())(yaml);
    },
  };
}

/** Renders in this thread; null when the time was not enough. */
export function renderWithin(
  renderer: Renderer,
  markdown: string,
  wanted: Wanted,
  timeMs: number,
): RenderResult | null {
  try {
    return { kind: "rendered", ...renderer.render(markdown, wanted, timeMs) };
  } catch (error) {
    if (error instanceof OutOfTime) return null;
    if (error instanceof TooComplex)
      return { kind: "refused", code: "markdown-too-complex", params: { count: ELEMENTS_MAX } };
    if (error instanceof TooLarge)
      return { kind: "refused", code: `${error.what}-too-large`, params: { times: GROWTH_MAX } };
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "refused", code: "render-failed", params: { message } };
  }
}

export function tooSlow(timeMs: number): NotRendered {
  return { kind: "too-slow", seconds: timeMs / 1000 };
}

/** Whether a render of it ends soon after its time is up. */
export function isEasyBody(renderer: Renderer, markdown: string): boolean {
  return markdown.length <= EASY_LENGTH_MAX && !renderer.isHazardous(markdown);
}

/** Whether front matter can be parsed in milliseconds: trimming is quadratic in a run of blanks. */
export function isEasyYaml(yaml: string): boolean {
  return yaml.length <= EASY_YAML_MAX && !/\s{256}/.test(yaml);
}

/** Most front matter does without the second YAML parser, so it is loaded when it is first needed. */
export async function loadParseEntries(): Promise<(yaml: string) => Entries> {
  return (await import("./front-matter/entries-yaml.ts")).parseEntries;
}
