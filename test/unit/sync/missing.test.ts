import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MissingBlobs } from "../../../src/sync/plan/missing.ts";
import { type Content, ObjectsGone } from "../../../src/sync/ports.ts";

const test = suite("blobs that are missing");

function scene(contentOf: (blob: string) => Content) {
  const asked: string[] = [];
  const time = { nowMs: 0 };
  const never = (): never => {
    throw new Error("not asked for");
  };
  const missing = new MissingBlobs({
    source: {
      head: never,
      compare: never,
      read: async (blob) => {
        asked.push(blob);
        return contentOf(blob);
      },
    },
    clock: { nowMs: () => time.nowMs, elapsedMs: () => time.nowMs, sleep: never },
    random: () => 1,
  });
  return { missing, asked, time };
}

const MISSING: Content = { kind: "missing" };

test("are asked for a few at a time, each in its turn, ever more seldom", async () => {
  const { missing, asked, time } = scene(() => MISSING);
  assert.is(missing.dueMs, Number.POSITIVE_INFINITY);
  for (let n = 0; n < 5_000; n++) missing.add(`b${n}`);
  const waits: number[] = [];
  for (let looks = 0; looks < 12; looks++) {
    waits.push(missing.dueMs - time.nowMs);
    time.nowMs = missing.dueMs;
    assert.is(await missing.look(), false);
  }
  assert.equal(waits.slice(0, 4), [500, 1_000, 2_000, 4_000]);
  assert.is(Math.max(...waits), 30_000);
  assert.is(asked.length, 12 * 16);
  assert.is(new Set(asked).size, asked.length);
});

test("one that has arrived ends it, and what is still missing then is looked for soon again", async () => {
  const arrived = new Set<string>();
  const { missing, time } = scene((blob) => {
    if (blob === "broken") throw new ObjectsGone("git fails");
    return arrived.has(blob) ? { kind: "too-large", sizeBytes: 9 } : MISSING;
  });
  for (const blob of ["broken", "a", "b"]) missing.add(blob);
  for (let looks = 0; looks < 9; looks++) assert.is(await missing.look(), false);
  arrived.add("b");
  assert.is(await missing.look(), true);
  assert.ok(!missing.isAny && missing.dueMs === Number.POSITIVE_INFINITY);
  missing.add("a");
  assert.is(missing.dueMs - time.nowMs, 500);
});

test.run();
