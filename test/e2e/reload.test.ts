/** A configuration that changes under a running daemon. */
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Running } from "../support/artefact.ts";
import { type ModestInserter, startModestInserter } from "../support/modest-inserter.ts";
import { article, Scene } from "../support/scene.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("reload");

/** A clone with the articles a and b, and an inserter that has no inventory: what is sent to it, it did not ask for. */
async function started(): Promise<{ scene: Scene; inserter: ModestInserter }> {
  const scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit({ "a.md": article("a"), "b.md": article("b") });
  return { scene, inserter };
}

const textOf = (scene: Scene, more: object = {}): string => {
  const { repo, state, endpoint: url } = scene;
  return JSON.stringify({ repo, state, inserter: { url }, poll: "100ms", log: { level: "debug" }, ...more });
};

/** What was asked of the inserter, without inventories. */
const sent = ({ server }: ModestInserter): string[] =>
  server.requests.filter(({ method }) => method !== "GET").map(({ method, target }) => `${method} ${target}`);

async function inStep(agent: Running, inserter: ModestInserter): Promise<void> {
  await agent.waitForEvent("pass.done", ({ trigger }) => trigger === "start");
  await agent.waitFor(() => inserter.articles.size === 2, "both articles");
}

test("a changed file: only what it changes is sent, and nothing is lost", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const config = scene.config(textOf(scene), "sync.config.json");
  const agent = scene.spawn(["run", "-c", config], { config });
  await inStep(agent, inserter);
  const before = sent(inserter).length;

  scene.config(textOf(scene, { articles: { exclude: ["b.md"] } }), "sync.config.json");
  await agent.waitForEvent("config.reloaded");
  const pass = await agent.waitForEvent("pass.done", ({ trigger }) => trigger === "reload");
  assert.is(pass["begun"], 1);
  await agent.waitFor(() => inserter.articles.size === 1, "the article that is excluded now to go");
  assert.equal(sent(inserter).slice(before), ["DELETE /post/b"]);

  scene.upstream.commit({ "c.md": article("c") });
  await agent.waitFor(() => inserter.articles.has("c"), "an article pushed later");
  assert.equal([...inserter.articles.keys()].sort(), ["a", "c"]);
  assert.is((await agent.stop()).code, 0);
});

test("a file that was only touched changes nothing", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const config = scene.config(textOf(scene, { startup: "full" }), "sync.config.json");
  const agent = scene.spawn(["run", "-c", config], { config });
  await inStep(agent, inserter);
  const before = sent(inserter).length;
  const later = Date.now() / 1000 + 5;
  utimesSync(config, later, later);
  await agent.waitForEvent("config.reloaded");
  scene.upstream.commit({ "c.md": article("c") });
  await agent.waitFor(() => inserter.articles.has("c"), "an article pushed later");
  assert.is(sent(inserter).length, before + 1, "only that one");
  assert.not.ok(agent.log.some(({ trigger }) => trigger === "reload"));
});

test("hooks that were written anew and do the same: all is looked at again, nothing is sent", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const hooked = (map: string) => `export default { ...${textOf(scene)}, articles: { map: ${map} } };\n`;
  const config = scene.config(hooked("({ payload }) => payload"));
  const agent = scene.spawn(["run", "-c", config], { config });
  await inStep(agent, inserter);
  const before = sent(inserter).length;
  scene.config(hooked("(article) => article.payload"));
  await agent.waitForEvent("config.reloaded");
  const pass = await agent.waitForEvent("pass.done", ({ trigger }) => trigger === "reload");
  assert.equal([pass["examined"], pass["begun"]], [2, 0]);
  scene.config(hooked('({ payload }) => (payload.id === "b" ? null : payload)'));
  await agent.waitFor(() => inserter.articles.size === 1, "the article that is mapped to null to go");
  assert.equal(sent(inserter).slice(before), ["DELETE /post/b"]);
  assert.is((await agent.stop()).code, 0);
});

test("an invalid file is logged once, the old one stays in use, and its fix is logged too", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const config = scene.config(textOf(scene), "sync.config.json");
  const agent = scene.spawn(["run", "-c", config], { config });
  await inStep(agent, inserter);
  scene.config(textOf(scene, { pol: "1s" }), "sync.config.json");
  const invalid = await agent.waitForEvent("config.invalid");
  assert.match(String(invalid["message"]), "did you mean poll?");
  for (const id of ["c", "d", "e"]) {
    scene.upstream.commit({ [`${id}.md`]: article(id) });
    await agent.waitFor(() => inserter.articles.has(id), `article ${id}`);
  }
  assert.is(agent.log.filter(({ event }) => event === "config.invalid").length, 1);

  rmSync(config);
  const gone = await agent.waitForEvent("config.invalid");
  assert.match(String(gone["message"]), "it does not exist");
  scene.config(textOf(scene), "sync.config.json");
  const fixed = await agent.waitForEvent("config.reloaded");
  assert.match(String(fixed["message"]), "valid again");
  assert.is((await agent.stop()).code, 0);
});

test("settings that do not work here are reported, and the old ones stay in use", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const config = scene.config(textOf(scene), "sync.config.json");
  const agent = scene.spawn(["run", "-c", config], { config });
  await inStep(agent, inserter);
  const before = sent(inserter).length;
  writeFileSync(join(scene.dir, "state", "file"), "");
  const state = join(scene.dir, "state", "file", "state.sqlite");
  scene.config(textOf(scene, { state }), "sync.config.json");
  const invalid = await agent.waitForEvent("config.invalid");
  assert.match(String(invalid["message"]), `Cannot open the state ${state}`);
  scene.upstream.commit({ "c.md": article("c") });
  await agent.waitFor(() => inserter.articles.has("c"), "an article pushed later");
  assert.is(sent(inserter).length, before + 1, "only that one");
  assert.is((await agent.stop()).code, 0);
});

test("Kubernetes exchanges the folder that the file's link leads through", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const mount = join(scene.dir, "mount");
  /** As a ConfigMap is mounted: file → ..data/file, ..data → a folder of its own for each version. */
  const publish = (version: string, text: string): void => {
    mkdirSync(join(mount, version), { recursive: true });
    writeFileSync(join(mount, version, "sync.config.ts"), `export default ${text};\n`);
    symlinkSync(version, join(mount, "..data_tmp"));
    renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
  };
  publish("..2026_01_01", textOf(scene));
  const config = join(mount, "sync.config.ts");
  symlinkSync("..data/sync.config.ts", config);
  const agent = scene.spawn(["run", "-c", config], { config });
  await inStep(agent, inserter);
  const before = sent(inserter).length;
  publish("..2026_01_02", textOf(scene, { articles: { html: false } }));
  rmSync(join(mount, "..2026_01_01"), { recursive: true });
  await agent.waitForEvent("config.reloaded");
  await waitFor(() => sent(inserter).length === before + 2, "both articles without html");
  assert.not.match(inserter.articles.get("a") ?? "", '"html"');
  assert.is((await agent.stop()).code, 0);
});

test("the level of the log and the address of the status follow the file", async () => {
  const { scene, inserter } = await started();
  await using _ = scene;
  const quiet = { log: { level: "warn" } };
  const config = scene.config(textOf(scene, quiet), "sync.config.json");
  const agent = scene.spawn(["run", "-c", config], { config, listen: "127.0.0.1" });
  await agent.waitFor(() => inserter.articles.size === 2, "both articles");
  const listening = { ...quiet, status: { listen: "127.0.0.1:0" }, log: { level: "info" } };
  scene.config(textOf(scene, listening), "sync.config.json");
  const { url } = await agent.waitForEvent("status.listening");
  await waitFor(async () => (await fetch(`${url}readyz`)).ok, "readiness");
  scene.config(textOf(scene, quiet), "sync.config.json");
  await waitFor(
    () =>
      fetch(`${url}healthz`).then(
        () => false,
        () => true,
      ),
    "the listener to be gone",
  );
  assert.is((await agent.stop()).code, 0);
});

test.run();
