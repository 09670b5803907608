/** The daemon on a repository that somebody works in. */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { article, Scene } from "../support/scene.ts";

const test = suite("on a clone");

test("commits, a branch switch and a rebase are followed", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const { upstream } = scene;
  upstream.commit({ "a.md": article("a") });
  upstream.git("reset", "-q", "--hard");
  scene.run();
  await scene.holds(["a"]);

  upstream.git("checkout", "-q", "-b", "topic");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(upstream.dir, "t.md"), article("t"));
  upstream.git("add", "t.md");
  upstream.git("commit", "-q", "-m", "Topic");
  await scene.holds(["a", "t"]);

  upstream.git("checkout", "-q", "main");
  await scene.holds(["a"]);
  writeFileSync(join(upstream.dir, "m.md"), article("m"));
  upstream.git("add", "m.md");
  upstream.git("commit", "-q", "-m", "Main goes on");
  await scene.holds(["a", "m"]);

  upstream.git("checkout", "-q", "topic");
  await scene.holds(["a", "t"]);
  upstream.git("rebase", "-q", "main");
  await scene.holds(["a", "m", "t"]);
});

test("what is not committed is not published", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const { writeFileSync } = await import("node:fs");
  scene.upstream.commit({ "a.md": article("a") });
  scene.upstream.git("reset", "-q", "--hard");
  writeFileSync(join(scene.upstream.dir, "a.md"), article("a", "Not committed"));
  const { code, stdout } = await scene.once();
  assert.is(code, 0, stdout);
  assert.is((await scene.payload("a"))?.["title"], "Title of a");
});

test("a repository with SHA-256 objects", async () => {
  await using scene = new Scene({ style: "clone", repository: { objectFormat: "sha256" } });
  await scene.startInserter();
  scene.upstream.commit({ "a.md": article("a") });
  scene.run();
  await scene.holds(["a"]);
  scene.upstream.commit({ "b.md": article("b") });
  await scene.holds(["a", "b"]);
});

test("git-sync with SHA-256 objects", async () => {
  await using scene = new Scene({ repository: { objectFormat: "sha256" } });
  await scene.startInserter();
  await scene.push({ "a.md": article("a") });
  scene.run();
  await scene.holds(["a"]);
  await scene.push({ "b.md": article("b") });
  await scene.holds(["a", "b"]);
});

test("an unborn HEAD waits and deletes nothing; an empty tree means no article", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const agent = scene.run();
  await agent.waitForEvent("repository.waiting");
  scene.upstream.commit({ "a.md": article("a") });
  await scene.holds(["a"]);
  scene.upstream.commit({}, { replace: true });
  await scene.holds([]);
});

test("a repository that is read-only and owned by another user", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  scene.upstream.commit({ "a.md": article("a") });
  const { dir } = scene.upstream;
  execFileSync("chmod", ["-R", "a-w", dir]);
  if (process.getuid?.() === 0) execFileSync("chown", ["-R", "65533:65533", dir]);
  const digest = (): string =>
    execFileSync("sh", ["-c", `cd "${dir}" && find . -type f | sort | xargs cksum`]).toString();
  const before = digest();
  const { code, stderr } = await scene.once();
  assert.is(code, 0, stderr);
  assert.equal(await scene.ids(), ["a"]);
  assert.is(digest(), before, "nothing in the repository was written");
  execFileSync("chmod", ["-R", "u+w", dir]);
  chmodSync(dir, 0o755);
});

test("a scheduled article appears when its time comes", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const soon = new Date(Date.now() + 3_000).toISOString();
  scene.upstream.commit({
    "a.md": article("a"),
    "s.md": `---\nid: s\ntitle: Soon\ndate: ${soon}\n---\nSoon.\n`,
  });
  const config = scene.config(`export default {
    repo: ${JSON.stringify(scene.repo)},
    articles: { future: "schedule" },
    inserter: { url: ${JSON.stringify(scene.endpoint)} },
    state: ${JSON.stringify(scene.state)},
  };`);
  const agent = scene.spawn(["run", "--config", config], { config });
  await scene.holds(["a", "s"]);
  assert.ok(Date.now() >= Date.parse(soon), "not before its time");
  await agent.stop();
});

test("what is not public goes, and what has a time of its own comes by itself", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const soon = new Date(Date.now() + 3_000).toISOString();
  scene.upstream.commit({
    "a.md": article("a"),
    "b.md": article("b"),
    "c.md": article("c"),
    "s.md": article("s", "Soon", `publishDate: ${soon}\n`),
  });
  const config = scene.config(`export default {
    repo: ${JSON.stringify(scene.repo)},
    inserter: { url: ${JSON.stringify(scene.endpoint)} },
    prune: { maxFraction: 1 },
    state: ${JSON.stringify(scene.state)},
  };`);
  const agent = scene.spawn(["run", "--config", config], { config });
  await scene.holds(["a", "b", "c", "s"]);
  assert.ok(Date.now() >= Date.parse(soon), "not before its time");
  await scene.push({
    "a.md": article("a", "A", "Draft: true\n"),
    "b.md": article("b", "B", "status: private\n"),
    "c.md": article("c", "C", "expiryDate: 2026-01-03\n"),
  });
  await scene.holds(["s"]);
  const levels = agent.log.filter(({ event }) => event === "article.withdrawn").map(({ level }) => level);
  assert.equal(levels, ["error", "warn"]);
  await agent.stop();
});

test.run();
