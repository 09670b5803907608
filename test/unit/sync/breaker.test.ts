/** When the inserter as a whole may be sent something. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CircuitBreaker } from "../../../src/sync/deliver/breaker.ts";

const test = suite("endpoint");

const at = (elapsedMs: number) => ({ elapsedMs, nowMs: elapsedMs, random: 0.5 });

function unreachable(): CircuitBreaker {
  const breaker = new CircuitBreaker(8, { minMs: 200, maxMs: 60_000 });
  breaker.failed("unreachable", "connection refused", null, null, at(0));
  return breaker;
}

test("is probed by one request at a time until something is taken", () => {
  const breaker = unreachable();
  assert.is(breaker.allowance(50, 0), 0);
  assert.is(breaker.allowance(1_000, 0), 1);
  assert.is(breaker.allowance(1_000, 1), 0);
  breaker.succeeded(1_000);
  assert.is(breaker.allowance(1_000, 1), 7);
});

test("whose trouble was forgotten for want of a probe is no less probed by one at a time", () => {
  const breaker = unreachable();
  assert.is(breaker.forget(10)?.kind, "unreachable");
  assert.is(breaker.trouble, null);
  assert.is(breaker.allowance(10, 0), 1);
  assert.is(breaker.allowance(10, 1), 0);
  breaker.succeeded(20);
  assert.is(breaker.allowance(20, 0), 8);
});

test("that had no trouble has none to forget", () => {
  const breaker = new CircuitBreaker(8, { minMs: 200, maxMs: 60_000 });
  assert.is(breaker.forget(10), null);
  assert.is(breaker.allowance(10, 0), 8);
});

test.run();
