/** The npm package as a stranger gets it: packed, installed into an empty folder, and used there. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { oldestRuntimes } from "../../scripts/build/runtime-check.ts";
import { oldestRuntime } from "../oldest/runtimes.ts";
import { artefact } from "../support/artefact.ts";
import { ROOT } from "../support/readme.ts";
import { Repository, temporaryFolder } from "../support/repository.ts";

const TARBALL_BYTES_MAX = 1_500_000;

const npmPackage = suite("npm package");
/** The package is the same whatever the artefact. */
const once = artefact().name === "node" ? npmPackage : npmPackage.skip;

/** The Node of these tests comes first: a host's npm may bring an older one. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}` };

function npm(cwd: string, ...args: readonly string[]): string {
  // The registry is never asked: nothing has to be downloaded.
  return execFileSync("npm", ["--offline", "--no-audit", "--no-fund", "--loglevel=error", ...args], {
    cwd,
    env,
    encoding: "utf8",
  });
}

/** A folder with the package installed, as `npm install sync-agent` would leave it. */
function installed(folder: { readonly path: string }): string {
  npm(ROOT, "pack", "--ignore-scripts", "--pack-destination", folder.path);
  const [tarball = ""] = globSync(join(folder.path, "*.tgz"));
  const home = join(folder.path, "home");
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), "{}");
  npm(home, "install", tarball);
  return home;
}

once("is one small package, without install scripts, that publishes a real repository", async () => {
  const folder = temporaryFolder();
  try {
    const home = installed(folder);
    assert.ok(statSync(globSync(join(folder.path, "*.tgz"))[0] ?? "").size < TARBALL_BYTES_MAX);
    const lock = JSON.parse(readFileSync(join(home, "node_modules/.package-lock.json"), "utf8"));
    assert.equal(Object.keys(lock.packages), ["node_modules/sync-agent"], "no other package");
    assert.is(lock.packages["node_modules/sync-agent"].hasInstallScript, undefined);

    const blog = new Repository(join(folder.path, "blog"));
    blog.commit({ "a.md": "---\nid: a\ntitle: A\ndate: 2024-01-01\n---\nBody\n" });
    const state = join(folder.path, "state/state.sqlite");
    const args = ["sync-agent", "once", "--no-config", "--repo", blog.dir, "--state", state];
    const { stdout, stderr, status } = spawnSync("npx", ["--no-install", ...args], {
      cwd: home,
      env,
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
    assert.match(`${stdout}${stderr}`, "1");
    assert.ok(existsSync(state));
  } finally {
    folder.remove();
  }
});

once("has types that check a configuration", () => {
  const folder = temporaryFolder();
  try {
    const home = installed(folder);
    const check = (config: string): string => {
      writeFileSync(join(home, "sync.config.ts"), `import type { SyncConfig } from "sync-agent";\n${config}`);
      const args = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", ""];
      return spawnSync(join(ROOT, "node_modules/.bin/tsc"), [...args, "sync.config.ts"], {
        cwd: home,
        encoding: "utf8",
      }).stdout;
    };
    assert.is(check('export default { inserter: { url: "embedded" } } satisfies SyncConfig;\n'), "");
    assert.match(check('export default { inserter: { ur: "embedded" } } satisfies SyncConfig;\n'), "'ur'");
  } finally {
    folder.remove();
  }
});

once("has a man page with every command", () => {
  const page = readFileSync(join(ROOT, "dist/sync-agent.1"), "utf8");
  for (const command of ["run", "once", "plan", "check", "explain", "status", "init", "inserter"])
    assert.match(page, new RegExp(`^\\.SS ${command}\\b`, "m"));
});

/** What a runtime that says it is this version prints. */
function startedAs(version: string, file: string): { status: number | null; stderr: string } {
  const pretend = `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} });`;
  const folder = temporaryFolder();
  try {
    const preload = join(folder.path, "preload.cjs");
    writeFileSync(preload, pretend);
    return spawnSync(process.execPath, ["--require", preload, file, "-V"], { encoding: "utf8" });
  } finally {
    folder.remove();
  }
}

once("an older Node gets one line, from the command and from the bundle", () => {
  const { node } = oldestRuntimes();
  for (const file of ["dist/cli.mjs", "dist/sync-agent.mjs"]) {
    for (const version of ["20.20.2", "22.21.9", "18.0.0"]) {
      const { status, stderr } = startedAs(version, join(ROOT, file));
      assert.is(status, 2, `${file} on ${version}`);
      assert.is(
        stderr,
        `sync-agent needs Node ${node} or newer (this is ${version}). The executable and the image bring their own.\n`,
      );
    }
    assert.is(startedAs(`${node}.0`, join(ROOT, file)).status, 0);
    assert.is(startedAs("31.0.0", join(ROOT, file)).status, 0);
  }
});

once("says that it needs what is tested as the oldest", () => {
  const oldest = oldestRuntime("node");
  if (oldest !== null) assert.ok(oldest.version.startsWith(`${oldestRuntimes().node}.`), oldest.version);
});

npmPackage.run();
