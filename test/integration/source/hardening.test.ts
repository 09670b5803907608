/** Nothing that a repository configures is run, and nothing is written in it. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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
  assert.ok(unguarded("diff", "HEAD~1", "HEAD", "--", "b"), "diff.external, textconv");
  assert.ok(unguarded("checkout", "--force", "HEAD~1", "--", "b"), "filter.*.smudge");
  assert.ok(unguarded("fetch", "evil2"), "core.sshCommand, or a remote helper");
  assert.ok(unguarded("update-ref", "refs/heads/other", "HEAD"), "hooks");
});

/** The surroundings of a program that somebody else has furnished: every place that git looks at. */
function furnished(dir: string): Record<string, string> {
  const config = `[core]\n\tfsmonitor = ${payload}\n\tsshCommand = ${payload}\n[diff]\n\texternal = ${payload}\n`;
  mkdirSync(join(dir, "git"), { recursive: true });
  for (const path of [".gitconfig", "git/config", "system"]) writeFileSync(join(dir, path), config);
  mkdirSync(join(dir, "bin"));
  for (const command of ["git-remote-evil", "git-cat-file", "git-diff-tree"])
    symlinkSync(payload, join(dir, "bin", command));
  return {
    HOME: dir,
    XDG_CONFIG_HOME: dir,
    GIT_CONFIG_SYSTEM: join(dir, "system"),
    GIT_CONFIG_GLOBAL: join(dir, ".gitconfig"),
    GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${payload}'`,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.fsmonitor",
    GIT_CONFIG_VALUE_0: payload,
    GIT_DIR: "/nonexistent",
    GIT_OBJECT_DIRECTORY: "/nonexistent",
    GIT_NAMESPACE: "evil",
    GIT_EXEC_PATH: join(dir, "bin"),
    GIT_SSH_COMMAND: payload,
    GIT_EXTERNAL_DIFF: payload,
    GIT_ASKPASS: payload,
    GIT_PAGER: payload,
    GIT_PROXY_COMMAND: payload,
    GIT_ALLOW_PROTOCOL: "ext:ssh:file",
    GIT_TRACE: join(folder.path, "traced"),
    GIT_TRACE2_EVENT: join(folder.path, "traced"),
    ENV: payload,
    BASH_ENV: payload,
  };
}

test("a control: each of these surroundings leads an unguarded git astray", () => {
  const repository = new Repository(join(folder.path, "astray"));
  repository.commit({ "a.md": "1" });
  repository.commit({ "a.md": "2" });
  const evil = furnished(join(folder.path, "surroundings of the control"));
  const clean = { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1" };
  const astray = (...names: string[]): boolean => {
    rmSync(marker, { force: true });
    const chosen = Object.fromEntries(names.map((name) => [name, evil[name]]));
    const env = { ...clean, ...chosen };
    const { status } = spawnSync("git", ["-C", repository.dir, "diff", "HEAD~1", "HEAD"], { env });
    return existsSync(marker) || status !== 0;
  };
  for (const name of ["HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_DIR", "GIT_EXTERNAL_DIFF"])
    assert.ok(astray(name), name);
});

test("surroundings that somebody else has furnished change nothing", async () => {
  const { repository, to } = hostile("surrounded");
  const before = snapshot(repository.dir);
  const evil = furnished(join(folder.path, "surroundings"));
  const own = { ...process.env };
  Object.assign(process.env, evil);
  try {
    const source = openOn(repository.dir);
    const head = await headOf(source);
    assert.is(head.revision, to);
    assert.is((await gather(source.compare(null, head))).length, 2);
    await source.close();
  } finally {
    for (const name of Object.keys(evil)) delete process.env[name];
    Object.assign(process.env, own);
  }
  assert.not(existsSync(marker));
  assert.not(existsSync(join(folder.path, "traced")));
  assert.equal(snapshot(repository.dir), before);
});

test("an object that stands in for another, and a grafted parent, are not believed", async () => {
  const repository = new Repository(join(folder.path, "replaced"));
  const first = repository.commit({ "a.md": "as it was pushed" });
  const blob = git(repository.dir, "rev-parse", `${first}:a.md`);
  const forged = execFileSync("git", ["-C", repository.dir, "hash-object", "-w", "--stdin"], {
    env: testGitEnvironment(),
    input: "forged",
    encoding: "utf8",
  }).trim();
  git(repository.dir, "replace", blob, forged);
  assert.is(git(repository.dir, "cat-file", "-p", blob), "forged", "the replacement is live");
  for (const trees of [null, new MapTrees()]) {
    const source = openOn(repository.dir, { trees });
    const [file] = await gather(source.compare(null, await headOf(source)));
    const content = await source.read(file?.blob ?? "");
    assert.is(content.kind === "bytes" && Buffer.from(content.bytes).toString(), "as it was pushed");
    await source.close();
  }
});

test("is read by every way there is, and nothing is run or written", async () => {
  const { repository, from, to } = hostile("hostile");
  const before = snapshot(repository.dir);
  for (const trees of [null, new MapTrees()]) {
    const source = openOn(repository.dir, { trees });
    const head = await headOf(source);
    assert.is(head.revision, to);
    const listing = await gather(source.compare(null, head));
    const kinds = await Promise.all(listing.map(async ({ blob }) => (await source.read(blob ?? "")).kind));
    assert.equal(kinds, ["missing", "bytes"]);
    const comparison = await source.compare(from, head);
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
    process.stdout.write(shown(await gather(source.compare(null, head))).join());
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
