import { suite } from "uvu";
import * as assert from "uvu/assert";
import { giveBack } from "../../../src/source/chunk.ts";

const test = suite("chunks");

test("are freed when nothing else shares their memory", () => {
  const chunk = new Uint8Array(65_536);
  giveBack(chunk);
  assert.is(chunk.buffer.byteLength, 0);
});

test("are left alone when something may", () => {
  const memory = new Uint8Array(65_536);
  giveBack(memory.subarray(1));
  giveBack(memory.subarray(0, 40_000));
  giveBack(new Uint8Array(new SharedArrayBuffer(65_536)));
  assert.is(memory.length, 65_536);
  const small = Buffer.from("small");
  giveBack(small);
  assert.is(small.toString(), "small");
});

test.run();
