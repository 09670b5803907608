import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOrphanedRead } from "../../../../src/inserter/client/orphaned-read.ts";

const test = suite("reads that nobody holds");

const scope = globalThis as { Deno?: unknown };

/** As Deno's own code rejects: no frame of JavaScript in it. */
function frameless(name: string, message: string): Error {
  const error = new Error(message);
  error.stack = `${name}: ${message}`;
  return error;
}

test.before.each(() => {
  scope.Deno = {};
});
test.after.each(() => {
  delete scope.Deno;
});

test("the two that Deno 2.5 rejects by itself", () => {
  assert.ok(isOrphanedRead(frameless("TypeError", "error reading a body from connection")));
  assert.ok(isOrphanedRead(frameless("Interrupted", "operation canceled")));
});

test("whatever code throws is none, nor what is no error, nor anything on Node", () => {
  assert.not(isOrphanedRead(new TypeError("error reading a body from connection")));
  assert.not(isOrphanedRead(frameless("TypeError", "x is not a function")));
  assert.not(isOrphanedRead("error reading a body from connection"));
  delete scope.Deno;
  assert.not(isOrphanedRead(frameless("Interrupted", "operation canceled")));
});

test.run();
