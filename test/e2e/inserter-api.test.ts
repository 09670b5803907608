/** What the agent asks of an inserter, and what it makes of the answers. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Finished } from "../support/artefact.ts";
import { type ModestInserter, type ModestOptions, startModestInserter } from "../support/modest-inserter.ts";
import { article, OWNER, Scene } from "../support/scene.ts";
import { answer, type ReceivedRequest, redirect, reset } from "../support/scripted-server.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("the inserter API");

/** A scene on a clone with one modest inserter and these articles. */
async function sceneWith(
  ids: readonly string[],
  options: ModestOptions = {},
): Promise<{ scene: Scene; inserter: ModestInserter }> {
  const scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter(options);
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  return { scene, inserter };
}

const posts = (inserter: ModestInserter): ReceivedRequest[] =>
  inserter.server.requests.filter(({ method }) => method === "POST");
const of = (inserter: ModestInserter, method: string): ReceivedRequest[] =>
  inserter.server.requests.filter((request) => request.method === method);

test("POST: canonical JSON, its digest, version, owner", async () => {
  const { scene, inserter } = await sceneWith(["a"]);
  await using _ = scene;
  assert.is((await scene.once()).code, 0);
  const [request] = posts(inserter);
  assert.ok(request);
  const body = request.body.toString();
  const { id, html, updated_at } = JSON.parse(body);
  assert.equal([id, html, updated_at], ["a", "<p>Body of a.</p>\n", "2026-01-02T00:00:00.000Z"]);
  const keys = Object.keys(JSON.parse(body));
  assert.equal(keys, [...keys].sort(), "RFC 8785 sorts the keys");
  const digest = createHash("sha256").update(body).digest("hex");
  assert.is(request.headers["sync-digest"], digest);
  assert.is(request.headers["sync-owner"], OWNER);
  const version = Number(request.headers["sync-version"]);
  assert.ok(version > Date.parse("2026-01-01") * 1000 && version < 2 ** 53);
  assert.is(request.headers["idempotency-key"], `${digest}-${version}`);
  assert.match(request.headers["user-agent"] ?? "", /^sync-agent\/\d/);
  assert.is(request.headers["content-type"], "application/json");
});

test("DELETE: the id encoded; 404 counts as gone", async () => {
  const { scene, inserter } = await sceneWith(["k", "l"]);
  await using _ = scene;
  scene.upstream.commit({ "x.md": article('"a/b c?#日"'), "y.md": article("y") });
  assert.is((await scene.once()).code, 0);
  inserter.articles.delete("y");
  scene.upstream.commit({ "x.md": null, "y.md": null, "z.md": article("z") });
  const { code, stdout } = await scene.once();
  assert.is(code, 0, stdout);
  const targets = of(inserter, "DELETE")
    .map(({ target }) => target)
    .sort();
  assert.equal(targets, [`/post/${encodeURIComponent("a/b c?#日")}`, "/post/y"].sort());
  assert.equal([...inserter.articles.keys()].sort(), ["k", "l", "z"]);
});

test("an inserter that only takes POST is enough", async () => {
  const { scene, inserter } = await sceneWith(["a", "b"], { can: [] });
  await using _ = scene;
  assert.is((await scene.once()).code, 0);
  scene.upstream.commit({ "a.md": null });
  const { code, stdout } = await scene.once();
  assert.is(code, 1, "what cannot be deleted is reported");
  assert.match(stdout, /1 undeletable/);
  assert.ok(inserter.articles.has("a"));
});

test("inventory: only what differs is sent; a wiped inserter is refilled; foreign articles stay", async () => {
  const { scene, inserter } = await sceneWith(["a", "b", "c"], { can: ["delete", "inventory"] });
  await using _ = scene;
  assert.is((await scene.once()).code, 0);
  inserter.articles.delete("b");
  inserter.articles.set("theirs", "{}");
  inserter.owners.set("theirs", "somebody else");
  inserter.articles.set("orphan", "{}");
  inserter.owners.set("orphan", OWNER);
  const before = posts(inserter).length;
  assert.is((await scene.once()).code, 0);
  assert.is(posts(inserter).length - before, 1, "one was missing, one was sent");
  assert.equal([...inserter.articles.keys()].sort(), ["a", "b", "c", "theirs"]);
});

test("inventory: with the state lost nothing is sent again", async () => {
  const { scene, inserter } = await sceneWith(["a", "b"], { can: ["delete", "inventory"] });
  await using _ = scene;
  const once = (): Promise<Finished> =>
    scene.command("once", "--repo", scene.repo, "--inserter", scene.inserter, "--state", ":memory:");
  await once();
  const before = posts(inserter).length;
  scene.upstream.commit({ "b.md": null });
  assert.is((await once()).code, 0);
  assert.is(posts(inserter).length, before);
  assert.equal([...inserter.articles.keys()], ["a"]);
});

test("an id of another owner is refused, not overwritten", async () => {
  const { scene, inserter } = await sceneWith(["a", "taken"], { can: ["delete", "inventory"] });
  await using _ = scene;
  inserter.articles.set("taken", "{}");
  inserter.owners.set("taken", "somebody else");
  const { code, stdout } = await scene.once();
  assert.is(code, 1);
  assert.match(stdout, /1 refused/);
  assert.is(inserter.articles.get("taken"), "{}");
  assert.ok(inserter.articles.has("a"));
});

test("a truncated inventory, or one that answers 500, is never taken for empty", async () => {
  const { scene, inserter } = await sceneWith(["a"], { can: ["delete", "inventory"] });
  await using _ = scene;
  await scene.once();
  const before = posts(inserter).length;
  for (const text of ['{"inventory":1}\n', '{"inventory":1}\n{"end":true,"count":7}\n']) {
    inserter.options.bend = ({ method }) =>
      method === "GET" ? answer(200, text, { "content-type": "application/x-ndjson" }) : null;
    await scene.once(["--wait", "1s"]);
  }
  inserter.options.bend = ({ method }) => (method === "GET" ? answer(500) : null);
  await scene.once(["--wait", "1s"]);
  assert.is(posts(inserter).length, before);
});

test("_batch: many operations a request; one bad line concerns only itself", async () => {
  const ids = Array.from({ length: 60 }, (_, i) => `n${i}`);
  const { scene, inserter } = await sceneWith(ids, { can: ["delete", "inventory", "batch"] });
  await using _ = scene;
  inserter.options.bend = ({ target, body }) => {
    if (!target.endsWith("_batch") || !body.includes('"id":"n7"')) return null;
    const lines = body
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).upsert.id as string);
    const answers = lines.map((id) =>
      JSON.stringify(id === "n7" ? { id, status: 422, error: "no" } : { id, status: 200 }),
    );
    for (const id of lines) if (id !== "n7") inserter.articles.set(id, "{}");
    return answer(200, `${answers.join("\n")}\n`, { "content-type": "application/x-ndjson" });
  };
  const { code, stdout } = await scene.once();
  assert.is(code, 1);
  assert.match(stdout, /1 refused/);
  assert.is(inserter.articles.size, 59);
  assert.ok(posts(inserter).length < 10, `${posts(inserter).length} requests`);
});

test("_batch: 413 is halved, 404 ends batches, a poisoned one is taken apart", async () => {
  for (const status of [413, 400, 404, 500]) {
    const ids = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const { scene, inserter } = await sceneWith(ids, { can: ["delete", "inventory", "batch"] });
    await using _ = scene;
    inserter.options.bend = ({ target, body }) => {
      if (!target.endsWith("_batch")) return null;
      const lines = body.toString().trim().split("\n").length;
      return status === 404 || lines > 4 ? answer(status) : null;
    };
    const { code, stdout } = await scene.once();
    assert.is(code, 0, `${status}: ${stdout}`);
    assert.is(inserter.articles.size, 20, String(status));
  }
});

test("5xx, 429 and lost answers: again later; other articles go on", async () => {
  const { scene, inserter } = await sceneWith(["a", "b", "c"]);
  await using _ = scene;
  const trouble = [answer(500), answer(429, "", { "retry-after": "1" }), reset(), answer(503)];
  inserter.options.bend = ({ method, body }) =>
    method === "POST" && body.includes('"id":"b"') ? (trouble.shift() ?? null) : null;
  const { code, stdout } = await scene.once();
  assert.is(code, 0, stdout);
  assert.equal([...inserter.articles.keys()].sort(), ["a", "b", "c"]);
  const versions = posts(inserter)
    .filter(({ body }) => body.includes('"id":"b"'))
    .map(({ headers }) => headers["sync-version"]);
  assert.is(versions.length, 5);
  assert.is(new Set(versions).size, 1, "a retry keeps its version");
});

test("422 is refused with what the inserter said, and not tried again until something changes", async () => {
  const { scene, inserter } = await sceneWith(["a", "bad"]);
  await using _ = scene;
  inserter.options.bend = ({ method, body }) =>
    method === "POST" && body.includes('"id":"bad"') ? answer(422, "title is too rude") : null;
  const agent = scene.run();
  const refused = await agent.waitForEvent("article.refused");
  assert.is(refused["status"], 422);
  assert.is(refused["excerpt"], "title is too rude");
  await waitFor(() => inserter.articles.has("a"), "the other one");
  const before = posts(inserter).length;
  scene.upstream.commit({ "c.md": article("c") });
  await waitFor(() => inserter.articles.has("c"), "a later one");
  assert.is(posts(inserter).length, before + 1);
  inserter.options.bend = () => null;
  scene.upstream.commit({ "bad.md": article("bad", "A polite title") });
  await waitFor(() => inserter.articles.has("bad"), "the fixed one");
});

test("401 on everything holds everything and says so; it goes on by itself", async () => {
  const { scene, inserter } = await sceneWith(["a", "b"]);
  await using _ = scene;
  inserter.options.bend = ({ method }) => (method === "POST" ? answer(401) : null);
  const agent = scene.run();
  const trouble = await agent.waitForEvent("inserter.trouble");
  assert.is(trouble["kind"], "denied");
  assert.match(String(trouble["hint"]), /token/);
  inserter.options.bend = () => null;
  await waitFor(() => inserter.articles.size === 2, "both articles");
  await agent.waitForEvent("inserter.recovered");
});

test("403 for one article: that one is refused, the others arrive", async () => {
  const { scene, inserter } = await sceneWith(["a-forbidden", "b", "c", "d"]);
  await using _ = scene;
  inserter.options.bend = ({ method, body }) =>
    method === "POST" && body.includes('"id":"a-forbidden"') ? answer(403) : null;
  // One after the other, so that there are still others to probe with when it is denied.
  const config = scene.config(`export default {
    repo: ${JSON.stringify(scene.repo)},
    inserter: { url: ${JSON.stringify(scene.endpoint)}, concurrency: 1 },
    state: ${JSON.stringify(scene.state)},
  };`);
  const once = scene.spawn(["once", "--config", config, "--wait", "10s"], { config });
  const { code, stdout } = await once.finished;
  assert.is(code, 1);
  assert.match(stdout, /1 refused/);
  assert.equal([...inserter.articles.keys()].sort(), ["b", "c", "d"]);
});

test("a redirect is reported with its target, and not followed", async () => {
  const { scene, inserter } = await sceneWith(["a"]);
  await using _ = scene;
  inserter.options.bend = ({ method }) =>
    method === "POST" ? redirect(308, "https://elsewhere.example/post") : null;
  const { code, log } = await scene.once(["--wait", "1s"]);
  assert.is(code, 1);
  const trouble = log.find(({ event }) => event === "inserter.trouble");
  assert.match(String(trouble?.["hint"]), /https:\/\/elsewhere\.example\/post/);
});

test("412: the agent goes above the version that the inserter keeps", async () => {
  const { scene, inserter } = await sceneWith(["a"]);
  await using _ = scene;
  const kept = Date.now() * 1000 + 60_000_000;
  inserter.options.bend = ({ method, headers }) =>
    method === "POST" && Number(headers["sync-version"]) < kept
      ? answer(412, "", { "sync-version": String(kept) })
      : null;
  const { code, stdout } = await scene.once();
  assert.is(code, 0, stdout);
  assert.ok(Number(posts(inserter).at(-1)?.headers["sync-version"]) > kept);
});

test("an inserter that is down at first is waited for", async () => {
  const scene = new Scene({ style: "clone" });
  await using _ = scene;
  const taken = await startModestInserter();
  const { port } = taken.server;
  await taken.close();
  scene.inserter = taken.url;
  scene.upstream.commit({ "a.md": article("a") });
  const agent = scene.run();
  await agent.waitForEvent("inserter.waiting");
  const inserter = await startModestInserter({ port });
  scene.onClose(() => inserter.close());
  await waitFor(() => inserter.articles.has("a"), "the article");
});

test("drift: what an inserter lost while the agent runs comes back", async () => {
  const { scene, inserter } = await sceneWith(["a", "b"], { can: ["delete", "inventory"] });
  await using _ = scene;
  const config = scene.config(`export default {
    repo: ${JSON.stringify(scene.repo)},
    inserter: { url: ${JSON.stringify(scene.endpoint)} },
    drift: "1s",
    state: ${JSON.stringify(scene.state)},
  };`);
  scene.spawn(["run", "--config", config], { config });
  await waitFor(() => inserter.articles.size === 2, "both articles");
  inserter.articles.clear();
  await waitFor(() => inserter.articles.size === 2, "both articles again");
});

test("the brake holds a mass delete, reports it, and can be released", async () => {
  const ids = Array.from({ length: 30 }, (_, i) => `n${i}`);
  const { scene, inserter } = await sceneWith(ids);
  await using _ = scene;
  assert.is((await scene.once()).code, 0);
  scene.upstream.commit({ "n0.md": article("n0"), "new.md": article("new") }, { replace: true });
  const braked = await scene.once();
  assert.is(braked.code, 1);
  assert.match(braked.stdout, /Brake/);
  assert.is(inserter.articles.size, 31, "upserts go on");
  const released = await scene.once(["--allow-mass-delete"]);
  assert.is(released.code, 0, released.stdout);
  assert.equal([...inserter.articles.keys()].sort(), ["n0", "new"]);
});

test("the approval of a mass delete reaches a running daemon", async () => {
  const ids = Array.from({ length: 30 }, (_, i) => `n${i}`);
  const { scene, inserter } = await sceneWith(ids);
  await using _ = scene;
  const agent = scene.run();
  await waitFor(() => inserter.articles.size === 30, "all articles");
  scene.upstream.commit({ "n0.md": article("n0") }, { replace: true });
  const on = await agent.waitForEvent("brake.on");
  assert.is(on["cause"], "files-gone");
  assert.is(inserter.articles.size, 30);
  const { code, stdout } = await scene.once(["--allow-mass-delete"]);
  assert.is(code, 0, stdout);
  assert.match(stdout, /^Approved, this once, 29 deletes:\n( {2}n\d+\n){29}$/);
  await waitFor(() => inserter.articles.size === 1, "the deletes");
  await agent.waitForEvent("brake.off");
  const again = await scene.once(["--allow-mass-delete"]);
  assert.is(again.code, 0);
  assert.is(again.stdout, "Nothing to approve: the brake holds no deletes.\n");
});

test.run();
