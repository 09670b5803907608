/** From the start of the process to the first article at the inserter. */
import { spawn } from "node:child_process";
import { type Bench, freshFolder, msBetween, note, quantile, spreadOf, withPublication } from "./bench.ts";
import { startInserter } from "./inserter.ts";
import { type Form, startProgram } from "./program.ts";

const SHAPE = { files: 100, filesPerFolder: 10_000, articleBytes: 4_096 };

/** Starts without a state, one after the other: a single one shows the disk's cache more than the program. */
export async function measureStart(bench: Bench, form: Form, starts: number): Promise<void> {
  await withPublication(bench, SHAPE, async ({ link: repo }) => {
    const firstRequests: number[] = [];
    const cpu: number[] = [];
    for (let i = 0; i < starts; i++) {
      await using inserter = await startInserter({ answerMs: 0, batch: 500, inventory: true });
      const { url } = inserter;
      await using agent = startProgram(bench.artefacts, { form, repo, url, folder: freshFolder(bench) });
      const { files } = SHAPE;
      await agent.until(async () => (await inserter.arrivals()).articles >= files, "the first sync");
      firstRequests.push(msBetween(agent.startedAt, (await inserter.arrivals()).firstAt));
      cpu.push(agent.cpuMs());
      await agent.end();
    }
    noteStarts(bench, form, firstRequests, { cpuMs: quantile(cpu, 0.5) });
  });
}

/** The floor: Node itself, with nothing to do. */
export async function measureStartFloor(bench: Bench, starts: number): Promise<void> {
  const timesMs: number[] = [];
  for (let i = 0; i < starts; i++) {
    const startedMs = performance.now();
    const child = spawn(process.execPath, ["--eval", "0"], { stdio: "ignore" });
    await new Promise((ended) => child.once("close", ended));
    timesMs.push(performance.now() - startedMs);
  }
  noteStarts(bench, "floor: an empty program on Node", timesMs, {});
}

function noteStarts(
  bench: Bench,
  subject: string,
  timesMs: readonly number[],
  others: Readonly<Record<string, number>>,
): void {
  const { files, articleBytes } = SHAPE;
  const { p99Ms: _, ...values } = spreadOf(timesMs);
  note(bench, { kind: "start", subject, setting: { files, articleBytes }, values: { ...values, ...others } });
}
