/** The daemon as a process: how it starts, what it does at a signal, who may stand beside it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { artefact, type Running } from "../support/artefact.ts";
import { startModestInserter } from "../support/modest-inserter.ts";
import { article, Scene } from "../support/scene.ts";
import { silence } from "../support/scripted-server.ts";
import { waitFor } from "../support/wait.ts";

/** Requests in flight get so long when the daemon ends, milliseconds. */
const GRACE_MS = 5_000;
/** What a busy machine may add. */
const SLACK_MS = 15_000;

const test = suite("run");

/** A clone with these articles, an inserter and a configuration file of these further lines. */
async function configured(ids: readonly string[], lines = ""): Promise<{ scene: Scene; config: string }> {
  const scene = new Scene({ style: "clone" });
  await scene.startInserter();
  scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  return { scene, config: configure(scene, lines) };
}

function configure(scene: Scene, lines: string): string {
  const { repo, state, endpoint: url } = scene;
  const text = JSON.stringify({ repo, state, inserter: { url } }).slice(0, -1);
  return scene.config(`export default ${text}, ${lines} };\n`);
}

function follow(scene: Scene, config: string): Running {
  return scene.spawn(["run", "--config", config], { config });
}

test("is what happens without a command; without a configuration its first line says so", async () => {
  await using scene = new Scene({ style: "clone" });
  scene.upstream.commit({ "a.md": article("a") });
  const states = join(scene.dir, "xdg");
  mkdirSync(states);
  await using agent = artefact().spawn([], {
    cwd: scene.upstream.dir,
    env: { XDG_STATE_HOME: states },
    permissions: { repo: scene.repo, listen: "127.0.0.1", write: [states] },
  });
  const embedded = await agent.waitForEvent("inserter.embedded");
  await agent.waitForEvent("article.upserted", ({ id }) => id === "a");
  const [first] = agent.log;
  assert.is(first?.event, "agent.started");
  if (!first) return;
  const { message, config, repo, inserter, state } = first;
  assert.match(
    String(message),
    /^No configuration file found\. Syncing .* into the embedded inserter \(SQLite, this machine only\)$/,
  );
  assert.equal([config, repo, inserter], [null, scene.upstream.dir, "embedded"]);
  assert.match(String(state), /^\S+\/xdg\/sync-agent\/sync-agent-[0-9a-f]{12}\.sqlite$/);
  const page = await fetch(String(embedded["pageUrl"]));
  assert.is(page.status, 200);
  const { code, stdout } = await agent.stop("SIGINT");
  assert.is(code, 0);
  assert.is(stdout, "");
});

test("with a configuration the first line names it", async () => {
  const { scene, config } = await configured(["a"]);
  await using _ = scene;
  const agent = follow(scene, config);
  await scene.holds(["a"]);
  assert.is(agent.log[0]?.["config"], config);
  assert.not.match(String(agent.log[0]?.["message"]), "no configuration");
  const { code, stdout, log } = await agent.stop();
  assert.is(code, 0);
  assert.is(stdout, "");
  assert.ok(log.every(({ time, level, event }) => time !== "" && level !== "" && event !== ""));
});

test("SIGTERM: an answer that does not come is waited for as long as promised; the article stays pending", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  inserter.options.bend = ({ method }) => (method === "POST" ? silence() : null);
  scene.upstream.commit({ "a.md": article("a") });
  const posts = (): number => inserter.server.requests.filter(({ method }) => method === "POST").length;

  const patient = scene.run();
  await waitFor(() => posts() === 1, "the first request");
  const startMs = performance.now();
  assert.is((await patient.stop()).code, 0);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs > GRACE_MS - 1_000 && tookMs < GRACE_MS + SLACK_MS, `it took ${tookMs} ms`);

  const hurried = scene.run();
  await waitFor(() => posts() === 2, "the second request");
  const againMs = performance.now();
  hurried.kill("SIGTERM");
  hurried.kill("SIGINT");
  assert.is((await hurried.finished).code, 0);
  assert.ok(performance.now() - againMs < GRACE_MS - 500, "the second signal ends it at once");

  inserter.options.bend = () => null;
  assert.is((await scene.once()).code, 0);
  assert.ok(inserter.articles.has("a"), "what was pending arrives");
});

test("SIGHUP: a valid configuration is taken over, and nothing is sent needlessly", async () => {
  const { scene, config } = await configured(["a", "b"]);
  await using _ = scene;
  const agent = follow(scene, config);
  await scene.holds(["a", "b"]);
  const before = await scene.held();
  configure(scene, 'articles: { exclude: ["b.md"] }');
  agent.kill("SIGHUP");
  await agent.waitForEvent("config.reloaded");
  await scene.holds(["a"]);
  assert.equal((await scene.held()).get("a"), before.get("a"));
  assert.is((await agent.stop()).code, 0);
});

test("SIGHUP: an invalid configuration is reported, and the old one stays in use", async () => {
  const { scene, config } = await configured(["a"]);
  await using _ = scene;
  const agent = follow(scene, config);
  await scene.holds(["a"]);
  configure(scene, 'pol: "1s"');
  agent.kill("SIGHUP");
  const invalid = await agent.waitForEvent("config.invalid");
  assert.is(invalid.level, "error");
  assert.match(String(invalid["message"]), "did you mean poll?");
  scene.upstream.commit({ "b.md": article("b") });
  await scene.holds(["a", "b"]);
  assert.is(agent.log.filter(({ event }) => event === "config.invalid").length, 1);
  assert.is((await agent.stop()).code, 0);
});

test("SIGHUP: compares with the inserter at once", async () => {
  const { scene, config } = await configured(["a", "b"]);
  await using _ = scene;
  const agent = follow(scene, config);
  await scene.holds(["a", "b"]);
  // An inventory cannot speak of what is on its way while it is asked for: let the answers arrive first.
  const delivered = () => agent.log.filter(({ event }) => event === "article.upserted").length;
  await agent.waitFor(() => delivered() === 2, "both acknowledgements");
  await fetch(`${scene.inserter}/a`, { method: "DELETE" });
  agent.kill("SIGHUP");
  await scene.holds(["a", "b"]);
});

test("a second writer of one state ends with 2; plan, check, explain and status stand beside the first", async () => {
  const { scene, config } = await configured(["a"]);
  await using _ = scene;
  const agent = follow(scene, config);
  await scene.holds(["a"]);
  for (const command of ["run", "once"]) {
    const { code, stdout, log } = await scene.spawn([command, "-c", config], { config }).finished;
    assert.is(code, 2);
    assert.is(stdout, "");
    const last = log.at(-1);
    assert.is(last?.event, "usage.error");
    assert.match(String(last?.["message"]), `${scene.state} is in use by another sync-agent`);
  }
  for (const words of [["plan"], ["check"], ["explain", "a.md"], ["status"]]) {
    const { code, stderr } = await scene.spawn([...words, "-c", config], { config }).finished;
    assert.is(code, 0, `${words}: ${stderr}`);
    assert.is(stderr, "");
  }
  assert.not.ok(agent.hasEnded);
  assert.is((await agent.stop()).code, 0);
});

test("status: asks the daemon, and when it is gone its state", async () => {
  const { scene, config } = await configured(["a"]);
  await using _ = scene;
  configure(scene, 'status: { listen: "127.0.0.1:0" }');
  const permissions = { config, listen: "127.0.0.1" };
  const agent = scene.spawn(["run", "-c", config], permissions);
  const { url } = await agent.waitForEvent("status.listening");
  configure(scene, `status: { listen: ${JSON.stringify(new URL(String(url)).host)} }`);
  const ask = (...words: string[]) => scene.spawn(["status", "-c", config, ...words], permissions).finished;
  await scene.holds(["a"]);
  await waitFor(async () => (await fetch(`${url}readyz`)).ok, "readiness");
  for (const path of ["healthz", "readyz", "metrics", "status", ""]) {
    const answer = await fetch(`${url}${path}`);
    assert.is(answer.status, 200, path);
    await answer.arrayBuffer();
  }
  const text = await ask("--exit-code");
  assert.is(text.code, 0, text.stdout);
  assert.match(text.stdout, /^sync-agent \S+ {2}following\n/);
  assert.match(text.stdout, "articles  1 published");
  const running = JSON.parse((await ask("--json")).stdout);
  assert.is(running.phase, "following");
  assert.equal(running.health, { ok: true, reasons: [] });

  assert.is((await agent.stop()).code, 0);
  const left = await ask("--exit-code");
  assert.is(left.code, 1, "nobody follows");
  assert.match(left.stdout, /^sync-agent \S+ {2}not running/);
  assert.match(left.stdout, "articles  1 published");
  assert.is((await ask()).code, 0);
  assert.is(JSON.parse((await ask("--json")).stdout).phase, "not-running");
});

if (artefact().name === "deno") {
  test("a permission that Deno was not given is reported as such", async () => {
    await using scene = new Scene({ style: "clone" });
    scene.upstream.commit({ "a.md": article("a") });
    const state = join(scene.dir, "elsewhere", "state.sqlite");
    const { code, log } = await scene.spawn(["once", "-r", scene.repo, "-s", state]).finished;
    assert.is(code, 2);
    assert.match(String(log.at(-1)?.["message"]), /^Deno does not permit what this needs: write access to /);
    assert.match(String(log.at(-1)?.["hint"]), "--allow-write");
  });
}

test.run();
