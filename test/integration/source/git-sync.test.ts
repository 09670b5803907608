/** The rare states of git-sync's root that a reader meets. */
import { existsSync, mkdirSync, readlinkSync, renameSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ObjectsGone } from "../../../src/sync/ports.ts";
import { GitSync, type GitSyncOptions } from "../../support/git-sync.ts";
import { git, Repository, temporaryFolder } from "../../support/repository.ts";
import { gather, headOf, MapTrees, openOn, shown, waitingOf } from "../../support/source.ts";

const test = suite("a root of git-sync");
const folder = temporaryFolder();
let made = 0;
test.after(() => folder.remove());

function scene(options: Partial<GitSyncOptions> & { objectFormat?: "sha256" } = {}) {
  const dir = join(folder.path, String(made++));
  const { objectFormat, ...rest } = options;
  const upstream = new Repository(join(dir, "upstream"), {
    bare: true,
    ...(objectFormat && { objectFormat }),
  });
  mkdirSync(join(dir, "root"));
  return { dir, upstream, sync: new GitSync({ upstream: upstream.dir, root: join(dir, "root"), ...rest }) };
}

test("the imitation publishes as the original does", async () => {
  const { upstream, sync } = scene();
  const first = upstream.commit({ "a.md": "1" });
  await sync.sync();
  const second = upstream.commit({ "a.md": "2" });
  await sync.sync();
  assert.is(readlinkSync(sync.link), join(".worktrees", second));
  assert.not(existsSync(join(sync.root, ".worktrees", first)));
  assert.throws(() => git(sync.root, "cat-file", "-e", first), "the old revision is pruned at once");
  assert.is(git(sync.link, "rev-parse", "HEAD"), second);
  assert.is(git(sync.link, "log", "--format=%H"), second, "depth 1");
  assert.is(git(sync.link, "status", "--porcelain"), "");
});

test("the old revision stays readable where its settings say so", async () => {
  for (const options of [{ depth: 0 }, { gc: "off" }, { style: "v3" }] as const) {
    const { upstream, sync } = scene(options);
    const first = upstream.commit({ "a.md": "1" });
    await sync.sync();
    upstream.commit({ "a.md": "2" });
    await sync.sync();
    const source = openOn(sync.link);
    const comparison = await source.compare(first, await headOf(source));
    assert.is(comparison.way, "diff-tree", JSON.stringify(options));
    assert.equal(shown(await gather(comparison)), ["a.md"]);
    await source.close();
  }
});

test("is followed through flips, force-pushes, moves backwards and empty commits", async () => {
  const { upstream, sync } = scene();
  const trees = new MapTrees();
  const source = openOn(sync.link, { trees });
  const first = upstream.commit({ "a.md": "1", "b/b.md": "1" });
  await sync.sync();
  let head = await headOf(source);
  const listing = await source.compare(null, head);
  await gather(listing);
  listing.remember();
  const follow = async (): Promise<string[]> => {
    await sync.sync();
    const next = await headOf(source);
    const walk = await source.compare(head.revision, next);
    assert.is(walk.way, "walk");
    const changes = shown(await gather(walk));
    walk.remember();
    head = next;
    return changes;
  };
  upstream.commit({ "c.md": "1" });
  assert.equal(await follow(), ["c.md"]);
  upstream.commit({ "z.md": "1" }, { orphan: true });
  assert.equal(await follow(), ["-a.md", "-b/b.md", "-c.md", "z.md"]);
  upstream.git("update-ref", "refs/heads/main", first);
  assert.equal(await follow(), ["a.md", "b/b.md", "-z.md"]);
  upstream.commit({});
  assert.equal(await follow(), []);
  await source.close();
});

test("starts over: nothing, a dangling link, the same revision again", async () => {
  const { upstream, sync, dir } = scene();
  const source = openOn(sync.link, { trees: new MapTrees() });
  assert.match((await waitingOf(source)).reason, /nothing at/);
  upstream.commit({ "a.md": "1" });
  await sync.sync();
  const before = await headOf(source);

  renameSync(join(sync.root, ".worktrees"), join(dir, "aside"));
  assert.match((await waitingOf(source)).reason, /which is not there/);
  await sync.wipe();
  assert.match((await waitingOf(source)).reason, /nothing at/);
  await sync.sync();
  const after = await headOf(source);
  assert.equal(after, before);
  const [change] = await gather(source.compare(null, after));
  assert.is((await source.read(change?.blob ?? "")).kind, "bytes");
  await source.close();
});

test("a root of v3 that v4 takes over: same revision, another target", async () => {
  const { upstream, sync } = scene({ style: "v3" });
  upstream.commit({ "a.md": "1" });
  const { revision } = await sync.sync();
  const source = openOn(sync.link);
  assert.is((await headOf(source)).revision, revision);
  const next = new GitSync({ upstream: upstream.dir, root: sync.root });
  await next.sync();
  assert.is(readlinkSync(sync.link), join(".worktrees", revision));
  assert.is((await headOf(source)).revision, revision);
  await source.close();
});

test("another upstream with another object format in its place", async () => {
  const { upstream, sync } = scene();
  upstream.commit({ "a.md": "1" });
  await sync.sync();
  const source = openOn(sync.link);
  await headOf(source);
  const other = scene({ objectFormat: "sha256" });
  const revision = other.upstream.commit({ "b.md": "1" });
  await sync.wipe();
  await new GitSync({ upstream: other.upstream.dir, root: sync.root }).sync();
  const head = await headOf(source);
  assert.is(head.revision, revision);
  assert.equal(shown(await gather(source.compare(null, head))), ["b.md"]);
  await source.close();
});

test("a reader that is overtaken gets all of its revision, or ObjectsGone: never a part", async () => {
  const { upstream, sync } = scene();
  const files = Object.fromEntries(Array.from({ length: 800 }, (_, i) => [`${i % 60}/${i}.md`, `0 ${i}`]));
  upstream.commit(files);
  await sync.sync();
  const source = openOn(sync.link);
  let whole = 0;
  for (let round = 1; round <= 4; round++) {
    const head = await headOf(source);
    upstream.commit(Object.fromEntries(Object.keys(files).map((path) => [path, `${round} ${path}`])), {
      orphan: true,
    });
    const syncing = sync.sync();
    try {
      for (;;) {
        const changes = await gather(source.compare(null, head));
        assert.is(changes.length, 800);
        const contents = await Promise.all(changes.map(({ blob }) => source.read(blob ?? "")));
        const missing = contents.filter(({ kind }) => kind === "missing").length;
        const texts = contents.map((content) =>
          content.kind === "bytes" ? Buffer.from(content.bytes).toString("utf8", 0, 2) : `${round - 1} `,
        );
        assert.ok(
          texts.every((text) => text === `${round - 1} `),
          "one snapshot",
        );
        if (missing === 0) whole++;
        const now = await headOf(source);
        if (now.revision !== head.revision) break;
        assert.is(missing, 0, "the published revision stays readable");
      }
    } catch (error) {
      assert.instance(error, ObjectsGone);
    }
    await syncing;
  }
  assert.ok(whole > 0);
  await source.close();
});

test.run();
