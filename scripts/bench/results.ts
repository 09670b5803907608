/**
 * Copies the figures of the last run to `RESULTS.md`, and some of them to README.md:
 *
 *     node scripts/bench/results.ts [figures.json]
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../build/bundle.ts";
import { fillPages } from "../readme.ts";
import type { Figure } from "./bench.ts";
import { goalsTable } from "./goals.ts";

const RESULTS = join(import.meta.dirname, "RESULTS.md");
const CHARTS = ["latency", "throughput", "memory"] as const;

interface Measured {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly figures: readonly Figure[];
}

/** RESULTS.md with its block of figures replaced. */
export function withFigures(results: string, { machine, figures }: Measured): string {
  const where = Object.entries(machine).map(([key, value]) => `${key} ${value}`);
  const charts = CHARTS.map((name) => `charts/${name}.svg`)
    .filter((path) => existsSync(join(import.meta.dirname, path)))
    .map((path) => `![${path}](${path})`);
  const block = [`Measured on: ${where.join(", ")}.`, goalsTable(figures), charts.join("\n")];
  const [start, end] = ["<!-- figures -->", "<!-- /figures -->"];
  const [from, to] = [results.indexOf(start), results.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`RESULTS.md lacks ${start} ... ${end}`);
  const text = block.filter((part) => part !== "").join("\n\n");
  return `${results.slice(0, from + start.length)}\n\n${text}\n\n${results.slice(to)}`;
}

if (import.meta.main) {
  const path = process.argv[2] ?? join(ROOT, "dist/bench/figures.json");
  const measured = JSON.parse(readFileSync(path, "utf8")) as Measured;
  writeFileSync(RESULTS, withFigures(readFileSync(RESULTS, "utf8"), measured));
  execFileSync(join(ROOT, "node_modules/.bin/biome"), ["format", "--write", RESULTS]);
  await fillPages();
}
