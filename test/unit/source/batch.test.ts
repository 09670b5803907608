import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BatchAnswer, batchParser } from "../../../src/source/batch.ts";

const test = suite("answers of cat-file");
const ID = "0123456789abcdef0123456789abcdef01234567";

function parse(output: Buffer, chunkBytes: number, sizeBytesMax = 100): BatchAnswer[] {
  const answers: BatchAnswer[] = [];
  const push = batchParser(
    () => sizeBytesMax,
    (answer) => answers.push(answer),
  );
  for (let at = 0; at < output.length; at += chunkBytes) push(output.subarray(at, at + chunkBytes));
  return answers;
}

const all = (sizeBytesMax: number): BatchAnswer[][] => {
  const bytes = Buffer.from([0, 0xff, 0x0a, 0x80, 0x0a]);
  const output = Buffer.concat([
    Buffer.from(`${ID} blob 5\n`),
    bytes,
    Buffer.from(`\n${ID} blob 0\n\nno such name missing\n${"f".repeat(64)} tree 3\nabc\nab ambiguous\n`),
  ]);
  return Array.from({ length: output.length }, (_, index) => parse(output, index + 1, sizeBytesMax));
};

test("is right to the byte, wherever the chunks end", () => {
  for (const answers of all(100)) {
    assert.equal(answers, [
      { kind: "object", id: ID, type: "blob", bytes: Buffer.from([0, 0xff, 0x0a, 0x80, 0x0a]) },
      { kind: "object", id: ID, type: "blob", bytes: Buffer.alloc(0) },
      { kind: "missing" },
      { kind: "object", id: "f".repeat(64), type: "tree", bytes: Buffer.from("abc") },
      { kind: "missing" },
    ]);
  }
});

test("passes over what is too large, and stays in step", () => {
  for (const answers of all(4)) {
    assert.equal(answers[0], { kind: "too-large", id: ID, type: "blob", sizeBytes: 5 });
    assert.is(answers.length, 5);
    assert.is(answers[3]?.kind, "object");
  }
});

test("does not hold on to the chunk that an object came in", () => {
  const chunk = Buffer.from(`${ID} blob 2\nhi\n`);
  const [answer] = parse(chunk, chunk.length);
  chunk.fill(0);
  assert.is(answer?.kind === "object" && answer.bytes.toString(), "hi");
});

test("asks for the limit once per object, when its turn has come", () => {
  const limits = [1, 10];
  const kinds: string[] = [];
  const push = batchParser(
    () => limits[kinds.length] ?? 0,
    ({ kind }) => kinds.push(kind),
  );
  push(Buffer.from(`${ID} blob 2\nhi\n${ID} blob 2\nhi\n`));
  assert.equal(kinds, ["too-large", "object"]);
});

test.run();
