/** The first sync: how long from the start until every article is at the inserter, and at what cost. */
import { fork, spawn } from "node:child_process";
import { join } from "node:path";
import { type Bench, freshFolder, note, withPublication } from "./bench.ts";
import { type InserterProcess, startInserter } from "./inserter.ts";
import { cpuMsOf } from "./machine.ts";
import { type Form, pause, startProgram } from "./program.ts";

export interface ThroughputOptions {
  readonly form: Form;
  readonly files: number;
  readonly answerMs: number;
  readonly batch: boolean;
  readonly html?: "safe" | false;
  readonly nodeFlags?: readonly string[];
}

const ARTICLE_BYTES = 4_096;
const FILES_PER_FOLDER = 10_000;

export async function measureThroughput(bench: Bench, options: ThroughputOptions): Promise<void> {
  const { form, files, answerMs, batch, html = "safe", nodeFlags } = options;
  const shape = { files, filesPerFolder: FILES_PER_FOLDER, articleBytes: ARTICLE_BYTES };
  await withPublication(bench, shape, async (publication) => {
    await using inserter = await startInserter({ answerMs, batch: batch ? 500 : 0, inventory: batch });
    await using agent = startProgram(bench.artefacts, "run", {
      form,
      repo: publication.link,
      url: inserter.url,
      folder: freshFolder(bench),
      config: { articles: { html } },
      ...(nodeFlags === undefined ? {} : { nodeFlags }),
    });
    await agent.until(async () => (await inserter.arrivals()).articles >= files, "the first sync");
    const { firstAt, lastAt, requests } = await inserter.arrivals();
    // Answers are still being written down.
    await pause(200);
    const cpuMs = agent.cpuMs();
    const wholeMs = Number(BigInt(lastAt) - agent.startedAt) / 1e6;
    note(bench, {
      kind: "first-sync",
      subject: form,
      setting: { files, answerMs, batch, html: String(html) },
      values: {
        wholeMs,
        firstRequestMs: Number(BigInt(firstAt) - agent.startedAt) / 1e6,
        articlesPerSecond: (files * 1_000) / wholeMs,
        cpuMsAnArticle: cpuMs / files,
        inserterCpuMsAnArticle: cpuMsOf(inserter.pid) / files,
        peakMiB: agent.memory().peakBytes / 2 ** 20,
        requests,
      },
    });
    await agent.end();
  });
}

/** The floor of requests: constants posted with `node:http`, as many at a time as the agent has. */
export async function measurePostFloor(bench: Bench, files: number, answerMs: number): Promise<void> {
  await using inserter = await startInserter({ answerMs, batch: 0, inventory: false });
  const [wholeMs, cpuMs] = await report(
    fork(join(import.meta.dirname, "floor-post.ts"), [inserter.url, String(files)]),
  );
  note(bench, {
    kind: "first-sync",
    subject: "floor: POST of constants",
    setting: { files, answerMs, batch: false, html: "" },
    values: { wholeMs, articlesPerSecond: (files * 1_000) / wholeMs, cpuMsAnArticle: cpuMs / files },
  });
}

/** The floor of work: front-matter, commonmark and a digest, for each article, and nothing else. */
export async function measureRenderFloor(bench: Bench, files: number): Promise<void> {
  const [wholeMs, cpuMs] = await report(
    fork(join(import.meta.dirname, "floor-render.ts"), [String(files), String(ARTICLE_BYTES)]),
  );
  note(bench, {
    kind: "first-sync",
    subject: "floor: front-matter, commonmark, digest",
    setting: { files, answerMs: 0, batch: true, html: "safe" },
    values: { wholeMs, articlesPerSecond: (files * 1_000) / wholeMs, cpuMsAnArticle: cpuMs / files },
  });
}

/** What anyone can do with a shell: every file of a work tree, eight at a time, with curl. */
export async function measureShell(bench: Bench, files: number, answerMs: number): Promise<void> {
  const shape = { files, filesPerFolder: FILES_PER_FOLDER, articleBytes: ARTICLE_BYTES };
  await withPublication(bench, shape, async (publication) => {
    await using inserter = await startInserter({ answerMs, batch: 0, inventory: false });
    const folder = freshFolder(bench);
    await ran("git", ["clone", "-q", publication.gitDir, "clone"], folder);
    const startedAt = process.hrtime.bigint();
    const line = `git ls-files -z | xargs -0 -P8 -I{} curl -s -o /dev/null --data-binary @{} ${inserter.url}`;
    await ran("/bin/sh", ["-c", line], join(folder, "clone"));
    const wholeMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
    await counted(inserter, files);
    note(bench, {
      kind: "first-sync",
      subject: "shell: git ls-files | xargs -P8 curl",
      setting: { files, answerMs, batch: false, html: "" },
      values: { wholeMs, articlesPerSecond: (files * 1_000) / wholeMs },
    });
  });
}

async function counted(inserter: InserterProcess, files: number): Promise<void> {
  const { requests } = await inserter.arrivals();
  if (requests !== files) throw new Error(`${requests} requests instead of ${files}`);
}

async function ran(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: "ignore" });
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

/** What a floor says of itself: wall and CPU time, milliseconds. */
async function report(child: ReturnType<typeof fork>): Promise<[number, number]> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as [number, number]));
    child.once("exit", (code) => reject(new Error(`a floor ended with ${code}`)));
  });
}
