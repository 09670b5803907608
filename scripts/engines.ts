/**
 * Runs the tests of the store on real engines, one after the other, `npm run test:engines`.
 *
 *     npm run test:engines                       all five, with more kills, and a cluster of three nodes
 *     npm run test:engines -- opensearch-2       one of them
 *
 * They are started from the jars of Maven Central. Where Maven or a JDK is missing, an engine is skipped, and
 * one line says so. The last line is `N passed, N failed, N skipped`.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { ENGINES, type EngineName, missingFor } from "../test/engines/engine.ts";

const ROOT = resolve(import.meta.dirname, "..");
/** Engines that are named are tested in short; all together at length. */
const given = process.argv.slice(2);
const isLong = given.length === 0;
const TOTALS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** Runs one file on one engine, and returns what it counted. */
async function run(file: string, engine: EngineName): Promise<readonly number[]> {
  const child = spawn(process.execPath, ["scripts/test.ts", file], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ENGINE: engine, ...(isLong ? { LONG: "1", ROUNDS: "200" } : {}) },
  });
  let totals: readonly number[] | null = null;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const match = TOTALS.exec(line);
    if (match === null) console.log(line);
    else totals = match.slice(1).map(Number);
  });
  const code = await new Promise<number>((done) => child.on("close", (status) => done(status ?? 1)));
  const [passed = 0, failed = 0, skipped = 0] = totals ?? [];
  // A file of which nothing is for this engine ends with 1 too.
  const isIdle = passed === 0 && skipped > 0;
  return [passed, code === 0 || isIdle ? failed : Math.max(failed, 1), skipped];
}

const names = Object.keys(ENGINES) as EngineName[];
const unknown = given.filter((name) => !(names as string[]).includes(name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Allowed: ${names.join(", ")}`);
  process.exit(1);
}
// Three nodes take long to start.
const exclude = isLong ? [] : ["test/engines/cluster.test.ts"];
const files = globSync("test/engines/*.test.ts", { cwd: ROOT, exclude }).sort();
const sum = [0, 0, 0];
for (const engine of given.length === 0 ? names : (given as EngineName[])) {
  const missing = missingFor(engine);
  if (missing !== null) {
    console.log(`skip  ${engine}: ${missing}`);
    sum[2] = (sum[2] ?? 0) + files.length;
    continue;
  }
  for (const file of files) {
    console.log(`=== ${engine}: ${file}`);
    const totals = await run(file, engine);
    for (const [at, count] of totals.entries()) sum[at] = (sum[at] ?? 0) + count;
  }
}
console.log(`${sum[0]} passed, ${sum[1]} failed, ${sum[2]} skipped`);
process.exitCode = sum[1] === 0 ? 0 : 1;
