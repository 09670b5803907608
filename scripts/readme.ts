/**
 * Fills the blocks of README.md that come from the code, so that they cannot go out of date:
 * `node scripts/readme.ts`. A block stands between `<!-- name -->` and `<!-- /name -->`; a test compares.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { denoFlagsFor } from "../src/commands/init/deno-flags.ts";
import { kubernetesManifest } from "../src/commands/init/kubernetes.ts";
import { loadSettings } from "../src/config/load.ts";
import { referenceTable } from "../src/config/reference.ts";
import type { Settings } from "../src/config/settings.ts";
import { openMetrics } from "../src/report/metrics.ts";
import { ROOT } from "./build/bundle.ts";

/** The environment in the pod, as far as it matters. */
const POD = { STATE_DIRECTORY: "/var/lib/sync-agent" };

export const README = join(ROOT, "README.md");

/** The text with every block that comes from the code filled anew. */
export async function filled(readme: string): Promise<string> {
  const blocks: Readonly<Record<string, string>> = {
    config: referenceTable(),
    weaker: weakerPromises(),
    metrics: await metricsTable(),
    alerts: alertRules(),
    kubernetes: await kubernetesExample(),
    deno: await denoExample(),
    ...measured(),
  };
  let text = readme;
  for (const [name, block] of Object.entries(blocks)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README.md lacks ${start} ... ${end}`);
    text = `${text.slice(0, from + start.length)}\n${block.trim()}\n${text.slice(to)}`;
  }
  return text;
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
    const text = await metrics.render(null, true, null);
    const rows = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
      ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
    );
    return ["| metric | kind | |", "| --- | --- | --- |", ...rows].join("\n");
  } finally {
    metrics.close();
  }
}

function alertRules(): string {
  const rules = readFileSync(join(ROOT, "scripts/deploy/alerts.yml"), "utf8").trim();
  return `<details><summary>Rules for Prometheus</summary>\n\n\`\`\`yaml\n${rules}\n\`\`\`\n\n</details>`;
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

/** What the last measurement found; nothing before the first. */
function measured(): { performance?: string } {
  const results = join(ROOT, "scripts/bench/RESULTS.md");
  return existsSync(results) ? { performance: readFileSync(results, "utf8") } : {};
}

if (import.meta.main) writeFileSync(README, await filled(readFileSync(README, "utf8")));
