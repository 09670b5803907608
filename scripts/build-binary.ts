/**
 * Makes `dist/sync-agent`, one executable with the Node that runs this script inside: `npm run build:binary`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BINARY, BUNDLE, DIST, mebibytes, writeBundle } from "./build/dist.ts";

/** A copy of the running Node without its debug information, a fifth of its size; null without `strip`. */
function strippedNode(path: string): string | null {
  copyFileSync(process.execPath, path);
  const { status } = spawnSync("strip", ["--strip-all", path], { stdio: "ignore" });
  return status === 0 ? path : null;
}

await writeBundle();
const work = mkdtempSync(join(tmpdir(), "sync-agent-binary-"));
try {
  const config = join(work, "sea.json");
  writeFileSync(
    config,
    JSON.stringify({
      main: BUNDLE,
      mainFormat: "module",
      executable: strippedNode(join(work, "node")) ?? process.execPath,
      output: `${BINARY}.new`,
      disableExperimentalSEAWarning: true,
      // V8 lets young objects pile up to 96 MB before it looks: measured on 1,042 articles, a first pass
      // with 2 MB a semi-space takes a fifth more processor time and half the memory. `--optimize-for-size` was
      // measured too: 20 MB less at rest, for a third more processor time.
      execArgv: ["--max-semi-space-size=2"],
      // A code cache was measured: 4 MB less memory, no less time to start, and it ties the file to one CPU.
      useCodeCache: false,
    }),
  );
  execFileSync(process.execPath, ["--build-sea", config], { stdio: ["ignore", "ignore", "inherit"] });
  // Renamed over the old one: an executable that is running cannot be written to.
  renameSync(`${BINARY}.new`, BINARY);
} finally {
  rmSync(work, { recursive: true, force: true });
}
copyFileSync(join(dirname(process.execPath), "../LICENSE"), join(DIST, "NODE-LICENSE.txt"));
console.log(`dist/sync-agent  ${mebibytes(statSync(BINARY).size)}, Node ${process.version}`);
