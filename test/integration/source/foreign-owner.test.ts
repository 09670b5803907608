/** A repository that belongs to another user, as git-sync's does to ours. Needs root to set the scene. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GitSync } from "../../support/git-sync.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, openOn, shown } from "../../support/source.ts";

const GIT_SYNC_UID = 65_533;
const AGENT_UID = 65_534;

const test = suite("a repository of another user");
const folder = temporaryFolder();
test.after(() => folder.remove());

function giveAway(dir: string, mode: { readonly folder: number; readonly file: number }): void {
  for (const path of [".", ...globSync("**/{*,.*}", { cwd: dir, withFileTypes: false })]) {
    const absolute = join(dir, path);
    if (!existsSync(absolute)) continue;
    chownSync(absolute, GIT_SYNC_UID, GIT_SYNC_UID);
  }
  execFileSync("find", [dir, "-type", "d", "-exec", "chmod", mode.folder.toString(8), "{}", "+"]);
  execFileSync("find", [dir, "-type", "f", "-exec", "chmod", mode.file.toString(8), "{}", "+"]);
}

async function published(name: string): Promise<GitSync> {
  const upstream = new Repository(join(folder.path, `${name}-upstream`), { bare: true });
  upstream.commit({ "a.md": "1", "b/c.md": "2" });
  const root = join(folder.path, name);
  mkdirSync(root);
  const sync = new GitSync({ upstream: upstream.dir, root });
  await sync.sync();
  return sync;
}

/** Head and listing as another user sees them, one JSON line. */
async function asAgent(
  repo: string,
): Promise<{ head: { kind: string; reason?: string; hint?: string }; paths: string[] }> {
  const module = pathToFileURL(join(import.meta.dirname, "..", "..", "support", "source.ts")).href;
  const script = `
    const { gather, openOn, shown } = await import(${JSON.stringify(module)});
    const source = openOn(${JSON.stringify(repo)});
    const head = await source.head();
    const paths = head.kind === "revision" ? shown(await gather(source.compare(null, head))) : [];
    console.log(JSON.stringify({ head, paths }));
    await source.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    uid: AGENT_UID,
    gid: AGENT_UID,
    cwd: "/",
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  return JSON.parse(output);
}

const scene = process.getuid?.() === 0 ? test : test.skip;

scene("can be read by root and by anybody whom its modes let", async () => {
  chmodSync(folder.path, 0o755);
  const sync = await published("open");
  giveAway(sync.root, { folder: 0o555, file: 0o444 });
  const source = openOn(sync.link);
  assert.equal(shown(await gather(source.compare(null, await headOf(source)))), ["a.md", "b/c.md"]);
  await source.close();
  assert.equal((await asAgent(sync.link)).paths, ["a.md", "b/c.md"]);
  giveAway(sync.root, { folder: 0o755, file: 0o644 });
});

scene("that we may not read: waiting, with the path and advice", async () => {
  chmodSync(folder.path, 0o755);
  const sync = await published("closed");
  giveAway(sync.root, { folder: 0o700, file: 0o600 });
  const outside = await asAgent(sync.link);
  assert.is(outside.head.kind, "waiting");
  assert.match(outside.head.reason ?? "", /permission denied/);
  assert.match(outside.head.hint ?? "", /--group-write/);

  giveAway(sync.root, { folder: 0o755, file: 0o644 });
  chmodSync(join(sync.root, ".git", "objects"), 0o700);
  const inside = await asAgent(sync.link);
  assert.is(inside.head.kind, "waiting");
  assert.match(inside.head.reason ?? "", /cannot read .*objects/);
  assert.match(inside.head.hint ?? "", /--group-write/);
});

test("can be told from this file when the scene could not be set", () => {
  assert.type(process.getuid, "function");
});

test.run();
