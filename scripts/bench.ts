/**
 * Measures the built artefacts as whole processes, beside floors and a shell script:
 *
 *     npm run bench                      everything, up to a million articles; most of an hour
 *     npm run bench -- --quick           small sizes, under two minutes
 *     npm run bench -- --only latency    one measurement: latency, first-sync, start, life
 *     npm run bench -- --forms node,binary
 *
 * Prints tables, and writes `figures.json` to `dist/bench/` and charts of a full run to
 * `scripts/bench/charts/`; `node scripts/bench/results.ts` puts the figures into RESULTS.md and README.md.
 * Linux only: the cost of a process is read from `/proc`.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench/bench.ts";
import { measureLatency, measureLatencyFloor } from "./bench/latency.ts";
import { measureLife, measureMemoryFloor } from "./bench/life.ts";
import type { Form } from "./bench/program.ts";
import { machine, tables, writeCharts, writeJson } from "./bench/report.ts";
import { measureStart, measureStartFloor } from "./bench/start.ts";
import { measurePostFloor, measureRenderFloor, measureShell, measureThroughput } from "./bench/throughput.ts";
import { ROOT } from "./build/bundle.ts";
import { BINARY, BUNDLE, DIST, writeBundle } from "./build/dist.ts";

const FORMS = ["node", "deno", "binary"] as const;
const CHARTS = join(ROOT, "scripts/bench/charts");

async function latency(bench: Bench, forms: readonly Form[]): Promise<void> {
  const flips = bench.isQuick ? 25 : 200;
  await measureLatencyFloor(bench, flips);
  const sizes = bench.isQuick ? [1_000] : [100, 1_000, 10_000, 100_000, 1_000_000];
  for (const form of forms) {
    for (const files of form === "node" ? sizes : sizes.slice(0, 3)) {
      await measureLatency(bench, { form, files, filesPerFolder: 10_000, flips });
    }
  }
  if (!bench.isQuick)
    await measureLatency(bench, { form: "node", files: 100_000, filesPerFolder: 100_000, flips });
}

async function firstSync(bench: Bench, forms: readonly Form[]): Promise<void> {
  const sizes = bench.isQuick ? [1_000] : [1_000, 10_000];
  for (const files of sizes) {
    await measureRenderFloor(bench, files);
    for (const answerMs of [0, 5]) await measurePostFloor(bench, files, answerMs);
    for (const form of forms) {
      await measureThroughput(bench, { form, files, answerMs: 0, batch: true });
      for (const answerMs of [0, 5]) await measureThroughput(bench, { form, files, answerMs, batch: false });
    }
  }
  await measureShell(bench, bench.isQuick ? 100 : 1_000, 0);
  if (!bench.isQuick)
    await measureThroughput(bench, { form: "node", files: 10_000, answerMs: 50, batch: false });
}

async function start(bench: Bench, forms: readonly Form[]): Promise<void> {
  const starts = bench.isQuick ? 5 : 21;
  await measureStartFloor(bench, starts);
  for (const form of forms) await measureStart(bench, form, starts);
}

async function life(bench: Bench, forms: readonly Form[]): Promise<void> {
  await measureMemoryFloor(bench);
  const sizes = bench.isQuick ? [100] : [100, 1_000, 10_000, 100_000, 1_000_000];
  for (const form of forms) {
    for (const files of form === "node" ? sizes : sizes.slice(0, 3)) {
      const articleBytes = files > 10_000 ? 1_024 : 4_096;
      await measureLife(bench, { form, files, articleBytes, idleMs: bench.isQuick ? 6_000 : 60_000 });
    }
  }
}

const MEASUREMENTS = { latency, "first-sync": firstSync, start, life } as const;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    forms: { type: "string" },
  },
});
const chosen = Object.entries(MEASUREMENTS).filter(
  ([name]) => values.only === undefined || values.only === name,
);
if (chosen.length === 0) {
  console.error(`--only ${values.only}: allowed are ${Object.keys(MEASUREMENTS).join(", ")}`);
  process.exit(2);
}

const wanted = values.forms?.split(",") ?? (values.quick ? ["node"] : FORMS);
if (wanted.includes("binary")) execFileSync(process.execPath, [join(ROOT, "scripts/build.ts"), "binary"]);
else await writeBundle();
const folder = mkdtempSync(join(tmpdir(), "sync-agent-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
const [deno] = globSync("node_modules/@deno/*/deno", { cwd: ROOT });
const artefacts = {
  bundle: join(folder, "sync-agent.mjs"),
  binary: join(folder, "sync-agent"),
  deno: deno === undefined ? null : join(ROOT, deno),
};
mkdirSync(folder, { recursive: true });
copyFileSync(BUNDLE, artefacts.bundle);
if (existsSync(BINARY)) copyFileSync(BINARY, artefacts.binary);
const isBuilt = { node: true, deno: artefacts.deno !== null, binary: existsSync(BINARY) };
const forms = FORMS.filter((form) => wanted.includes(form) && isBuilt[form]);

const bench: Bench = { folder, artefacts, isQuick: values.quick, figures: [] };
const about = Object.entries(machine()).map(([key, value]) => `${key} ${value}`);
console.log(`${about.join(", ")}\n`);
for (const [, measure] of chosen) await measure(bench, forms);
console.log(`\n${tables(bench.figures)}`);
writeJson(join(DIST, "bench"), bench.figures);
if (!values.quick && values.only === undefined) writeCharts(CHARTS, bench.figures);
