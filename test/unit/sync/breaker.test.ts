/** When the inserter as a whole may be sent something. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CircuitBreaker } from "../../../src/sync/deliver/breaker.ts";

const test = suite("circuit breaker");

const NEVER = Number.POSITIVE_INFINITY;
const flying = (all: number, failed = 0) => ({ all, failed });

/** A closed one, and the hand of its clock. */
function scene() {
  const time = { ms: 0 };
  const clock = { nowMs: () => time.ms, elapsedMs: () => time.ms, sleep: () => Promise.resolve() };
  const options = { concurrency: 8, retry: { minMs: 200, maxMs: 60_000 } };
  return { time, breaker: new CircuitBreaker({ clock, random: () => 0.5 }, options) };
}

function unreachable() {
  const { time, breaker } = scene();
  breaker.pause("unreachable", "connection refused", null, null);
  return { time, breaker };
}

test("is probed by one request at a time until something is taken", () => {
  const { time, breaker } = unreachable();
  for (const lane of ["recent", "fresh", "failed"] as const) {
    assert.ok(breaker.leavesMs(lane, flying(0)) > 50);
    assert.ok(breaker.leavesMs(lane, flying(0)) <= 1_000);
    assert.is(breaker.leavesMs(lane, flying(1)), NEVER);
  }
  time.ms = 1_000;
  breaker.succeeded();
  assert.is(breaker.leavesMs("fresh", flying(7)), 0);
  assert.is(breaker.leavesMs("fresh", flying(8)), NEVER);
});

test("whose trouble was forgotten for want of a probe is no less probed by one at a time", () => {
  const { time, breaker } = unreachable();
  time.ms = 10;
  assert.is(breaker.forget()?.kind, "unreachable");
  assert.is(breaker.trouble, null);
  assert.is(breaker.leavesMs("fresh", flying(0)), 0);
  assert.is(breaker.leavesMs("fresh", flying(1)), NEVER);
  time.ms = 20;
  breaker.succeeded();
  assert.is(breaker.leavesMs("fresh", flying(7)), 0);
});

test("ends the trouble of an inserter that was too busy when it answers otherwise, and not before its Retry-After is over", () => {
  const { time, breaker } = scene();
  breaker.pause("overloaded", "answered 429", null, 5_000);
  time.ms = 4_999;
  assert.is(breaker.reached(), null);
  assert.is(breaker.trouble?.kind, "overloaded");
  time.ms = 5_000;
  assert.is(breaker.reached()?.kind, "overloaded");
  assert.is(breaker.trouble, null);
  assert.is(breaker.leavesMs("fresh", flying(1)), NEVER);
});

test("that has no trouble has none to forget", () => {
  const { breaker } = scene();
  assert.is(breaker.forget(), null);
  assert.is(breaker.leavesMs("fresh", flying(7)), 0);
});

test("is not opened by one article, however often it fails, but by several with no success between", () => {
  const { breaker } = scene();
  for (let i = 0; i < 100; i++) breaker.failed("a", "answered 500");
  assert.is(breaker.trouble, null);
  for (const id of "bcdefg") breaker.failed(id, "answered 500");
  breaker.succeeded();
  for (const id of "bcdefgh") breaker.failed(id, "answered 500");
  assert.is(breaker.trouble, null);
  breaker.failed("i", "answered 500");
  assert.is(breaker.trouble?.kind, "failing");
});

test("that was asked to wait is not closed by what had left before", () => {
  const { time, breaker } = scene();
  breaker.pause("overloaded", "answered 429", null, 5_000);
  time.ms = 4_999;
  assert.is(breaker.succeeded(), null);
  assert.ok(breaker.isPaused("recent"));
  time.ms = 5_000;
  assert.not(breaker.isPaused("fresh"));
  assert.is(breaker.succeeded()?.kind, "overloaded");
});

test.run();
