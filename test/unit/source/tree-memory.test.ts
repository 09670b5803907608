import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TreeNotes } from "../../../src/source/tree-memory.ts";
import { listeningLog, MapTrees } from "../../support/source.ts";

const test = suite("notes of trees");
const BYTES = Buffer.from("tree");

test("touches nothing before it is committed, then writes in order", () => {
  const trees = new MapTrees();
  trees.revision = "old";
  const notes = new TreeNotes(trees, listeningLog());
  notes.put("", "t1", BYTES);
  notes.drop("a/");
  notes.commit("too early");
  assert.equal(trees.calls, []);
  assert.is(trees.at(), "old");
  assert.equal([...notes.finish()], [["t1", BYTES]]);
  notes.commit("new");
  assert.equal(trees.calls, ["begin", "put ", "drop a/", "commit"]);
  assert.is(trees.at(), "new");
});

test("a large pass writes as it goes, and counts for nothing until committed", () => {
  const trees = new MapTrees();
  trees.revision = "old";
  const notes = new TreeNotes(trees, listeningLog());
  for (let i = 0; i < 10; i++) notes.put(`${i}/`, "t", Buffer.alloc(1_000_000));
  assert.is(trees.at(), null);
  assert.ok(trees.kept.size > 0 && trees.kept.size < 10);
  assert.is(notes.finish().size, 1, "no more than fits is held in memory");
  notes.commit("new");
  assert.is(trees.kept.size, 10);
  assert.is(trees.calls.filter((call) => call === "begin").length, 1);
});

test("trouble with the disk ends the keeping, is reported once, and never claims a revision", () => {
  for (const failing of ["begin", "put", "commit"] as const) {
    const trees = new MapTrees();
    trees.revision = "old";
    trees[failing] = () => {
      throw new Error("disk full");
    };
    const log = listeningLog();
    const notes = new TreeNotes(trees, log);
    notes.put("", "t1", BYTES);
    notes.finish();
    notes.commit("new");
    assert.is.not(trees.at(), "new", failing);
    assert.equal(
      log.lines.map(({ event }) => event),
      ["trees.unkept"],
      failing,
    );
    if (failing === "begin") assert.is(trees.kept.size, 0, "what was kept is still that of the old revision");
  }
});

test("a second commit adds nothing", () => {
  const trees = new MapTrees();
  const notes = new TreeNotes(trees, listeningLog());
  notes.finish();
  notes.commit("one");
  notes.commit("two");
  assert.is(trees.at(), "one");
});

test.run();
