/**
 * The end-to-end tests, `npm run test:e2e`: the whole suite against the bundle on Node, the bundle on
 * Deno and the executable, then the tests of the pages, once, against the bundle on Node.
 *
 *     npm run test:e2e -- deno           one form only
 *     npm run test:e2e -- pages
 *
 * What is tested is made first. The last line is `N passed, N failed, N skipped` over all.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { createInterface } from "node:readline";
import { ROOT } from "./build/bundle.ts";

const FORMS = ["node", "deno", "binary", "pages"];
const TOTALS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** Runs a script of this folder with its output shown; gives the exit code and the totals it printed last. */
async function script(
  name: string,
  args: readonly string[],
  artefact: string,
): Promise<[code: number, totals: number[]]> {
  const child = spawn(process.execPath, [`scripts/${name}.ts`, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ARTEFACT: artefact },
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
const [built] = await script(forms.includes("binary") ? "build-binary" : "build", [], "");
if (built !== 0) process.exit(1);

const files = globSync("test/e2e/**/*.test.ts", { cwd: ROOT }).sort();
const sums = [0, 0, 0];
let failed = false;
for (const form of forms) {
  const isPages = form === "pages";
  console.log(`\nEnd to end: ${form}`);
  const targets = files.filter((file) => file.startsWith("test/e2e/pages/") === isPages);
  const [code, totals] = await script(
    "test",
    targets.length > 0 ? targets : ["e2e"],
    isPages ? "node" : form,
  );
  failed ||= code !== 0;
  for (const [index, count] of totals.entries()) sums[index] = (sums[index] ?? 0) + count;
}
console.log(`\n${sums[0]} passed, ${sums[1]} failed, ${sums[2]} skipped`);
process.exitCode = failed ? 1 : 0;
