/**
 * Runs the checks and the tests: `npm test`.
 *
 *     npm test                                  types, lint, format, house rules, then all tests but e2e
 *     npm test -- test/unit/sync/plan.test.ts   files, without the checks
 *     npm test -- unit integration/source       kinds, or folders below test/
 *
 * Each file runs in a process of its own, two at a time. uvu alone calls "no tests" a success and waits for
 * ever on a test that hangs. Here a file without tests fails, and so does one that outlives its time. The
 * last line is `N passed, N failed, N skipped`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const FILE_TIMEOUT_MS = 120_000;
const E2E_FILE_TIMEOUT_MS = process.env["LONG"] === "1" ? 3_600_000 : 300_000;
const PIPE_GRACE_MS = 2_000;
const KINDS = ["unit", "property", "integration", "simulation", "e2e", "engines"];
const CHECKED_KINDS = ["unit", "property", "integration"];
/** Most of the time of a short test is Node's compiling of the same modules again. */
const COMPILED = join(ROOT, "node_modules/.cache/node");
/** uvu's closing block; colours are off, for its output is a pipe. */
const TOTALS = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm;

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  /** Why the file counts as failed; null when all is well. */
  readonly trouble: string | null;
  readonly output: string;
}

/** Test files of a kind, a folder below `test/` or a file; relative to the root, sorted. */
function filesOf(target: string): string[] {
  const path = KINDS.includes(target.split("/")[0] ?? "")
    ? `test/${target}`
    : relative(ROOT, resolve(target));
  const absolute = resolve(ROOT, path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return globSync(`${path}/**/*.test.ts`, { cwd: ROOT }).sort();
}

/** Result of a file from uvu's output and the exit code. A crash after the totals is a failure too. */
function judge(
  file: string,
  output: string,
  exit: string | number | null,
  timeoutMs: number,
): Omit<Outcome, "durationMs"> {
  const [total = 0, passed = 0, skipped = 0] = ([...output.matchAll(TOTALS)].at(-1) ?? [])
    .slice(1)
    .map(Number);
  const failed = total - passed;
  let trouble: string | null = null;
  if (exit === "timeout") trouble = `still running after ${timeoutMs / 1000} s: ended`;
  else if (failed > 0) trouble = `${failed} of ${total} failed`;
  else if (exit !== 0) trouble = `ended with ${exit}`;
  else if (total + skipped === 0) trouble = "ran 0 tests: is its `.run()` missing?";
  return { file, passed, failed: trouble ? Math.max(failed, 1) : 0, skipped, trouble, output };
}

const running = new Set<number>();

/** Ends a test and whatever it started: each file leads a process group. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

function runFile(file: string): Promise<Outcome> {
  const isE2e = file.startsWith("test/e2e/");
  const isLong = isE2e || file.startsWith("test/engines/");
  const timeoutMs = isLong ? E2E_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS;
  const startMs = performance.now();
  return new Promise((done) => {
    const child = spawn(process.execPath, [file], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: "0", ...(isE2e ? {} : { NODE_COMPILE_CACHE: COMPILED }) },
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let output = "";
    let timedOut = false;
    const collect = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const timer = setTimeout(() => {
      timedOut = true;
      if (pid !== undefined) endGroup(pid);
    }, timeoutMs);
    const finish = (exit: string | number | null): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      if (pid !== undefined) running.delete(pid);
      const verdict = judge(file, output, timedOut ? "timeout" : exit, timeoutMs);
      done({ ...verdict, durationMs: performance.now() - startMs });
    };
    child.on("error", (error) => finish(error.message));
    child.on("exit", (code, signal) => {
      if (pid !== undefined) endGroup(pid);
      // "close" comes when the last line was read; a grandchild of another group that keeps the pipe must not keep us.
      const late = setTimeout(finish, PIPE_GRACE_MS, code ?? signal);
      child.on("close", () => {
        clearTimeout(late);
        finish(code ?? signal);
      });
    });
  });
}

function report(outcome: Outcome): void {
  const { file, passed, skipped, durationMs, trouble, output } = outcome;
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  if (trouble === null) {
    console.log(`ok    ${file}  ${passed} passed${skipped ? `, ${skipped} skipped` : ""}  ${seconds}`);
    if (process.env["VERBOSE"]) console.log(output);
  } else {
    console.log(`\n${output.trimEnd()}\n\nFAIL  ${file}  ${trouble}  ${seconds}\n`);
  }
}

/** Runs `npm run check` and ends with its exit code when it fails. */
function check(): void {
  const path = [join(ROOT, "node_modules/.bin"), dirname(process.execPath), process.env["PATH"]].join(
    delimiter,
  );
  const options = { cwd: ROOT, stdio: "inherit", env: { ...process.env, PATH: path } } as const;
  const { status } = spawnSync("npm", ["run", "check"], options);
  if (status !== 0) process.exit(status ?? 1);
}

const targets = process.argv.slice(2);
if (targets.length === 0) {
  check();
  targets.push(...CHECKED_KINDS);
}
const empty = targets.filter((target) => filesOf(target).length === 0);
if (empty.length > 0) {
  console.error(`No test file in ${empty.join(", ")}. Kinds: ${KINDS.join(", ")}; or name a file.`);
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const pid of running) endGroup(pid);
    process.exit(1);
  });
}

const queue = [...new Set(targets.flatMap(filesOf))];
const outcomes: Outcome[] = [];
async function work(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const outcome = await runFile(file);
    outcomes.push(outcome);
    report(outcome);
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism() >> 1) }, work));

const sum = (key: "passed" | "failed" | "skipped"): number =>
  outcomes.reduce((n, outcome) => n + outcome[key], 0);
const failures = outcomes.filter(({ trouble }) => trouble !== null);
if (failures.length > 0) {
  console.log("\nFailed:");
  for (const { file, trouble } of failures) console.log(`  ${file}: ${trouble}`);
}
console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exitCode = failures.length > 0 || sum("passed") === 0 ? 1 : 0;
