import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { headOf, openOn, waitingOf } from "../../support/source.ts";

const test = suite("head of a repository");
const folder = temporaryFolder();
let made = 0;
const freshPath = () => join(folder.path, String(made++));
const fresh = (options = {}) => new Repository(freshPath(), options);
test.after(() => folder.remove());

/** Opens a source for the length of one test. */
async function withSource<T>(
  repo: string,
  use: (source: ReturnType<typeof openOn>) => Promise<T>,
  options: Parameters<typeof openOn>[1] = {},
): Promise<T> {
  const source = openOn(repo, options);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

test("of a clone, a bare repository, a .git folder and a linked worktree", async () => {
  const repository = fresh();
  const first = repository.commit({ "a.md": "1" });
  const second = repository.commit({ "a.md": "2" });
  const tree = git(repository.dir, "rev-parse", "HEAD^{tree}");
  const linked = freshPath();
  repository.git("worktree", "add", "-q", "--detach", linked, first);
  const bare = freshPath();
  git(folder.path, "clone", "-q", "--bare", repository.dir, bare);
  for (const repo of [repository.dir, repository.gitDir, bare]) {
    await withSource(repo, async (source) => {
      assert.equal(await source.head(), { kind: "revision", revision: second, tree }, repo);
    });
  }
  await withSource(linked, async (source) => {
    assert.is((await headOf(source)).revision, first, "a worktree has its own HEAD");
    git(linked, "checkout", "-q", "--detach", second);
    assert.is((await headOf(source)).revision, second);
  });
});

test("follows a branch, a tag (annotated too), and a remote's branch", async () => {
  const repository = fresh();
  const first = repository.commit({ "a.md": "1" });
  repository.git("tag", "-a", "v1", "-m", "one");
  repository.git("update-ref", "refs/remotes/origin/topic/x", first);
  repository.git("branch", "old");
  const second = repository.commit({ "a.md": "2" });
  const linked = freshPath();
  repository.git("worktree", "add", "-q", "--detach", linked, first);
  for (const repo of [repository.dir, linked]) {
    for (const [ref, revision] of [
      ["main", second],
      ["v1", first],
      ["old", first],
      ["origin/topic/x", first],
      ["refs/heads/main", second],
      ["main~1", first],
      [first.slice(0, 10), first],
      ["@", repo === linked ? first : second],
      ["HEAD", repo === linked ? first : second],
    ] as const) {
      await withSource(
        repo,
        async (source) => assert.is((await headOf(source)).revision, revision, `${repo} ${ref}`),
        { ref },
      );
    }
  }
});

test("a link named after a revision is taken at its word; another one is asked", async () => {
  const repository = fresh();
  const first = repository.commit({ "a.md": "1" });
  const second = repository.commit({ "a.md": "2" });
  for (const name of [first, `rev-${first}`]) {
    const worktree = join(folder.path, name);
    repository.git("worktree", "add", "-q", "--detach", worktree, first);
    const link = freshPath();
    symlinkSync(worktree, link);
    await withSource(link, async (source) => assert.is((await headOf(source)).revision, first, name));
    repository.git("worktree", "remove", worktree);
  }
  const link = freshPath();
  symlinkSync(repository.dir, link);
  await withSource(link, async (source) => assert.is((await headOf(source)).revision, second));
  const chain = freshPath();
  symlinkSync(link, chain);
  await withSource(chain, async (source) => assert.is((await headOf(source)).revision, second));
});

test("sees later commits, packed refs and moves backwards", async () => {
  const repository = fresh();
  await withSource(repository.dir, async (source) => {
    assert.match((await waitingOf(source)).reason, /branch main of .* has no commit yet/);
    const first = repository.commit({ "a.md": "1" });
    assert.is((await headOf(source)).revision, first);
    const second = repository.commit({ "a.md": "2" });
    repository.git("pack-refs", "--all");
    assert.is((await headOf(source)).revision, second);
    repository.git("update-ref", "refs/heads/main", first);
    assert.is((await headOf(source)).revision, first);
  });
});

test("waits, saying why and what to do, for what is not there yet", async () => {
  const nothing = freshPath();
  await withSource(nothing, async (source) => {
    const { reason, hint } = await waitingOf(source);
    assert.is(reason, `there is nothing at ${nothing} yet`);
    assert.match(hint, /git-sync's first sync/);
    const repository = new Repository(nothing);
    const revision = repository.commit({ "a.md": "1" });
    assert.is((await headOf(source)).revision, revision, "goes on by itself");
    rmSync(nothing, { recursive: true });
    assert.is((await waitingOf(source)).reason, reason);
  });

  const dangling = freshPath();
  symlinkSync(".worktrees/gone", dangling);
  await withSource(dangling, async (source) => {
    assert.match((await waitingOf(source)).reason, /is a link to .*gone, which is not there$/);
  });

  const circle = freshPath();
  symlinkSync(circle, circle);
  await withSource(circle, async (source) => {
    assert.match((await waitingOf(source)).reason, /round in circles/);
  });

  const plain = freshPath();
  mkdirSync(plain);
  await withSource(plain, async (source) => {
    assert.match((await waitingOf(source)).reason, /is not a Git repository: it has no \.git$/);
  });

  const file = freshPath();
  writeFileSync(file, "");
  await withSource(file, async (source) => {
    assert.match((await waitingOf(source)).reason, /is not a folder$/);
  });

  const part = freshPath();
  mkdirSync(part);
  writeFileSync(join(part, ".git"), "gitdir: /not/on/this/mount/.git/worktrees/x\n");
  await withSource(part, async (source) => {
    const { reason, hint } = await waitingOf(source);
    assert.match(reason, /belongs to a repository at \/not\/on\/this\/mount\/.*, which is not there$/);
    assert.match(hint, /whole of git-sync's root/);
  });

  const broken = freshPath();
  mkdirSync(join(broken, ".git", "objects"), { recursive: true });
  await withSource(broken, async (source) => {
    const { reason, hint } = await waitingOf(source);
    assert.match(reason, /^git cannot read .*: not a git repository/);
    assert.match(hint, /Point --repo at/);
  });
});

test("waits for a ref that is missing or is no commit, naming it", async () => {
  const repository = fresh();
  const revision = repository.commit({ "a.md": "1" });
  const blob = git(repository.dir, "rev-parse", `${revision}:a.md`);
  const nothing = (ref: string) => `there is no commit ${JSON.stringify(ref)} in ${repository.dir}`;
  for (const [ref, expected] of [
    ...["nope", "two\nlines", "--help", ""].map((name) => [name, nothing(name)] as const),
    [
      `${revision}:a.md`,
      `ref "${revision}:a.md" of ${repository.dir} is at ${blob}, which is a blob, not a commit`,
    ],
  ] as const) {
    await withSource(
      repository.dir,
      async (source) => {
        const { reason, hint } = await waitingOf(source);
        assert.is(reason, expected);
        assert.match(hint, /"ref"/);
      },
      { ref },
    );
  }
});

test("waits when the commit of HEAD, or of the link, is not in the object store", async () => {
  const repository = fresh();
  const revision = repository.commit({ "a.md": "1" });
  const unknown = "e".repeat(40);
  const worktree = join(folder.path, unknown);
  repository.git("worktree", "add", "-q", "--detach", worktree, revision);
  const link = freshPath();
  symlinkSync(worktree, link);
  await withSource(link, async (source) => {
    assert.match(
      (await waitingOf(source)).reason,
      new RegExp(`^revision ${unknown}, after which .* is not in`),
    );
  });
  writeFileSync(join(repository.gitDir, "HEAD"), `${unknown}\n`);
  await withSource(repository.dir, async (source) => {
    assert.match(
      (await waitingOf(source)).reason,
      new RegExp(`^HEAD of .* is at ${unknown}, which is not in`),
    );
  });
});

test("a repository replaced at the same path is read anew, its object format too", async () => {
  const dir = freshPath();
  const before = new Repository(dir);
  before.commit({ "a.md": "1" });
  await withSource(dir, async (source) => {
    await headOf(source);
    const other = fresh({ objectFormat: "sha256" });
    const revision = other.commit({ "b.md": "2" });
    renameSync(dir, freshPath());
    renameSync(other.dir, dir);
    assert.is((await headOf(source)).revision, revision);
  });
});

test("a link that flips while it is looked at is looked at again", async () => {
  const repository = fresh();
  const revisions = ["1", "2"].map((text) => repository.commit({ "a.md": text }));
  const worktrees = revisions.map((revision) => join(folder.path, revision));
  const link = freshPath();
  const publish = (index: number): void => {
    const [worktree = "", revision = ""] = [worktrees[index], revisions[index]];
    repository.git("worktree", "add", "-q", "--detach", worktree, revision);
    symlinkSync(worktree, `${link}.tmp`);
    renameSync(`${link}.tmp`, link);
    rmSync(worktrees[1 - index] ?? "", { recursive: true, force: true });
    repository.git("worktree", "prune");
  };
  publish(0);
  await withSource(link, async (source) => {
    for (let flips = 1; flips < 12; flips++) {
      const looking = Promise.all(Array.from({ length: 20 }, () => source.head()));
      publish(flips % 2);
      for (const head of await looking) assert.is(head.kind, "revision");
      assert.is((await headOf(source)).revision, revisions[flips % 2]);
    }
  });
});

test("says when and by which words a revision came about", async () => {
  const repository = fresh();
  const revision = repository.commit({ "a.md": "1" }, { message: "記事を足す\n\nmore" });
  await withSource(repository.dir, async (source) => {
    await headOf(source);
    const summary = await source.describe(revision);
    assert.is(summary?.subject, "記事を足す");
    assert.is(summary?.authorTimeMs, 1_700_000_000_000);
    assert.is(await source.describe("f".repeat(40)), null);
  });
});

test("a source that is closed waits, and closes twice", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  const source = openOn(repository.dir);
  await headOf(source);
  await source.close();
  await source.close();
  assert.match((await waitingOf(source)).reason, /closed/);
});

test.run();
