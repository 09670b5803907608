import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ObjectsGone } from "../../../src/sync/ports.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, listeningLog, MapTrees, openOn, shown } from "../../support/source.ts";

const test = suite("changes between revisions");
const folder = temporaryFolder();
let made = 0;
const fresh = (options = {}) => new Repository(join(folder.path, String(made++)), { bare: true, ...options });
test.after(() => folder.remove());

type Options = Parameters<typeof openOn>[1];

/** Lists the present head and remembers it. */
async function opened(repository: Repository, options: Options = {}) {
  const source = openOn(repository.dir, options);
  const head = await headOf(source);
  const listing = await source.compare(null, head);
  const changes = await gather(listing);
  listing.remember();
  return { source, head, changes };
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.unreachable("it must fail"),
    (error: unknown) => error,
  );
}

test("lists candidates in byte order: files, links and submodules told apart", async () => {
  const repository = fresh();
  repository.commit({
    "b.md": "1",
    "a/z.md": "2",
    "a.md": "3",
    "a-b.md": "4",
    "a0/x.md": { executable: "5" },
    "link.md": { link: "/etc/passwd" },
    "sub.md": { submodule: "1".repeat(40) },
    "a.txt": "no candidate",
    'a/日本語 \n"x".md': "6",
  });
  const { source, changes } = await opened(repository);
  assert.equal(shown(changes), [
    "a-b.md",
    "a.md",
    "a/z.md",
    'a/日本語 \n"x".md',
    "a0/x.md",
    "b.md",
    "link.md@",
    "sub.md*",
  ]);
  await source.close();
});

test("walks from remembered trees: what changed, came, went and became something else", async () => {
  const repository = fresh();
  repository.commit({
    "same/x.md": "1",
    "gone/deep/er/x.md": "2",
    "gone/y.txt": "no candidate",
    "edit.md": "3",
    "kind.md": "4",
    "file.md": "5",
    "mode.md": "6",
  });
  const trees = new MapTrees();
  const { source, head } = await opened(repository, { trees });
  repository.commit({
    "gone/deep/er/x.md": null,
    "edit.md": "33",
    "kind.md": { link: "4" },
    "file.md": null,
    "file.md/x.md": "5",
    "mode.md": { executable: "6" },
    "new/n.md": "7",
  });
  trees.calls.length = 0;
  const next = await headOf(source);
  const walk = await source.compare(head.revision, next);
  assert.is(walk.way, "walk");
  const changes = await gather(walk);
  assert.equal(shown(changes), [
    "edit.md",
    "-file.md",
    "file.md/x.md",
    "-gone/deep/er/x.md",
    "kind.md@",
    "new/n.md",
  ]);
  const edited = changes[0]?.blob ?? "";
  assert.is(edited, git(repository.dir, "rev-parse", "HEAD:edit.md"));
  assert.not(trees.calls.includes("get same/"), "what did not change is not looked at");
  assert.is(trees.at(), head.revision, "nothing is written before the pass is recorded");
  walk.remember();
  assert.is(trees.at(), next.revision);
  assert.equal([...trees.kept.keys()].sort(), ["", "file.md/", "gone/", "new/", "same/"]);
  await source.close();
});

test("trees that the last walk read are not asked for again", async () => {
  const repository = fresh();
  repository.commit({ "posts/a.md": "1", "posts/b.md": "1", "other/c.md": "1" });
  const trees = new MapTrees();
  const { source, head } = await opened(repository, { trees });
  const asked: string[][] = [];
  let from = head.revision;
  for (const content of [{ "posts/a.md": "2" }, { "posts/b.md": "2" }, { "other/c.md": "2" }]) {
    repository.commit(content);
    const next = await headOf(source);
    trees.calls.length = 0;
    const walk = await source.compare(from, next);
    assert.equal(shown(await gather(walk)), Object.keys(content));
    asked.push(trees.calls.filter((call) => /^get ./.test(call)));
    walk.remember();
    from = next.revision;
  }
  assert.equal(asked, [["get posts/"], [], ["get other/"]]);
  await source.close();
});

test("a pass that was given up is not remembered", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  const trees = new MapTrees();
  const { source, head } = await opened(repository, { trees });
  repository.commit(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${i}.md`, "x"])));
  const next = await headOf(source);
  const walk = await source.compare(head.revision, next);
  for await (const page of walk.pages) {
    assert.is(page.length, 256);
    break;
  }
  walk.remember();
  assert.is(trees.at(), head.revision);
  const again = await source.compare(head.revision, next);
  assert.is((await gather(again)).length, 600);
  await source.close();
});

test("folders that can hold no candidate are neither read nor remembered", async () => {
  const repository = fresh();
  repository.commit({ "posts/a.md": "1", "assets/deep/b.md": "2" });
  const trees = new MapTrees();
  const asked: string[] = [];
  const mayContain = (dir: string): boolean => {
    asked.push(dir);
    return dir.startsWith("posts/");
  };
  const { source, head, changes } = await opened(repository, { trees, mayContain });
  assert.equal(shown(changes), ["posts/a.md"]);
  assert.equal(asked, ["assets/", "posts/"]);
  assert.equal([...trees.kept.keys()], ["", "posts/"]);
  repository.commit({ "assets/deep/b.md": "3", "posts/a.md": null });
  const walk = await source.compare(head.revision, await headOf(source));
  assert.equal(shown(await gather(walk)), ["-posts/a.md"]);
  walk.remember();
  assert.equal([...trees.kept.keys()], [""]);
  await source.close();
});

test("without remembered trees git compares, as long as it has the old revision", async () => {
  const repository = fresh();
  const first = repository.commit({ "a.md": "1", "b.md": "2" });
  const { source } = await opened(repository);
  repository.commit({ "a.md": null, "日本 語.md": "3", "b.md": { link: "x" } });
  const head = await headOf(source);
  const comparison = await source.compare(first, head);
  assert.is(comparison.way, "diff-tree");
  assert.equal(shown(await gather(comparison)), ["-a.md", "b.md@", "日本 語.md"]);
  assert.is((await source.compare("f".repeat(40), head)).why, "old-commit-gone", "an unknown revision: list");
  assert.is((await source.compare(head.tree, head)).why, "old-commit-gone", "a tree is no revision");
  await source.close();
});

test("the old revision may be pruned: the walk does not need it, the rest lists", async () => {
  const repository = fresh();
  const first = repository.commit({ "a/x.md": "1", "b/y.md": "2" });
  const trees = new MapTrees();
  const { source } = await opened(repository, { trees });
  repository.commit({ "a/x.md": "changed", "c.md": "new" }, { orphan: true, replace: true });
  repository.git("gc", "-q", "--prune=now");
  assert.throws(() => repository.git("cat-file", "-e", first));
  const head = await headOf(source);
  const walk = await source.compare(first, head);
  assert.is(walk.way, "walk");
  assert.equal(shown(await gather(walk)), ["a/x.md", "-b/y.md", "c.md"]);
  await source.close();

  const forgetful = openOn(repository.dir);
  assert.is((await forgetful.compare(first, await headOf(forgetful))).why, "old-commit-gone");
  await forgetful.close();
});

test("an old revision of which a part is gone fails once, then lists", async () => {
  const repository = fresh();
  const first = repository.commit({ "a/x.md": "1" });
  const tree = git(repository.dir, "rev-parse", `${first}:a`);
  repository.commit({ "a/x.md": "2" });
  rmSync(join(repository.dir, "objects", tree.slice(0, 2), tree.slice(2)));
  const source = openOn(repository.dir);
  const head = await headOf(source);
  const comparison = await source.compare(first, head);
  assert.is(comparison.way, "diff-tree");
  assert.instance(await rejection(gather(comparison)), ObjectsGone);
  assert.is((await source.compare(first, await headOf(source))).why, "old-commit-incomplete");
  await source.close();
});

test("a tree of the present revision that is gone ends the pass with ObjectsGone", async () => {
  const repository = fresh();
  repository.commit({ "a/x.md": "1", "b/y.md": "2" });
  const tree = git(repository.dir, "rev-parse", "HEAD:b");
  rmSync(join(repository.dir, "objects", tree.slice(0, 2), tree.slice(2)));
  const source = openOn(repository.dir, { trees: new MapTrees() });
  const listing = await source.compare(null, await headOf(source));
  const error = await rejection(gather(listing));
  assert.instance(error, ObjectsGone);
  assert.is((error as Error).message, `the tree of b/, ${tree}, is not in ${repository.gitDir}`);
  await source.close();
});

test("a memory that does not fit its revision is not used again", async () => {
  const repository = fresh();
  repository.commit({ "a/x.md": "1" });
  const trees = new MapTrees();
  const { source, head } = await opened(repository, { trees });
  trees.kept.set("a/", { tree: "f".repeat(40), bytes: Buffer.alloc(0) });
  repository.commit({ "a/x.md": "2" });
  const next = await headOf(source);
  assert.instance(await rejection(gather(source.compare(head.revision, next))), ObjectsGone);
  const other = await source.compare(head.revision, next);
  assert.is(other.way, "diff-tree");
  assert.equal(shown(await gather(other)), ["a/x.md"]);
  await source.close();
});

test("a memory that fails is as good as none", async () => {
  const repository = fresh();
  const first = repository.commit({ "a.md": "1" });
  const trees = new MapTrees();
  trees.at = () => {
    throw new Error("disk image is malformed");
  };
  const { source, changes } = await opened(repository, { trees });
  assert.equal(shown(changes), ["a.md"]);
  repository.commit({ "a.md": "2" });
  assert.is((await source.compare(first, await headOf(source))).way, "diff-tree");
  await source.close();
});

test("a commit that changes no file changes nothing, and is remembered", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  const trees = new MapTrees();
  const { source, head } = await opened(repository, { trees });
  repository.commit({});
  const next = await headOf(source);
  assert.is.not(next.revision, head.revision);
  assert.is(next.tree, head.tree);
  const walk = await source.compare(head.revision, next);
  assert.equal(await gather(walk), []);
  walk.remember();
  assert.is(trees.at(), next.revision);
  await source.close();
});

test("a commit with an empty tree is a revision without files, not an absence", async () => {
  const repository = fresh();
  repository.commit({ "a.md": "1" });
  const trees = new MapTrees();
  const { source, head } = await opened(repository, { trees });
  repository.commit({}, { replace: true });
  const next = await headOf(source);
  const walk = await source.compare(head.revision, next);
  assert.equal(shown(await gather(walk)), ["-a.md"]);
  assert.equal(await gather(source.compare(null, next)), []);
  await source.close();
});

test("paths that are not UTF-8 are skipped, and reported once a pass", async () => {
  const repository = fresh();
  const first = repository.commit({ "keep.md": "1" });
  const latin1 = Buffer.from("caf\xe9.md", "latin1");
  const inFolder = Buffer.from("d\xe9/x.md", "latin1");
  repository.commit(
    new Map<string | Uint8Array, string>([
      [latin1, "2"],
      [inFolder, "3"],
      [Buffer.from("\xff.png", "latin1"), "no candidate"],
    ]),
  );
  for (const trees of [null, new MapTrees()]) {
    const log = listeningLog();
    const source = openOn(repository.dir, { trees, log });
    const head = await headOf(source);
    assert.equal(shown(await gather(source.compare(null, head))), ["keep.md"]);
    assert.is(log.lines.length, 1);
    assert.is(log.lines[0]?.event, "path.invalid");
    assert.equal(log.lines[0]?.fields["paths"], ["caf\ufffd.md", "d\ufffd/"]);
    assert.equal(shown(await gather(source.compare(first, head))), []);
    assert.is(log.lines.length, 2);
    await source.close();
  }
});

test("a SHA-256 repository is followed like any other", async () => {
  const repository = fresh({ objectFormat: "sha256" });
  repository.commit({ "a/x.md": "1", "b.md": "2" });
  const trees = new MapTrees();
  const { source, head, changes } = await opened(repository, { trees });
  assert.equal(shown(changes), ["a/x.md", "b.md"]);
  repository.commit({ "a/x.md": "3", "b.md": null });
  const walked = await gather(source.compare(head.revision, await headOf(source)));
  assert.equal(shown(walked), ["a/x.md", "-b.md"]);
  const content = await source.read(walked[0]?.blob ?? "");
  assert.is(content.kind === "bytes" && Buffer.from(content.bytes).toString(), "3");
  await source.close();
});

test("a shallow clone that moves on is followed", async () => {
  const upstream = fresh();
  upstream.commit({ "a.md": "1" });
  const dir = join(folder.path, "shallow");
  git(folder.path, "clone", "-q", "--bare", "--depth=1", `file://${upstream.dir}`, dir);
  const source = openOn(dir, { trees: new MapTrees() });
  const head = await headOf(source);
  const listing = await source.compare(null, head);
  await gather(listing);
  listing.remember();
  upstream.commit({ "b.md": "2" });
  git(dir, "fetch", "-q", "--depth=1", `file://${upstream.dir}`, "+main:main");
  git(dir, "reflog", "expire", "--expire=now", "--all");
  git(dir, "gc", "-q", "--prune=now");
  assert.throws(() => git(dir, "cat-file", "-e", head.revision), "the old commit is gone");
  const walk = await source.compare(head.revision, await headOf(source));
  assert.equal(shown(await gather(walk)), ["b.md"]);
  await source.close();
});

test.run();
