import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readWorktreeFile, worktreeFiles } from "../../../src/source/worktree.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, openOn, shown } from "../../support/source.ts";

const test = suite("files of a work tree");
const folder = temporaryFolder();
let made = 0;
const freshPath = () => join(folder.path, String(made++));
test.after(() => folder.remove());

function write(root: string, path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function filesOf(root: string, options: { maxSizeBytes?: number; skip?: string } = {}) {
  const files = [];
  const selector = {
    selects: (path: string) => path.endsWith(".md"),
    mayContain: (dir: string) => dir !== options.skip,
  };
  for await (const { path, mode } of worktreeFiles(root, selector)) {
    const content = await readWorktreeFile(join(root, path), options.maxSizeBytes ?? 1000);
    files.push({ path, mode, content });
  }
  return files;
}

test("are those of the commit when nothing was touched, in the same order", async () => {
  const repository = new Repository(freshPath());
  const names = ["a.md", "a/b.md", "a-b.md", "a0/x.md", "日本 語/記.md", '"q".md', "-d.md", "A.md"];
  repository.commit(Object.fromEntries(names.map((name) => [name, name])));
  git(repository.dir, "checkout", "-q", "--force", "main");
  const source = openOn(repository.dir);
  const listed = shown(await gather(source.compare(null, await headOf(source))));
  await source.close();
  assert.equal(
    (await filesOf(repository.dir)).map(({ path }) => path),
    listed,
  );
});

test("are not those that .gitignore excludes, unless they are tracked", async () => {
  const repository = new Repository(freshPath());
  repository.commit({
    "a.md": "a",
    ".gitignore": "build/\n*.tmp.md\nkept.md\n",
    "sub/.gitignore": "local.md\n",
  });
  git(repository.dir, "checkout", "-q", "--force", "main");
  for (const path of ["build/x.md", "b.tmp.md", "sub/local.md", "sub/build/y.md", "local.md", "日 本.md"])
    write(repository.dir, path);
  write(repository.dir, "kept.md");
  git(repository.dir, "add", "--force", "kept.md");
  write(repository.dir, ".git/info/exclude", "日*\n");
  assert.equal(
    (await filesOf(repository.dir)).map(({ path }) => path),
    ["a.md", "kept.md", "local.md"],
  );
});

test("as they are on disk: edited, untracked, gone", async () => {
  const repository = new Repository(freshPath());
  repository.commit({ "a.md": "old", "gone.md": "x" });
  git(repository.dir, "checkout", "-q", "--force", "main");
  write(repository.dir, "a.md", "edited");
  write(repository.dir, "new/draft.md", "new");
  rmSync(join(repository.dir, "gone.md"));
  const files = await filesOf(repository.dir);
  assert.equal(
    files.map(({ path, content }) => [path, content?.kind === "bytes" && String(content.bytes)]),
    [
      ["a.md", "edited"],
      ["new/draft.md", "new"],
    ],
  );
});

test("links are not followed, nested repositories not entered, large files not read", async () => {
  const root = freshPath();
  write(root, "large.md", "x".repeat(1001));
  write(root, "exact.md", "x".repeat(1000));
  write(root, "skip/x.md");
  write(root, ".git/x.md");
  new Repository(join(root, "nested.md"));
  write(root, "nested.md/inner.md");
  symlinkSync("/etc/passwd", join(root, "link.md"));
  symlinkSync("/etc", join(root, "folder"));
  const files = await filesOf(root, { skip: "skip/" });
  assert.equal(
    files.map(({ path, mode, content }) => [path, mode, content?.kind ?? null]),
    [
      ["exact.md", "file", "bytes"],
      ["large.md", "file", "too-large"],
      ["link.md", "symlink", null],
      ["nested.md", "submodule", null],
    ],
  );
});

test("a root that is not there is an error that names it", async () => {
  const root = freshPath();
  const error = await filesOf(root).then(
    () => null,
    (failure: NodeJS.ErrnoException) => failure,
  );
  assert.is(error?.code, "ENOENT");
  assert.match(String(error?.message), new RegExp(root));
});

test.run();
