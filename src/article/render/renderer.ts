/** Where a body is rendered: at once in the main thread, or on a thread that can be given up. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers";
import type { Entries } from "../entries.ts";
import { parseYaml, type Yaml } from "../yaml.ts";
import { ELEMENTS_MAX, GROWTH_MAX, OutOfTime, TooComplex, TooLarge } from "./budget.ts";
import { type Outcome, Pool } from "./pool.ts";
import { isHazardous, type Rendered, render, type Wanted } from "./render.ts";
import type { Task } from "./worker.ts";

/** Why there is no HTML. `too-slow` may be otherwise next time, the others not. */
export type Refused =
  | { readonly kind: "too-slow"; readonly seconds: number }
  | {
      readonly kind: "refused";
      readonly code: "markdown-too-complex" | "html-too-large" | "render-failed";
      readonly params: Readonly<Record<string, string | number>>;
    };

export type RenderResult = ({ readonly kind: "rendered" } & Rendered) | Refused;

/** Time that a render may take, before patience. */
const TIME_MS = 2_000;
/** Time that reading front matter may take. */
export const YAML_TIME_MS = 2_000;
/** Longest stretch that the main thread gives to bodies in one round of the event loop. */
const LOCAL_TIME_MS = 40;
/** Longest body for the main thread, and longest front matter; UTF-16 code units. */
const LOCAL_LENGTH_MAX = 64 * 1024;
const LOCAL_YAML_MAX = 16 * 1024;
/** As many waiting are worth a thread. */
const BACKLOG = 32;

export interface RendererOptions {
  /** Most render threads; by default one a processor, at most four. */
  readonly threads?: number | undefined;
}

export class Renderer {
  readonly #pool: Pool;
  /** Time spent on rendering in this round of the event loop. */
  #spentMs = 0;

  constructor({ threads = Math.min(availableParallelism(), 4) }: RendererOptions = {}) {
    this.#pool = new Pool({ size: Math.max(threads, 1), idleMs: 5_000, prefetch: 16 });
  }

  /**
   * Renders a body. Small ones take no detour: an edit should be live in milliseconds.
   *
   * @param patience Factor on the time allowed.
   * @param backlog How many others wait; with enough of them the work is spread over threads.
   */
  async render(markdown: string, wanted: Wanted, patience: number, backlog: number): Promise<RenderResult> {
    const hazardous = isHazardous(markdown);
    const timeMs = TIME_MS * patience;
    const task: Task = { kind: "render", markdown, wanted, timeMs, isHazardous: hazardous };
    if (patience > 1 || hazardous || markdown.length > LOCAL_LENGTH_MAX)
      return resultOf(await this.#pool.run(task), timeMs);
    if (backlog >= BACKLOG) {
      const outcome = await this.#pool.tryRun(task);
      if (outcome !== null) return resultOf(outcome, timeMs);
      this.#pool.grow();
    }
    return this.#renderHere(markdown, wanted) ?? resultOf(await this.#pool.run(task), timeMs);
  }

  /** Null if that would take the main thread more of this round of the event loop than it can spare. */
  #renderHere(markdown: string, wanted: Wanted): RenderResult | null {
    const leftMs = LOCAL_TIME_MS - this.#spentMs;
    if (leftMs <= 0) return null;
    if (this.#spentMs === 0) setImmediate(() => (this.#spentMs = 0));
    const startMs = performance.now();
    try {
      return { kind: "rendered", ...render(markdown, wanted, leftMs) };
    } catch (error) {
      return error instanceof OutOfTime ? null : refusal(error);
    } finally {
      this.#spentMs += performance.now() - startMs;
    }
  }

  /** Parses front matter; where that could take long, on a thread. */
  async parseYaml(yaml: string): Promise<Yaml> {
    if (isEasy(yaml)) return parseYaml(yaml);
    const outcome = await this.#pool.run({ kind: "yaml", yaml, timeMs: YAML_TIME_MS });
    if (outcome?.kind === "yaml") return outcome.yaml;
    const seconds = YAML_TIME_MS / 1000;
    return { kind: "fault", code: "front-matter-too-slow", params: { seconds }, offset: 0, length: 1 };
  }

  /** Finds the entries of front matter with a second parser; null if that takes too long. */
  async findEntries(yaml: string): Promise<Entries | null> {
    if (isEasy(yaml)) {
      const { parseEntries } = await import("../entries-yaml.ts");
      return parseEntries(yaml);
    }
    const outcome = await this.#pool.run({ kind: "entries", yaml, timeMs: YAML_TIME_MS });
    return outcome?.kind === "entries" ? outcome.entries : null;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Whether front matter can be parsed in milliseconds: trimming is quadratic in a run of blanks. */
function isEasy(yaml: string): boolean {
  return yaml.length <= LOCAL_YAML_MAX && !/\s{256}/.test(yaml);
}

function resultOf(outcome: Outcome, timeMs: number): RenderResult {
  if (outcome?.kind === "rendered") {
    const { html, outline } = outcome;
    return { kind: "rendered", html, outline: outline === null ? null : () => outline };
  }
  if (outcome?.kind !== "failed" || outcome.why === "time")
    return { kind: "too-slow", seconds: timeMs / 1000 };
  if (outcome.why === "too-complex") return refusal(new TooComplex());
  return refusal(outcome.why === "too-large" ? new TooLarge() : new Error(outcome.message));
}

function refusal(error: unknown): RenderResult {
  if (error instanceof TooComplex)
    return { kind: "refused", code: "markdown-too-complex", params: { count: ELEMENTS_MAX } };
  if (error instanceof TooLarge)
    return { kind: "refused", code: "html-too-large", params: { times: GROWTH_MAX } };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "refused", code: "render-failed", params: { message } };
}
