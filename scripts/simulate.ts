/**
 * The production core against simulated repository, inserter, disk and clock: `npm run simulate`.
 *
 *     node scripts/simulate.ts                                     seeds that failed once, then 20,000 others
 *     node scripts/simulate.ts --seeds 100000 --from 0 --jobs 2    the same with histories of so many seeds
 *     node scripts/simulate.ts --revision HEAD                     the same from a seed that is the commit's own
 *     node scripts/simulate.ts --seed 4711                         one seed, traced, and shrunk when it fails
 *
 * A failing seed is printed with the line that reproduces it; `test/simulation/` says what is checked.
 */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { drawHistory } from "../test/simulation/draw.ts";
import { REGRESSIONS } from "../test/simulation/regressions.ts";
import { Runner, range } from "../test/simulation/runner.ts";
import { shrink } from "../test/simulation/shrink.ts";
import { simulate } from "../test/simulation/simulate.ts";
import type { Failed } from "../test/simulation/worker.ts";

/** Seeds that a worker takes in one go. */
const CHUNK = 250;
const FAILURES_SHOWN = 20;
/** Commits begin at so many different seeds. */
const STARTS = 2 ** 30;

async function runMany(from: number, seeds: number, jobs: number): Promise<void> {
  const startMs = performance.now();
  const total = { seeds: 0, virtualMs: 0, requests: 0, looks: 0, failures: 0 };
  const left = [REGRESSIONS, ...chunks(from, seeds)];
  const work = async (): Promise<void> => {
    const runner = new Runner();
    for (let chunk = left.shift(); chunk !== undefined; chunk = left.shift()) {
      const report = await runner.run({ seeds: chunk, stopAtFailure: false });
      total.seeds += report.seeds;
      total.virtualMs += report.virtualMs;
      total.requests += report.requests;
      total.looks += report.looks;
      for (const failure of report.failures) show(failure, total.failures++);
    }
    await runner.close();
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const tookMs = performance.now() - startMs;
  const days = total.virtualMs / 86_400_000;
  console.log(
    `${REGRESSIONS.length} seeds that failed once and ${seeds} from ${from}: ${days.toFixed(0)} virtual days, ` +
      `${total.looks} passes, ${total.requests} requests in ${(tookMs / 1000).toFixed(1)} s ` +
      `(${((tookMs * jobs) / total.seeds).toFixed(2)} ms each on ${jobs} threads)`,
  );
  console.log(`${total.seeds - total.failures} histories held, ${total.failures} did not`);
  process.exitCode = total.failures > 0 ? 1 : 0;
}

function* chunks(from: number, seeds: number): Generator<number[]> {
  for (let done = 0; done < seeds; done += CHUNK) yield range(from + done, Math.min(CHUNK, seeds - done));
}

function show({ seed, kind, message }: Failed, index: number): void {
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

/** The seed at which a commit begins. */
function startOf(revision: string): number {
  const args = ["rev-parse", "--verify", `${revision}^{commit}`];
  const commit = execFileSync("git", args, { encoding: "utf8" });
  return Number.parseInt(commit.slice(0, 8), 16) % STARTS;
}

function naturalNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  console.error(`--${name} wants a whole number, not "${text}"`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20000" },
    from: { type: "string", default: "0" },
    revision: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
  },
});
if (values.seed !== undefined) await runOne(naturalNumber("seed", values.seed));
else {
  const from = values.revision === undefined ? naturalNumber("from", values.from) : startOf(values.revision);
  await runMany(from, naturalNumber("seeds", values.seeds), Math.max(1, naturalNumber("jobs", values.jobs)));
}
