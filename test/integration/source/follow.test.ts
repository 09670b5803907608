/** git-sync's flips, followed on Node and on Deno by hints alone. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GitSync } from "../../support/git-sync.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

const test = suite("following git-sync");
const folder = temporaryFolder();
const root = join(import.meta.dirname, "..", "..", "..");
const script = join(root, "test", "support", "follow.ts");
const children = new Set<ChildProcess>();
test.after.each(() => {
  for (const child of children) child.kill("SIGKILL");
});
test.after(() => folder.remove());

interface Seen {
  readonly waiting?: string;
  readonly revision?: string;
  readonly way?: string;
  readonly changes?: readonly string[];
  readonly text?: string;
}

const RUNTIMES: Record<string, readonly string[]> = {
  node: [process.execPath, script],
  deno: [
    join(root, "node_modules", ".bin", "deno"),
    "run",
    "--no-prompt",
    "--no-lock",
    "--allow-read",
    "--allow-env",
    "--allow-sys=homedir",
    "--allow-run=/bin/sh",
    script,
  ],
};

/** Starts the follower; `next` gives its lines one by one. */
function follower(command: readonly string[], repo: string) {
  const [file = "", ...words] = command;
  const child: ChildProcess = spawn(file, [...words, repo], {
    cwd: folder.path,
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" },
  });
  if (!child.stdout) throw new Error("a child without stdout");
  children.add(child);
  child.once("exit", () => children.delete(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async (): Promise<Seen> => JSON.parse((await lines.next()).value ?? "null"),
    end: async (): Promise<number | null> => {
      child.stdin?.end();
      return new Promise((resolve) => child.once("exit", resolve));
    },
  };
}

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  for (const style of ["v4", "v3", "v3.1"] as const) {
    test(`${style} on ${runtime}`, async () => {
      const upstream = new Repository(join(folder.path, `${runtime}-${style}-upstream`), { bare: true });
      const syncRoot = join(folder.path, `${runtime}-${style}`);
      mkdirSync(syncRoot);
      const sync = new GitSync({ upstream: upstream.dir, root: syncRoot, style });
      const follow = follower(command, sync.link);
      assert.match((await follow.next()).waiting ?? "", /nothing at/);

      upstream.commit({ "a.md": "one", "b/c.md": "two" });
      const first = await sync.sync();
      const listed = await follow.next();
      assert.is(listed.revision, first.revision);
      assert.equal(listed.changes, ["a.md", "b/c.md"]);
      assert.is(listed.text, "one");

      for (let flip = 1; flip <= 4; flip++) {
        upstream.commit({ "b/c.md": `edit ${flip}`, [`日本 ${flip}.md`]: "new" }, { orphan: flip === 3 });
        const { revision } = await sync.sync();
        const seen = await follow.next();
        assert.is(seen.revision, revision);
        assert.is(seen.way, "walk", "the old revision is gone, or not needed");
      }
      assert.is((await sync.sync()).flippedAtMs, null, "the same revision does not flip");
      assert.is(await follow.end(), 0, "nothing keeps it alive");
    });
  }
}

test.run();
