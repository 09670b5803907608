/** The first sync: the time from the start until every article is at the inserter, and its cost. */
import { fork, spawn } from "node:child_process";
import { join } from "node:path";
import { type Bench, freshFolder, msBetween, note, withPublication } from "./bench.ts";
import { startInserter } from "./inserter.ts";
import { cpuMsOf } from "./machine.ts";
import { type Form, pause, startProgram } from "./program.ts";

export interface ThroughputOptions {
  readonly form: Form;
  readonly files: number;
  readonly answerMs: number;
  readonly batch: boolean;
}

const ARTICLE_BYTES = 4_096;

const shapeOf = (files: number) => ({ files, filesPerFolder: 10_000, articleBytes: ARTICLE_BYTES });

export async function measureThroughput(bench: Bench, options: ThroughputOptions): Promise<void> {
  const { form, files, answerMs, batch } = options;
  await withPublication(bench, shapeOf(files), async ({ link: repo }) => {
    await using inserter = await startInserter({ answerMs, batch: batch ? 500 : 0, inventory: batch });
    const { url } = inserter;
    await using agent = startProgram(bench.artefacts, { form, repo, url, folder: freshFolder(bench) });
    await agent.until(async () => (await inserter.arrivals()).articles >= files, "the first sync");
    const { firstAt, lastAt, requests } = await inserter.arrivals();
    // Answers are still being recorded.
    await pause(200);
    const wholeMs = msBetween(agent.startedAt, lastAt);
    note(bench, {
      kind: "first-sync",
      subject: form,
      setting: { files, answerMs, batch },
      values: {
        wholeMs,
        firstRequestMs: msBetween(agent.startedAt, firstAt),
        articlesPerSecond: (files * 1_000) / wholeMs,
        cpuMsAnArticle: agent.cpuMs() / files,
        inserterCpuMsAnArticle: cpuMsOf(inserter.pid) / files,
        peakMiB: agent.memory().peakBytes / 2 ** 20,
        requests,
      },
    });
    await agent.end();
  });
}

/** The floor of requests: constants posted with `node:http`, as many at a time as the agent does. */
export async function measurePostFloor(bench: Bench, files: number, answerMs: number): Promise<void> {
  await using inserter = await startInserter({ answerMs, batch: 0, inventory: false });
  const setting = { files, answerMs, batch: false };
  await measureFloor(bench, "floor: POST of constants", setting, ["post", inserter.url, String(files)]);
}

/** The floor of work: front-matter, commonmark and a digest for each article, and nothing else. */
export async function measureRenderFloor(bench: Bench, files: number): Promise<void> {
  const setting = { files, answerMs: 0, batch: true };
  const args = ["render", String(files), String(ARTICLE_BYTES)];
  await measureFloor(bench, "floor: front-matter, commonmark, digest", setting, args);
}

async function measureFloor(
  bench: Bench,
  subject: string,
  setting: { readonly files: number; readonly answerMs: number; readonly batch: boolean },
  args: readonly string[],
): Promise<void> {
  const child = fork(join(import.meta.dirname, "floor.ts"), args);
  const [wholeMs, cpuMs] = await new Promise<[number, number]>((resolve, reject) => {
    child.once("message", (message) => resolve(message as [number, number]));
    child.once("exit", (code) => reject(new Error(`a floor ended with ${code}`)));
  });
  const { files } = setting;
  const values = { wholeMs, articlesPerSecond: (files * 1_000) / wholeMs, cpuMsAnArticle: cpuMs / files };
  note(bench, { kind: "first-sync", subject, setting, values });
}

/** What a shell can do: every file of a work tree, eight at a time, with curl. */
export async function measureShell(bench: Bench, files: number, answerMs: number): Promise<void> {
  await withPublication(bench, shapeOf(files), async ({ gitDir }) => {
    await using inserter = await startInserter({ answerMs, batch: 0, inventory: false });
    const folder = freshFolder(bench);
    await run("git", ["clone", "-q", gitDir, "clone"], folder);
    const startMs = performance.now();
    const line = `git ls-files -z | xargs -0 -P8 -I{} curl -s -o /dev/null --data-binary @{} ${inserter.url}`;
    await run("/bin/sh", ["-c", line], join(folder, "clone"));
    const wholeMs = performance.now() - startMs;
    const { requests } = await inserter.arrivals();
    if (requests !== files) throw new Error(`${requests} requests instead of ${files}`);
    note(bench, {
      kind: "first-sync",
      subject: "shell: git ls-files | xargs -P8 curl",
      setting: { files, answerMs, batch: false },
      values: { wholeMs, articlesPerSecond: (files * 1_000) / wholeMs },
    });
  });
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: "ignore" });
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}
