/**
 * An inserter that is dead for long: no storm, no flood of log lines, no growing memory. `PENDING` says how
 * many articles are pending, 10,000 by default.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryOf } from "../../../scripts/bench/machine.ts";
import { Follower } from "../../support/follower.ts";
import { startModestInserter } from "../../support/modest-inserter.ts";
import { article, Scene } from "../../support/scene.ts";
import { answer, type Play, reset } from "../../support/scripted-server.ts";
import { waitFor } from "../../support/wait.ts";

const PENDING = Number(process.env["PENDING"] ?? 10_000);
const DEAD_MS = 6_000;
/** As the follower has them. */
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 400;
/** Requests that leave at once before it is known that none of them succeeds, inventories included. */
const FIRST_WAVE = 16;

const test = suite("a dead inserter");

const DEATHS: Record<string, () => Play> = {
  "it answers 503": () => answer(503),
  "it answers 500": () => answer(500),
  "it resets connections": () => reset(),
  "it denies everything": () => answer(401),
};

for (const [what, play] of Object.entries(DEATHS)) {
  test(`${what}: attempts and log lines are bounded, and it goes on by itself`, async () => {
    await using scene = new Scene({ style: "clone" });
    const inserter = await startModestInserter({ can: ["delete"] });
    scene.onClose(() => inserter.close());
    scene.inserter = inserter.url;
    const ids = Array.from({ length: 50 }, (_, index) => `n${index}`);
    scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
    inserter.options.bend = play;
    const follower = await Follower.start(scene);
    const startMs = performance.now();
    await waitFor(() => inserter.server.requests.length > 0, "the first request");
    await waitFor(() => performance.now() - startMs > DEAD_MS, "the time of its death");
    const tries = inserter.server.requests.length;
    const tookMs = performance.now() - startMs;
    // On average a try waits for half of the longest delay; three times as many would be far out.
    const triesMax = FIRST_WAVE + (3 * tookMs) / (RETRY_MS_MAX / 2);
    assert.ok(tries >= 3 && tries < triesMax, `${tries} tries in ${tookMs} ms, at most ${triesMax}`);
    const { log } = follower.agent;
    assert.ok(log.length < 25, `${log.length} log lines:\n${log.map(({ message }) => message).join("\n")}`);
    const status = await follower.status();
    assert.not.ok(status.inStep);
    assert.ok(
      status.endpoint !== null || status.phase === "waiting-for-inserter",
      JSON.stringify(status.reasons),
    );
    assert.is(await follower.probe("healthz"), 200);
    assert.is(await follower.probe("readyz"), 503);

    inserter.options.bend = () => null;
    await follower.until("in step", ({ inStep }) => inStep);
    assert.is(inserter.articles.size, ids.length);
    assert.is((await follower.agent.stop()).code, 0);
  });
}

test(`${PENDING} articles are pending: one probe at a time, memory bounded, all arrive when it is back`, async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter({ can: ["delete", "inventory", "batch"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit({ "first.md": article("first") });
  const follower = await Follower.start(scene);
  await follower.until("in step", ({ inStep }) => inStep);

  // Each request stays a while, so that two at a time would be seen together.
  let [open, openMax, probes] = [0, 0, 0];
  inserter.options.bend = (request) => async (socket) => {
    openMax = Math.max(openMax, ++open);
    probes++;
    await new Promise((resolve) => setTimeout(resolve, 10));
    open--;
    await answer(503)(socket, request);
  };
  scene.upstream.commit(
    Object.fromEntries(
      Array.from({ length: PENDING }, (_, n) => [
        `${n % 100}/${n}.md`,
        article(`n${n}`, `Title ${n}`, "", `${n} `.repeat(200)),
      ]),
    ),
  );
  const pending = await follower.until(
    "all of it pending",
    ({ articles }) => (articles?.pending.total ?? 0) >= PENDING,
    200_000,
  );
  openMax = 0;
  const probesBefore = probes;
  const startMs = performance.now();
  const bytesBefore = memoryOf(follower.agent.pid).residentBytes;
  await waitFor(() => performance.now() - startMs > DEAD_MS, "the time of its death");
  const tookMs = performance.now() - startMs;
  const { residentBytes, peakBytes } = memoryOf(follower.agent.pid);
  assert.is(openMax, 1, "one probe at a time");
  // What was not tried yet is tried ever more slowly, in case only some fail: the n-th after (n/300)² backoffs.
  const untriedMax = Math.cbrt((3 * 300 ** 2 * tookMs) / RETRY_MS_MIN);
  const probesMax = FIRST_WAVE + untriedMax + (3 * tookMs) / (RETRY_MS_MAX / 2);
  assert.ok(probes - probesBefore < probesMax, `${probes - probesBefore} probes`);
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  assert.ok(mib(peakBytes) < 500, `${mib(peakBytes)} MiB at its highest`);
  assert.ok(residentBytes - bytesBefore < 40 * 2 ** 20, `${mib(bytesBefore)} → ${mib(residentBytes)} MiB`);
  assert.ok(follower.agent.log.length < 40, `${follower.agent.log.length} log lines`);
  assert.ok(pending.endpoint !== null && !pending.inStep);

  inserter.options.bend = () => null;
  await follower.until("in step", ({ inStep }) => inStep, 200_000);
  assert.is(inserter.articles.size, PENDING + 1);
});

test.run();
