/** What the process does at signals, and when its output has no reader or no room. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Repository, temporaryFolder } from "../../support/repository.ts";

const main = resolve(import.meta.dirname, "../../../src/main.ts");
const test = suite("signals and pipes");
const folder = temporaryFolder();
test.after(() => folder.remove());

const article = (id: string, title = "T"): string =>
  `---\nid: ${id}\ntitle: ${title}\ndate: 2026-01-02\n---\nText.\n`;

/** Many rejected files: more than a pipe takes at once. */
const repo = join(folder.path, "repo");
const repository = new Repository(repo);
repository.commit(
  Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`n${n}.md`, article(`n${n}`, "")])),
);
const good = join(folder.path, "good");
new Repository(good).commit({ "a.md": article("a") });

const environment = { PATH: process.env["PATH"], HOME: folder.path };

/** Runs a shell in which `agent` is the program. */
function shell(script: string): { code: number | null; stdout: string; stderr: string } {
  const agent = `agent() { "${process.execPath}" "${main}" "$@"; }`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail\n${agent}\n${script}`], {
    cwd: folder.path,
    env: environment,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** A program that has printed something: its listeners are there. */
async function serving(env: Record<string, string> = {}): Promise<{
  child: ChildProcess;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}> {
  const child = spawn(process.execPath, [main, "inserter", "--listen", "127.0.0.1:0"], {
    cwd: folder.path,
    env: { ...environment, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>((done) =>
    child.on("close", (code, signal) => done({ code, signal, stderr })),
  );
  await new Promise((done) => child.stdout?.once("data", done));
  return { child, ended };
}

test("check keeps its verdict, however little of it is read", () => {
  for (const [format, reader] of [
    ["pretty", "head -1 >/dev/null"],
    ["json", "true"],
    ["github", "grep -q n1.md"],
    ["sarif", "head -c 5000 >/dev/null"],
  ]) {
    const { code, stderr } = shell(`agent check --repo "${repo}" --format ${format} | ${reader}`);
    assert.is(code, 1, `${format} | ${reader}`);
    assert.is(stderr, "");
  }
  assert.is(shell(`agent check --repo "${good}" | true`).code, 0);
});

test("output that finds no room is an error that says so; a log that finds none is not", () => {
  for (const words of ["help", "--version", `check --repo "${good}"`]) {
    const { code, stderr } = shell(`agent ${words} >/dev/full`);
    assert.is(code, 2, words);
    const { event, message } = JSON.parse(stderr);
    assert.is(event, "usage.error");
    assert.match(message, "Cannot write to standard output: ENOSPC");
  }
  assert.is(shell(`agent check --repo "${repo}" 2>/dev/full | true`).code, 1);
  assert.is(shell("agent statsu 2>/dev/full").code, 2);
});

test("SIGUSR1 opens no debugger, SIGPIPE changes nothing; SIGUSR2 ends it, as any program", async () => {
  const { child, ended } = await serving();
  child.kill("SIGUSR1");
  child.kill("SIGPIPE");
  // The loop has come round when it answers the third.
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  assert.is(code, 0);
  assert.not.match(stderr, /[Dd]ebugger/);
  const other = await serving();
  other.child.kill("SIGUSR2");
  assert.is((await other.ended).signal, "SIGUSR2");
});

test("SIGTERM and a second signal end it, though a thread waits in the file system for ever", async () => {
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  // Stands in for a volume that is gone: what Node itself waits for at its exit.
  const hang = `import { readFile } from "node:fs"; readFile(${JSON.stringify(pipe)}, () => {});`;
  const url = `data:text/javascript,${encodeURIComponent(hang)}`;
  const env = { NODE_OPTIONS: `--import=${url}` };
  const patient = await serving(env);
  patient.child.kill("SIGTERM");
  assert.equal(await patient.ended.then(({ code, signal }) => [code, signal]), [0, null]);
  const hurried = await serving(env);
  hurried.child.kill("SIGTERM");
  hurried.child.kill("SIGINT");
  assert.is((await hurried.ended).signal, null);
});

test.run();
