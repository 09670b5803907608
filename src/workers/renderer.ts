/** Where a body is rendered: at once in the main thread, or on a thread that can be given up. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers";
import type { Entries } from "../article/entries.ts";
import { parseYaml, type Yaml } from "../article/yaml.ts";
import { TooComplex, TooLarge } from "../markdown/budget.ts";
import { isHazardous, type Wanted } from "../markdown/render.ts";
import type { ParsedFile } from "../sync/model.ts";
import {
  isEasyBody,
  isEasyYaml,
  LENGTH_MAX,
  parseEntries,
  refusal,
  renderWithin,
  TIME_MS,
  YAML_TIME_MS,
} from "./here.ts";
import { type Outcome, Pool } from "./pool.ts";
import type { Rendering, RenderResult } from "./rendering.ts";
import type { PlainSettings, Task } from "./worker.ts";

/** Longest stretch that the main thread gives to bodies in one round of the event loop. */
const LOCAL_TIME_MS = 40;
/** As many waiting are worth a thread: to start one takes as long as rendering a hundred short articles. */
const BACKLOG = 96;
/** And so many are worth a message to one that stands ready: in a bulk no more than a slice wait at a time. */
const BACKLOG_READY = 16;

/** A backlog comes in waves: so long after the last one the threads are not left for the main thread. */
const BULK_MS = 250;

export interface RendererOptions {
  /** Most render threads; by default one a processor, at most four. */
  readonly threads?: number | undefined;
}

export class Renderer implements Rendering {
  readonly #pool: Pool;
  /** Most threads for a backlog. */
  readonly #bulkThreads: number;
  /** Time spent on rendering in this round of the event loop. */
  #spentMs = 0;
  /** When there last was a backlog. */
  #bulkMs = Number.NEGATIVE_INFINITY;

  constructor({ threads = Math.min(availableParallelism(), 4) }: RendererOptions = {}) {
    this.#pool = new Pool({ size: Math.max(threads, 1), idleMs: 5_000, prefetch: 128 });
    // The main thread has enough to do with what comes from them: each has a processor to itself.
    this.#bulkThreads = Math.max(1, Math.min(threads, availableParallelism() - 1));
  }

  /** Whether a thread could take something at once. */
  get isReady(): boolean {
    return this.#pool.isReady;
  }

  /**
   * Examines a file as a whole on a thread: of many files at once, hardly anything is left to the main thread.
   *
   * @param backlog How many others wait.
   * @returns Null when no thread is ready, or the file needs more care than that.
   */
  async examine(
    path: string,
    bytes: Uint8Array,
    settings: PlainSettings,
    backlog: number,
  ): Promise<ParsedFile | null> {
    const nowMs = performance.now();
    if (this.#isLong(backlog)) this.#bulkMs = nowMs;
    if (nowMs - this.#bulkMs > BULK_MS || bytes.length > LENGTH_MAX) return null;
    const outcome = await this.#pool.tryRun({ kind: "article", path, bytes, settings, timeMs: TIME_MS });
    if (outcome === null) this.#pool.grow(this.#bulkThreads);
    return outcome?.kind === "examined" ? outcome.examined : null;
  }

  #isLong(backlog: number): boolean {
    return backlog >= (this.isReady ? BACKLOG_READY : BACKLOG);
  }

  /**
   * Renders a body. Small ones take no detour: an edit should be live in milliseconds.
   *
   * @param patience Factor on the time allowed.
   * @param backlog How many others wait; with enough of them the work is spread over threads.
   */
  async render(markdown: string, wanted: Wanted, patience: number, backlog: number): Promise<RenderResult> {
    const timeMs = TIME_MS * patience;
    const task: Task = { kind: "render", markdown, wanted, timeMs, isHazardous: isHazardous(markdown) };
    if (patience > 1 || !isEasyBody(markdown)) return resultOf(await this.#pool.run(task), timeMs);
    if (this.#isLong(backlog)) {
      const outcome = await this.#pool.tryRun(task);
      if (outcome !== null) return resultOf(outcome, timeMs);
      this.#pool.grow(this.#bulkThreads);
    }
    return (await this.#renderHere(markdown, wanted)) ?? resultOf(await this.#pool.run(task), timeMs);
  }

  /** Null if that would take the main thread more than it can spare in a whole round of the event loop. */
  async #renderHere(markdown: string, wanted: Wanted): Promise<RenderResult | null> {
    for (;;) {
      const leftMs = LOCAL_TIME_MS - this.#spentMs;
      const result = leftMs > 0 ? this.#renderNow(markdown, wanted, leftMs) : null;
      if (result !== null || leftMs === LOCAL_TIME_MS) return result;
      // A thread for what this round has no time for would be one more that has all to compile first.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #renderNow(markdown: string, wanted: Wanted, timeMs: number): RenderResult | null {
    if (this.#spentMs === 0) setImmediate(() => (this.#spentMs = 0));
    const startMs = performance.now();
    const result = renderWithin(markdown, wanted, timeMs);
    this.#spentMs += performance.now() - startMs;
    return result;
  }

  /** Parses front matter; where that could take long, on a thread. */
  async parseYaml(yaml: string): Promise<Yaml> {
    if (isEasyYaml(yaml)) return parseYaml(yaml);
    const outcome = await this.#pool.run({ kind: "yaml", yaml, timeMs: YAML_TIME_MS });
    if (outcome?.kind === "yaml") return outcome.yaml;
    const seconds = YAML_TIME_MS / 1000;
    return { kind: "fault", code: "front-matter-too-slow", params: { seconds }, offset: 0, length: 1 };
  }

  /** Finds the entries of front matter with a second parser; null if that takes too long. */
  async findEntries(yaml: string): Promise<Entries | null> {
    if (isEasyYaml(yaml)) return parseEntries(yaml);
    const outcome = await this.#pool.run({ kind: "entries", yaml, timeMs: YAML_TIME_MS });
    return outcome?.kind === "entries" ? outcome.entries : null;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
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
