/** Rendering and parsing at once, in this thread, and what is fit for that. */
import type { Entries } from "../article/entries.ts";
import { parseYaml } from "../article/yaml.ts";
import { ELEMENTS_MAX, GROWTH_MAX, OutOfTime, TooComplex, TooLarge } from "../markdown/budget.ts";
import { isHazardous, render, type Wanted } from "../markdown/render.ts";
import type { Refused, Rendering, RenderResult } from "./rendering.ts";

/** Time that a render may take, before patience. */
export const TIME_MS = 2_000;
/** Time that reading front matter may take. */
export const YAML_TIME_MS = 2_000;
/** Longest body that is rendered at once, and longest front matter that is parsed so; UTF-16 code units. */
export const LENGTH_MAX = 64 * 1024;
const YAML_LENGTH_MAX = 16 * 1024;

/** The file asks for more than can be done at once. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}

/**
 * Does everything in the thread that it is called in, where nothing can interrupt it.
 *
 * @throws {NotHere} When it would not be done in time, or not certainly.
 */
export const here: Rendering = {
  async render(markdown, wanted) {
    if (!isEasyBody(markdown)) throw new NotHere();
    return renderWithin(markdown, wanted, TIME_MS) ?? { kind: "too-slow", seconds: TIME_MS / 1000 };
  },
  async parseYaml(yaml) {
    if (!isEasyYaml(yaml)) throw new NotHere();
    return parseYaml(yaml);
  },
  async findEntries(yaml) {
    if (!isEasyYaml(yaml)) throw new NotHere();
    return parseEntries(yaml);
  },
};

/** Null when the time was not enough. */
export function renderWithin(markdown: string, wanted: Wanted, timeMs: number): RenderResult | null {
  try {
    return { kind: "rendered", ...render(markdown, wanted, timeMs) };
  } catch (error) {
    return error instanceof OutOfTime ? null : refusal(error);
  }
}

/** What an error of rendering, other than being late, says of the body. */
export function refusal(error: unknown): Refused {
  if (error instanceof TooComplex)
    return { kind: "refused", code: "markdown-too-complex", params: { count: ELEMENTS_MAX } };
  if (error instanceof TooLarge)
    return { kind: "refused", code: "html-too-large", params: { times: GROWTH_MAX } };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "refused", code: "render-failed", params: { message } };
}

/** Whether a render of it ends soon after its time is up. */
export function isEasyBody(markdown: string): boolean {
  return markdown.length <= LENGTH_MAX && !isHazardous(markdown);
}

/** Whether front matter can be parsed in milliseconds: trimming is quadratic in a run of blanks. */
export function isEasyYaml(yaml: string): boolean {
  return yaml.length <= YAML_LENGTH_MAX && !/\s{256}/.test(yaml);
}

/** Its parser is loaded when it is first needed: most front matter is not. */
export async function parseEntries(yaml: string): Promise<Entries> {
  const { parseEntries: parse } = await import("../article/entries-yaml.ts");
  return parse(yaml);
}
