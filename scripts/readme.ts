/**
 * Fills the blocks of the documentation that come from the code, so that they cannot go out of date:
 * `node scripts/readme.ts`. A block is between `<!-- name -->` and `<!-- /name -->`; a test compares.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { denoFlagsFor } from "../src/commands/init/deno-flags.ts";
import { kubernetesManifest } from "../src/commands/init/kubernetes.ts";
import { loadSettings } from "../src/config/load.ts";
import { referenceTable } from "../src/config/schema.ts";
import type { Settings } from "../src/config/settings.ts";
import { openMetrics } from "../src/report/metrics.ts";
import { INVARIANTS } from "../src/sync/invariants.ts";
import { ROOT } from "./build/bundle.ts";

/** The environment in the pod, as far as it matters. */
const POD = { STATE_DIRECTORY: "/var/lib/sync-agent" };
/** Rows of RESULTS.md that the front page shows. */
const FRONT_PAGE_FIGURES = [
  "flip → request, median, 1,000 files",
  "flip → request, median, 1,000,000 files",
  "first sync of 10,000, one by one, answers at once",
  "first sync of 10,000, with batches, answers at once",
  "restart over 100,000, in step, inventory unchanged (304)",
  "memory at rest, 1,000 articles",
  "CPU at rest, a minute, 1,000 articles",
  "start → first request, median, 100 articles",
];

/** What each block holds. */
const GENERATORS: Readonly<Record<string, () => string | Promise<string>>> = {
  config: referenceTable,
  weaker: weakerPromises,
  metrics: metricsTable,
  kubernetes: kubernetesExample,
  deno: denoExample,
  performance: frontPageFigures,
  invariants: () => INVARIANTS.map((name) => `- ${name}`).join("\n"),
};

/** Names of the blocks that come from the code. */
export const generatedBlocks: readonly string[] = Object.keys(GENERATORS);

/** Every page of the documentation: front page, chapters, and the papers for contributors. From the root. */
export const pagePaths: readonly string[] = [
  "README.md",
  ...globSync(["CHANGELOG.md", ".github/**/*.md", "src/**/*.md", "scripts/**/*.md"], { cwd: ROOT }).sort(),
];

/** The text of a page with every block that comes from the code filled anew. */
export async function filled(page: string): Promise<string> {
  let text = page;
  for (const [name, generate] of Object.entries(GENERATORS)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 && to < 0) continue;
    if (from < 0 || to < from) throw new Error(`A page lacks one of ${start} ... ${end}`);
    text = `${text.slice(0, from + start.length)}\n${(await generate()).trim()}\n${text.slice(to)}`;
  }
  return text;
}

/** Fills every page in place. */
export async function fillPages(): Promise<void> {
  for (const path of pagePaths) {
    const before = readFileSync(join(ROOT, path), "utf8");
    const after = await filled(before);
    if (after !== before) writeFileSync(join(ROOT, path), after);
  }
}

/** The table that the simulation holds inserters with fewer abilities to. */
function weakerPromises(): string {
  const source = readFileSync(join(ROOT, "test/simulation/rest.ts"), "utf8");
  const rows = [...source.matchAll(/^ \* (\|.*\|)$/gm)].map((match) => match[1] ?? "");
  if (rows.length < 3) throw new Error("test/simulation/rest.ts has lost its table of weaker promises");
  return rows.join("\n");
}

/** Name, kind and help of every metric, from what is really exported. */
async function metricsTable(): Promise<string> {
  const metrics = await openMetrics({ version: "", runtime: "" });
  try {
    const text = await metrics.render({
      snapshot: null,
      isHealthy: true,
      isConfigValid: true,
      lastTurnMs: null,
    });
    const rows = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
      ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
    );
    return ["| metric | kind | |", "| --- | --- | --- |", ...rows].join("\n");
  } finally {
    metrics.close();
  }
}

/** Settings of the deployment example, as they are in its pod. */
async function deployed(): Promise<Settings> {
  const nothing = { repo: null, inserter: null, state: null, logLevel: null, logFormat: null };
  return loadSettings({
    flags: { ...nothing, config: join(ROOT, "scripts/deploy/sync.config.ts") },
    cwd: ROOT,
    env: POD,
    secretsRequired: false,
  });
}

async function kubernetesExample(): Promise<string> {
  return `\`\`\`yaml\n${await kubernetesManifest(await deployed(), POD)}\`\`\``;
}

async function denoExample(): Promise<string> {
  const settings = { ...(await deployed()), file: "/etc/sync-agent/sync.config.ts" };
  const flags = await denoFlagsFor(settings, POD);
  const lines = ["deno run --no-config --no-lock", ...flags, "dist/sync-agent.mjs run"];
  return `\`\`\`sh\n${lines.join(" \\\n  ")}\n\`\`\``;
}

/** A few figures of the last measurement, and what they were measured on. */
function frontPageFigures(): string {
  const results = readFileSync(join(ROOT, "scripts/bench/RESULTS.md"), "utf8");
  const machine = /^Measured on: .*$/m.exec(results)?.[0] ?? "";
  const rows = FRONT_PAGE_FIGURES.map((what) => {
    const cells = results
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .find((row) => row[1] === what);
    if (cells === undefined) throw new Error(`RESULTS.md has no row "${what}"`);
    return `| ${what} | ${cells[3]?.replace(/:.*/, "")} |`;
  });
  return [machine, "", "| what | measured |", "| --- | --- |", ...rows].join("\n");
}

if (import.meta.main) await fillPages();
