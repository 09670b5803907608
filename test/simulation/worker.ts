/** A worker thread of the simulation: runs histories from a list of seeds and reports what came of them. */
import { parentPort } from "node:worker_threads";
import { drawHistory } from "./draw.ts";
import { simulate } from "./simulate.ts";

/** Seeds that a worker takes in one go. */
export interface Chunk {
  readonly seeds: readonly number[];
  /** Whether to end with the first that fails. */
  readonly stopAtFailure: boolean;
}

export interface Failed {
  readonly seed: number;
  /** The promise that was broken. */
  readonly kind: string;
  readonly message: string;
}

/** What came of a chunk. */
export interface Report {
  readonly failures: readonly Failed[];
  /** Seeds that were run. */
  readonly seeds: number;
  readonly virtualMs: number;
  readonly requests: number;
  readonly looks: number;
}

async function run({ seeds, stopAtFailure }: Chunk): Promise<Report> {
  const report = { failures: [] as Failed[], seeds: 0, virtualMs: 0, requests: 0, looks: 0 };
  for (const seed of seeds) {
    const { failure, tookMs, requests, looks } = await simulate(drawHistory(seed));
    report.seeds++;
    report.virtualMs += tookMs;
    report.requests += requests;
    report.looks += looks;
    if (failure === null) continue;
    report.failures.push({ seed, kind: failure.kind, message: failure.message });
    if (stopAtFailure) break;
  }
  return report;
}

// A failure is reported by its first line; for the stack, run the seed alone.
Error.stackTraceLimit = 0;

parentPort?.on("message", (chunk: Chunk) => {
  void run(chunk).then((report) => parentPort?.postMessage(report));
});
