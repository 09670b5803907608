import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { watch as chokidarWatch, type FSWatcher } from "chokidar";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Watcher, watchRepository } from "../../../src/source/watch.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { listeningLog } from "../../support/source.ts";
import { waitFor } from "../../support/wait.ts";

const test = suite("watcher of a repository");
const folder = temporaryFolder();
let made = 0;
const freshPath = () => join(folder.path, String(made++));
test.after(() => folder.remove());

type Options = Partial<Parameters<typeof watchRepository>[0]>;

/** Watches for the length of one test; `hinted` waits for a hint that an act brings about. */
async function watching(
  repo: string,
  use: (tools: {
    readonly watcher: Watcher;
    readonly hints: () => number;
    readonly log: ReturnType<typeof listeningLog>;
    hinted(what: string, act: () => void): Promise<void>;
  }) => Promise<void>,
  options: Options = {},
): Promise<void> {
  let hints = 0;
  const log = listeningLog();
  const watcher = watchRepository({ repo, ref: "HEAD", onHint: () => void hints++, log, ...options });
  await watcher.rearm();
  try {
    await use({
      watcher,
      log,
      hints: () => hints,
      hinted: async (what, act) => {
        const before = hints;
        act();
        await waitFor(() => hints > before, what, 10_000);
      },
    });
  } finally {
    await watcher.close();
  }
}

/** Points a link somewhere in one step, as git-sync does. */
function flip(link: string, target: string): void {
  symlinkSync(target, `${link}.tmp`);
  renameSync(`${link}.tmp`, link);
}

test("flips of a link, wherever they lead", async () => {
  const root = freshPath();
  for (const target of ["a", "b"]) mkdirSync(join(root, target), { recursive: true });
  const link = join(root, "repo");
  flip(link, "a");
  await watching(link, async ({ watcher, hinted }) => {
    assert.ok(watcher.alive());
    await hinted("a flip", () => flip(link, "b"));
    await hinted("a flip back", () => flip(link, "a"));
    await hinted("a flip into the void", () => flip(link, "nowhere"));
    await hinted("a flip out of it", () => flip(link, "b"));
  });
});

test("a link that leads to a link: both may flip", async () => {
  const root = freshPath();
  for (const target of ["x/a", "x/b"]) mkdirSync(join(root, target), { recursive: true });
  const outer = join(root, "outer");
  const inner = join(root, "x", "inner");
  flip(inner, "a");
  flip(outer, "x/inner");
  await watching(outer, async ({ hinted }) => {
    await hinted("the inner flip", () => flip(inner, "b"));
    await hinted("the outer flip", () => flip(outer, "x/a"));
  });
});

test("commits, in a clone, a bare repository and a linked worktree", async () => {
  for (const kind of ["clone", "bare", "worktree"]) {
    const repository = new Repository(freshPath(), { bare: kind === "bare" });
    repository.commit({ "a.md": "1" });
    let repo = repository.dir;
    if (kind === "worktree") {
      repo = freshPath();
      repository.git("worktree", "add", "-q", "-b", "side", repo);
    }
    await watching(repo, async ({ watcher, hinted }) => {
      assert.ok(watcher.alive(), kind);
      await hinted(`a commit (${kind})`, () => {
        if (kind === "worktree") git(repo, "commit", "-q", "--allow-empty", "-m", "x");
        else repository.commit({ "a.md": "2" });
      });
    });
  }
});

test("a branch below a folder, packed refs, a detached HEAD and another branch", async () => {
  const repository = new Repository(freshPath(), { branch: "topic/deep" });
  const first = repository.commit({ "a.md": "1" });
  await watching(repository.dir, async ({ watcher, hinted }) => {
    await hinted("a commit on topic/deep", () => repository.commit({ "a.md": "2" }));
    await hinted("packed refs", () => repository.git("pack-refs", "--all"));
    await hinted("a detached HEAD", () => repository.git("checkout", "-q", "--detach", first));
    repository.git("branch", "other/branch", first);
    await hinted("another branch", () => repository.git("symbolic-ref", "HEAD", "refs/heads/other/branch"));
    await watcher.rearm();
    const tree = git(repository.dir, "rev-parse", "HEAD^{tree}");
    const next = git(repository.dir, "commit-tree", "-p", first, "-m", "x", tree);
    await hinted("a commit there", () => repository.git("update-ref", "refs/heads/other/branch", next));
  });
});

test("a ref that is not HEAD", async () => {
  const repository = new Repository(freshPath(), { bare: true });
  const first = repository.commit({ "a.md": "1" });
  repository.git("update-ref", "refs/remotes/origin/live", first);
  const second = repository.commit({ "a.md": "2" });
  const move = () => repository.git("update-ref", "refs/remotes/origin/live", second);
  await watching(repository.dir, async ({ hinted }) => hinted("a fetch", move), { ref: "origin/live" });
});

test("what comes late: the parent by a rearm, the link by itself", async () => {
  const root = freshPath();
  const link = join(root, "repo");
  await watching(link, async ({ watcher, hints, hinted }) => {
    assert.not(watcher.alive());
    mkdirSync(join(root, "a"), { recursive: true });
    await watcher.rearm();
    assert.ok(watcher.alive());
    assert.is(hints(), 1, "what happened before it listened is to be looked at");
    await hinted("the link", () => flip(link, "a"));
  });
});

test("a root that is removed and made anew is watched again after a rearm", async () => {
  const root = freshPath();
  const link = join(root, "repo");
  mkdirSync(root);
  await watching(link, async ({ watcher, hinted }) => {
    for (let round = 0; round < 3; round++) {
      await hinted("the link", () => flip(link, "a"));
      await hinted("the removal", () => rmSync(root, { recursive: true }));
      mkdirSync(root);
      await waitFor(
        async () => {
          await watcher.rearm();
          return watcher.alive();
        },
        "the new root",
        10_000,
      );
    }
  });
});

test("a rearm that finds everything as it was costs nothing and says nothing", async () => {
  const root = freshPath();
  mkdirSync(root);
  let watchers = 0;
  const watch: typeof chokidarWatch = (...words) => {
    watchers++;
    return chokidarWatch(...words);
  };
  await watching(
    join(root, "repo"),
    async ({ watcher, hints }) => {
      const before = hints();
      for (let i = 0; i < 20; i++) await watcher.rearm();
      assert.is(watchers, 1);
      assert.is(hints(), before);
    },
    { watch },
  );
});

test("what happens beside the link is no hint", async () => {
  const root = freshPath();
  mkdirSync(root);
  await watching(join(root, "repo"), async ({ hints, hinted }) => {
    const before = hints();
    for (let i = 0; i < 20; i++) mkdirSync(join(root, `other-${i}`));
    await hinted("the link", () => flip(join(root, "repo"), "other-1"));
    assert.ok(hints() - before <= 2, `${hints() - before} hints`);
  });
});

test("a system that is out of watches is reported once with advice, and so is its recovery", async () => {
  const root = freshPath();
  mkdirSync(root);
  let refuses = true;
  const watch: typeof chokidarWatch = (...words) => {
    const watcher: FSWatcher = chokidarWatch(...words);
    if (refuses) {
      const error = Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), {
        code: "ENOSPC",
      });
      setImmediate(() => watcher.emit("error", error));
    }
    return watcher;
  };
  await watching(
    join(root, "repo"),
    async ({ watcher, log, hinted }) => {
      for (let i = 0; i < 3; i++) {
        await watcher.rearm();
        await waitFor(() => !watcher.alive(), "the refusal", 10_000);
      }
      assert.equal(
        log.lines.filter(({ level }) => level === "warn").map(({ event }) => event),
        ["watch.failed"],
      );
      assert.match(String(log.lines[0]?.fields["hint"]), /max_user_watches/);
      refuses = false;
      await watcher.rearm();
      assert.ok(watcher.alive());
      assert.is(log.lines.at(-1)?.event, "watch.recovered");
      await hinted("a flip", () => flip(join(root, "repo"), "a"));
    },
    { watch },
  );
});

test("closes at once, also while it is being armed, and hints no more", async () => {
  const root = freshPath();
  mkdirSync(root);
  let hints = 0;
  const watcher = watchRepository({
    repo: join(root, "repo"),
    ref: "HEAD",
    onHint: () => void hints++,
    log: listeningLog(),
  });
  await watcher.close();
  const before = hints;
  flip(join(root, "repo"), "a");
  await watcher.rearm();
  assert.not(watcher.alive());
  assert.is(hints, before);
  await watcher.close();
});

test.run();
