/** From the start of the process to the first article at the inserter. */
import { spawn } from "node:child_process";
import { type Bench, freshFolder, note, quantile, withPublication } from "./bench.ts";
import { startInserter } from "./inserter.ts";
import { type Form, startProgram } from "./program.ts";

const SHAPE = { files: 100, filesPerFolder: 10_000, articleBytes: 4_096 };

/** Starts without a state, one after the other: a single one tells more of the disk's cache than of the program. */
export async function measureStart(bench: Bench, form: Form, starts: number): Promise<void> {
  await withPublication(bench, SHAPE, async (publication) => {
    const firstRequests: number[] = [];
    const cpu: number[] = [];
    for (let i = 0; i < starts; i++) {
      await using inserter = await startInserter({ answerMs: 0, batch: 500, inventory: true });
      const { link: repo } = publication;
      const options = { form, repo, url: inserter.url, folder: freshFolder(bench) };
      await using agent = startProgram(bench.artefacts, "run", options);
      const { files } = SHAPE;
      await agent.until(async () => (await inserter.arrivals()).articles >= files, "the first sync");
      const { firstAt } = await inserter.arrivals();
      firstRequests.push(Number(BigInt(firstAt) - agent.startedAt) / 1e6);
      cpu.push(agent.cpuMs());
      await agent.end();
    }
    noteStarts(bench, form, firstRequests, { cpuMs: quantile(cpu, 0.5) });
  });
}

/** The floor: Node itself, with nothing to do. */
export async function measureStartFloor(bench: Bench, starts: number): Promise<void> {
  const whole: number[] = [];
  for (let i = 0; i < starts; i++) {
    const startedMs = performance.now();
    const child = spawn(process.execPath, ["--eval", "0"], { stdio: "ignore" });
    await new Promise((ended) => child.once("close", ended));
    whole.push(performance.now() - startedMs);
  }
  noteStarts(bench, "floor: an empty program on Node", whole, {});
}

function noteStarts(
  bench: Bench,
  subject: string,
  timesMs: readonly number[],
  others: Readonly<Record<string, number>>,
): void {
  note(bench, {
    kind: "start",
    subject,
    setting: { files: SHAPE.files, articleBytes: SHAPE.articleBytes },
    values: {
      p10Ms: quantile(timesMs, 0.1),
      p50Ms: quantile(timesMs, 0.5),
      p90Ms: quantile(timesMs, 0.9),
      ...others,
    },
  });
}
