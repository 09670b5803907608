import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BatchAnswer, batchParser, parseCommit } from "../../../src/source/objects.ts";

const batch = suite("answers of cat-file");
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

batch("is right to the byte, wherever the chunks end", () => {
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

batch("passes over what is too large, and stays in step", () => {
  for (const answers of all(4)) {
    assert.equal(answers[0], { kind: "too-large", id: ID, type: "blob", sizeBytes: 5 });
    assert.is(answers.length, 5);
    assert.is(answers[3]?.kind, "object");
  }
});

batch("does not hold on to the chunk that an object came in", () => {
  const chunk = Buffer.from(`${ID} blob 2\nhi\n`);
  const [answer] = parse(chunk, chunk.length);
  chunk.fill(0);
  assert.is(answer?.kind === "object" && answer.bytes.toString(), "hi");
});

batch("asks for the limit once per object, when its turn has come", () => {
  const limits = [1, 10];
  const kinds: string[] = [];
  const push = batchParser(
    () => limits[kinds.length] ?? 0,
    ({ kind }) => kinds.push(kind),
  );
  push(Buffer.from(`${ID} blob 2\nhi\n${ID} blob 2\nhi\n`));
  assert.equal(kinds, ["too-large", "object"]);
});

const commits = suite("commit objects");
const TREE = "a".repeat(40);

commits("gives tree, subject and the author's time", () => {
  const bytes = Buffer.from(
    `tree ${TREE}\nparent ${"b".repeat(40)}\nauthor 夏目 <n@example.org> 1600000000 +0900\n` +
      "committer C <c@example.org> 1700000000 +0000\ngpgsig -----BEGIN\n tree x\n -----END\n\n記事を直す\n\nwhy\n",
  );
  assert.equal(parseCommit(bytes), { tree: TREE, subject: "記事を直す", authorTimeMs: 1_600_000_000_000 });
});

commits("reads the encoding that a commit names, and survives an unknown one", () => {
  const commit = (encoding: string, message: Buffer) =>
    parseCommit(
      Buffer.concat([Buffer.from(`tree ${TREE}\nauthor A <a> 1 +0000\nencoding ${encoding}\n\n`), message]),
    )?.subject;
  assert.is(commit("ISO-8859-1", Buffer.from([0x63, 0x61, 0x66, 0xe9])), "café");
  assert.is(commit("Shift_JIS", Buffer.from([0x8b, 0x4c])), "記");
  assert.is(commit("no-such-thing", Buffer.from("ok")), "ok");
});

commits("does without a message, an author or a sensible time", () => {
  assert.equal(parseCommit(Buffer.from(`tree ${TREE}\n`)), { tree: TREE, subject: "", authorTimeMs: 0 });
  assert.is(parseCommit(Buffer.from("parent x\n\n")), null);
});

batch.run();
commits.run();
