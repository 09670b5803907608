/** From the flip of git-sync's link to the request at the inserter. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { type Bench, freshFolder, msBetween, note, spreadOf, withPublication } from "./bench.ts";
import { startInserter } from "./inserter.ts";
import { type Form, pause, startProgram } from "./program.ts";
import type { Publication } from "./publication.ts";

export interface LatencyOptions {
  readonly form: Form;
  readonly files: number;
  readonly filesPerFolder: number;
  readonly flips: number;
}

/** Flips before those that are measured, in which the code is compiled. */
const WARM_UP = 10;

/** One article changes with each flip; the old revision is deleted before the next. */
export async function measureLatency(bench: Bench, options: LatencyOptions): Promise<void> {
  const { form, files, filesPerFolder, flips } = options;
  await withPublication(bench, { files, filesPerFolder, articleBytes: 4_096 }, async (publication) => {
    await using inserter = await startInserter({ answerMs: 0, batch: 500, inventory: true });
    const start = { form, repo: publication.link, url: inserter.url, folder: freshFolder(bench) };
    await using agent = startProgram(bench.artefacts, start);
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
    const floor = fork(join(import.meta.dirname, "floor.ts"), ["flip", publication.link, inserter.url]);
    try {
      await new Promise((ready) => floor.once("message", ready));
      const latencies = await flip(publication, flips + WARM_UP, 1, () => inserter.nextArrival());
      noteLatencies(bench, "floor", options, latencies, {});
    } finally {
      floor.kill("SIGKILL");
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
    // A push finds the agent at rest, not at work on the one before.
    await pause(60);
    const flippedAt = publication.flip();
    latencies.push(msBetween(flippedAt, await at));
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
    values: { ...spreadOf(latencies), flips: latencies.length, ...others },
  });
}
