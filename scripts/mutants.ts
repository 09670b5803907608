/**
 * Proves that the simulation sees: breaks the core in known ways, one at a time, and lets the simulation
 * find each: `npm run mutants`.
 *
 *     node scripts/mutants.ts [--only TEXT] [--seeds 20000] [--from 0] [--jobs 2]
 *
 * A mutant is caught when a history fails with it that holds with the core as it is. Ends with 1 when any
 * lives, or when its text is not in the core any more.
 */
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawHistory } from "../test/simulation/draw.ts";
import { MUTANTS, type Mutant, mutate } from "../test/simulation/mutants.ts";
import { Runner, range } from "../test/simulation/runner.ts";
import { simulate } from "../test/simulation/simulate.ts";
import type { Failed } from "../test/simulation/worker.ts";

const ROOT = join(import.meta.dirname, "..");
/** All that the simulation imports. */
const PARTS = [
  "package.json",
  "src/sync",
  "src/report/describe.ts",
  "src/messages",
  "test/simulation",
  "test/support",
];
const CHUNK = 250;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seeds: { type: "string", default: "20000" },
    from: { type: "string", default: "0" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
const [seeds, from, jobs] = [Number(values.seeds), Number(values.from), Number(values.jobs)];

/** A copy of the core and the simulation with the edits of a mutant. @throws {Error} When a text is not there once. */
async function plant(mutant: Mutant, folder: string): Promise<void> {
  const texts = mutate(mutant, (file) => readFileSync(join(ROOT, file), "utf8"));
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  for (const [file, text] of texts) await writeFile(join(folder, file), text);
}

/** The first seed whose history fails with the mutant; null when none does. */
async function hunt(folder: string): Promise<Failed | null> {
  const runner = new Runner(join(folder, "test/simulation"));
  try {
    for (let done = 0; done < seeds; done += CHUNK) {
      const chunk = range(from + done, Math.min(CHUNK, seeds - done));
      const { failures } = await runner.run({ seeds: chunk, stopAtFailure: true });
      if (failures[0] !== undefined) return failures[0];
    }
    return null;
  } finally {
    await runner.close();
  }
}

/** @returns Whether it was caught. */
async function tryOne(mutant: Mutant): Promise<boolean> {
  const startMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "mutant-"));
  try {
    await plant(mutant, folder);
    const caught = await hunt(folder);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1).padStart(5);
    if (caught === null) {
      console.log(`LIVES          ${seconds} s  ${mutant.name}`);
      return false;
    }
    // A core that names what is not there any more falls over by itself: that proves nothing.
    if (/\b(ReferenceError|SyntaxError)\b/.test(caught.message))
      throw new Error(`no program: ${caught.message}`);
    const { failure } = await simulate(drawHistory(caught.seed));
    if (failure !== null) throw new Error(`seed ${caught.seed} fails without any mutant: ${failure.message}`);
    const seed = String(caught.seed).padStart(6);
    console.log(
      `caught ${seed}  ${seconds} s  ${mutant.name}\n         ${caught.kind}: ${firstLine(caught.message)}`,
    );
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

let passed = 0;
let failed = 0;
const left = MUTANTS.filter(({ name }) => name.includes(values.only));
const work = async (): Promise<void> => {
  for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
    const isCaught = await tryOne(mutant).catch((error: Error) => {
      console.log(`FAILED ${mutant?.name}: ${error.message}`);
      return false;
    });
    if (isCaught) passed++;
    else failed++;
  }
};
await Promise.all(Array.from({ length: jobs }, work));
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;
