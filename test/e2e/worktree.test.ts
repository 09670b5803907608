/** `run --worktree`: an author who looks at files as they are on disk. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Running } from "../support/artefact.ts";
import { startModestInserter } from "../support/modest-inserter.ts";
import { article, Scene, untitled } from "../support/scene.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("run --worktree");

/** A clone whose work tree has what was committed, and an author's preview of it. */
async function desk(files: Readonly<Record<string, string>>, ...flags: string[]) {
  const scene = new Scene({ style: "clone" });
  scene.upstream.commit(files);
  scene.upstream.git("checkout", "--quiet", "--force", "HEAD", "--", ".");
  const agent = scene.spawn(["run", "--worktree", "--repo", scene.repo, ...flags], { listen: "127.0.0.1" });
  const { pageUrl } = await agent.waitForEvent("inserter.embedded");
  return {
    scene,
    agent,
    save: (path: string, text: string) => writeFileSync(join(scene.repo, path), text),
    remove: (path: string) => rmSync(join(scene.repo, path)),
    body: async (id: string): Promise<unknown> => {
      const answer = await fetch(`${pageUrl}post/${id}`);
      return answer.ok ? ((await answer.json()) as Record<string, unknown>)["body"] : null;
    },
  };
}

const upserts = ({ log }: Running): number => log.filter(({ event }) => event === "article.upserted").length;

test("shows what is on disk, committed or not, and an edit a moment later; keeps nothing", async () => {
  const { scene, agent, save, remove, body } = await desk({ "a.md": article("a"), "b.md": article("b") });
  await using _ = scene;
  await waitFor(async () => (await body("b")) !== null, "what is committed");
  save("new.md", article("new"));
  await waitFor(async () => (await body("new")) === "Body of new.\n", "a new file");
  save("a.md", article("a", "A", "", "Edited.\n"));
  await waitFor(async () => (await body("a")) === "Edited.\n", "an edit");
  remove("b.md");
  await waitFor(async () => (await body("b")) === null, "a file that was deleted");
  const before = upserts(agent);
  scene.upstream.commit({ "c.md": article("c") });
  save("d.md", article("d"));
  await waitFor(async () => (await body("d")) !== null, "another new file");
  assert.is(await body("c"), null, "a commit that is not checked out is not shown");
  assert.is(upserts(agent), before + 1, "what did not change is not sent again");
  assert.is((await agent.stop()).code, 0);
  assert.not.ok(existsSync(scene.state));
});

test("logs at once what is wrong, each time, and ids that two files have", async () => {
  const { scene, agent, save } = await desk({ "a.md": article("a") });
  await using _ = scene;
  const rejections = (path: string) =>
    agent.log.filter((line) => line.event === "article.rejected" && line["path"] === path);
  save("bad.md", untitled);
  await waitFor(() => rejections("bad.md").length === 1, "a rejected file");
  const [first] = rejections("bad.md");
  assert.is(first?.["message"], "bad.md:3:1 rejected: title is missing; there is titel");
  save("bad.md", `${untitled}More.\n`);
  await waitFor(() => rejections("bad.md").length === 2, "the same again");
  save("copy.md", article("a"));
  await waitFor(() => rejections("copy.md").length === 1, "a copy");
  assert.match(String(rejections("copy.md")[0]?.["message"]), 'The id "a" already belongs to a.md');
});

test("warns about what was saved, not about what was there before", async () => {
  const suspect = (id: string) => article(id).replace("---\n", "---\ntag: [x]\n");
  const { scene, agent, save, body } = await desk({ "a.md": article("a"), "old.md": suspect("old") });
  await using _ = scene;
  const warnings = () => agent.log.filter(({ event }) => event === "article.doubtful");
  await waitFor(async () => (await body("old")) !== null && (await body("a")) !== null, "the first pass");
  await agent.waitForEvent("pass.done");
  save("new.md", `${suspect("new")}[x](nowhere.md) [a](a.md)\n`);
  await waitFor(() => warnings().length === 1, "the warnings");
  const [warning] = warnings();
  const headline = "new.md:2:1 is published, with warnings: The key tag is not used. Did you mean tags?";
  assert.is(warning?.["message"], `${headline} (1 more in this file)`);
  const problems = warning?.["problems"] as { code: string; line: number }[];
  assert.equal(
    problems.map(({ code }) => code),
    ["near-key", "link-missing"],
  );
  save("new.md", article("new"));
  await waitFor(async () => (await body("new")) === "Body of new.\n", "it fixed");
  assert.is(warnings().length, 1);
});

test("ends with the terminal that it was begun in", async () => {
  const { scene, agent, body } = await desk({ "a.md": article("a") });
  await using _ = scene;
  await waitFor(async () => (await body("a")) !== null, "the first pass");
  agent.kill("SIGHUP");
  assert.is((await agent.finished).code, 0);
});

test("contacts no other inserter, whatever the configuration says, and needs none of its secrets", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.upstream.commit({ "a.md": article("a") });
  scene.upstream.git("checkout", "--quiet", "--force", "HEAD", "--", ".");
  const config = scene.config(
    `export default ${JSON.stringify({
      repo: scene.repo,
      state: scene.state,
      inserter: { url: inserter.url, token: { env: "NOT_SET_AT_HOME" } },
      status: { listen: "127.0.0.1:1" },
      log: { level: "error" },
    })};\n`,
  );
  const agent = scene.spawn(["run", "--worktree", "--config", config], { config, listen: "127.0.0.1" });
  await agent.waitForEvent("article.upserted", ({ id }) => id === "a");
  assert.is((await agent.stop()).code, 0);
  assert.is(inserter.server.requests.length, 0);
  assert.not.ok(existsSync(scene.state));
});

test("says what it cannot do", async () => {
  await using scene = new Scene({ style: "v4" });
  scene.upstream.commit({ "a.md": article("a") });
  const repo = scene.upstream.dir;
  const bare = await scene.spawn(["run", "--worktree", "--repo", repo], { repo, listen: "127.0.0.1" })
    .finished;
  assert.is(bare.code, 2);
  assert.match(bare.stderr, "is a bare repository");
  const both = await scene.command("run", "--worktree", "--inserter", "http://localhost:1/post");
  assert.is(both.code, 2);
  assert.match(both.stderr, "--worktree and --inserter contradict each other");
});

test.run();
