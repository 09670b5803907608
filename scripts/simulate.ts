/**
 * The production core against simulated repository, inserter, disk and clock: `npm run simulate`.
 *
 *     node scripts/simulate.ts --seeds 100000 --from 0 --jobs 2    histories of so many seeds
 *     node scripts/simulate.ts --seed 4711                         one seed, traced, and shrunk when it fails
 *
 * A failing seed is printed with the line that reproduces it; `test/simulation/` says what is checked.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { drawHistory } from "../test/simulation/draw.ts";
import { shrink } from "../test/simulation/shrink.ts";
import { simulate } from "../test/simulation/simulate.ts";

/** Seeds that a worker takes in one go. */
const CHUNK = 250;
const FAILURES_SHOWN = 20;

/** What a worker tells of a chunk. */
interface Report {
  readonly failures: readonly { readonly seed: number; readonly kind: string; readonly message: string }[];
  readonly seeds: number;
  readonly virtualMs: number;
  readonly requests: number;
  readonly looks: number;
}

async function runChunk(from: number, count: number): Promise<Report> {
  const failures: { seed: number; kind: string; message: string }[] = [];
  let virtualMs = 0;
  let requests = 0;
  let looks = 0;
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(drawHistory(seed));
    virtualMs += outcome.tookMs;
    requests += outcome.requests;
    looks += outcome.looks;
    if (outcome.failure !== null) {
      failures.push({ seed, kind: outcome.failure.kind, message: outcome.failure.message });
    }
  }
  return { failures, seeds: count, virtualMs, requests, looks };
}

function work(): void {
  parentPort?.on("message", ({ from, count }: { from: number; count: number }) => {
    void runChunk(from, count).then((report) => parentPort?.postMessage(report));
  });
}

async function runMany(from: number, seeds: number, jobs: number): Promise<void> {
  const startMs = performance.now();
  const total = { seeds: 0, virtualMs: 0, requests: 0, looks: 0, failures: 0 };
  let next = from;
  const run = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const take = (): void => {
        const count = Math.min(CHUNK, from + seeds - next);
        if (count <= 0) {
          resolve();
          return;
        }
        worker.postMessage({ from: next, count });
        next += count;
      };
      worker.on("error", reject);
      worker.on("message", (report: Report) => {
        total.seeds += report.seeds;
        total.virtualMs += report.virtualMs;
        total.requests += report.requests;
        total.looks += report.looks;
        for (const failure of report.failures) show(failure, total.failures++);
        take();
      });
      take();
    });
  const workers = Array.from(
    { length: jobs },
    () => new Worker(import.meta.filename, { workerData: "simulate" }),
  );
  await Promise.all(workers.map(run));
  await Promise.all(workers.map((worker) => worker.terminate()));
  const tookMs = performance.now() - startMs;
  const days = total.virtualMs / 86_400_000;
  console.log(
    `${total.seeds} histories from seed ${from}: ${total.failures} failed; ${days.toFixed(0)} virtual days, ` +
      `${total.looks} passes, ${total.requests} requests in ${(tookMs / 1000).toFixed(1)} s ` +
      `(${((tookMs * jobs) / total.seeds).toFixed(2)} ms each on ${jobs} threads)`,
  );
  process.exitCode = total.failures > 0 ? 1 : 0;
}

function show({ seed, kind, message }: Report["failures"][number], index: number): void {
  if (index < FAILURES_SHOWN) {
    console.log(`FAILED ${kind}: ${message.split("\n")[0]}\n  npm run simulate -- --seed ${seed}`);
  } else if (index === FAILURES_SHOWN) console.log("and more");
}

async function runOne(seed: number): Promise<void> {
  const history = drawHistory(seed);
  const { failure } = await simulate(history, (text) => console.log(text));
  if (failure === null) {
    console.log(`seed ${seed}: all promises held`);
    return;
  }
  console.log(`\nFAILED ${failure.kind}: ${failure.message}\n\nshrinking…\n`);
  const short = await shrink(history, failure.kind);
  const { failure: again } = await simulate(short, (text) => console.log(text));
  console.log(`\n${JSON.stringify(short, null, 1)}`);
  console.log(`\nFAILED ${again?.kind}: ${again?.message}\n  npm run simulate -- --seed ${seed}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "20000" },
      from: { type: "string", default: "0" },
      jobs: { type: "string", default: String(availableParallelism()) },
      seed: { type: "string" },
    },
  });
  if (values.seed !== undefined) await runOne(Number(values.seed));
  else await runMany(Number(values.from), Number(values.seeds), Number(values.jobs));
}

if (!isMainThread && workerData === "simulate") work();
else if (import.meta.main) await main();
