/** What happens to one entry of the manifest. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acknowledge, beginDelete, beginUpsert, blankEntry, note, yieldTo } from "../../../src/sync/entry.ts";

const test = suite("entries");

test("what could not be deleted and is wanted again is undeletable no more", () => {
  const entry = { ...blankEntry("a"), acknowledged: { digest: "d", version: 0 }, undeletable: true };
  const winner = { path: "a.md", blob: "1", digest: "e" };
  assert.is(beginUpsert(entry, winner, "changed", 2, 0).undeletable, false);
  assert.is(beginDelete(entry, "deleted", 2, 0).undeletable, true);
});

test("what was taken while another owner was seen there is known to come from its file", () => {
  const winner = { path: "a.md", blob: "1", digest: "e" };
  const begun = beginUpsert(blankEntry("a"), winner, "new", 2, 0);
  assert.ok(begun.pending);
  const yielded = yieldTo(begun, "someone");
  assert.is(yielded.pending, null);
  const taken = acknowledge(yielded, begun.pending);
  assert.is(taken?.path, "a.md");
  assert.is(taken?.blob, "1");
  assert.equal(taken?.acknowledged, { digest: "e", version: 2 });
});

test("a refusal of what may stand there, or may not, is not over because its file moved", () => {
  const refusal = { digest: "e", status: 409, excerpt: "", sinceMs: 0 };
  const entry = { ...blankEntry("a"), path: "a.md", blob: "1", refusal };
  const moved = { path: "b.md", blob: "1", digest: "e" };
  const known = { ...entry, acknowledged: { digest: "e", version: 1 } };
  assert.equal(note({ ...known, uncertain: true }, moved).refusal, refusal);
  assert.equal(note(entry, moved).refusal, refusal);
  assert.is(note(known, moved).refusal, null);
  assert.is(note(entry, { ...moved, digest: "f" }).refusal, null);
});

test("an answer to what was replaced since leaves the file of what replaced it", () => {
  const first = beginUpsert(blankEntry("a"), { path: "a.md", blob: "1", digest: "e" }, "new", 2, 0);
  assert.ok(first.pending);
  const second = beginUpsert(first, { path: "b.md", blob: "2", digest: "f" }, "moved", 3, 0);
  const taken = acknowledge(second, first.pending);
  assert.is(taken?.path, "b.md");
  assert.is(taken?.pending?.version, 3);
});

test.run();
