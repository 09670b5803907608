/** An article whose front matter cannot be read any more stays published. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { NoArticleReason, Verdict } from "../../../src/sync/model.ts";
import { Passes } from "../../support/passes.ts";
import { article } from "../../support/state-samples.ts";

const test = suite("slips in the first lines");

const none = (why: NoArticleReason = "no-front-matter"): Verdict => ({ kind: "none", why });
const SLIP: Verdict = {
  kind: "none",
  why: "no-front-matter",
  slip: { code: "a-slip", severity: "warning", line: 3, column: 2, length: 1, params: {} },
};
const LOST = { "a.md": "front-matter-lost 1:1" };

for (const why of ["no-front-matter", "toml-front-matter", "lfs-pointer"] as const) {
  test(`keeps an article whose file is ${why} now, over passes, resyncs and restarts`, async () => {
    const passes = new Passes();
    await passes.commit({ "a.md": article("a"), "b.md": article("b") });
    await passes.commit({ "a.md": none(why) });
    assert.equal([passes.begun, passes.rejected], [[], LOST]);
    for (const trigger of ["resync", "start", "reload"] as const) {
      await passes.pass(trigger);
      assert.equal(passes.begun, []);
    }
    assert.is(passes.state.counts(0).rejected, 1);
    await passes.commit({ "a.md": SLIP });
    assert.equal([passes.begun, passes.rejected], [[], { "a.md": "a-slip 3:2" }]);
    assert.equal(passes.standing, ["a a.md", "b b.md"]);
  });
}

test("says what the slip is, as an error", async () => {
  const passes = new Passes();
  await passes.commit({ "a.md": article("a") });
  await passes.commit({ "a.md": SLIP });
  assert.equal(passes.rejected, { "a.md": "a-slip 3:2" });
  const event = passes.events.find(({ kind }) => kind === "article.rejected");
  assert.is(event?.kind === "article.rejected" && event.problems[0]?.severity, "error");
});

test("deletes it when the file is gone, a link, or another file takes its id", async () => {
  for (const next of [null, none("symlink"), none("submodule")]) {
    const passes = new Passes();
    await passes.commit({ "a.md": article("a") });
    await passes.commit({ "a.md": none() });
    assert.equal(passes.begun, []);
    await passes.commit({ "a.md": next });
    assert.equal(passes.begun, ["delete a"]);
  }
  const passes = new Passes();
  await passes.commit({ "a.md": article("a") });
  await passes.commit({ "a.md": none(), "b.md": article("a", null, "new") });
  assert.equal(passes.begun, ["upsert a b.md"]);
});

test("goes on when the front matter is there again", async () => {
  const passes = new Passes();
  await passes.commit({ "a.md": article("a") });
  await passes.commit({ "a.md": none() });
  await passes.commit({ "a.md": article("a", null, "new") });
  assert.equal([passes.begun, passes.rejected], [["upsert a a.md"], {}]);
});

test("remembers what was rejected or a draft, and what stands there of a file that was away", async () => {
  for (const before of [
    { kind: "withdrawn", id: "a", why: "draft" },
    { kind: "held", id: "a", reason: "slow" },
    { kind: "rejected", id: null, problems: [] },
  ] as const) {
    const passes = new Passes();
    await passes.commit({ "a.md": before });
    await passes.commit({ "a.md": none() });
    assert.equal(passes.rejected, LOST);
  }
});

test("leaves alone what never was an article", async () => {
  const passes = new Passes();
  await passes.commit({ "a.md": none(), "b.md": SLIP });
  await passes.pass("resync");
  assert.equal(passes.rejected, {});
  await passes.commit({ "a.md": none("lfs-pointer"), "c.md": article("c") });
  await passes.commit({ "c.md": null });
  await passes.commit({ "c.md": none() });
  assert.equal(passes.rejected, {});
  const missing = {
    code: "missing-blob",
    severity: "error",
    line: 1,
    column: 1,
    length: 1,
    params: {},
  } as const;
  await passes.commit({ "d.md": { kind: "rejected", id: null, problems: [missing] } });
  await passes.commit({ "d.md": none() });
  assert.equal(passes.rejected, {});
});

test.run();
