/** Which files are in a revision, whether or not they are articles. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openWorktreeSource } from "../../../src/source/worktree.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";
import { headOf, openOn } from "../../support/source.ts";

const test = suite("existing files");
const folder = temporaryFolder();
test.after(() => folder.remove());

const ASKED = [
  "a.md",
  "img/塔.png",
  "img/塔.PNG",
  "img",
  "img/",
  ".",
  "img/deep",
  "img/deep/x y.svg",
  "link",
  "nowhere/a.png",
  "a.md/b",
  "..",
  "../a.md",
  "a.m",
  "md",
  "img/deep/y.svg",
];
const THERE = ["a.md", "img/塔.png", "img", "img/", ".", "img/deep", "img/deep/x y.svg", "link"];

test("in a revision: files, folders and links, by their exact names", async () => {
  for (const objectFormat of ["sha1", "sha256"] as const) {
    const repository = new Repository(join(folder.path, objectFormat), { objectFormat });
    repository.commit({
      "a.md": "1",
      "img/塔.png": "2",
      "img/deep/x y.svg": "3",
      link: { link: "a.md" },
    });
    const source = openOn(repository.dir);
    try {
      assert.equal([...(await source.existing(["a", "b"]))], ["a", "b"], "no head was asked for yet");
      await headOf(source);
      assert.equal([...(await source.existing(ASKED))], THERE);
      repository.commit({ "nowhere/a.png": "4", "a.md": null });
      assert.equal([...(await source.existing(ASKED))], THERE, "as of the last head");
      await headOf(source);
      const now = await source.existing(ASKED);
      assert.equal([now.has("nowhere/a.png"), now.has("a.md")], [true, false]);
    } finally {
      await source.close();
    }
    assert.is((await source.existing(["other"])).size, 1, "what cannot be read is not doubted");
  }
});

test("in a work tree: as it is on disk", async () => {
  const repository = new Repository(join(folder.path, "tree"));
  repository.commit({ "a.md": "1" });
  mkdirSync(join(repository.dir, "img"));
  writeFileSync(join(repository.dir, "img/b.png"), "");
  const all = { selects: () => true, mayContain: () => true, maxSizeBytes: 9 };
  const source = openWorktreeSource({ repo: repository.dir, ...all });
  assert.is((await source.existing(["x"])).size, 1);
  await source.head();
  assert.equal([...(await source.existing(["a.md", "img/b.png", "img/c.png"]))], ["img/b.png"]);
  rmSync(join(repository.dir, "img/b.png"));
  assert.is((await source.existing(["img/b.png"])).size, 0);
});

test.run();
