/** From the flip of git-sync's link to the request at the inserter. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { type Bench, freshFolder, note, quantile, withPublication } from "./bench.ts";
import { startInserter } from "./inserter.ts";
import { type Form, pause, startProgram } from "./program.ts";
import type { Publication } from "./publication.ts";

export interface LatencyOptions {
  readonly form: Form;
  readonly files: number;
  readonly filesPerFolder: number;
  readonly flips: number;
  readonly nodeFlags?: readonly string[] | undefined;
}

/** Flips that come before those that count: the first one is compiled, not measured. */
const WARM_UP = 10;

/** One article changed a flip; the old revision is gone before the next. */
export async function measureLatency(bench: Bench, options: LatencyOptions): Promise<void> {
  const { form, files, filesPerFolder, flips, nodeFlags } = options;
  await withPublication(bench, { files, filesPerFolder, articleBytes: 4_096 }, async (publication) => {
    await using inserter = await startInserter({ answerMs: 0, batch: 500, inventory: true });
    const folder = freshFolder(bench);
    await using agent = startProgram(bench.artefacts, "run", {
      form,
      repo: publication.link,
      url: inserter.url,
      folder,
      ...(nodeFlags === undefined ? {} : { nodeFlags }),
    });
    await agent.until(async () => (await inserter.arrivals()).articles >= files, "the first sync");
    await pause(1_000);
    const beforeMs = agent.cpuMs();
    const latencies = await flip(publication, flips + WARM_UP, files, () => inserter.nextArrival());
    const cpuMs = (agent.cpuMs() - beforeMs) / (flips + WARM_UP);
    noteLatencies(bench, form, options, latencies, { cpuMs });
    await agent.end();
  });
}

/** The floor: a watcher of the link's folder and one POST of a constant with `node:http`. */
export async function measureLatencyFloor(bench: Bench, flips: number): Promise<void> {
  const options = { form: "node", files: 1, filesPerFolder: 1, flips } as const;
  await withPublication(bench, { files: 1, filesPerFolder: 1, articleBytes: 4_096 }, async (publication) => {
    await using inserter = await startInserter({ answerMs: 0, batch: 0, inventory: false });
    const floor = fork(join(import.meta.dirname, "floor-flip.ts"), [publication.link, inserter.url]);
    try {
      await new Promise((ready) => floor.once("message", ready));
      const latencies = await flip(publication, flips + WARM_UP, 1, () => inserter.nextArrival());
      noteLatencies(bench, "floor", options, latencies, {});
    } finally {
      await kill(floor);
    }
  });
}

async function flip(
  publication: Publication,
  count: number,
  files: number,
  nextArrival: () => Promise<{ readonly at: Promise<bigint> }>,
): Promise<number[]> {
  const latencies: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    await publication.prepare([(turn * 7_919) % files]);
    const { at } = await nextArrival();
    // A push comes out of the blue, not right after another one's work.
    await pause(60);
    const flippedAt = publication.flip();
    latencies.push(Number((await at) - flippedAt) / 1e6);
    await pause(20);
    publication.sweep();
  }
  return latencies.slice(WARM_UP);
}

function noteLatencies(
  bench: Bench,
  subject: string,
  { files, filesPerFolder }: LatencyOptions,
  latencies: readonly number[],
  others: Readonly<Record<string, number>>,
): void {
  note(bench, {
    kind: "latency",
    subject,
    setting: { files, filesPerFolder },
    values: {
      p10Ms: quantile(latencies, 0.1),
      p50Ms: quantile(latencies, 0.5),
      p90Ms: quantile(latencies, 0.9),
      p99Ms: quantile(latencies, 0.99),
      flips: latencies.length,
      ...others,
    },
  });
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await ended;
}
