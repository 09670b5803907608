/** Nothing that a repository configures is run, and nothing is written in it. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { git, Repository, temporaryFolder, testGitEnvironment } from "../../support/repository.ts";
import { gather, headOf, MapTrees, openOn } from "../../support/source.ts";

const test = suite("a hostile repository");
const folder = temporaryFolder();
const marker = join(folder.path, "was-run");
const payload = join(folder.path, "payload");
test.after(() => folder.remove());
test.before(() => {
  writeFileSync(payload, `#!/bin/sh\necho "$0 $*" >> ${marker}\nexit 1\n`);
  chmodSync(payload, 0o755);
});
test.before.each(() => rmSync(marker, { force: true }));

/** A repository in which whatever may name a program names ours. */
function hostile(name: string): { repository: Repository; from: string; to: string } {
  const repository = new Repository(join(folder.path, name));
  const attributes = "* filter=evil diff=evil\n";
  const from = repository.commit({ "a.md": "1", "b/c.md": "1", ".gitattributes": attributes });
  const to = repository.commit({ "a.md": "2", "b/c.md": "3" });
  git(repository.dir, "checkout", "-q", "--force", "main");
  const config = `
    [core]
      fsmonitor = ${payload}
      sshCommand = ${payload}
      gitProxy = ${payload}
      askPass = ${payload}
      pager = ${payload}
      editor = ${payload}
      hooksPath = ${folder.path}/hooks
      alternateRefsCommand = ${payload}
    [diff]
      external = ${payload}
    [diff "evil"]
      textconv = ${payload}
      command = ${payload}
    [filter "evil"]
      smudge = ${payload}
      clean = ${payload}
      process = ${payload}
      required = true
    [alias]
      cat-file = !${payload}
      diff-tree = !${payload}
    [credential]
      helper = !${payload}
    [uploadpack]
      packObjectsHook = ${payload}
    [pager]
      cat-file = ${payload}
      diff-tree = ${payload}
    [gpg]
      program = ${payload}
    [include]
      path = ${folder.path}/included
    [extensions]
      partialClone = evil
    [remote "evil"]
      promisor = true
      url = ext::${payload} %S
    [remote "evil2"]
      promisor = true
      vcs = evil
      url = ssh://example.invalid/x`;
  writeFileSync(join(repository.gitDir, "config"), config, { flag: "a" });
  writeFileSync(
    join(folder.path, "included"),
    `[core]\n\tfsmonitor = ${payload}\n\tsshCommand = ${payload}\n`,
  );
  for (const hooks of [join(folder.path, "hooks"), join(repository.gitDir, "hooks")]) {
    mkdirSync(hooks, { recursive: true });
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"]) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\nexec ${payload} ${hook}\n`);
      chmodSync(join(hooks, hook), 0o755);
    }
  }
  // As a missing object of a partial clone does, this one makes git fetch.
  const blob = git(repository.dir, "rev-parse", `${to}:a.md`);
  rmSync(join(repository.gitDir, "objects", blob.slice(0, 2), blob.slice(2)));
  return { repository, from, to };
}

/** Every file with what tells a write. */
function snapshot(dir: string): string[] {
  return globSync("**/{*,.*}", { cwd: dir }).map((path) => {
    const { size, mtimeMs, ino, mode } = lstatSync(join(dir, path));
    return [path, size, mtimeMs, ino, mode].join(" ");
  });
}

test("its payloads are live: an unguarded git runs them", () => {
  const { repository, to } = hostile("control");
  const unguarded = (...words: string[]): boolean => {
    rmSync(marker, { force: true });
    const env = { ...testGitEnvironment(), GIT_ALLOW_PROTOCOL: "ext:ssh" };
    try {
      execFileSync("git", ["-C", repository.dir, ...words], { env, stdio: "ignore", input: "" });
    } catch {
      // That it fails is its payload's doing.
    }
    return existsSync(marker);
  };
  assert.ok(unguarded("status"));
  assert.ok(unguarded("diff", "HEAD~1"));
  assert.ok(unguarded("cat-file", "-p", `${to}:a.md`));
});

test("is read by every way there is, and nothing is run or written", async () => {
  const { repository, from, to } = hostile("hostile");
  const before = snapshot(repository.dir);
  process.env["GIT_SSH_COMMAND"] = payload;
  process.env["GIT_EXTERNAL_DIFF"] = payload;
  for (const trees of [null, new MapTrees()]) {
    const source = openOn(repository.dir, { trees });
    const head = await headOf(source);
    assert.is(head.revision, to);
    const listing = await gather(source.list(head));
    const kinds = await Promise.all(listing.map(async ({ blob }) => (await source.read(blob ?? "")).kind));
    assert.equal(kinds, ["missing", "bytes"]);
    const comparison = await source.changes(from, head);
    assert.is((await gather(comparison)).length, 2);
    assert.is((await source.describe(to))?.subject, "Commit 2");
    await source.close();
  }
  assert.not(existsSync(marker));
  assert.equal(snapshot(repository.dir), before);
});

test("settings that zx takes from the environment change nothing", async () => {
  const repository = new Repository(join(folder.path, "zx"));
  repository.commit({ "a.md": "1" });
  const module = pathToFileURL(join(import.meta.dirname, "..", "..", "support", "source.ts")).href;
  const script = `
    const { gather, headOf, openOn, shown } = await import(${JSON.stringify(module)});
    const source = openOn(${JSON.stringify(repository.dir)});
    const head = await headOf(source);
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.stdout.write(shown(await gather(source.list(head))).join());
    await source.close();`;
  const output = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: {
      PATH: process.env["PATH"],
      ZX_TIMEOUT: "1ms",
      ZX_SHELL: payload,
      ZX_PREFIX: `${payload};`,
      ZX_POSTFIX: `; ${payload}`,
      ZX_VERBOSE: "true",
      ZX_CWD: "/nonexistent",
      ZX_DETACHED: "true",
    },
  });
  assert.is(String(output.stderr), "");
  assert.is(String(output.stdout), "a.md");
  assert.not(existsSync(marker));
});

test("a configuration that includes a pipe makes git hang, not us", async () => {
  const repository = new Repository(join(folder.path, "pipe"));
  repository.commit({ "a.md": "1" });
  execFileSync("mkfifo", [join(folder.path, "fifo")]);
  writeFileSync(join(repository.gitDir, "config"), `[include]\n\tpath = ${folder.path}/fifo\n`, {
    flag: "a",
  });
  const source = openOn(repository.dir, { silenceMsMax: 300 });
  const head = await source.head();
  assert.is(head.kind, "waiting");
  await source.close();
});

test.run();
