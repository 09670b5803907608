/** A repository that is damaged, not all there yet, or does not answer. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Follower } from "../../support/follower.ts";
import { type Repository, testGitEnvironment } from "../../support/repository.ts";
import { article, Scene, sceneWith } from "../../support/scene.ts";
import { waitFor } from "../../support/wait.ts";

const test = suite("git in trouble");

/** Far less than git may be silent for, far more than the 5 s that an end may take. */
const ENDED_MS_MAX = 15_000;

function write({ dir }: Repository, words: readonly string[], input: string): string {
  const options = { env: testGitEnvironment(), input };
  return execFileSync("git", ["-C", dir, ...words], options)
    .toString()
    .trim();
}

/** Moves the branch to a commit with the folder `posts`, in which is `b.md`; objects may be missing. */
function publish(repository: Repository, posts: string): void {
  const root = write(repository, ["mktree", "--missing"], `040000 tree ${posts}\tposts\n`);
  const commit = write(repository, ["commit-tree", root, "-m", "By hand"], "");
  repository.git("update-ref", "refs/heads/main", commit);
}

/** Ids that objects would have, and how to write them. */
function postsOf(repository: Repository, text: string) {
  const blob = write(repository, ["hash-object", "--stdin"], text);
  const entry = `100644 blob ${blob}\tb.md\n`;
  const tree = write(repository, ["mktree", "--missing"], entry);
  const path = join(repository.gitDir, "objects", tree.slice(0, 2), tree.slice(2));
  return {
    tree,
    loseTree: () => rmSync(path, { force: true }),
    writeTree: () => void write(repository, ["mktree", "--missing"], entry),
    writeBlob: () => void write(repository, ["hash-object", "-w", "--stdin"], text),
  };
}

test("a tree that is missing: reported, not ready, and not called a bug; it goes on when it is there", async () => {
  await using scene = await sceneWith({ "posts/a.md": article("a") });
  const follower = await Follower.start(scene);
  await follower.until("in step", ({ inStep }) => inStep);
  const posts = postsOf(scene.upstream, article("b"));
  posts.writeBlob();
  posts.loseTree();
  publish(scene.upstream, posts.tree);

  const told = await follower.agent.waitForEvent("revision.unreadable");
  assert.is(told.level, "error");
  assert.match(String(told["message"]), `the tree of posts/, ${posts.tree}, is not in`);
  assert.match(String(told["hint"]), "git fsck");
  const status = await follower.until("it", ({ reasons }) =>
    reasons.some(({ code }) => code === "repository-unreadable"),
  );
  assert.not.ok(status.inStep);
  assert.is(await follower.probe("readyz"), 503);
  assert.is(await follower.probe("healthz"), 200);
  assert.equal(await scene.ids(), ["a"]);
  const config = scene.config(JSON.stringify({ inserter: { url: scene.endpoint } }), "sync.config.json");
  // Without a configuration the tool that the authors use is looked for first, in the same tree.
  for (const named of [[], ["--config", config]]) {
    for (const command of ["check", "plan", "explain"]) {
      const words = command === "check" ? [] : ["--inserter", scene.endpoint, "--state", scene.state];
      const path = command === "explain" ? ["posts/b.md"] : [];
      const args = [command, ...path, "--repo", scene.repo, ...words, ...named];
      const { code, log, stdout } = await scene.command(...args);
      assert.is(code, command === "plan" && named.length > 0 ? 1 : 2, args.join(" "));
      assert.match(stdout + JSON.stringify(log), "the tree of posts/", args.join(" "));
      assert.not.ok(log.some(({ event }) => event === "bug"));
    }
  }

  posts.writeTree();
  await follower.agent.waitForEvent("revision.readable");
  await follower.until("in step again", ({ inStep }) => inStep);
  assert.equal(await scene.ids(), ["b"]);
  assert.is(await follower.probe("readyz"), 200);
  const lines = follower.agent.log.filter(({ event }) => event === "revision.unreadable");
  assert.is(lines.length, 1);
  assert.is((await follower.agent.stop()).code, 0);
});

test("a blob that arrives later is delivered soon, not at the next resync", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  const follower = await Follower.start(scene);
  await follower.until("in step", ({ inStep }) => inStep);
  const posts = postsOf(scene.upstream, article("b"));
  publish(scene.upstream, posts.tree);
  await follower.agent.waitForEvent("article.rejected", ({ path }) => path === "posts/b.md");
  posts.writeBlob();
  await scene.holds(["b"]);
  assert.is((await follower.agent.stop()).code, 0);
});

test("SIGTERM ends it while git is stopped, and ends git", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  const agent = scene.run();
  await scene.holds(["a"]);
  const [git = 0] = gitsOf(agent.pid);
  assert.ok(git > 0, "git runs as long as the agent");
  process.kill(git, "SIGSTOP");
  scene.upstream.commit({ "b.md": article("b") });
  // From its answer on nothing else is to be done but to ask git, which does not answer.
  const startMs = performance.now();
  assert.is((await agent.stop()).code, 0);
  assert.ok(performance.now() - startMs < ENDED_MS_MAX);
  await waitFor(() => !isAlive(git), "the end of git");
});

test("SIGTERM ends it while a pipe stands where git keeps a file", async () => {
  for (const name of ["commondir", "HEAD", "packed-refs", "refs/heads/main"]) {
    await using scene = await sceneWith({ "a.md": article("a") });
    const path = join(scene.upstream.gitDir, name);
    rmSync(path, { force: true });
    execFileSync("mkfifo", [path]);
    const agent = scene.run();
    const told = await agent.waitForEvent("repository.waiting");
    assert.match(String(told["message"]), `${path} is no regular file`);
    const startMs = performance.now();
    assert.is((await agent.stop()).code, 0);
    assert.ok(performance.now() - startMs < ENDED_MS_MAX, name);
  }
});

test("a normal flip gives no warning", async () => {
  await using scene = new Scene();
  await scene.startInserter();
  await scene.push({ "a.md": article("a") });
  const follower = await Follower.start(scene, { poll: "10ms" });
  for (let edition = 0; edition < 10; edition++) {
    const revision = await scene.push({ "a.md": article("a", `Edition ${edition}`) });
    await follower.until("the revision", (status) => status.revision?.id === revision && status.inStep);
  }
  const { log } = await follower.agent.stop();
  const warnings = log.filter(({ level }) => level === "warn" || level === "error");
  assert.equal(
    warnings.filter(({ event }) => event !== "inserter.plaintext-token"),
    [],
  );
});

/** Process ids of the gits that a program has started. */
function gitsOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(statOf(id)) ?? [];
      return Number(parent) === pid && name === "git";
    });
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

/** Not a zombie either. */
function isAlive(pid: number): boolean {
  const [, state] = /^\d+ \(.*\) (\S)/.exec(statOf(pid)) ?? [];
  return state !== undefined && state !== "Z";
}

test.run();
