/**
 * Builds the program and runs the end-to-end tests, `npm run test:e2e`: all of them against the bundle on
 * Node, the bundle on Deno and the executable; a part against the bundle on the oldest Node and the oldest
 * Deno; then those of the pages, once, against the bundle on Node.
 *
 *     npm run test:e2e -- deno                 one form only
 *     npm run test:e2e -- deno-oldest pages
 *
 * The last line is `N passed, N failed, N skipped`, summed over all forms.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { createInterface } from "node:readline";
import { oldestRuntime } from "../test/oldest/runtimes.ts";
import { ROOT } from "./build/bundle.ts";

const FORMS = ["node", "deno", "binary", "node-oldest", "deno-oldest", "pages"];
/** Quick ones that found faults of old runtimes: cut answers, a killed git, threads. Longest first. */
const ON_OLDEST = [
  "faults/truths",
  "faults/state",
  "faults/kill",
  "run",
  "reload",
  "status",
  "worktree",
  "artefact",
  "history",
].map((name) => `test/e2e/${name}.test.ts`);
/** The daemon is killed less often there: more kills only test the state, which is the same. */
const OLDEST_KILLS = "5";
const TOTALS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

type Environment = Readonly<Record<string, string>>;

/** Runs a script of this folder with its output shown; returns the exit code and the last totals it printed. */
async function script(
  name: string,
  args: readonly string[],
  env: Environment = {},
): Promise<[code: number, totals: number[]]> {
  const child = spawn(process.execPath, [`scripts/${name}.ts`, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  let totals = [0, 0, 0];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const match = TOTALS.exec(line);
    if (match) totals = match.slice(1).map(Number);
    console.log(line);
  });
  const code = await new Promise<number>((done) => child.on("close", (status) => done(status ?? 1)));
  return [code, totals];
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((form) => !FORMS.includes(form));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Allowed: ${FORMS.join(", ")}`);
  process.exit(2);
}
const forms = wanted.length > 0 ? wanted : FORMS;
const [built] = await script("build", forms.includes("binary") ? ["binary"] : []);
if (built !== 0) process.exit(1);

const all = globSync("test/e2e/**/*.test.ts", { cwd: ROOT }).sort();
const isOfPages = (file: string): boolean => file.startsWith("test/e2e/pages/");

/** The test files for a form, and their environment; null where there is no such runtime. */
function part(form: string): { files: readonly string[]; env: Environment } | null {
  if (form === "pages") return { files: all.filter(isOfPages), env: { ARTEFACT: "node" } };
  if (form !== "node-oldest" && form !== "deno-oldest")
    return { files: all.filter((file) => !isOfPages(file)), env: { ARTEFACT: form } };
  const kind = form === "node-oldest" ? "node" : "deno";
  const runtime = oldestRuntime(kind);
  if (runtime === null) return null;
  const { version, path } = runtime;
  const names = { ARTEFACT: kind, ARTEFACT_VERSION: version, [`ARTEFACT_${kind.toUpperCase()}`]: path };
  return { files: ON_OLDEST, env: { KILLS: OLDEST_KILLS, ...names } };
}

const sums = [0, 0, 0];
let failed = false;
for (const form of forms) {
  console.log(`\nEnd to end: ${form}`);
  const wantedPart = part(form);
  if (wantedPart === null) {
    console.log(`test/oldest has none for ${process.platform} ${process.arch}: skipped.`);
    sums[2] = (sums[2] ?? 0) + 1;
    continue;
  }
  const [code, totals] = await script("test", wantedPart.files, wantedPart.env);
  failed ||= code !== 0;
  for (const [index, count] of totals.entries()) sums[index] = (sums[index] ?? 0) + count;
}
console.log(`\n${sums[0]} passed, ${sums[1]} failed, ${sums[2]} skipped`);
process.exitCode = failed ? 1 : 0;
