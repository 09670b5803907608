/** Files that are made to hang a parser: bounded time, a reason that is shown, and nobody else held up. */
import { readFileSync } from "node:fs";
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
/** Most work of the event loop's thread between a question and its answer, milliseconds of processor time. */
const STALL_MS_MAX = 100;
/** What a body may take to render: a loop that did it itself would answer later than that. */
const HANG_MS = 2_000;

/** Processor time of a process's main thread so far, milliseconds: however busy the machine is, only its own work. */
function workMs(pid: number): number {
  const [ranNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(ranNs) / 1e6;
}

/**
 * Asks an address of a process every 10 ms.
 *
 * @returns How to end it: for each answer, ascending, the milliseconds that the process's main thread worked
 *   before it gave it.
 */
function watchAnswers(url: string, pid: number): () => Promise<number[]> {
  const tookMs: number[] = [];
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const startMs = workMs(pid);
      await (await fetch(url)).arrayBuffer();
      tookMs.push(workMs(pid) - startMs);
      await sleep(10);
    }
  })();
  // A test that waits for the daemon reports its end.
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
  const watching = watchAnswers(`${follower.url}healthz`, follower.agent.pid);

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
      // One after the other they have had their 2 s.
      HANGING.every((path) =>
        articles?.held.shown.some((one) => one.path === path && one.reason.includes("took more than")),
      ) &&
      (articles?.rejected.total ?? 0) >= Object.keys(YAML).length - 1,
    60_000,
  );
  // A while longer: what is held is tried again alone now.
  await sleep(3_000);
  const answers = await watching();

  const held = new Map(status.articles?.held.shown.map((one) => [one.path, one.reason]));
  for (const path of HANGING) assert.match(String(held.get(path)), /took more than (?:2|20) s/, path);
  assert.is((await scene.payload("links"))?.["title"], "A good version", "its last good version stays");
  const rejected = new Map(
    status.articles?.rejected.shown.map((one) => [one.path, one.problems[0]?.message]),
  );
  for (const path of ["bomb.md", "deep.md", "huge.md"]) {
    assert.ok((rejected.get(path) ?? "").length > 10, `${path}: ${rejected.get(path)}`);
    const isLogged = follower.agent.log.some(
      (line) => line.event === "article.rejected" && line["path"] === path,
    );
    assert.ok(isLogged, `the log names ${path}`);
  }
  assert.ok(follower.agent.log.some(({ event, path }) => event === "article.held" && path === "links.md"));
  for (const id of GOOD) assert.ok((await scene.held()).has(id), id);

  const [p99Ms = Number.NaN, worstMs = Number.NaN] = [
    answers[Math.floor(answers.length * 0.99)],
    answers.at(-1),
  ];
  const figures = `the event loop worked ${worstMs.toFixed(0)} ms at most before an answer, p99 ${p99Ms.toFixed(0)}, of ${answers.length}`;
  if (process.env["FIGURES"])
    process.stdout.write(`\n${artefact().name}: ${figures}; good ones after ${goodMs.toFixed(0)} ms\n`);
  assert.ok(p99Ms < STALL_MS_MAX, figures);
  assert.ok(worstMs < HANG_MS, figures);
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
