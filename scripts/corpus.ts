/**
 * Publishes the last commits of a repository one after the other, as git-sync does, to a running agent.
 * After each one it compares the inserter with a fresh `once` of that commit, and checks that only changed
 * articles were sent:
 *
 *     npm run corpus -- --repo DIR [--last 50] [--config FILE]
 *
 * Without `--config` an article's id is its path, and index pages are excluded. Runs the bundle on Node;
 * `ARTEFACT=deno` or `binary` another form of the program. The last line is `N passed, N failed, 0 skipped`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Artefact, artefact, type Finished, type Running } from "../test/support/artefact.ts";
import { GitSync } from "../test/support/git-sync.ts";
import { type Held, inventoryOf } from "../test/support/scene.ts";
import { waitFor } from "../test/support/wait.ts";
import { writeBundle } from "./build/dist.ts";

const PASS_TIMEOUT_MS = 120_000;
const CONFIG = `
export default {
  articles: {
    exclude: ["**/index.md", "**/_index.md", "**/README.md"],
    attributes: ({ path, attributes }) => ({ id: path.replace(/\\.md$/, ""), ...attributes }),
  },
  inserter: { url: "http://localhost/post" },
};
`;

type Inventory = ReadonlyMap<string, Held>;

/** The ids in which two inventories differ, and how. */
function differences(kept: Inventory, fresh: Inventory): string[] {
  const ids = [...new Set([...kept.keys(), ...fresh.keys()])].sort();
  return ids.flatMap((id) => {
    const [here, there] = [kept.get(id)?.digest, fresh.get(id)?.digest];
    if (here === there) return [];
    if (here === undefined) return [`${id} is missing`];
    return there === undefined ? [`${id} is left over`] : [`${id} has another payload`];
  });
}

/** Ids that were sent although their payload is unchanged. */
function needless(before: Inventory, after: Inventory): string[] {
  return [...after].flatMap(([id, { digest, version }]) => {
    const old = before.get(id);
    return old && old.digest === digest && old.version !== version ? [id] : [];
  });
}

const { values } = parseArgs({
  options: { repo: { type: "string" }, last: { type: "string", default: "50" }, config: { type: "string" } },
});
const last = Number(values.last);
if (!values.repo || !Number.isInteger(last) || last < 1) {
  console.error("Usage: npm run corpus -- --repo DIR [--last N] [--config FILE]");
  process.exit(2);
}
process.env["ARTEFACT"] ??= "node";
if (process.env["ARTEFACT"] !== "binary") await writeBundle();

const work = mkdtempSync(join(tmpdir(), "sync-agent-corpus-"));
const upstream = join(work, "upstream.git");
const git = (...args: string[]): string =>
  execFileSync("git", ["--git-dir", upstream, ...args], { encoding: "utf8" }).trim();
execFileSync("git", ["clone", "--quiet", "--mirror", resolve(values.repo), upstream]);
const commits = git("rev-list", "--first-parent", "--reverse", `--max-count=${last}`, "HEAD").split("\n");
const config = values.config ? resolve(values.config) : join(work, "sync.config.mjs");
if (!values.config) writeFileSync(config, CONFIG);

const program: Artefact = artefact();
const sidecar = new GitSync({ upstream, root: join(work, "git"), ref: "refs/heads/corpus" });
const state = join(work, "state", "state.sqlite");
mkdirSync(join(work, "state"));

/** Starts a reference inserter in memory, and waits until it answers. */
async function startInserter(): Promise<{ readonly url: string; readonly running: Running }> {
  const running = program.spawn(["inserter", "--listen", "127.0.0.1:0"], {
    cwd: work,
    permissions: { listen: "127.0.0.1" },
  });
  await running.waitFor(() => running.stdout.includes("\n"), "the inserter");
  return { url: running.stdout.trim(), running };
}

/** What a `once` without a state delivers to an empty inserter. */
async function freshOnce(): Promise<{ readonly inventory: Inventory; readonly end: Finished }> {
  const { url, running } = await startInserter();
  await using _ = running;
  const end = await program.run(
    ["once", "--config", config, "--repo", sidecar.link, "--inserter", url, "--state", ":memory:"],
    { cwd: work, permissions: { repo: sidecar.link, config, inserter: url } },
  );
  return { inventory: await inventoryOf(url), end };
}

async function follow(): Promise<number> {
  const { url, running: inserter } = await startInserter();
  await using _inserter = inserter;
  const settings = ["--config", config, "--repo", sidecar.link, "--inserter", url, "--state", state];
  await using agent = program.spawn(["run", ...settings, "--log-level", "debug"], {
    cwd: work,
    permissions: { repo: sidecar.link, config, state, inserter: url },
  });
  let before: Inventory = new Map();
  let differing = 0;
  for (const [index, commit] of commits.entries()) {
    git("update-ref", "refs/heads/corpus", commit);
    await sidecar.sync();
    await agent.waitForEvent("pass.done", (line) => line["revision"] === commit, PASS_TIMEOUT_MS);
    const fresh = await freshOnce();
    let kept = await inventoryOf(url);
    await waitFor(async () => {
      kept = await inventoryOf(url);
      return differences(kept, fresh.inventory).length === 0;
    }, "the inserter to equal the commit").catch(() => {});
    const wrong = [
      ...differences(kept, fresh.inventory),
      ...(index === 0 ? [] : needless(before, kept).map((id) => `${id} was sent again unchanged`)),
    ];
    const sent = [...kept].filter(([id, { version }]) => before.get(id)?.version !== version).length;
    const gone = [...before.keys()].filter((id) => !kept.has(id)).length;
    console.log(
      `${wrong.length > 0 ? "FAIL" : "ok  "}  ${commit.slice(0, 12)}  ${kept.size} published, ${sent} sent, ${gone} deleted; ` +
        `once: exit ${fresh.end.code}`,
    );
    for (const what of wrong.slice(0, 10)) console.log(`      ${what}`);
    if (wrong.length > 0) differing++;
    before = kept;
  }
  const { code } = await agent.stop();
  if (code !== 0) throw new Error(`The agent ended with ${code}:\n${agent.stderr.slice(-2_000)}`);
  return differing;
}

try {
  const differing = await follow();
  console.log(`\n${commits.length - differing} passed, ${differing} failed, 0 skipped`);
  process.exitCode = differing > 0 ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}
