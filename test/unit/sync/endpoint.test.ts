/** When the inserter as a whole may be sent something. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Endpoint } from "../../../src/sync/endpoint.ts";

const test = suite("endpoint");

const at = (elapsedMs: number) => ({ elapsedMs, nowMs: elapsedMs, random: 0.5 });

function unreachable(): Endpoint {
  const endpoint = new Endpoint(8, { minMs: 200, maxMs: 60_000 });
  endpoint.failed("unreachable", "connection refused", null, null, at(0));
  return endpoint;
}

test("is probed by one request at a time until something is taken", () => {
  const endpoint = unreachable();
  assert.is(endpoint.allowance(50, 0), 0);
  assert.is(endpoint.allowance(1_000, 0), 1);
  assert.is(endpoint.allowance(1_000, 1), 0);
  endpoint.succeeded(1_000);
  assert.is(endpoint.allowance(1_000, 1), 7);
});

test("whose trouble was forgotten for want of a probe is no less probed by one at a time", () => {
  const endpoint = unreachable();
  assert.is(endpoint.forget(10)?.kind, "unreachable");
  assert.is(endpoint.trouble, null);
  assert.is(endpoint.allowance(10, 0), 1);
  assert.is(endpoint.allowance(10, 1), 0);
  endpoint.succeeded(20);
  assert.is(endpoint.allowance(20, 0), 8);
});

test("that had no trouble has none to forget", () => {
  const endpoint = new Endpoint(8, { minMs: 200, maxMs: 60_000 });
  assert.is(endpoint.forget(10), null);
  assert.is(endpoint.allowance(10, 0), 8);
});

test.run();
