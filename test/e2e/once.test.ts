/** `once` and `plan`: what they send, what they print, how they end. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startModestInserter } from "../support/modest-inserter.ts";
import { article, jsonOf, Scene, sceneWith, untitled } from "../support/scene.ts";
import { answer } from "../support/scripted-server.ts";

const test = suite("once and plan");

const checksum = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

test("once: delivers, sums up, ends with 0; again it sends nothing", async () => {
  await using scene = await sceneWith({ "a.md": article("a"), "b.md": article("b"), "note.txt": "x" });
  const first = await scene.once();
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /^At [0-9a-f]{40}: 2 of 2 delivered, 2 published\.\n$/);
  assert.match(String(first.log[0]?.["message"]), "No configuration file found. Syncing");
  const before = await scene.held();
  const again = await scene.once(["--json"]);
  const { revision, reason, begun, counts } = jsonOf(again);
  assert.equal([again.code, revision, reason, begun], [0, scene.upstream.git("rev-parse", "HEAD"), null, 0]);
  assert.is(counts.published, 2);
  assert.equal(await scene.held(), before);
});

test("once: an article that is rejected makes it end with 1, and the others arrive", async () => {
  await using scene = await sceneWith({ "a.md": article("a"), "bad.md": untitled });
  const { code, stdout, log } = await scene.once();
  assert.is(code, 1);
  assert.match(stdout, "1 published.\n1 rejected.\n");
  const rejected = log.find(({ event }) => event === "article.rejected");
  assert.match(String(rejected?.["message"]), /^bad\.md:3:1 rejected: title is missing; there is titel$/);
  assert.equal(await scene.ids(), ["a"]);
});

test("once --wait: gives up when repository or inserter do not come", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const unborn = await scene.once(["--wait", "200ms"]);
  assert.is(unborn.code, 1);
  assert.match(unborn.stdout, /^Not in step: .+\.\n$/);
  assert.ok(unborn.log.some(({ event }) => event === "repository.waiting"));
  scene.upstream.commit({ "a.md": article("a") });
  await scene.stopInserter();
  const down = await scene.once(["--wait", "200ms", "--json"]);
  assert.is(down.code, 1);
  assert.match(jsonOf(down).reason, "refused");
  await scene.startInserter();
  assert.is((await scene.once(["--wait", "20s"])).code, 0);
});

test("once --full: sends everything again, or the ids that are named", async () => {
  await using scene = await sceneWith({ "a.md": article("a"), "b.md": article("b"), "c.md": article("c") });
  await scene.once();
  const versions = async (): Promise<number[]> =>
    [...(await scene.held())].sort().map(([, { version }]) => version);
  const first = await versions();
  assert.is((await scene.once(["--full"])).code, 0);
  const second = await versions();
  assert.ok(second.every((version, index) => version > (first[index] ?? 0)));
  assert.is((await scene.once(["--full", "b"])).code, 0);
  const third = await versions();
  assert.equal(
    third.map((version, index) => version > (second[index] ?? 0)),
    [false, true, false],
  );
});

test("once --full: an unknown id is reported", async () => {
  await using scene = await sceneWith({ "intro.md": article("intro") });
  await scene.once();
  const { code, log } = await scene.once(["--full", "intor"]);
  assert.is(code, 1);
  const unknown = log.find(({ event }) => event === "article.unknown");
  assert.match(String(unknown?.["message"]), 'No published article has the id "intor"');
  assert.is(unknown?.["hint"], "Did you mean intro?");
});

test("once --allow-mass-delete: prints the ids that it approves, and only those go", async () => {
  const ids = Array.from({ length: 15 }, (_, index) => `n${index}`);
  await using scene = await sceneWith(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  await scene.once();
  const nothing = await scene.once(["--allow-mass-delete"]);
  assert.is(nothing.code, 0);
  assert.match(nothing.stdout, "Nothing to approve: the brake holds no deletes.\n");
  scene.upstream.commit({ "n0.md": article("n0") }, { replace: true });
  const braked = await scene.once();
  assert.is(braked.code, 1);
  assert.match(braked.stdout, "Brake: 14 of 15 articles would have been deleted; none was.\nLikely cause:");
  assert.is((await scene.ids()).length, 15);
  scene.upstream.commit({ "n1.md": article("n1") });
  assert.is((await scene.once()).code, 1, "13 of 15 are still too many");
  const { stdout } = await scene.command("status", ...scene.flags);
  assert.match(stdout, "would delete 13 of 15 articles", "known without a daemon");
  const released = await scene.once(["--allow-mass-delete", "--json"]);
  assert.is(released.code, 0, released.stdout);
  assert.equal(jsonOf(released).approved, ids.slice(2).sort());
  assert.equal(await scene.ids(), ["n0", "n1"]);
  scene.upstream.commit({ "n1.md": null, "n2.md": article("n2"), "n3.md": article("n3") });
  assert.is((await scene.once()).code, 0);
  scene.upstream.commit({ "x.md": article("x") }, { replace: true });
  assert.is((await scene.once()).code, 1, "what was approved does not count for the next change");
  await scene.stopInserter();
  const unknown = await scene.once(["--allow-mass-delete", "--wait", "10ms"]);
  assert.is(unknown.code, 1);
  assert.not.match(unknown.stdout, "Nothing to approve", "nothing was judged");
});

test("once: a hook that changes every id deletes nothing, however often it runs", async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `n${index}`);
  await using scene = await sceneWith(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id)])));
  await scene.once();
  const config = scene.config(
    "export default { articles: { attributes: ({ attributes: own }) => ({ ...own, id: 'v2-' + own.id }) } };",
  );
  for (let time = 0; time < 3; time++) {
    const { code, stdout } = await scene.spawn(["once", ...scene.flags, "--config", config], { config })
      .finished;
    assert.is(code, 1);
    assert.match(stdout, "Brake: 40 of 40 articles");
    assert.match(stdout, "the files are still there, under other ids");
    assert.is((await scene.ids()).length, 80);
  }
  const flags = [...scene.flags, "--config", config, "--allow-mass-delete"];
  const approved = await scene.spawn(["once", ...flags], { config }).finished;
  assert.is(approved.code, 0, approved.stdout);
  assert.match(approved.stdout, "Approved, this once, 40 deletes:\n  n0\n");
  assert.equal(await scene.ids(), ids.map((id) => `v2-${id}`).sort());
});

test("once: an approval works without a state file too", async () => {
  const files = Object.fromEntries(["a", "b", "c"].map((id) => [`${id}.md`, article(id)]));
  await using scene = await sceneWith(files);
  const flags = ["--repo", scene.repo, "--inserter", scene.endpoint, "--state", ":memory:"];
  assert.is((await scene.command("once", ...flags)).code, 0);
  scene.upstream.commit({}, { replace: true });
  assert.is((await scene.command("once", ...flags)).code, 1);
  assert.equal(await scene.ids(), ["a", "b", "c"]);
  const approved = await scene.command("once", ...flags, "--allow-mass-delete");
  assert.is(approved.code, 0, approved.stdout);
  assert.equal(await scene.ids(), []);
});

test("plan: says what once would do, and touches neither state nor inserter", async () => {
  await using scene = await sceneWith({ "a.md": article("a"), "b.md": article("b"), "c.md": article("c") });
  const plan = (...words: string[]) => scene.command("plan", ...scene.flags, ...words);
  const fresh = await plan("--exit-code");
  assert.is(fresh.code, 3);
  assert.not.ok(existsSync(scene.state), "a plan makes no state");
  await scene.once();
  assert.is((await plan("--exit-code")).code, 0);

  scene.upstream.commit({ "a.md": article("a", "Changed"), "b.md": null, "d.md": article("d") });
  const [state, inserter] = [checksum(scene.state), await scene.held()];
  const { code, stdout, stderr } = await plan();
  assert.is(code, 0);
  assert.is(stderr, "");
  assert.match(stdout, "~ a  a.md  (changed: title)\n- b  b.md  (file deleted)\n+ d  d.md  (new)\n");
  assert.match(stdout, "1 new, 1 changed, 1 to delete.\n");
  const json = await plan("--exit-code", "--json");
  assert.is(json.code, 3);
  assert.equal(
    jsonOf(json).planned.map((one: Record<string, unknown>) => [
      one["do"],
      one["id"],
      one["cause"],
      one["fields"],
    ]),
    [
      ["upsert", "a", "changed", ["title"]],
      ["delete", "b", "deleted", null],
      ["upsert", "d", "new", null],
    ],
  );
  assert.is(checksum(scene.state), state);
  assert.equal(await scene.held(), inserter);
});

test("plan: without a configuration its first line says so; 3 beats 1", async () => {
  await using scene = await sceneWith({ "a.md": article("a"), "bad.md": untitled });
  const plan = (...words: string[]) => scene.command("plan", ...scene.flags, ...words);
  const first = await plan();
  assert.is(first.code, 0, "without --exit-code what is rejected does not count");
  assert.match(first.stdout, `No configuration file found. Syncing ${scene.repo} into ${scene.inserter}\n`);
  assert.match(first.stdout, "! bad.md:3:1  title is missing; there is titel\n");
  const { config, findings } = jsonOf(await plan("--json"));
  assert.is(config, null);
  assert.equal([findings[0].path, findings[0].code, findings[0].line], ["bad.md", "missing-key-near", 3]);
  assert.is((await plan("--exit-code")).code, 3);
  await scene.once();
  assert.is((await plan("--exit-code")).code, 1, "nothing to do, but something is rejected");
});

test("plan: what an inserter without inventory gets again stands apart and alone is not something to do", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  await scene.once();
  const { code, stdout } = await scene.command("plan", ...scene.flags, "--exit-code");
  assert.is(code, 0);
  assert.match(stdout, "= a  a.md  (unchanged)");
  assert.match(stdout, "0 new, 0 changed, 0 to delete, 1 to send again unchanged.\n");
});

test("plan: cannot be made without a repository, and says so in either form", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const plain = await scene.command("plan", ...scene.flags);
  assert.is(plain.code, 1);
  assert.match(plain.stdout, "Cannot plan: ");
  const json = await scene.command("plan", ...scene.flags, "--json");
  assert.is(json.code, 1);
  assert.is(jsonOf(json).revision, null);
  assert.ok(jsonOf(json).reason.length > 0);
});

test("a glob that matches nothing is reported by once, plan and check", async () => {
  await using scene = await sceneWith({ "posts/a.md": article("a") });
  const { repo, state, endpoint: url } = scene;
  const articles = { include: ["post/**/*.md", "posts/"], exclude: ["drafts/", "**/README.md"] };
  const config = scene.config(
    JSON.stringify({ repo, state, inserter: { url }, articles }),
    "sync.config.json",
  );
  const run = (...args: string[]) => scene.spawn([...args, "--config", config], { config }).finished;
  const { code, log } = await run("once");
  assert.is(code, 0);
  const said = log
    .filter(({ event }) => event === "config.glob-unmatched")
    .map(({ key, glob }) => [key, glob]);
  assert.equal(said, [
    ["include", "post/**/*.md"],
    ["exclude", "drafts/"],
  ]);
  const codes = (findings: { code: string; path: string }[]): string[] =>
    findings.filter((one) => one.code === "glob-unmatched").map(({ path }) => path);
  const both = ["sync.config.json", "sync.config.json"];
  assert.equal(codes(jsonOf(await run("plan", "--json")).findings), both);
  assert.equal(codes(jsonOf(await run("check", "--json")).findings), both);
});

test("plan: a state that cannot be read is an error", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  writeFileSync(scene.state, "no database at all");
  const { code, stdout, log } = await scene.command("plan", ...scene.flags);
  assert.equal([code, stdout], [2, ""]);
  assert.match(String(log[0]?.["message"]), `Cannot read the state ${scene.state}: file is not a database`);
});

test("plan: more bodies than are kept on their way to the inserter do not hold it up", async () => {
  await using scene = new Scene({ style: "clone" });
  await scene.startInserter();
  const body = `${"word ".repeat(25_000)}\n`;
  const ids = Array.from({ length: 320 }, (_, n) => `a${n}`);
  scene.upstream.commit(Object.fromEntries(ids.map((id) => [`${id}.md`, article(id, id, "", body)])));
  const json = await scene.command("plan", ...scene.flags, "--json");
  assert.is(json.code, 0);
  assert.is(jsonOf(json).planned.length, ids.length);
});

test("plan: an inserter that is down is noted", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  await scene.stopInserter();
  const { code, stdout } = await scene.command("plan", ...scene.flags);
  assert.is(code, 0);
  assert.match(stdout, "Note: the inserter was not asked: ");
  assert.match(stdout, "+ a  a.md  (new)");
});

test("a state that cannot be written is an error with advice", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  const file = join(scene.dir, "file");
  writeFileSync(file, "where a folder should be");
  const state = join(file, "state.sqlite");
  const { code, log } = await scene.spawn(["once", ...scene.flags, "-s", state], { write: [file] }).finished;
  assert.is(code, 2);
  assert.match(String(log.at(-1)?.["message"]), "Cannot open the state");
  assert.match(String(log.at(-1)?.["hint"]), "--state");
});

test("an inserter that answers nonsense does not end up on stdout", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  const inserter = await startModestInserter({ bend: () => answer(418, "\u001b[2Jteapot\n{}") });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  const { code, stdout, log } = await scene.once(["--wait", "1s"]);
  assert.is(code, 1);
  assert.not.match(stdout, "teapot");
  assert.ok(log.length > 0);
});

test.run();
