/**
 * Makes the artefacts in `dist/`:
 *
 *     npm run build           sync-agent.mjs, its types, and the licences of what is in it; `-- --analyze` also
 *                             prints the bytes of each package
 *     npm run build:binary    sync-agent: one executable with the Node that runs this script inside
 *     npm run build:deno      sync-agent-deno: one executable with Deno inside
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { Metafile } from "esbuild";
import { denoFlags } from "../src/cli/deno-permissions.ts";
import { packageOf, ROOT } from "./build/bundle.ts";
import { BINARY, BUNDLE, DENO_BINARY, DIST, mebibytes, writeBundle } from "./build/dist.ts";
import { writeExecutable } from "./build/executable.ts";

/** Prints bytes in the bundle by package, and by room for our own files; largest first. */
function analyze({ outputs }: Metafile): void {
  const sums = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(path) ?? path.split("/").slice(0, 2).join("/");
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  for (const [name, bytes] of [...sums].sort(([, a], [, b]) => b - a)) {
    console.log(`${String(bytes).padStart(9)}  ${name}`);
  }
}

function buildBinary(): void {
  writeExecutable(readFileSync(BUNDLE), BINARY);
  copyFileSync(join(dirname(process.execPath), "../LICENSE"), join(DIST, "NODE-LICENSE.txt"));
  console.log(`dist/sync-agent  ${mebibytes(statSync(BINARY).size)}, Node ${process.version}`);
}

/**
 * Runs `deno compile`. Permissions are fixed then, and the paths and hosts that a user will name are not
 * known: reading, writing and the network are open, programs and environment variables are the named ones.
 */
function buildDeno(): void {
  const args = ["compile", "--quiet", "--no-check", "--no-remote", "--no-npm", "--no-config"];
  args.push("--allow-read", "--allow-write", "--allow-net");
  args.push(...denoFlags({ read: [], write: [], net: [], env: [] }), "--output", DENO_BINARY, BUNDLE);
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stderr, error } = spawnSync("deno", args, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "inherit", "pipe"],
    env,
  });
  if (status === 0) {
    console.log(`dist/sync-agent-deno  ${mebibytes(statSync(DENO_BINARY).size)}`);
    return;
  }
  const what = error?.message ?? stderr.split("\n\nStack backtrace:")[0]?.trim() ?? "";
  console.error(`Cannot make dist/sync-agent-deno: ${what}`);
  if (/download|dl\.deno\.land|denort|error sending request/i.test(what)) {
    console.error(
      "deno compile puts Deno's own runtime (denort) into the executable and downloads it once from " +
        "https://dl.deno.land. Run this where that host can be reached, or download denort for this " +
        "version of Deno elsewhere and name it in DENORT_BIN. `deno run` of dist/sync-agent.mjs needs neither.",
    );
  }
  process.exitCode = 1;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { analyze: { type: "boolean", default: false } },
});
const metafile = await writeBundle();
if (values.analyze) analyze(metafile);
if (positionals.includes("binary")) buildBinary();
if (positionals.includes("deno")) buildDeno();
