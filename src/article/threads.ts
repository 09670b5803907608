/** Where articles are parsed: at once in the main thread, or on a thread that can be given up. */
import { availableParallelism } from "node:os";
import type { ArticleSettings } from "../config/settings.ts";
import { rendererOf } from "../markdown/flavour.ts";
import type { Flavour, Outline, Wanted } from "../markdown/renderer.ts";
import type { ParsedFile } from "../sync/model.ts";
import { Pool } from "../workers/pool.ts";
import { Scheduler } from "../workers/scheduler.ts";
import {
  EASY_LENGTH_MAX,
  type Executor,
  isEasyBody,
  isEasyYaml,
  loadParseEntries,
  type NotRendered,
  QUICK_MS,
  RENDER_MS,
  type RenderResult,
  renderWithin,
  tooSlow,
  YAML_MS,
} from "./executor.ts";
import type { Entries } from "./front-matter/entries.ts";
import { loadNotation, type Syntax } from "./front-matter/syntax.ts";
import type { Parsed } from "./front-matter/yaml-fault.ts";

/**
 * The bundled text of `worker.ts` as one script (esbuild's `iife`), compressed by brotli, in base64. Defined by
 * the build; absent when run from sources.
 */
declare const __WORKER_SOURCE__: string | undefined;

/** What a thread runs. */
function program(): string | URL {
  if (typeof __WORKER_SOURCE__ !== "string") return new URL("./worker.ts", import.meta.url);
  // Most runs start no thread, so this builtin is loaded here.
  const { brotliDecompressSync } = process.getBuiltinModule("node:zlib");
  return brotliDecompressSync(Buffer.from(__WORKER_SOURCE__, "base64")).toString("utf8");
}

/** What a thread needs of the settings to parse a file: no functions, which cannot be sent to it. */
export type PlainSettings = Omit<ArticleSettings, "include" | "exclude" | "attributes" | "schema" | "map"> & {
  /** Whether payloads are made. */
  readonly areSealed?: boolean;
};

/** What a thread is asked to do. */
export type Task = { readonly timeMs: number } & (
  | { readonly kind: "render"; readonly markdown: string; readonly wanted: Wanted }
  | { readonly kind: "yaml"; readonly yaml: string; readonly syntax: Syntax }
  | { readonly kind: "entries"; readonly yaml: string }
  /** A file as a whole, as long as there is nothing unusual about it. */
  | { readonly kind: "file"; readonly path: string; readonly bytes: Uint8Array }
);

/** What it answers, by the kind of the task. */
export interface Answers {
  readonly render:
    | { readonly kind: "rendered"; readonly html: string | null; readonly outline: Outline | null }
    | NotRendered;
  readonly yaml: Parsed;
  readonly entries: Entries;
  readonly file: ParsedFile;
}

export type TaskOf<Kind extends keyof Answers> = Extract<Task, { readonly kind: Kind }>;

/** As many waiting are worth a thread: to start one takes as long as rendering a hundred short articles. */
const BACKLOG = 96;
/** And so many are worth a message to one that stands ready: in a bulk no more than a slice wait at a time. */
const BACKLOG_READY = 16;
/** A backlog comes in waves: so long after the last one the threads are not left for the main thread. */
const BULK_MS = 250;

/** A task that takes longer is not quick, however many such there are; and so long after the last one it may take {@link QUICK_MS}. */
const QUICK_MS_MIN = 25;
const FORGET_MS = 10_000;

/** Runs what is short in this thread, in turns, and what is long or many on threads. */
export class ThreadExecutor implements Executor {
  readonly #scheduler = new Scheduler();
  readonly #flavour: Flavour;
  readonly #pool: Pool<Task, Answers[keyof Answers]>;
  /** Most threads for a backlog. */
  readonly #bulkThreads: number;
  /** Files being parsed, those that wait included. */
  #files = 0;
  /** What counts as quick now, and when something last was not. */
  #quickMs = QUICK_MS;
  #slowMs = Number.NEGATIVE_INFINITY;
  /** When there last was a backlog. */
  #bulkMs = Number.NEGATIVE_INFINITY;

  /** @param threads Most threads; by default one a processor, at most four. */
  constructor(settings: PlainSettings, threads = Math.min(availableParallelism(), 4)) {
    this.#flavour = settings;
    this.#pool = new Pool({
      program,
      data: settings,
      // An article that takes long has one for itself, and must not keep others from it.
      size: Math.max(threads, 2),
      idleMs: 5_000,
      prefetch: 128,
    });
    // The main thread has enough to do with what comes from them: each has a processor to itself.
    this.#bulkThreads = Math.max(1, Math.min(threads, availableParallelism() - 1));
  }

  /** Waits for a turn in this thread. */
  async turn(): Promise<void> {
    await this.#scheduler.turn();
  }

  /**
   * Parses a file: of many at once as a whole on a thread, where hardly anything is left to the main thread.
   *
   * @param bytes Null if the file has to be parsed here.
   * @param parseHere Parses it in this thread, when its turn has come.
   */
  async parseFile(
    path: string,
    bytes: Uint8Array | null,
    parseHere: () => Promise<ParsedFile>,
  ): Promise<ParsedFile> {
    this.#files++;
    try {
      // While no thread is ready a file waits for its turn, and by then one may be.
      const { isReady } = this.#pool;
      if (!isReady) await this.#scheduler.turn();
      const parsed = bytes === null ? null : await this.#parseOnThread(path, bytes);
      if (parsed !== null) return parsed;
      if (isReady) await this.#scheduler.turn();
      return await parseHere();
    } finally {
      this.#files--;
    }
  }

  /** Null when no thread has room, too few files wait, or the file needs more care than that. */
  async #parseOnThread(path: string, bytes: Uint8Array): Promise<ParsedFile | null> {
    const nowMs = performance.now();
    if (this.#isBacklog(this.#files)) this.#bulkMs = nowMs;
    if (nowMs - this.#bulkMs > BULK_MS || bytes.length > EASY_LENGTH_MAX) return null;
    return this.#tryRun<"file">({ kind: "file", path, bytes, timeMs: RENDER_MS });
  }

  async render(markdown: string, wanted: Wanted, patience: number): Promise<RenderResult> {
    const timeMs = RENDER_MS * (patience === 0 ? 1 : patience);
    const task = { kind: "render", markdown, wanted, timeMs } as const;
    const renderer = await rendererOf(this.#flavour, markdown);
    if (patience <= 1 && isEasyBody(renderer, markdown)) {
      const isBacklog = this.#isBacklog(this.#scheduler.waiting);
      const answer = isBacklog ? await this.#tryRun<"render">(task) : null;
      if (answer !== null) return received(answer);
      // A small body takes no detour: an edit should be live in milliseconds.
      const result = await this.#scheduler.run((leftMs) => renderWithin(renderer, markdown, wanted, leftMs));
      if (result !== null) return result;
      if (patience === 0) return tooSlow(timeMs);
    }
    const answer = await this.#runQuick<"render">(task, patience);
    return answer === null ? tooSlow(timeMs) : received(answer);
  }

  async parseYaml(yaml: string, syntax: Syntax = "yaml", patience = 1): Promise<Parsed> {
    if (isEasyYaml(yaml)) return (await loadNotation(syntax)).parse(yaml);
    const task = { kind: "yaml", yaml, syntax, timeMs: YAML_MS } as const;
    const answer = await this.#runQuick<"yaml">(task, patience);
    if (answer !== null) return answer;
    const params = { seconds: YAML_MS / 1000 };
    return { kind: "fault", code: "front-matter-too-slow", params, offset: 0, length: 1 };
  }

  async findEntries(yaml: string, patience = 1): Promise<Entries | null> {
    if (isEasyYaml(yaml)) return (await loadParseEntries())(yaml);
    return this.#runQuick<"entries">({ kind: "entries", yaml, timeMs: YAML_MS }, patience);
  }

  /** Ends the threads; what they have not answered is too slow. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  #isBacklog(waiting: number): boolean {
    return waiting >= (this.#pool.isReady ? BACKLOG_READY : BACKLOG);
  }

  /** With no patience only as long as others can wait, which is less for each of several in a row. */
  async #runQuick<Kind extends keyof Answers>(
    task: TaskOf<Kind>,
    patience: number,
  ): Promise<Answers[Kind] | null> {
    if (patience !== 0) return this.#run<Kind>(task);
    const isLater = performance.now() - this.#slowMs > FORGET_MS;
    if (isLater) this.#quickMs = QUICK_MS;
    const answer = await this.#run<Kind>({ ...task, timeMs: this.#quickMs });
    const isSlow = answer === null || ("kind" in answer && answer.kind === "too-slow");
    if (!isSlow) return answer;
    this.#quickMs = Math.max(QUICK_MS_MIN, this.#quickMs / 2);
    this.#slowMs = performance.now();
    return null;
  }

  async #run<Kind extends keyof Answers>(task: TaskOf<Kind>): Promise<Answers[Kind] | null> {
    return (await this.#pool.run(task)) as Answers[Kind] | null;
  }

  /** On a thread that stands ready; null when none does, and then one more starts. */
  async #tryRun<Kind extends keyof Answers>(task: TaskOf<Kind>): Promise<Answers[Kind] | null> {
    const answer = (await this.#pool.tryRun(task)) as Answers[Kind] | null;
    if (answer === null) this.#pool.grow(this.#bulkThreads);
    return answer;
  }
}

function received(answer: Answers["render"]): RenderResult {
  if (answer.kind !== "rendered") return answer;
  const { outline } = answer;
  return { ...answer, outline: outline === null ? null : () => outline };
}
