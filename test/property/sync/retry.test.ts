/** Delays between attempts. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RETRY_AFTER_MS_MAX, retryDelayMs } from "../../../src/sync/retry.ts";

const test = suite("retry delays");

const bounds = fc
  .tuple(fc.integer({ min: 1, max: 60_000 }), fc.nat({ max: 600_000 }))
  .map(([minMs, moreMs]) => ({ minMs, maxMs: minMs + moreMs }));
const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2 ** 31 }));

test("lie between half the least and the most, however often it failed", () => {
  fc.assert(
    fc.property(attempts, bounds, draws, (count, { minMs, maxMs }, draw) => {
      const delayMs = retryDelayMs(count, { minMs, maxMs }, draw, null);
      assert.ok(delayMs >= minMs / 2, `${delayMs}`);
      assert.ok(delayMs <= Math.max(maxMs, minMs / 2), `${delayMs}`);
    }),
  );
});

test("have a ceiling that doubles with each failure, up to the most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), bounds, draws, (count, { minMs, maxMs }, draw) => {
      const ceilingMs = Math.min(maxMs, minMs * 2 ** (count - 1));
      const delayMs = retryDelayMs(count, { minMs, maxMs }, draw, null);
      assert.ok(delayMs <= Math.max(ceilingMs, minMs / 2), `${delayMs}`);
      // Full jitter: the draw decides, over the whole width.
      const most = retryDelayMs(count, { minMs, maxMs }, 1 - Number.EPSILON, null);
      assert.ok(most > ceilingMs * 0.99, `${most}`);
    }),
  );
});

test("are never shorter than a Retry-After, which is honoured up to ten minutes", () => {
  const asked = fc.oneof(fc.nat({ max: 700_000 }), fc.constant(Number.MAX_SAFE_INTEGER));
  fc.assert(
    fc.property(attempts, bounds, draws, asked, (count, limits, draw, retryAfterMs) => {
      const delayMs = retryDelayMs(count, limits, draw, retryAfterMs);
      assert.ok(delayMs >= Math.min(retryAfterMs, RETRY_AFTER_MS_MAX), `${delayMs}`);
      assert.ok(delayMs <= Math.max(limits.maxMs, RETRY_AFTER_MS_MAX), `${delayMs}`);
    }),
  );
});

test("are asked for after a whole number of failures, one or more", () => {
  const wrong = fc.oneof(fc.integer({ max: 0 }), fc.double({ min: 1.01, max: 1.99, noNaN: true }));
  fc.assert(
    fc.property(wrong, (count) => {
      assert.throws(() => retryDelayMs(count, { minMs: 1, maxMs: 1 }, 0, null), /attempts/);
    }),
  );
});

test.run();
