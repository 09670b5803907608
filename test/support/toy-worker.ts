/** A worker's program for tests of the pool: echoes, works for a while, waits, hangs, throws or dies. */
import { workerData } from "node:worker_threads";
import { interruptibly, serve } from "../../src/workers/serve.ts";

export type ToyTask = { readonly timeMs: number; readonly text: string } & (
  | { readonly kind: "echo" | "throw" | "exit" | "data" | "bytes" }
  /** `busy` keeps its thread busy, `wait` leaves it free. */
  | { readonly kind: "busy" | "wait"; readonly forMs: number }
  /** Never ends by itself; interrupted after its time, or not at all. */
  | { readonly kind: "hang"; readonly isInterruptible: boolean }
);

function spin(forMs: number): void {
  for (const endMs = performance.now() + forMs; performance.now() < endMs; );
}

async function answerTo(task: ToyTask): Promise<string | Uint8Array> {
  const { kind, text } = task;
  if (kind === "throw") throw new Error(text);
  if (kind === "exit") process.exit();
  if (kind === "data") return String(workerData);
  if (kind === "bytes") return new TextEncoder().encode(text);
  if (kind === "busy") spin(task.forMs);
  if (kind === "wait") await new Promise((resolve) => setTimeout(resolve, task.forMs));
  if (kind === "hang") {
    const hang = (): void => spin(Number.POSITIVE_INFINITY);
    if (task.isInterruptible) interruptibly(hang, task.timeMs);
    else hang();
  }
  return text;
}

serve<ToyTask, string | Uint8Array>(answerTo, (answer) =>
  typeof answer === "string" ? [] : [answer.buffer as ArrayBuffer],
);
