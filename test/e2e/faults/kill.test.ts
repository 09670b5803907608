/** The daemon dies at any instant, and nothing is lost. `KILLS` says how often, 25 by default. */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Author } from "../../../scripts/soak/author.ts";
import { fairWeather, randomFaults, seeded, startFaultyProxy } from "../../support/faulty-proxy.ts";
import { configure } from "../../support/follower.ts";
import { startModestInserter } from "../../support/modest-inserter.ts";
import { article, inventoryOf, jsonOf, Scene } from "../../support/scene.ts";
import { silence } from "../../support/scripted-server.ts";
import { waitFor } from "../../support/wait.ts";

const KILLS = Number(process.env["KILLS"] ?? 25);
const SEED = Number(process.env["SEED"] ?? 1);
const ARTICLES = 120;

const test = suite("killed");

test(`kill -9 at ${KILLS} random instants under load and on a bad network: in step in the end`, async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const inserter = scene.inserter;
  await fetch(inserter, {
    method: "POST",
    headers: { "content-type": "application/json", "sync-owner": "somebody else" },
    body: JSON.stringify({ id: "theirs" }),
  });
  const foreign = (await scene.held()).get("theirs");
  const random = seeded(SEED);
  const proxy = await startFaultyProxy(inserter, randomFaults(random, 0.1), random);
  scene.onClose(() => proxy.close());
  scene.inserter = proxy.url;
  const author = new Author(seeded(SEED + 1), ARTICLES);
  await scene.push(author.first());
  const config = configure(scene, { prune: { maxFraction: 1 }, inserter: { concurrency: 4 } });

  for (let kill = 0; kill < KILLS; kill++) {
    const agent = scene.spawn(["run", "--config", config], { config });
    // Some die while they start, most of them at work.
    if (random() < 0.8) await agent.waitForEvent("agent.started");
    await sleep(random() * 150);
    const pushed = scene.push(author.next());
    await sleep(random() * 350);
    assert.not.ok(agent.hasEnded, agent.stderr);
    await agent.stop("SIGKILL");
    await pushed;
  }

  proxy.plan = fairWeather;
  await scene.push(author.last());
  const calm = scene.spawn(["once", "--config", config, "--json"], { config });
  const { code, stdout, stderr } = await calm.finished;
  assert.is(code, 0, `${stdout}\n${stderr.slice(-2_000)}`);
  const again = await scene.spawn(["once", "--config", config, "--json"], { config }).finished;
  assert.is(jsonOf(again).begun, 0, "one more pass sends nothing");
  assert.equal((await inventoryOf(inserter)).get("theirs"), foreign, "what is foreign was left alone");

  const held = await digests(inserter);
  await scene.startInserter();
  const fresh = ["--repo", scene.repo, "--inserter", scene.inserter, "--state", ":memory:"];
  assert.is((await scene.command("once", ...fresh)).code, 0);
  assert.equal(held, await digests(scene.inserter));
});

test("killed again and again in its first sync, to an inserter that cannot list: goes on where it was", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter({ can: ["delete"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  const ids = Array.from({ length: 400 }, (_, index) => `n${index}`);
  scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  const config = configure(scene, { startup: "resume", inserter: { concurrency: 4, rate: 400 } });
  const posts = (): number => inserter.server.requests.length;
  for (const count of [1, 40, 120, 250]) {
    const agent = scene.spawn(["run", "--config", config], { config });
    await agent.waitFor(() => posts() >= count, `${count} requests`);
    await agent.stop("SIGKILL");
  }
  const agent = scene.spawn(["run", "--config", config], { config });
  await agent.waitFor(() => inserter.articles.size === ids.length, "all articles");
  assert.is((await agent.stop()).code, 0);
  // What was acknowledged just before the end may not have been noted yet.
  assert.ok(posts() <= ids.length + 4 * 50, `${posts()} requests for ${ids.length} articles`);
});

test("killed with a request on its way, whose file is gone when it starts again: the article goes too", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter({ can: ["delete"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit({ "a.md": article("a"), "b.md": article("b") });
  inserter.options.bend = ({ method, body }) => {
    if (method !== "POST" || !body.includes('"id":"a"')) return null;
    // Stored, and never answered.
    inserter.articles.set("a", body.toString());
    return silence();
  };
  const agent = scene.run();
  await waitFor(() => inserter.articles.has("a"), "the request");
  await agent.stop("SIGKILL");
  inserter.options.bend = () => null;
  scene.upstream.commit({ "a.md": null });
  const { code, stdout } = await scene.once();
  assert.is(code, 0, stdout);
  assert.equal([...inserter.articles.keys()], ["b"]);
});

async function digests(url: string): Promise<string[]> {
  const held = [...(await inventoryOf(url))].filter(([, { owner }]) => owner !== "somebody else");
  return held.map(([id, { digest }]) => `${id} ${digest}`).sort();
}

test.run();
