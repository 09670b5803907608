/** The bundle and the Node that runs this script, as one executable. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of the running Node without its debug information, a fifth of its size; null without `strip`. */
function strippedNode(path: string): string | null {
  copyFileSync(process.execPath, path);
  const { status } = spawnSync("strip", ["--strip-all", path], { stdio: "ignore" });
  return status === 0 ? path : null;
}

/**
 * Makes the executable. The same bundle and the same Node give the same bytes, wherever it is made.
 *
 * @param output Where it goes; an existing file is replaced.
 */
export function writeExecutable(bundle: Uint8Array, output: string): void {
  const work = mkdtempSync(join(tmpdir(), "sync-agent-binary-"));
  try {
    writeFileSync(join(work, "sync-agent.mjs"), bundle);
    writeFileSync(
      join(work, "sea.json"),
      JSON.stringify({
        // The executable keeps this name: relative, so that it contains no folder of the builder.
        main: "sync-agent.mjs",
        mainFormat: "module",
        executable: strippedNode(join(work, "node")) ?? process.execPath,
        output: `${output}.new`,
        disableExperimentalSEAWarning: true,
        // By default V8 collects young objects at 96 MB. Measured on 1,042 articles, a first pass with 2 MB a
        // semi-space takes a fifth more processor time and half the memory. `--optimize-for-size` was measured
        // too: 20 MB less at rest, for a third more processor time.
        // And no debugger on SIGUSR1, from the first moment on.
        execArgv: ["--max-semi-space-size=2", "--disable-sigusr1"],
        // A code cache was measured: 36 of 241 ms less until the first request. But V8 writes different bytes
        // each time, so that nobody could build the same executable again to verify it.
        useCodeCache: false,
      }),
    );
    const stdio = ["ignore", "ignore", "inherit"] as const;
    execFileSync(process.execPath, ["--build-sea", "sea.json"], { cwd: work, stdio: [...stdio] });
    // Renamed over the old one: a running executable cannot be written to.
    renameSync(`${output}.new`, output);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
