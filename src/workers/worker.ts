/**
 * A render thread: takes tasks one after another, answers each in order. Started from this file while the
 * program runs from its sources, from its bundled text in every built artefact; see `pool.ts`.
 */
import { Script } from "node:vm";
import { parentPort } from "node:worker_threads";
import { type Zone, zoneOf } from "../article/date.ts";
import type { Entries } from "../article/entries.ts";
import { study, type Workshop } from "../article/study.ts";
import { parseYaml, type Yaml } from "../article/yaml.ts";
import type { ArticleSettings } from "../config/settings.ts";
import { OutOfTime, TooComplex, TooLarge } from "../markdown/budget.ts";
import type { Outline } from "../markdown/outline.ts";
import { render, type Wanted } from "../markdown/render.ts";
import type { ParsedFile } from "../sync/model.ts";
import { here, LENGTH_MAX, NotHere } from "./here.ts";

/** What a thread has to know of the settings to examine a file: no functions, which cannot go there. */
export type PlainSettings = Pick<ArticleSettings, "html" | "future" | "timezone" | "maxSizeBytes">;

export type Task = { readonly timeMs: number } & (
  | {
      readonly kind: "render";
      readonly markdown: string;
      readonly wanted: Wanted;
      /** Whether single steps may be slow, so that it has to be interrupted from outside. */
      readonly isHazardous: boolean;
    }
  | { readonly kind: "yaml"; readonly yaml: string }
  | { readonly kind: "entries"; readonly yaml: string }
  /** A file as a whole, as long as there is nothing unusual about it. */
  | {
      readonly kind: "article";
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly settings: PlainSettings;
    }
);

export type Answer =
  /** First thing a thread says. */
  | { readonly kind: "ready" }
  | { readonly kind: "rendered"; readonly html: string | null; readonly outline: Outline | null }
  | { readonly kind: "yaml"; readonly yaml: Yaml }
  | { readonly kind: "entries"; readonly entries: Entries }
  | { readonly kind: "examined"; readonly examined: ParsedFile }
  /** Nothing was found out: the file asks for what a thread cannot give. */
  | { readonly kind: "declined" }
  | {
      readonly kind: "failed";
      readonly why: "time" | "too-complex" | "too-large" | "error";
      readonly message: string;
      /** The thread was stopped in the middle of something and is not to be trusted with more. */
      readonly isSpent: boolean;
    };

/** A render notices by itself that its time is over; being interrupted is for what cannot. */
const GRACE_MS = 100;

const step = new Script("globalThis.__renderStep()");
const scope = globalThis as { __renderStep?: () => Answer };

/**
 * Runs work that may hang in a single step, such as one match of a regular expression: the runtime's
 * own interrupt ends even that, on Node and on Deno, where ending the thread would not.
 */
function interruptibly(work: () => Answer, timeMs: number): Answer {
  scope.__renderStep = work;
  try {
    return step.runInThisContext({ timeout: timeMs }) as Answer;
  } finally {
    delete scope.__renderStep;
  }
}

async function answer(task: Task): Promise<Answer> {
  if (task.kind === "article") return examine(task);
  if (task.kind === "entries") {
    const { parseEntries } = await import("../article/entries-yaml.ts");
    return interruptibly(() => ({ kind: "entries", entries: parseEntries(task.yaml) }), task.timeMs);
  }
  if (task.kind === "yaml")
    return interruptibly(() => ({ kind: "yaml", yaml: parseYaml(task.yaml) }), task.timeMs);
  const { markdown, wanted, timeMs } = task;
  const work = (): Answer => {
    const { html, outline } = render(markdown, wanted, timeMs);
    return { kind: "rendered", html, outline: outline?.() ?? null };
  };
  // Above this a step may take milliseconds even when it is not hazardous.
  const isLong = markdown.length > LENGTH_MAX;
  return isLong || task.isHazardous ? interruptibly(work, timeMs + GRACE_MS) : work();
}

const zones = new Map<string, Zone>();

async function examine(task: Extract<Task, { kind: "article" }>): Promise<Answer> {
  const { path, bytes, settings } = task;
  const zone = zones.get(settings.timezone) ?? zoneOf(settings.timezone);
  zones.set(settings.timezone, zone);
  const hooks: Workshop["hooks"] = { attributes: null, schema: null, map: null };
  const request = {
    path,
    content: { kind: "bytes", bytes },
    patience: 1,
    backlog: 0,
    isDetailed: false,
  } as const;
  const { verdict, body } = await study({ settings, hooks, zone, renderer: here, hookTimeMs: 0 }, request);
  return { kind: "examined", examined: { verdict, body } };
}

function failure(error: unknown): Answer {
  if (error instanceof NotHere) return { kind: "declined" };
  const { code, message } = error as Error & { code?: string };
  const isSpent = code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
  if (isSpent || error instanceof OutOfTime) return { kind: "failed", why: "time", message, isSpent };
  if (error instanceof TooComplex) return { kind: "failed", why: "too-complex", message, isSpent };
  if (error instanceof TooLarge) return { kind: "failed", why: "too-large", message, isSpent };
  return { kind: "failed", why: "error", message: String(message ?? error), isSpent };
}

/** Answers are gathered this long, milliseconds: whoever waits sees no difference, but is woken less often. */
const GATHER_MS = 4;

/** Bodies change hands without being copied. */
function say(answers: readonly Answer[]): void {
  const bodies = answers.flatMap((one) => (one.kind === "examined" ? (one.examined.body ?? []) : []));
  parentPort?.postMessage(
    answers,
    bodies.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

async function answerAll(tasks: readonly Task[]): Promise<void> {
  let answers: Answer[] = [];
  let saidMs = performance.now();
  for (const task of tasks) {
    answers.push(await answer(task).catch(failure));
    if (performance.now() - saidMs < GATHER_MS) continue;
    say(answers);
    answers = [];
    saidMs = performance.now();
  }
  if (answers.length > 0) say(answers);
}

// Whoever asks knows an answer by its place alone, and a message may arrive while a task of the one before
// waits for something: on Deno at every `await`.
let turn = Promise.resolve();
parentPort?.on("message", (tasks: readonly Task[]) => {
  turn = turn.then(() => answerAll(tasks));
});
say([{ kind: "ready" }]);
