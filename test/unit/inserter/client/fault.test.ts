import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOrphanedRead, toFault } from "../../../../src/inserter/client/fault.ts";

const test = suite("client: faults");

const at = "inserter:8081";
const coded = (code: string): Error => Object.assign(new Error(code), { code });

// Deno 2.5 gives a connection that breaks no code.
for (const [what, error] of [
  ["a code", coded("ECONNRESET")],
  ["words alone", new Error("request failed", { cause: new Error("connection error") })],
] as const) {
  test(`a connection that breaks, known by ${what}`, () => {
    const fresh = toFault(error, at, { connected: true, reused: false, answered: false });
    assert.is(fresh.message, `${at} closed the connection before it answered`);
    assert.is(fresh.stale, false);
    assert.is(toFault(error, at, { connected: true, reused: true, answered: false }).stale, true);
    const late = toFault(error, at, { connected: true, reused: true, answered: true });
    assert.is(late.message, `${at} closed the connection in the middle of its answer`);
  });
}

const orphans = suite("reads that nothing awaits");

const scope = globalThis as { Deno?: unknown };

/** As Deno's own code rejects: no frame of JavaScript in it. */
function frameless(name: string, message: string): Error {
  const error = new Error(message);
  error.stack = `${name}: ${message}`;
  return error;
}

orphans.before.each(() => {
  scope.Deno = {};
});
orphans.after.each(() => {
  delete scope.Deno;
});

orphans("the two that Deno 2.5 rejects by itself", () => {
  assert.ok(isOrphanedRead(frameless("TypeError", "error reading a body from connection")));
  assert.ok(isOrphanedRead(frameless("Interrupted", "operation canceled")));
});

orphans("what code throws is none, nor what is no error, nor anything on Node", () => {
  assert.not(isOrphanedRead(new TypeError("error reading a body from connection")));
  assert.not(isOrphanedRead(frameless("TypeError", "x is not a function")));
  assert.not(isOrphanedRead("error reading a body from connection"));
  delete scope.Deno;
  assert.not(isOrphanedRead(frameless("Interrupted", "operation canceled")));
});

test.run();
orphans.run();
