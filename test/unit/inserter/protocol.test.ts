import { suite } from "uvu";
import * as assert from "uvu/assert";
import { articleUrl, fromHeader, parseVersion, toHeader } from "../../../src/inserter/protocol.ts";

const protocol = suite("inserter protocol");

protocol("versions are integers from 0 to 2^53 - 1, in headers and in JSON", () => {
  for (const [value, expected] of [
    ["0", 0],
    ["1735689600000000", 1735689600000000],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    [7, 7],
    ["9007199254740992", null],
    ["-1", null],
    ["1.5", null],
    ["1e3", null],
    ["", null],
    [" 1", null],
    [-1, null],
    [1.5, null],
    [null, null],
    [undefined, null],
    [{}, null],
  ] as const) {
    assert.is(parseVersion(value), expected, JSON.stringify(value));
  }
});

protocol("an owner survives a header, whatever it is written in", () => {
  for (const owner of ["sync-agent", "ブログ", "café", "😀"]) {
    const header = toHeader(owner);
    assert.match(header, /^[\u0020-\u00ff]*$/);
    assert.is(fromHeader(header), owner);
  }
  assert.is(fromHeader("caf\u00e9"), "café", "what is not UTF-8 is Latin-1");
});

protocol("an id becomes one segment of the URL", () => {
  assert.is(articleUrl("http://h/post", "a/b ?#記"), "http://h/post/a%2Fb%20%3F%23%E8%A8%98");
});

protocol.run();
