/** The commands that look, and those that begin something: what they print, what they leave alone. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMAND_NAMES } from "../../src/cli/options.ts";
import { artefact } from "../support/artefact.ts";
import { startModestInserter } from "../support/modest-inserter.ts";
import { article, jsonOf, Scene, sceneWith, untitled } from "../support/scene.ts";

const test = suite("commands");

const checksum = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

/** A configuration file for commands that look at nothing but repository and state. */
function configure(scene: Scene, more: object = {}): string {
  const url = scene.inserter === "" ? "http://127.0.0.1:9/post" : scene.inserter;
  const config = { repo: scene.repo, state: scene.state, inserter: { url }, ...more };
  return scene.config(JSON.stringify(config), "sync.config.json");
}

test("check: every format, the exit code, and no word to the inserter", async () => {
  await using scene = new Scene({ style: "clone" });
  const inserter = await startModestInserter();
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  scene.upstream.commit({ "a.md": article("a", "A", "description: d\n"), "bad.md": untitled });
  const config = configure(scene, { inserter: { url: inserter.url, token: { env: "NOT_SET" } } });
  const check = (...words: string[]) => scene.spawn(["check", "-c", config, ...words], { config }).finished;

  const pretty = await check();
  assert.is(pretty.code, 1);
  assert.is(pretty.stderr, "");
  assert.match(pretty.stdout, "bad.md:3:1 error title is missing; there is titel [missing-key-near]");
  assert.match(pretty.stdout, "  3 | titel: Oops\n    | ^^^^^\n");
  assert.match(pretty.stdout, /1 error, 0 warnings in 2 files of [0-9a-f]{12}: 1 published, 1 rejected\n$/);

  const json = jsonOf(await check("--format", "json"));
  assert.equal([json.ok, json.config, json.counts.published], [false, config, 1]);
  assert.equal(json.files[0], { path: "a.md", id: "a", outcome: "published" });
  const [finding] = json.findings;
  assert.equal([finding.path, finding.line, finding.column], ["bad.md", 3, 1]);
  assert.equal(jsonOf(await check("--json")), json);

  const github = await check("--format", "github");
  assert.is(github.code, 1);
  assert.match(
    github.stdout,
    /^::error file=bad\.md,line=3,endLine=3,col=1,endColumn=6,title=missing-key-near::/,
  );

  const sarif = JSON.parse((await check("--format", "sarif")).stdout);
  assert.is(sarif.version, "2.1.0");
  assert.is(sarif.runs[0].results[0].ruleId, "missing-key-near");

  scene.upstream.commit({ "bad.md": null });
  assert.is((await check()).code, 0);
  assert.is(inserter.server.connections, 0);
  assert.not.ok(existsSync(scene.state));
});

test("check --worktree: the files as they are on disk", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  scene.upstream.git("reset", "-q", "--hard");
  writeFileSync(join(scene.repo, "a.md"), untitled);
  const config = configure(scene);
  const check = (...words: string[]) => scene.spawn(["check", "-c", config, ...words], { config }).finished;
  assert.is((await check()).code, 0);
  const { code, stdout } = await check("--worktree");
  assert.is(code, 1);
  assert.match(stdout, "a.md:3:1 error");
  assert.match(stdout, "1 file of the work tree");
});

test("explain: the verdict first, then what led to it", async () => {
  await using scene = await sceneWith({
    "a.md": article("a"),
    "a2.md": article("a"),
    "bad.md": untitled,
    "draft.md": article("draft", "D", "draft: true\n"),
    "note.txt": "x",
    "README.md": "# x",
  });
  await scene.once();
  const explain = (...words: string[]) => scene.command("explain", ...scene.flags, ...words);
  for (const [path, verdict] of [
    ["a.md", 'a.md is published as "a".'],
    ["a2.md", 'a2.md is rejected: the id "a" belongs to a.md.'],
    ["bad.md", "bad.md is rejected."],
    ["draft.md", "draft.md is not published: it is a draft."],
    ["note.txt", "note.txt is not published: no glob of articles.include matches it."],
    ["README.md", "README.md is not published: a glob of articles.exclude matches it."],
  ] as const) {
    const { code, stdout } = await explain(path);
    assert.is(code, 0);
    assert.is(stdout.split("\n")[0], verdict);
  }
  assert.match(
    (await explain("a.md")).stdout,
    /inserter {2}"a" has this version since 20\d\d-\S+Z \(version \d+\)/,
  );
  const json = jsonOf(await explain("bad.md", "--json"));
  assert.equal([json.path, json.file.outcome, json.include], ["bad.md", "rejected", "**/*.md"]);

  scene.upstream.commit({ "bad.md": null });
  await scene.once();
  const wrong = await explain("darft.md");
  assert.is(wrong.code, 2);
  assert.is(wrong.stdout, "");
  assert.is(wrong.log[0]?.["hint"], "Did you mean draft.md?");
});

test("status: from the state file, where no daemon runs", async () => {
  await using scene = await sceneWith({ "a.md": article("a"), "bad.md": untitled });
  const nothing = await scene.command("status", ...scene.flags);
  assert.is(nothing.code, 0);
  assert.match(nothing.stdout, "none seen yet");
  assert.not.ok(existsSync(scene.state));
  await scene.once();
  const before = checksum(scene.state);
  const { code, stdout } = await scene.command("status", ...scene.flags);
  assert.is(code, 0);
  assert.match(stdout, "articles  1 published, 1 rejected");
  assert.match(stdout, "bad.md:3:1 error title is missing; there is titel");
  assert.is((await scene.command("status", ...scene.flags, "--exit-code")).code, 1);
  const json = jsonOf(await scene.command("status", ...scene.flags, "--json"));
  assert.is(json.articles.counts.rejected, 1);
  assert.is(checksum(scene.state), before);
});

test("init: writes what check can load, and never over what is there", async () => {
  await using scene = await sceneWith({ "posts/a.md": "---\ntitle: A\ndate: 2026-01-02\n---\nText.\n" });
  scene.upstream.git("reset", "-q", "--hard");
  const cwd = scene.repo;
  const run = (words: string[], write: string[] = []) =>
    artefact().run(words, { cwd, permissions: { repo: cwd, config: join(cwd, "sync.config.ts"), write } });
  const written = await run(["init"], [cwd]);
  assert.is(written.code, 0, written.stderr);
  assert.match(written.stdout, /^Wrote sync\.config\.ts: preset "plain"/);
  assert.match(readFileSync(join(cwd, "sync-agent.d.ts"), "utf8"), 'declare module "sync-agent"');
  const checked = await run(["check", "--json"]);
  assert.is(checked.code, 0, checked.stderr);
  assert.equal(jsonOf(checked).files, [{ path: "posts/a.md", id: "posts/a", outcome: "published" }]);

  writeFileSync(join(cwd, "sync.config.ts"), "mine");
  const again = await run(["init"], [cwd]);
  assert.is(again.code, 2);
  assert.match(String(again.log[0]?.["message"]), "exist already, and were left as they are");
  assert.is(readFileSync(join(cwd, "sync.config.ts"), "utf8"), "mine");
});

test("inserter: serves, keeps what it got, ends with 0 at SIGTERM", async () => {
  await using scene = await sceneWith({ "a.md": article("a") });
  await scene.stopInserter();
  const folder = join(scene.dir, "db");
  mkdirSync(folder);
  const serve = async () => {
    const running = scene.spawn(
      ["inserter", "--db", join(folder, "articles.sqlite"), "--listen", "127.0.0.1:0"],
      { write: [folder], listen: "127.0.0.1" },
    );
    await running.waitFor(() => running.stdout.includes("\n"), "the address");
    assert.match(running.stdout, /^http:\/\/127\.0\.0\.1:\d+\/post\n$/);
    scene.inserter = running.stdout.trim();
    return running;
  };
  const first = await serve();
  assert.is((await scene.once()).code, 0);
  assert.is((await first.stop()).code, 0);
  const second = await serve();
  assert.equal(await scene.ids(), ["a"]);
  const origin = new URL(scene.inserter).origin;
  for (const path of ["/healthz", "/openapi.json", "/"]) {
    const reply = await fetch(`${origin}${path}`);
    assert.is(reply.status, 200, path);
    await reply.arrayBuffer();
  }
  assert.is((await second.stop("SIGINT")).code, 0);
  for (const line of second.log) assert.ok(line.event !== "", "stderr has nothing but log lines");
});

test("-h and -V answer on stdout whatever else is said", async () => {
  await using scene = new Scene({ style: "clone" });
  const version = await scene.command("-V");
  assert.equal([version.code, version.stderr], [0, ""]);
  assert.match(version.stdout, /^sync-agent \d+\.\d+\.\d+ \(\S+\) on (node|deno) \d+\.\d+\.\d+\n$/);
  const overview = await scene.command("--help");
  for (const name of COMMAND_NAMES) {
    assert.match(overview.stdout, new RegExp(`^  ${name} `, "m"));
    const { code, stdout, stderr } = await scene.command(name, "-h");
    assert.equal([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^Usage: sync-agent ${name}\\b`));
    assert.match(stdout, "Examples:");
  }
});

test("mistakes end with 2 and name what is nearest, in one line of the log", async () => {
  await using scene = new Scene({ style: "clone" });
  const misspelt = configure(scene, { artciles: {} });
  const wrongValue = scene.config('{"inserter":{"url":"ftp://x/"},"poll":"soon"}', "sync.config.wrong.json");
  const forgotten = scene.config('{"repo":"."}', "sync.config.forgotten.json");
  for (const [words, message, hint] of [
    [["onec"], 'Unknown command "onec"', "once"],
    [["plan", "--exti-code"], "Unknown option --exti-code", "--exit-code"],
    [["once", "--wait", "soon"], '--wait: found "soon"', ""],
    [["check", "-c", misspelt], "artciles: unknown key, did you mean articles?", ""],
    [["check", "-c", wrongValue], 'poll: found "soon", allowed: ', ""],
    [["run", "-c", forgotten], "inserter.url: missing", ""],
    [["run", "-c", join(scene.dir, "none.ts")], "it does not exist", ""],
  ] as const) {
    const config = join(scene.dir, "config", "any");
    const { code, stdout, log } = await scene.spawn(words, { config }).finished;
    assert.is(code, 2, words.join(" "));
    assert.is(stdout, "");
    assert.is(log.length, 1);
    assert.equal([log[0]?.level, log[0]?.event], ["error", "usage.error"]);
    assert.ok(String(log[0]?.["message"]).includes(message), String(log[0]?.["message"]));
    assert.ok(String(log[0]?.["hint"] ?? "").includes(hint));
  }
});

test.run();
