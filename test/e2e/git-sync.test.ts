/** The daemon beside git-sync, in all the ways its generations publish. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Running } from "../support/artefact.ts";
import { article, Scene } from "../support/scene.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("beside git-sync");

/** The daemon without the brake: these scenes are so small that a push may take away most of them. */
function runUnbraked(scene: Scene): Running {
  const settings = { inserter: { url: scene.endpoint }, prune: { maxFraction: 1 } };
  const config = scene.config(JSON.stringify(settings), "sync.config.json");
  return scene.spawn(["run", ...scene.flags, "--log-level", "debug", "--config", config], { config });
}

for (const style of ["v4", "v3", "v3.1"] as const) {
  test(`${style}: add, edit, rename, withdraw, delete, malformed`, async () => {
    await using scene = new Scene({ style });
    await scene.startInserter();
    await scene.push({ "a.md": article("a"), "b.md": article("b"), "README.md": "# Read me\n" });
    const agent = runUnbraked(scene);
    await scene.holds(["a", "b"]);

    await scene.push({ "c.md": article("c") });
    await scene.holds(["a", "b", "c"]);

    await scene.push({ "a.md": article("a", "Another title") });
    await waitFor(async () => (await scene.payload("a"))?.["title"] === "Another title", "the new title");

    const before = (await scene.held()).get("b");
    await scene.push({ "b.md": null, "posts/b.md": article("b") });
    await waitFor(async () => (await scene.payload("b"))?.["path"] === "posts/b.md", "the new path");
    assert.ok(((await scene.held()).get("b")?.version ?? 0) > (before?.version ?? 0));

    await scene.push({ "c.md": article("c", "Title of c", "draft: true\n") });
    await scene.holds(["a", "b"]);

    const good = (await scene.held()).get("a");
    await scene.push({ "a.md": "---\nid: a\ndate: 2026-01-02\n---\nNo title.\n", "d.md": article("d") });
    await scene.holds(["a", "b", "d"]);
    assert.equal((await scene.held()).get("a"), good, "the last good version stays");
    const rejected = await agent.waitForEvent("article.rejected");
    assert.match(String(rejected["message"]), /^a\.md:\d+:\d+/);

    await scene.push({ "a.md": null, "d.md": null });
    await scene.holds(["b"]);
    assert.is((await agent.stop()).code, 0);
  });
}

test("v4's defaults: the old commit is gone, and only what changed is sent", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  const files = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p/${i}.md`, article(`n${i}`)]));
  const first = await scene.push(files);
  scene.run();
  await scene.holds(Object.keys(files).map((_, i) => `n${i}`));
  const before = await scene.held();

  await scene.push({ "p/7.md": article("n7", "Changed"), "notes.txt": "no article" });
  await waitFor(async () => (await scene.payload("n7"))?.["title"] === "Changed", "the change");
  const { execFileSync } = await import("node:child_process");
  const { testGitEnvironment } = await import("../support/repository.ts");
  assert.throws(
    () =>
      execFileSync("git", ["-C", scene.repo, "cat-file", "-e", first], {
        env: testGitEnvironment(),
        stdio: "ignore",
      }),
    undefined,
    "git-sync has pruned the old commit",
  );
  const after = await scene.held();
  const sent = [...after]
    .filter(([id, { version }]) => before.get(id)?.version !== version)
    .map(([id]) => id);
  assert.equal(sent, ["n7"]);
});

test("a flip that changes no article sends nothing", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  await scene.push({ "a.md": article("a") });
  const agent = scene.run();
  await scene.holds(["a"]);
  const before = await scene.held();
  const revision = await scene.push({ "style.css": "body {}" });
  await agent.waitForEvent("pass.done", (line) => line["revision"] === revision);
  const empty = await scene.push({}, { message: "Empty" });
  const pass = await agent.waitForEvent("pass.done", (line) => line["revision"] === empty);
  assert.is(pass["begun"], 0);
  assert.equal(await scene.held(), before);
});

test("nothing is sent after a restart with state and inventory", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  await scene.push({ "a.md": article("a"), "b.md": article("b") });
  const first = scene.run();
  await scene.holds(["a", "b"]);
  await first.stop();
  const before = await scene.held();
  const second = scene.run();
  const pass = await second.waitForEvent("pass.done");
  assert.is(pass["begun"], 0);
  assert.is(pass["examined"], 0);
  assert.equal(await scene.held(), before);
});

test("the link is not there yet; the root is wiped and made again", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  scene.upstream.commit({ "a.md": article("a") });
  const agent = scene.run();
  await agent.waitForEvent("repository.waiting");
  await scene.sidecar?.sync();
  await scene.holds(["a"]);

  await scene.sidecar?.wipe();
  assert.not.ok(existsSync(join(scene.repo, ".git")));
  await agent.waitForEvent("repository.waiting");
  assert.equal(await scene.ids(), ["a"], "a repository that is not there deletes nothing");
  await scene.push({ "b.md": article("b") });
  await scene.holds(["a", "b"]);
});

test("a force-push to an unrelated history, and back", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  await scene.push({ "a.md": article("a"), "b.md": article("b") });
  runUnbraked(scene);
  await scene.holds(["a", "b"]);
  await scene.push({ "b.md": article("b"), "c.md": article("c") }, { orphan: true });
  await scene.holds(["b", "c"]);
  await scene.push({ "a.md": article("a") }, { orphan: true });
  await scene.holds(["a"]);
});

test("file names with blanks, quotes, Japanese, a newline, a leading dash", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  const names = [
    "with blank.md",
    'it\'s "quoted".md',
    "日本語/記事.md",
    "new\nline.md",
    "-dash.md",
    "ünïcode.md",
  ];
  await scene.push(Object.fromEntries(names.map((name, i) => [name, article(`n${i}`)])));
  runUnbraked(scene);
  await scene.holds(names.map((_, i) => `n${i}`));
  for (const [i, name] of names.entries()) assert.is((await scene.payload(`n${i}`))?.["path"], name);
  await scene.push(Object.fromEntries(names.map((name) => [name, null])));
  await scene.holds([]);
});

test.run();
