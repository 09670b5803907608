import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const threads = suite("worker threads of a bundle");

const ROOT = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);
let folder = "";
let program = "";

/** One file with the thread's program inside it as text, as built artefacts have it. */
threads.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-threads-"));
  program = join(folder, "program.mjs");
  const options = { absWorkingDir: ROOT, bundle: true, platform: "node", target: "node22" } as const;
  const { outputFiles } = await build({
    ...options,
    entryPoints: ["src/article/worker.ts"],
    format: "iife",
    write: false,
  });
  await build({
    ...options,
    entryPoints: ["test/support/parse-hostile.ts"],
    format: "esm",
    outfile: program,
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    define: {
      __WORKER_SOURCE__: JSON.stringify(brotliCompressSync(outputFiles[0]?.text ?? "").toString("base64")),
    },
  });
});

threads.after(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function outcome(runtime: string, ...flags: string[]): Promise<Record<string, unknown>> {
  // From an empty folder, so that nothing beside the file can be what makes it work.
  const options = { cwd: folder, timeout: 60_000 };
  const { stdout, stderr } = await run(
    join(ROOT, "node_modules/.bin", runtime),
    [...flags, program],
    options,
  );
  assert.is(stderr, "");
  return JSON.parse(stdout);
}

for (const [runtime, flags] of [
  ["node", []],
  ["deno", ["run", "--no-prompt"]],
] as const) {
  threads(`hold what hangs and go on, on ${runtime} without any permission`, async () => {
    const { verdicts, longestPauseMs, idleCpuMs, endMs } = await outcome(runtime, ...flags);
    const lingeredMs = Date.now() - Number(endMs);
    assert.equal(verdicts, ["held", "held", "held", "held", "article", "article"]);
    assert.ok(Number(longestPauseMs) < 1000, `paused for ${longestPauseMs} ms`);
    assert.ok(Number(idleCpuMs) < 250, `still burning: ${idleCpuMs} ms in 500`);
    assert.ok(lingeredMs < 4000, `lingered for ${lingeredMs} ms`);
  });
}

threads.run();
