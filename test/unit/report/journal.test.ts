import { mkdtempSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flipTimeMs, Journal } from "../../../src/report/journal.ts";
import type { Cause } from "../../../src/sync/model.ts";

const journal = suite("journal");

const none = (): null => null;

const seen = (notes: Journal, revision: string, nowMs: number, flippedMs: number | null = null): void => {
  notes.observe({ kind: "revision.seen", revision }, nowMs, () => flippedMs);
};
const passed = (notes: Journal, revision: string, nowMs: number): void => {
  const found = { trigger: "watch", way: "walk", why: "trees-remembered" } as const;
  notes.observe({ kind: "pass.done", ...found, revision, examined: 1, begun: 1, durationMs: 2 }, nowMs, none);
};
const delivered = (notes: Journal, id: string, nowMs: number, waitedMs: number, cause: Cause = "changed") =>
  notes.observe(
    {
      kind: "article.upserted",
      id,
      path: `${id}.md`,
      cause,
      version: 1,
      waitedMs,
      durationMs: 1,
      attempts: 1,
      isBulk: false,
    },
    nowMs,
    none,
  );

journal("measures from the flip, where the file system knows it", () => {
  const notes = new Journal(0);
  seen(notes, "first", 100);
  assert.is(delivered(notes, "a", 150, 40)?.liveMs, null, "the first revision may have been live before");
  passed(notes, "first", 120);
  seen(notes, "second", 1_000, 990);
  assert.is(delivered(notes, "a", 1_050, 45)?.liveMs, 60);
  passed(notes, "second", 1_060);
  assert.is(delivered(notes, "b", 1_500, 470)?.liveMs, 510, "begun in the pass, acknowledged after it");
  assert.is(notes.revision("second")?.acknowledgedMs, 1_500);
});

journal("measures from when it was seen, where the flip is unknown or cannot be true", () => {
  const notes = new Journal(0);
  seen(notes, "first", 100);
  seen(notes, "second", 1_000, null);
  assert.is(delivered(notes, "a", 1_050, 45)?.liveMs, 50);
  seen(notes, "third", 2_000, 2_500);
  assert.is(delivered(notes, "a", 2_050, 45)?.liveMs, 50);
});

journal("a change belongs to the revision whose pass began it, though another came meanwhile", () => {
  const notes = new Journal(0);
  seen(notes, "first", 100);
  seen(notes, "second", 1_000);
  seen(notes, "third", 1_500);
  assert.is(delivered(notes, "a", 1_600, 590)?.liveMs, 600);
  assert.is(notes.revision("third")?.acknowledgedMs, null);
});

journal("what no flip brought has no such time", () => {
  const notes = new Journal(0);
  seen(notes, "first", 100);
  seen(notes, "second", 1_000);
  for (const cause of ["drift", "resend", "unowned"] as const)
    assert.is(delivered(notes, "a", 1_050, 45, cause)?.liveMs, null, cause);
  passed(notes, "second", 1_100);
  assert.is(delivered(notes, "a", 9_050, 45)?.liveMs, null, "begun by a later pass over the same revision");
  assert.is(delivered(new Journal(0), "a", 10, 1, "new")?.liveMs, null, "no revision was seen");
});

journal("a flip before the last revision was seen is none of this link's", () => {
  const notes = new Journal(0);
  seen(notes, "first", 1_000);
  seen(notes, "second", 2_000, 500);
  assert.is(notes.revision("second")?.flippedMs, null);
});

journal("the same revision under a new configuration is no flip", () => {
  const notes = new Journal(0);
  seen(notes, "first", 100);
  seen(notes, "second", 1_000);
  passed(notes, "second", 1_010);
  notes.beginAgain();
  seen(notes, "second", 90_000, 990);
  assert.is(delivered(notes, "a", 90_050, 40)?.liveMs, null);
  assert.is(notes.revision("second")?.seenMs, 1_000);
});

journal("a revision that comes back is a new flip", () => {
  const notes = new Journal(0);
  seen(notes, "first", 100);
  passed(notes, "first", 110);
  seen(notes, "second", 1_000);
  passed(notes, "second", 1_010);
  seen(notes, "first", 2_000);
  assert.is(delivered(notes, "a", 2_030, 20)?.liveMs, 30);
  assert.is(notes.revision("first")?.seenMs, 2_000);
});

journal("remembers the last fifty, newest first", () => {
  const notes = new Journal(0);
  for (let n = 0; n < 60; n++) delivered(notes, `a${n}`, n, 0);
  assert.is(notes.recent.length, 50);
  assert.is(notes.recent[0]?.id, "a59");
});

journal("knows since when something is wrong, and when it is over", () => {
  const notes = new Journal(0);
  const brake = { kind: "brake.on", deletes: 2, owned: 3, cause: null, revision: "x" } as const;
  notes.observe(brake, 10, none);
  notes.observe(brake, 20, none);
  assert.is(notes.sinceMs("brake"), 10);
  notes.observe({ kind: "brake.off", revision: "x" }, 30, none);
  assert.is(notes.sinceMs("brake"), null);
  notes.observe({ kind: "state.unavailable", reason: "full" }, 40, none);
  notes.observe({ kind: "inserter.waiting", reason: "down" }, 41, none);
  notes.observe({ kind: "repository.waiting", reason: "none", hint: "" }, 42, none);
  passed(notes, "x", 50);
  assert.equal(
    [notes.sinceMs("state"), notes.sinceMs("inserter"), notes.sinceMs("repository")],
    [40, null, 42],
  );
  notes.beginAgain();
  assert.is(notes.sinceMs("state"), null);
});

journal("knows when the link was moved, and nothing of what is no link", () => {
  const dir = mkdtempSync(join(tmpdir(), "sync-agent-flip-"));
  try {
    const link = join(dir, "link");
    symlinkSync("one", link);
    const before = flipTimeMs(link);
    assert.ok(before !== null && Math.abs(Date.now() - before) < 60_000);
    unlinkSync(link);
    assert.is(flipTimeMs(link), null);
    assert.is(flipTimeMs(dir), null);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

journal.run();
