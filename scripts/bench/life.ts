/** The agent's life: a first sync, rest, and a restart; their time and their memory. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { type Bench, freshFolder, msBetween, note, withPublication } from "./bench.ts";
import { type InserterProcess, startInserter } from "./inserter.ts";
import { familyOf, fineCpuMsOf, memoryOf } from "./machine.ts";
import { type Form, type Program, pause, startProgram } from "./program.ts";

const MIB = 2 ** 20;
/** After the first sync threads without work end, and within three polls memory is released. */
const SETTLE_MS = 18_000;

export interface LifeOptions {
  readonly form: Form;
  readonly files: number;
  readonly articleBytes: number;
  /** How long the idle agent is watched, milliseconds. */
  readonly idleMs: number;
}

/** First sync with batches, then idle, then a restart over the state with nothing changed. */
export async function measureLife(bench: Bench, options: LifeOptions): Promise<void> {
  const { form, files, articleBytes, idleMs } = options;
  await withPublication(bench, { files, filesPerFolder: 10_000, articleBytes }, async (publication) => {
    await using inserter = await startInserter({ answerMs: 0, batch: 500, inventory: true });
    const start = { form, repo: publication.link, url: inserter.url, folder: freshFolder(bench) };
    await using agent = startProgram(bench.artefacts, start);
    await agent.until(async () => (await inserter.arrivals()).articles >= files, "the first sync", 3_600_000);
    const { firstAt, lastAt } = await inserter.arrivals();
    // Some time later the agent asks for the inventory of what was sent, once; rest begins then.
    const isListed = async (): Promise<boolean> => (await inserter.arrivals()).inventories > 1;
    if (!bench.isQuick) await agent.until(isListed, "the check of what was sent", 600_000);
    await pause(SETTLE_MS);
    const { peakBytes } = agent.memory();
    const git = gitBytes(agent);
    const idle = await watchIdle(agent, idleMs);
    note(bench, {
      kind: "life",
      subject: form,
      setting: { files, articleBytes },
      values: {
        firstRequestMs: msBetween(agent.startedAt, firstAt),
        firstSyncMs: msBetween(agent.startedAt, lastAt),
        idleMiB: agent.memory().residentBytes / MIB,
        peakMiB: peakBytes / MIB,
        gitMiB: git / MIB,
        ...idle,
      },
    });
    await agent.end();
    await measureRestart(bench, options, start, inserter);
  });
}

async function measureRestart(
  bench: Bench,
  { form, files, articleBytes }: LifeOptions,
  start: Parameters<typeof startProgram>[1],
  inserter: InserterProcess,
): Promise<void> {
  for (const [startup, listing] of [
    ["verify", "read"],
    ["verify", "304"],
    ["resume", "not asked for"],
  ] as const) {
    if (listing === "read") inserter.touch();
    const before = await inserter.arrivals();
    await using agent = startProgram(bench.artefacts, { ...start, config: { startup } });
    await agent.until(() => agent.log.includes('"pass.done"'), "the first pass");
    const inStepMs = msBetween(agent.startedAt, process.hrtime.bigint());
    const after = await inserter.arrivals();
    note(bench, {
      kind: "restart",
      subject: form,
      setting: { files, articleBytes, startup, listing },
      values: {
        inStepMs,
        writes: after.requests - before.requests,
        listings: after.inventories - before.inventories,
        cpuMs: agent.cpuMs(),
        peakMiB: agent.memory().peakBytes / MIB,
      },
    });
    await agent.end();
  }
}

/** The floor of memory: the bundle's packages imported, and 1,000 constants posted with got. */
export async function measureMemoryFloor(bench: Bench): Promise<void> {
  await using inserter = await startInserter({ answerMs: 0, batch: 0, inventory: false });
  const outfile = join(freshFolder(bench), "floor.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "floor-memory.ts")],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  const child = fork(outfile, [inserter.url], { stdio: "inherit" });
  try {
    await new Promise((posted) => child.once("message", posted));
    await pause(SETTLE_MS);
    const { residentBytes, peakBytes } = memoryOf(child.pid ?? 0);
    note(bench, {
      kind: "life",
      subject: "floor: packages imported, 1,000 constants posted",
      setting: { files: 0, articleBytes: 0 },
      values: { idleMiB: residentBytes / MIB, peakMiB: peakBytes / MIB },
    });
  } finally {
    child.kill("SIGKILL");
  }
}

async function watchIdle(agent: Program, idleMs: number): Promise<Record<string, number>> {
  const family = new Set(familyOf(agent.pid));
  const beforeMs = fineCpuMsOf(agent.pid);
  await pause(idleMs);
  const cpuMs = fineCpuMsOf(agent.pid) - beforeMs;
  const started = familyOf(agent.pid).filter((pid) => !family.has(pid)).length;
  return { idleCpuMsAMinute: (cpuMs * 60_000) / idleMs, startedWhileIdle: started };
}

function gitBytes(agent: Program): number {
  const [, ...children] = familyOf(agent.pid);
  return children.reduce((sum, pid) => sum + memoryOf(pid).residentBytes, 0);
}
