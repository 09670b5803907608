/** Whose articles are whose at one inserter: derived owners, upgrades, and articles of somebody else. */
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Repository } from "../support/repository.ts";
import { article, Scene } from "../support/scene.ts";

const test = suite("owner");

/** A scene with articles of these ids whose repository has this origin. */
async function sceneOf(ids: readonly string[], origin: string | null): Promise<Scene> {
  const scene = new Scene({ style: "clone" });
  await scene.startInserter();
  scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  scene.upstream.git("remote", "remove", "origin");
  if (origin !== null) scene.upstream.git("remote", "add", "origin", origin);
  return scene;
}

async function owners(scene: Scene): Promise<Record<string, string | null>> {
  return Object.fromEntries([...(await scene.held())].map(([id, { owner }]) => [id, owner]).sort());
}

test("is derived from the origin: a second repository does not delete the articles of the first", async () => {
  await using scene = await sceneOf(["a", "b"], "git@example.org:ada/blog.git");
  assert.is((await scene.once()).code, 0);
  const blog = (await owners(scene))["a"] ?? "";
  assert.match(blog, /^blog-[0-9a-f]{12}$/);

  const docs = new Repository(join(scene.dir, "docs"));
  docs.commit({ "c.md": article("c") });
  docs.git("remote", "add", "origin", "https://example.org/ada/docs");
  const second = [
    "once",
    "--repo",
    docs.dir,
    "--inserter",
    scene.endpoint,
    "--state",
    join(scene.dir, "state", "docs.sqlite"),
  ];
  assert.is((await scene.spawn(second, { repo: docs.dir }).finished).code, 0);
  const all = await owners(scene);
  assert.equal([all["a"], all["b"]], [blog, blog]);
  assert.match(all["c"] ?? "", /^docs-/);
  assert.is((await scene.once()).code, 0);
  assert.equal(await owners(scene), all);
});

test("without an origin it is made up once, and kept with the state", async () => {
  await using scene = await sceneOf(["a"], null);
  assert.is((await scene.once()).code, 0);
  const { a } = await owners(scene);
  assert.match(a ?? "", /^upstream-[0-9a-f]{12}$/);
  // The origin that comes later changes nothing.
  scene.upstream.git("remote", "add", "origin", "git@example.org:ada/blog.git");
  scene.upstream.commit({ "a.md": article("a", "Another title") });
  assert.is((await scene.once()).code, 0);
  assert.equal(await owners(scene), { a });
});

test("articles of another owner: nothing is sent, both owners are named, and naming it adopts them", async () => {
  await using scene = await sceneOf(["a", "b"], "git@example.org:ada/blog.git");
  const { repo, endpoint: url } = scene;
  const config = (lines: object): string => {
    const text = JSON.stringify({ repo, state: scene.state, inserter: { url }, ...lines });
    return scene.config(text, "sync.config.json");
  };
  const before = config({ owner: "sync-agent", state: join(scene.dir, "state", "before.sqlite") });
  assert.is((await scene.spawn(["once", "--config", before], { config: before }).finished).code, 0);
  const held = await scene.held();

  scene.upstream.commit({ "a.md": article("a", "Another title"), "c.md": article("c") });
  const now = config({ status: { listen: "127.0.0.1:0" } });
  const refused = await scene.spawn(["once", "--config", now], { config: now }).finished;
  assert.is(refused.code, 2);
  const line = refused.log.find(({ event }) => event === "owner.conflict");
  assert.match(String(line?.["message"]), /"sync-agent" .*"blog-[0-9a-f]{12}"/);
  assert.match(String(line?.["hint"]), 'owner: "sync-agent"');
  assert.match(refused.stdout, 'owner: "sync-agent"');
  assert.equal(await scene.held(), held, "nothing was sent, not even what nobody holds");

  const agent = scene.spawn(["run", "--config", now], { config: now, listen: "127.0.0.1:0" });
  const listening = await agent.waitForEvent("status.listening");
  await agent.waitForEvent("owner.conflict");
  const ready = await fetch(`${listening["url"]}readyz`);
  assert.is(ready.status, 503);
  assert.match(await ready.text(), "owner-conflict: Nothing is sent");
  assert.is((await fetch(`${listening["url"]}healthz`)).status, 200);
  config({ owner: "sync-agent", status: { listen: "127.0.0.1:0" } });
  agent.kill("SIGHUP");
  await scene.holds(["a", "b", "c"]);
  assert.is((await owners(scene))["c"], "sync-agent");
  assert.is((await agent.stop()).code, 0);
});

test("a single id that two repositories share is refused, and the others go on", async () => {
  await using scene = await sceneOf(["about", "b", "c"], "git@example.org:ada/blog.git");
  const docs = new Repository(join(scene.dir, "docs"));
  docs.commit({ "about.md": article("about") });
  docs.git("remote", "add", "origin", "git@example.org:ada/docs.git");
  const state = join(scene.dir, "state", "docs.sqlite");
  const first = ["once", "--repo", docs.dir, "--inserter", scene.endpoint, "--state", state];
  assert.is((await scene.spawn(first, { repo: docs.dir }).finished).code, 0);
  assert.is((await scene.once()).code, 1);
  assert.equal(await scene.ids(), ["about", "b", "c"]);
  assert.match((await owners(scene))["about"] ?? "", /^docs-/);
});

test("a state of before takes its new name and keeps its owner: nothing is sent again", async () => {
  await using scene = await sceneOf(["a", "b"], "git@example.org:ada/blog.git");
  const folder = join(scene.dir, "states");
  mkdirSync(folder);
  const env = { STATE_DIRECTORY: folder };
  const permissions = { state: join(folder, "x"), write: [folder] };
  const args = ["once", "--repo", scene.repo, "--inserter", scene.endpoint];
  const config = scene.config(`owner: "sync-agent"\ninserter: { url: "${scene.endpoint}" }\n`, "before.yaml");
  const before = await scene.spawn([...args, "--config", config], { ...permissions, config }, env).finished;
  assert.is(before.code, 0);
  const [now = ""] = readdirSync(folder).filter((name) => name.endsWith(".sqlite"));
  // As version 0.1 named it: after its owner and a hash of the inserter's URL alone.
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256").update(scene.inserter).digest("hex").slice(0, 12);
  const older = `sync-agent-${hash}.sqlite`;
  assert.is.not(older, now);
  for (const name of readdirSync(folder))
    renameSync(join(folder, name), join(folder, name.replace(now, older)));
  const held = await scene.held();

  const planned = await scene.spawn(
    ["plan", "--no-config", ...args.slice(1), "--exit-code"],
    permissions,
    env,
  ).finished;
  assert.is(planned.code, 0, planned.stdout);
  assert.ok(readdirSync(folder).includes(older), "plan renames nothing");
  const after = await scene.spawn([...args, "--no-config"], permissions, env).finished;
  assert.is(after.code, 0);
  assert.ok(readdirSync(folder).includes(now));
  assert.not(readdirSync(folder).includes(older));
  assert.equal(await scene.held(), held, "same owner, same versions");
});

test.run();
