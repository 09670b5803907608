/** A live id stays with the path that holds it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blankEntry } from "../../../src/sync/entry.ts";
import { Passes } from "../../support/passes.ts";
import { article, entryOf, expiring } from "../../support/state-samples.ts";

const test = suite("live ids");

const original = article("a", null, "original");
const copy = article("a", null, "copy");

/** Passes over a tree in which `a.md` holds its id. */
async function published(): Promise<Passes> {
  const passes = new Passes();
  await passes.commit({ "a.md": original });
  assert.equal(passes.standing, ["a a.md"]);
  return passes;
}

test("stay with their file when a copy sorts before it", async () => {
  const passes = await published();
  await passes.commit({ "a copy.md": copy });
  const named = { "a copy.md": "duplicate-id 1:1 a a.md" };
  assert.equal([passes.begun, passes.rejected], [[], named]);
  for (const trigger of ["start", "resync", "reload"] as const) {
    await passes.pass(trigger);
    assert.equal(passes.begun, []);
  }
  assert.equal([...passes.state.duplicates(0)], [{ path: "a copy.md", id: "a", winner: "a.md" }]);
  await passes.commit({ "a copy.md": article("a", null, "copy 2"), "a.md": article("a", null, "edited") });
  assert.equal([passes.begun, passes.rejected], [["upsert a a.md"], named]);
});

test("are sent before all files are read where the file holds them, whatever copies there are", async () => {
  const passes = await published();
  await passes.commit({ "a copy.md": copy, "a.md": article("a", null, "edited"), "b.md": article("a") });
  assert.equal(passes.begunEarly, ["upsert a a.md"]);
  assert.equal(passes.rejected, {
    "a copy.md": "duplicate-id 1:1 a a.md",
    "b.md": "duplicate-id 1:1 a a.md",
  });
});

test("move with their file, whichever path sorts first", async () => {
  for (const to of ["a copy.md", "b.md"]) {
    const passes = await published();
    await passes.commit({ "a.md": null, [to]: original });
    assert.equal([passes.begun, passes.rejected, passes.standing], [[], {}, [`a ${to}`]]);
    await passes.commit({ [to]: null, "a.md": copy });
    assert.equal([passes.begun, passes.rejected], [["upsert a a.md"], {}]);
  }
});

test("go to a copy once their file no longer wants them", async () => {
  for (const next of [
    null,
    { kind: "withdrawn", id: "a", why: "draft" },
    { kind: "rejected", id: "a", problems: [] },
    article("other"),
    expiring("a", 0),
  ] as const) {
    const passes = await published();
    await passes.commit({ "a copy.md": copy });
    await passes.commit({ "a.md": next });
    assert.ok(passes.begun.includes("upsert a a copy.md"));
    // And stay there.
    await passes.commit({ "a.md": original });
    assert.ok(!passes.begun.includes("upsert a a.md"));
    assert.equal(passes.rejected, { "a.md": "duplicate-id 1:1 a a copy.md" });
  }
});

test("can be swapped", async () => {
  const passes = new Passes();
  await passes.commit({ "x.md": article("x"), "y.md": article("y") });
  await passes.commit({ "x.md": article("y", null, "1"), "y.md": article("x", null, "2") });
  assert.equal([passes.begun, passes.rejected], [["upsert x y.md", "upsert y x.md"], {}]);
});

test("go to the first path in byte order where none holds them", async () => {
  const passes = new Passes();
  await passes.commit({ "a copy.md": copy, "a.md": original });
  assert.equal([passes.begunEarly, passes.standing], [["upsert a a copy.md"], ["a a copy.md"]]);
});

test("stay with the file that the inventory lists when the state was lost", async () => {
  for (const [digest, winner] of [
    ["original", "a.md"],
    ["copy", "a copy.md"],
    ["neither", "a copy.md"],
    [null, "a copy.md"],
  ] as const) {
    const passes = new Passes();
    passes.tables.replaceEntry("a", { ...blankEntry("a"), acknowledged: { digest, version: 1 } });
    await passes.commit({ "a copy.md": copy, "a.md": original, "b.md": original }, "start");
    assert.equal(passes.standing, [`a ${winner}`]);
    const sent = digest === "original" || digest === "copy" ? [] : [`upsert a ${winner}`];
    assert.equal(passes.begun, sent);
  }
});

test("hold with an operation that is only pending", async () => {
  const passes = new Passes();
  passes.tables.replaceEntry("a", entryOf("a", { path: "a.md", uncertain: true }));
  await passes.commit({ "a copy.md": copy, "a.md": original }, "start");
  assert.equal(passes.standing, ["a a.md"]);
});

test.run();
