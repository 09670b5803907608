import { suite } from "uvu";
import * as assert from "uvu/assert";
import { split } from "../../../src/article/front-matter/fence.ts";

const fences = suite("front matter fences");

/** `[yaml, body]` of a block, else what it is. */
function parts(text: string): [string, string] | string {
  const block = split(text);
  if (block.kind !== "block") return block.kind;
  return [text.slice(block.yamlStart, block.yamlEnd), text.slice(block.bodyStart)];
}

fences("opens with --- and closes with --- or ...", () => {
  assert.equal(parts("---\na: 1\n---\nbody\n"), ["a: 1\n", "body\n"]);
  assert.equal(parts("---\na: 1\n...\nbody\n"), ["a: 1\n", "body\n"]);
  assert.equal(parts("---\n---\n"), ["", ""]);
  assert.equal(parts("---\na: 1\n---"), ["a: 1\n", ""]);
});

fences("may end with CRLF and trailing blanks of any kind", () => {
  assert.equal(parts("---\r\na: 1\r\n---\r\nbody\r\n"), ["a: 1\r\n", "body\r\n"]);
  assert.equal(parts("--- \t\na: 1\n---  \nbody"), ["a: 1\n", "body"]);
  assert.equal(parts("---\u3000\na: 1\n...\u3000\r\nbody"), ["a: 1\n", "body"]);
});

fences("leave the body as it is", () => {
  assert.equal(parts("---\n---\n\n  \n---\nx\n\n"), ["", "\n  \n---\nx\n\n"]);
});

fences("stand alone on their lines, from the first column", () => {
  assert.equal(parts("\n---\na: 1\n---\n"), "none");
  assert.equal(parts(" ---\na: 1\n---\n"), "none");
  assert.equal(parts("----\na: 1\n----\n"), "none");
  assert.equal(parts("--- # comment\na: 1\n---\n"), "none");
  assert.equal(parts("+++\na = 1\n---\n+++\nbody"), ["a = 1\n---\n", "body"]);
  assert.equal(parts('{\n"a": 1\n}\nbody'), ['{\n"a": 1\n}\n', "body"]);
  assert.equal(parts("---\nb: |\n  ---\n  ...\n---\nbody"), ["b: |\n  ---\n  ...\n", "body"]);
  assert.equal(parts("---\na: 1\n--- x\n----\n---\nbody"), ["a: 1\n--- x\n----\n", "body"]);
});

fences("are lost, not absent, when a key follows the only one", () => {
  assert.equal(parts("---\ntitle: x\n\nbody\n"), "unclosed");
  assert.equal(parts("---\r\ntitle:\r\n"), "unclosed");
  assert.equal(parts('---\n# comment\n"title": x'), "unclosed");
  assert.equal(parts("---\n\n題名: x\n"), "unclosed");
});

fences("without keys are a thematic break", () => {
  assert.equal(parts("---"), "none");
  assert.equal(parts("---\n"), "none");
  assert.equal(parts("---\n\nJust text, http://example.org:80/ and 10:30.\n"), "none");
  assert.equal(parts(""), "none");
});

fences.run();
