/**
 * Makes `dist/sync-agent-deno` with `deno compile`: `npm run build:deno`.
 *
 * Permissions are baked in, and which paths and hosts a user will name is not known here: reading,
 * writing and the network are open, while programs and environment variables are the named ones only.
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { denoFlags } from "../src/cli/deno-permissions.ts";
import { ROOT } from "./build/bundle.ts";
import { BUNDLE, DENO_BINARY, mebibytes, writeBundle } from "./build/dist.ts";

const OPEN = ["--allow-read", "--allow-write", "--allow-net"];
const flags = [...OPEN, ...denoFlags({ read: [], write: [], net: [], env: [] })];

await writeBundle();
const { status, stderr, error } = spawnSync(
  "deno",
  [
    "compile",
    "--quiet",
    "--no-check",
    "--no-remote",
    "--no-npm",
    "--no-config",
    ...flags,
    "--output",
    DENO_BINARY,
    BUNDLE,
  ],
  {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  },
);
if (status === 0) {
  console.log(`dist/sync-agent-deno  ${mebibytes(statSync(DENO_BINARY).size)}`);
} else {
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
