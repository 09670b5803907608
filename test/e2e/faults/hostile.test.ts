/** Files that are made to hang a parser: bounded time, a reason that is shown, and nobody else held up. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryOf } from "../../../scripts/bench/machine.ts";
import { artefact } from "../../support/artefact.ts";
import { Follower } from "../../support/follower.ts";
import { article, Scene } from "../../support/scene.ts";

const test = suite("hostile files");

const yaml = (lines: string): string => `---\nid: yaml\ntitle: t\ndate: 2026-01-02\n${lines}---\nText.\n`;
const body = (id: string, text: string): string => article(id, "Hostile", "", text);

/** Markdown on which CommonMark parsers are quadratic. Each costs far more than the deadline, or little. */
const MARKDOWN: Record<string, string> = {
  "links.md": body("links", "[a](b".repeat(100_000)),
  "bullets.md": body("bullets", `${"- ".repeat(100_000)}x\n`),
  "ticks.md": body("ticks", `${"`".repeat(250_000)}${"x ".repeat(100_000)}\`\n`),
  "blanks.md": body("blanks", `# a${" ".repeat(500_000)}b\n`),
  "quotes.md": body("quotes", `${"> ".repeat(100_000)}x\n`),
};
/** Those that take a hundred deadlines; the others may be rendered in time on a good day. */
const HANGING = ["links.md", "bullets.md", "blanks.md"];
/** Front matter that means more than it looks, with the file that says why it is rejected. */
const YAML: Record<string, string> = {
  "bomb.md": yaml(
    `a: &a [${Array(9).fill("x").join(",")}]\n${[..."bcdefgh"]
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]\n`)
      .join("")}`,
  ),
  "deep.md": yaml(`a: ${"[".repeat(50_000)}${"]".repeat(50_000)}\n`),
  "keys.md": yaml(Array.from({ length: 62_000 }, (_, n) => `key${n}: ${n}\n`).join("")),
  "huge.md": yaml(`a: ${"x".repeat(1_100_000)}\n`),
};
const GOOD = Array.from({ length: 30 }, (_, n) => `good-${n}`);
/** Slowest answer that is the event loop's own fault; what the machine adds is measured beside it. */
const STALL_MS_MAX = 100;

/** A process that does nothing but answer: what it takes is the machine's doing. */
async function idleServer(scene: Scene): Promise<string> {
  const script =
    'require("node:http").createServer((_, r) => r.end("x")).listen(0, "127.0.0.1", function () { console.log(this.address().port) })';
  const child: ChildProcess = spawn(process.execPath, ["-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  scene.onClose(async () => void child.kill("SIGKILL"));
  if (child.stdout === null) throw new Error("no output");
  const [port] = await once(child.stdout, "data");
  return `http://127.0.0.1:${Number(String(port))}/`;
}

/** Asks an address every 10 ms. @returns How to end it: milliseconds of each answer, ascending. */
function watchAnswers(url: string): () => Promise<number[]> {
  const tookMs: number[] = [];
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const startMs = performance.now();
      await (await fetch(url)).arrayBuffer();
      tookMs.push(performance.now() - startMs);
      await sleep(10);
    }
  })();
  // A daemon that ends is told of by who waits for it.
  done.catch(() => {});
  return async () => {
    isOver = true;
    await done;
    return tookMs.sort((one, other) => one - other);
  };
}

test("Markdown and YAML: the others arrive, the event loop goes on, the reasons are shown", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  scene.upstream.commit({ "first.md": article("first"), "links.md": article("links", "A good version") });
  const follower = await Follower.start(scene);
  await follower.until("in step", ({ inStep }) => inStep);
  const idle = watchAnswers(await idleServer(scene));
  const busy = watchAnswers(`${follower.url}healthz`);

  const good = Object.fromEntries(GOOD.map((id) => [`${id}.md`, article(id)]));
  const startMs = performance.now();
  scene.upstream.commit({ ...MARKDOWN, ...YAML, ...good });
  const revision = scene.upstream.git("rev-parse", "HEAD");
  await follower.until(
    "the good ones",
    ({ articles }) => (articles?.counts.published ?? 0) >= GOOD.length + 2,
  );
  const goodMs = performance.now() - startMs;
  const status = await follower.until(
    "a verdict on all of them",
    ({ revision: seen, articles }) =>
      seen?.id === revision &&
      HANGING.every((path) => articles?.held.shown.some((one) => one.path === path)) &&
      (articles?.rejected.total ?? 0) >= Object.keys(YAML).length - 1,
    60_000,
  );
  // A while longer: what is held is tried again alone now.
  await sleep(3_000);
  const [quiet, loud] = [await idle(), await busy()];

  const held = new Map(status.articles?.held.shown.map((one) => [one.path, one.reason]));
  for (const path of HANGING) assert.match(String(held.get(path)), "took more than 2 s", path);
  assert.is((await scene.payload("links"))?.["title"], "A good version", "its last good version stays");
  const rejected = new Map(
    status.articles?.rejected.shown.map((one) => [one.path, one.problems[0]?.message]),
  );
  for (const path of ["bomb.md", "deep.md", "huge.md"]) {
    assert.ok((rejected.get(path) ?? "").length > 10, `${path}: ${rejected.get(path)}`);
    const told = follower.agent.log.some(
      (line) => line.event === "article.rejected" && line["path"] === path,
    );
    assert.ok(told, `the log tells of ${path}`);
  }
  assert.ok(follower.agent.log.some(({ event, path }) => event === "article.held" && path === "links.md"));
  for (const id of GOOD) assert.ok((await scene.held()).has(id), id);

  const worst = (of: readonly number[]): number => Math.round(of.at(-1) ?? Number.NaN);
  const p99 = (of: readonly number[]): number => of[Math.floor(of.length * 0.99)] ?? Number.NaN;
  const figures = `answers took ${worst(loud)} ms at most, p99 ${p99(loud).toFixed(0)}; an idle process ${worst(quiet)}, p99 ${p99(quiet).toFixed(0)}`;
  if (process.env["FIGURES"])
    process.stdout.write(`\n${artefact().name}: ${figures}; good ones after ${goodMs} ms\n`);
  assert.ok(p99(loud) < STALL_MS_MAX + p99(quiet), figures);
  assert.ok(worst(loud) < 3 * STALL_MS_MAX + 2 * worst(quiet), figures);
  assert.ok(memoryOf(follower.agent.pid).peakBytes < 1_200 * 2 ** 20, "memory");

  scene.upstream.commit(
    Object.fromEntries([...Object.keys(MARKDOWN), ...Object.keys(YAML)].map((path) => [path, null])),
  );
  await follower.until(
    "in step, rid of them",
    ({ inStep, articles }) => inStep && articles?.held.total === 0,
    60_000,
  );
  assert.equal(await scene.ids(), ["first", ...GOOD].sort());
  assert.is((await follower.agent.stop()).code, 0);
});

test("front matter alone: `once` delivers the others and ends with 1", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  scene.upstream.commit({
    "good.md": article("good"),
    "bomb.md": YAML["bomb.md"] ?? "",
    "keys.md": YAML["keys.md"] ?? "",
  });
  const { code, stdout } = await scene.once();
  assert.is(code, 1);
  assert.match(stdout, /\d+ rejected/);
  assert.ok((await scene.ids()).includes("good"));
});

test.run();
