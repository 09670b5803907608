import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toFault } from "../../../../src/inserter/client/fault.ts";

const test = suite("client: faults");

const at = "inserter:8081";
const coded = (code: string): Error => Object.assign(new Error(code), { code });

// Deno 2.5 gives a connection that breaks no code.
for (const [what, error] of [
  ["a code", coded("ECONNRESET")],
  ["words alone", new Error("request failed", { cause: new Error("connection error") })],
] as const) {
  test(`a connection that breaks, told by ${what}`, () => {
    const fresh = toFault(error, at, { connected: true, reused: false, answered: false });
    assert.is(fresh.message, `${at} closed the connection before it answered`);
    assert.is(fresh.stale, false);
    assert.is(toFault(error, at, { connected: true, reused: true, answered: false }).stale, true);
    const late = toFault(error, at, { connected: true, reused: true, answered: true });
    assert.is(late.message, `${at} closed the connection in the middle of its answer`);
  });
}

test.run();
