import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { watchWorktree } from "../../../src/source/watch.ts";
import { openWorktreeSource } from "../../../src/source/worktree.ts";
import { ObjectsGone, type RevisionHead, type Source } from "../../../src/sync/ports.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";
import { waitFor } from "../../support/wait.ts";

const test = suite("a work tree as a source");
const folder = temporaryFolder();
let made = 0;
test.after(() => folder.remove());

const selection = {
  selects: (path: string) => path.endsWith(".md"),
  mayContain: (dir: string) => dir !== "node_modules/",
  maxSizeBytes: 100,
};

function desk() {
  const repository = new Repository(join(folder.path, String(made++)));
  const root = repository.dir;
  const save = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  return { repository, root, save, source: openWorktreeSource({ repo: root, ...selection }) };
}

async function headOf(source: Source): Promise<RevisionHead> {
  const head = await source.head();
  if (head.kind !== "revision") throw new Error(head.reason);
  return head;
}

async function blobsOf(source: Source): Promise<Map<string, string | null>> {
  const blobs = new Map<string, string | null>();
  for await (const page of (await source.compare(null, await headOf(source))).pages) {
    for (const { path, blob } of page) blobs.set(path, blob);
  }
  return blobs;
}

test("names contents as Git does, and reads them by that name", async () => {
  const { repository, save, source } = desk();
  save("b.md", "b\n");
  save("a/x.md", "日本\n");
  save("note.txt", "no");
  const blobs = await blobsOf(source);
  assert.equal([...blobs.keys()], ["a/x.md", "b.md"]);
  assert.is(blobs.get("a/x.md"), repository.git("hash-object", "a/x.md"));
  const content = await source.read(blobs.get("a/x.md") ?? "");
  assert.is(content.kind === "bytes" && new TextDecoder().decode(content.bytes), "日本\n");
  assert.is((await source.compare("0".repeat(40), await headOf(source))).why, "old-commit-gone");
});

test("has a new revision with each edit, and the old one when it is undone", async () => {
  const { root, save, source } = desk();
  save("a.md", "one");
  const { revision } = await headOf(source);
  assert.match(revision, /^[0-9a-f]{40}$/);
  save("a.md", "two");
  assert.is.not((await headOf(source)).revision, revision);
  save("a.md", "one");
  utimesSync(join(root, "a.md"), 1, 1);
  assert.is((await headOf(source)).revision, revision);
  save("b.md", "new");
  assert.is.not((await headOf(source)).revision, revision);
  rmSync(join(root, "b.md"));
  assert.is((await headOf(source)).revision, revision);
});

test("does not give what was edited since it was listed", async () => {
  const { save, source } = desk();
  save("a.md", "one");
  const head = await headOf(source);
  const [blob = ""] = (await blobsOf(source)).values() as Iterable<string>;
  save("a.md", "two");
  assert.equal(await source.read(blob), { kind: "missing" });
  await source.head();
  try {
    for await (const _ of (await source.compare(null, head)).pages) assert.unreachable();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ObjectsGone);
  }
});

test("tells large files and links, and waits for what is not there", async () => {
  const { root, save, source } = desk();
  save("large.md", "x".repeat(101));
  symlinkSync("large.md", join(root, "link.md"));
  const blobs = await blobsOf(source);
  assert.equal([...blobs.keys()], ["large.md", "link.md"]);
  assert.equal(await source.read(blobs.get("large.md") ?? ""), { kind: "too-large", sizeBytes: 101 });
  rmSync(root, { recursive: true });
  assert.is((await source.head()).kind, "waiting");
});

test("hints at edits, new folders and removals, and not at folders left out", async () => {
  const { root, save } = desk();
  save("a.md", "a");
  mkdirSync(join(root, "node_modules"));
  let hints = 0;
  const log = { emit: () => {} };
  const watcher = watchWorktree({ root, ...selection, onHint: () => hints++, log });
  const hinted = async (act: () => void, what: string): Promise<void> => {
    const before = hints;
    act();
    await waitFor(() => hints > before, what);
  };
  try {
    await waitFor(() => hints > 0, "the first hint");
    await hinted(() => save("a.md", "edited"), "an edit");
    await hinted(() => save("deep/er/b.md", "b"), "a new folder");
    await hinted(() => rmSync(join(root, "a.md")), "a removal");
    assert.ok(watcher.alive());
  } finally {
    await watcher.close();
  }
  const after = hints;
  save("c.md", "c");
  assert.is(hints, after);
});

test.run();
