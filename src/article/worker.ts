/** The program of a thread: started from this file when run from sources, else from its bundled text. */
import { workerData } from "node:worker_threads";
import { rendererOf } from "../markdown/flavour.ts";
import { interruptibly, serve } from "../workers/serve.ts";
import { zoneOf } from "./date.ts";
import { inlineExecutor, isEasyBody, loadParseEntries, renderWithin, tooSlow } from "./executor.ts";
import { loadNotation } from "./front-matter/syntax.ts";
import { type ParseContext, parseArticle } from "./parse.ts";
import { rulesOf } from "./rules.ts";
import type { Answers, PlainSettings, Task, TaskOf } from "./threads.ts";

type Answer = Answers[keyof Answers];

/** A render notices by itself that its time is over; being interrupted is for what cannot. */
const GRACE_MS = 100;

/** Made for the first file, as looking up a time zone takes long. */
let context: ParseContext | null = null;

async function answerTo(task: Task): Promise<Answer> {
  switch (task.kind) {
    case "file":
      return parseFile(task);
    case "render":
      return render(task);
    case "yaml": {
      const { parse } = await loadNotation(task.syntax);
      return interruptibly(() => parse(task.yaml), task.timeMs);
    }
    case "entries": {
      const parseEntries = await loadParseEntries();
      return interruptibly(() => parseEntries(task.yaml), task.timeMs);
    }
  }
}

async function parseFile({ path, bytes }: TaskOf<"file">): Promise<Answers["file"]> {
  const settings = workerData as PlainSettings;
  context ??= {
    settings,
    areSealed: settings.areSealed ?? true,
    rules: rulesOf(settings),
    hooks: { attributes: null, schema: null, map: null },
    zone: zoneOf(settings.timezone),
    executor: inlineExecutor(settings),
    hookTimeMs: 0,
  };
  const content = { kind: "bytes", bytes } as const;
  return parseArticle(context, { path, content, patience: 1 });
}

async function render({ markdown, wanted, timeMs }: TaskOf<"render">): Promise<Answers["render"]> {
  const renderer = await rendererOf(workerData as PlainSettings, markdown);
  const work = (): Answers["render"] => {
    const result = renderWithin(renderer, markdown, wanted, timeMs) ?? tooSlow(timeMs);
    if (result.kind !== "rendered") return result;
    return { ...result, outline: result.outline?.() ?? null };
  };
  return isEasyBody(renderer, markdown) ? work() : interruptibly(work, timeMs + GRACE_MS);
}

/** Bodies change hands without being copied. */
function buffersOf(answer: Answer): readonly ArrayBuffer[] {
  return "verdict" in answer && answer.body !== null ? [answer.body.buffer as ArrayBuffer] : [];
}

serve(answerTo, buffersOf);
