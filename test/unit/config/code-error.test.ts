import { suite } from "uvu";
import * as assert from "uvu/assert";
import { codeError } from "../../../src/config/code-error.ts";

const placing = suite("errors in configuration code");
const path = "/conf/sync.config.ts";
const url = "file:///conf/sync.config.ts";
const loader = "file:///app/sync-agent.mjs";

/** An error as a runtime throws it. */
function thrown(message: string, stack: string, code?: string): Error {
  const error = new Error(message);
  error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}

placing("takes the place from Deno's message, colours aside", () => {
  const message = `SyntaxError: Expected ',', got 'ref'\n  |\n3 |   ref: 1,\n  |   ~~~\n    at \u001b[36m${url}?sync-agent-load=1\u001b[0m:\u001b[33m3\u001b[0m:\u001b[33m3\u001b[0m`;
  const error = codeError(thrown(message, `TypeError: ${message}\n    at async ${loader}:1:2`), path, loader);
  assert.is(error.message, "Cannot load /conf/sync.config.ts:3:3: Expected ',', got 'ref'");
});

placing("takes it from Node's frames, and never one of the program's own", () => {
  const frames = `TypeError: x\n    at ${url}?sync-agent-load=1:4:11\n    at ${loader}:9:9`;
  assert.is(codeError(thrown("x", frames), path, loader).message, "Cannot load /conf/sync.config.ts:4:11: x");
  const own = `TypeError: x\n    at ${loader}:9:9`;
  assert.is(codeError(thrown("x", own), path, loader).message, "Cannot load /conf/sync.config.ts: x");
});

placing("says what a compiled build cannot do", () => {
  for (const message of [
    `Module not found: ${url}?sync-agent-load=1`,
    `Module not found "${url}?sync-agent-load=1".`,
  ]) {
    const { hint } = codeError(thrown(message, `TypeError: ${message}`), path, loader);
    assert.match(hint, /^This build runs no configuration code: write it as JSON or YAML/);
  }
  const other = 'Module not found "file:///conf/other.ts".';
  assert.is(codeError(thrown(other, `TypeError: ${other}`), path, loader).hint, "");
});

placing.run();
