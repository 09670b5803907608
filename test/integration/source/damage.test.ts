/** What is wrong with a repository that is there, said so that a person can fix it; and what is no damage at all. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findRepository, readText } from "../../../src/source/repository.ts";
import { type Head, ObjectsGone } from "../../../src/sync/ports.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, openOn } from "../../support/source.ts";

const test = suite("a damaged repository");
const folder = temporaryFolder();
let made = 0;
test.after(() => folder.remove());

interface Damaged {
  readonly repository: Repository;
  readonly revision: string;
  /** Path of a loose object by a name of it. */
  object(name: string): string;
}

function fresh(): Damaged {
  const repository = new Repository(join(folder.path, String(made++)));
  const revision = repository.commit({ "posts/a.md": "1", "b.md": "2" });
  const object = (name: string): string => {
    const id = git(repository.dir, "rev-parse", name);
    return join(repository.gitDir, "objects", id.slice(0, 2), id.slice(2));
  };
  return { repository, revision, object };
}

/** What a lost, an interrupted and a wrong write leave of a file. */
const WAYS: Readonly<Record<string, (path: string) => void>> = {
  missing: (path) => rmSync(path),
  empty: (path) => overwrite(path, ""),
  garbage: (path) => overwrite(path, "\x01\x02garbage that is no stream"),
};

function overwrite(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

function pipe(path: string): void {
  rmSync(path, { force: true });
  execFileSync("mkfifo", [path]);
}

async function lookAt(repo: string, ref = "HEAD"): Promise<Head> {
  const source = openOn(repo, { ref, silenceMsMax: 20_000 });
  try {
    return await source.head();
  } finally {
    await source.close();
  }
}

async function troubleAt(repo: string, ref?: string): Promise<string> {
  const head = await lookAt(repo, ref);
  if (head.kind === "revision") throw new Error("nothing was found wrong");
  assert.is(head.isTrouble, true, head.reason);
  assert.match(head.hint, /\w/);
  return head.reason;
}

for (const [way, damage] of Object.entries(WAYS)) {
  test(`a commit that is ${way} is not "no commit yet"`, async () => {
    const { repository, revision, object } = fresh();
    repository.git("tag", "v1");
    damage(object("HEAD"));
    const fault = `is at ${revision}, which ${way === "missing" ? "is not in" : "is damaged: "}`;
    assert.match(await troubleAt(repository.dir), `branch main of ${repository.dir} ${fault}`);
    assert.match(await troubleAt(repository.dir, "v1"), `ref "v1" of ${repository.dir} ${fault}`);
  });

  for (const [name, where] of [
    ["HEAD^{tree}", "the root folder"],
    ["HEAD:posts", "posts/"],
  ] as const) {
    test(`a tree that is ${way} (${where}) is named, with the folder`, async () => {
      const { repository, object } = fresh();
      const id = git(repository.dir, "rev-parse", name);
      damage(object(name));
      const source = openOn(repository.dir);
      const comparison = await source.compare(null, await headOf(source));
      const error = await gather(comparison).catch((thrown: unknown) => thrown);
      await source.close();
      assert.instance(error, ObjectsGone);
      const { message, hint } = error as ObjectsGone;
      assert.match(
        message,
        `the tree of ${where}, ${id}, ${way === "missing" ? "is not in" : "is damaged: "}`,
      );
      assert.match(hint, "git fsck");
    });
  }

  test(`a blob that is ${way} is missing, and is there as soon as it is repaired`, async () => {
    const { repository, object } = fresh();
    const id = git(repository.dir, "rev-parse", "HEAD:b.md");
    const path = object("HEAD:b.md");
    const before = readFileSync(path);
    damage(path);
    const source = openOn(repository.dir);
    await headOf(source);
    assert.equal(await source.read(id), { kind: "missing" });
    writeFileSync(path, before);
    assert.is((await source.read(id)).kind, "bytes", "the same git is asked");
    await source.close();
  });
}

test("what a power failure leaves of refs, HEAD and packs is damage", async () => {
  const cases: Readonly<Record<string, [damage: (damaged: Damaged) => void, reason: RegExp]>> = {
    "an empty branch": [
      ({ repository }) => writeFileSync(join(repository.gitDir, "refs/heads/main"), ""),
      /^branch main of .* is damaged: .*refs\/heads\/main holds no commit id$/,
    ],
    "a branch of zeros": [
      ({ repository }) => writeFileSync(join(repository.gitDir, "refs/heads/main"), Buffer.alloc(41)),
      /^branch main of .* is damaged/,
    ],
    "an empty HEAD": [
      ({ repository }) => writeFileSync(join(repository.gitDir, "HEAD"), ""),
      /^HEAD of .* is damaged: .* names neither a branch nor a commit$/,
    ],
    "no objects": [
      ({ repository }) => rmSync(join(repository.gitDir, "objects"), { recursive: true }),
      /is damaged: .*objects is not there$/,
    ],
    "no refs": [
      ({ repository }) => rmSync(join(repository.gitDir, "refs"), { recursive: true }),
      /is damaged: .*refs is not there$/,
    ],
    "a broken configuration": [
      ({ repository }) => writeFileSync(join(repository.gitDir, "config"), "[[["),
      /bad config line 1/,
    ],
    "broken packed refs": [
      ({ repository }) => {
        repository.git("pack-refs", "--all");
        writeFileSync(join(repository.gitDir, "packed-refs"), "zzz\n");
      },
      /packed-refs/,
    ],
    "a pack cut short": [
      ({ repository }) => {
        repository.git("gc", "-q");
        const packs = join(repository.gitDir, "objects/pack");
        for (const name of readdirSync(packs)) {
          chmodSync(join(packs, name), 0o644);
          if (name.endsWith(".pack")) truncateSync(join(packs, name), 40);
        }
      },
      /^branch main of .* is at [0-9a-f]{40}, which is damaged: packfile/,
    ],
    "a commit that is a blob": [
      ({ repository }) => {
        const blob = git(repository.dir, "rev-parse", "HEAD:b.md");
        writeFileSync(join(repository.gitDir, "refs/heads/main"), `${blob}\n`);
      },
      /which is a blob, not a commit$/,
    ],
    "a commit without a tree": [
      ({ repository }) => {
        const words = ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"];
        const made = execFileSync("git", ["-C", repository.dir, ...words], { input: "author x\n\ny\n" });
        writeFileSync(join(repository.gitDir, "refs/heads/main"), made);
      },
      /, which is damaged: git cannot parse it$/,
    ],
  };
  for (const [what, [damage, reason]] of Object.entries(cases)) {
    const damaged = fresh();
    damage(damaged);
    assert.match(await troubleAt(damaged.repository.dir), reason, what);
  }
});

test("an unborn branch and a repository without objects of its own are no damage", async () => {
  const unborn = new Repository(join(folder.path, String(made++)));
  const head = await lookAt(unborn.dir);
  assert.ok(head.kind === "waiting" && head.isTrouble === false && /has no commit yet$/.test(head.reason));
  const { repository, revision } = fresh();
  const shared = join(folder.path, String(made++));
  git(folder.path, "clone", "-q", "--shared", "--no-checkout", repository.dir, shared);
  assert.is((await lookAt(shared)).kind, "revision");
  rmSync(repository.dir, { recursive: true });
  assert.match(await troubleAt(shared), new RegExp(`is at ${revision}, which is damaged: .*alternate`));
});

test("a pipe where git keeps a file is reported at once, and nobody waits on it", async () => {
  for (const name of [
    "HEAD",
    "commondir",
    "config",
    "packed-refs",
    "shallow",
    "refs/heads/main",
    "objects/info/alternates",
  ]) {
    const { repository } = fresh();
    mkdirSync(join(repository.gitDir, "objects/info"), { recursive: true });
    pipe(join(repository.gitDir, name));
    // A git that was started would be silent for longer than a test may run.
    assert.match(await troubleAt(repository.dir), `${join(repository.gitDir, name)} is no regular file`);
  }
});

test("a folder for HEAD, and a pipe for .git, are not told as no repository", async () => {
  const { repository } = fresh();
  const head = join(repository.gitDir, "HEAD");
  rmSync(head);
  mkdirSync(head);
  assert.match(await troubleAt(repository.dir), `${head} is no regular file`);
  const other = join(folder.path, String(made++));
  mkdirSync(other);
  pipe(join(other, ".git"));
  assert.match(await troubleAt(other), `${join(other, ".git")} is no regular file`);
});

test("one that comes later is reported when git falls silent", async () => {
  const { repository } = fresh();
  const source = openOn(repository.dir, { silenceMsMax: 200 });
  await headOf(source);
  pipe(join(repository.gitDir, "refs/heads/main"));
  const head = await source.head();
  await source.close();
  assert.match(head.kind === "waiting" ? head.reason : "", "refs/heads/main is no regular file");
});

test("a file of a repository is read to a bounded size", async () => {
  const { repository } = fresh();
  const path = join(repository.gitDir, "commondir");
  writeFileSync(path, "");
  truncateSync(path, 2 ** 40);
  const error = await readText(path).catch((thrown: unknown) => thrown);
  assert.match(String(error), `${path} is too large: ${2 ** 40} bytes`);
  assert.match(await troubleAt(repository.dir), "commondir is too large");
  assert.is(await readText(join(repository.gitDir, "nothing")), null);
});

/**
 * Flips a link between two folders, once a look and somewhere in the middle of it; the folder that the link has
 * left is half deleted at once, as by git-sync. `turns`: looks begun, flips done.
 */
const FLIPPING = `
  const { workerData } = require("node:worker_threads");
  const { renameSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
  const { link, worktrees, flips, turns } = workerData;
  for (let i = 1; i <= flips; i++) {
    Atomics.wait(turns, 0, i - 1);
    Atomics.wait(turns, 1, i - 1, i % 4);
    const [next, old] = i % 2 === 0 ? worktrees : [worktrees[1], worktrees[0]];
    writeFileSync(next.path + "/.git", next.pointer);
    symlinkSync(next.path, link + ".tmp");
    renameSync(link + ".tmp", link);
    rmSync(old.path + "/.git");
    Atomics.store(turns, 1, i);
    Atomics.notify(turns, 1);
  }
`;

test("a folder half deleted behind the link is not mistaken for no repository, in 200 flips", async () => {
  const repository = new Repository(join(folder.path, String(made++)));
  const worktrees = ["1", "2"].map((text) => {
    const revision = repository.commit({ "a.md": text });
    const path = join(repository.dir, ".worktrees", revision);
    repository.git("worktree", "add", "-q", "--detach", path, revision);
    return { path, pointer: readFileSync(join(path, ".git"), "utf8") };
  });
  const link = join(repository.dir, "link");
  symlinkSync(worktrees[0]?.path ?? "", link);
  const turns = new Int32Array(new SharedArrayBuffer(8));
  const flips = 200;
  const worker = new Worker(FLIPPING, { eval: true, workerData: { link, worktrees, flips, turns } });
  const source = openOn(link);
  try {
    for (let look = 1; look <= flips; look++) {
      Atomics.store(turns, 0, look);
      Atomics.notify(turns, 0);
      const [found, head] = await Promise.all([findRepository(link), source.head()]);
      assert.is(found.kind, "repository", JSON.stringify(found));
      assert.is(head.kind, "revision", JSON.stringify(head));
      await Atomics.waitAsync(turns, 1, look - 1).value;
    }
  } finally {
    await worker.terminate();
    await source.close();
  }
});

test.run();
