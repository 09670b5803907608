/** The thread's side of a {@link Pool}: takes tasks one after another and answers each in order. */
import { Script } from "node:vm";
import { parentPort } from "node:worker_threads";

/** What a thread sends, several at a time. */
export type Message<Answer> =
  /** The first one: the thread takes tasks. */
  | { readonly kind: "ready" }
  | {
      readonly kind: "answer";
      /** Null when the task failed. */
      readonly answer: Answer | null;
      /** The thread was interrupted in the middle of a task and must not be trusted with more. */
      readonly isSpent: boolean;
    };

/** Answers are gathered this long, milliseconds: the delay is not noticed, and the receiver wakes up less often. */
const GATHER_MS = 4;
const INTERRUPTED = "ERR_SCRIPT_EXECUTION_TIMEOUT";

const step = new Script("globalThis.__interruptibleStep()");
const scope = globalThis as { __interruptibleStep?: () => unknown };

/**
 * Runs work that may hang in a single step, such as one match of a regular expression. The runtime's own
 * interrupt ends even that, on Node and on Deno, where terminating the thread would not.
 *
 * @throws {Error} With code `ERR_SCRIPT_EXECUTION_TIMEOUT` after `timeMs`; the thread is then spent.
 */
export function interruptibly<T>(work: () => T, timeMs: number): T {
  scope.__interruptibleStep = work;
  try {
    return step.runInThisContext({ timeout: timeMs }) as T;
  } finally {
    delete scope.__interruptibleStep;
  }
}

/**
 * Serves the pool that started this thread.
 *
 * @param answerTo Does one task. If it throws, the task has failed.
 * @param buffersOf Buffers of an answer that change hands without being copied.
 */
export function serve<Task, Answer>(
  answerTo: (task: Task) => Answer | Promise<Answer>,
  buffersOf: (answer: Answer) => readonly ArrayBuffer[] = () => [],
): void {
  const send = (messages: readonly Message<Answer>[]): void => {
    const buffers = messages.flatMap((message) =>
      message.kind === "answer" && message.answer !== null ? buffersOf(message.answer) : [],
    );
    parentPort?.postMessage(messages, buffers);
  };
  const attempt = async (task: Task): Promise<Message<Answer>> => {
    try {
      return { kind: "answer", answer: await answerTo(task), isSpent: false };
    } catch (error) {
      const isSpent = (error as { readonly code?: unknown } | null)?.code === INTERRUPTED;
      return { kind: "answer", answer: null, isSpent };
    }
  };
  const answerAll = async (tasks: readonly Task[]): Promise<void> => {
    let messages: Message<Answer>[] = [];
    let sentMs = performance.now();
    for (const task of tasks) {
      messages.push(await attempt(task));
      if (performance.now() - sentMs < GATHER_MS) continue;
      send(messages);
      messages = [];
      sentMs = performance.now();
    }
    if (messages.length > 0) send(messages);
  };
  // The pool knows an answer by its place alone, and a message may arrive while a task of the one before
  // waits for something: on Deno at every `await`.
  let last = Promise.resolve();
  parentPort?.on("message", (tasks: readonly Task[]) => {
    last = last.then(() => answerAll(tasks));
  });
  send([{ kind: "ready" }]);
}
