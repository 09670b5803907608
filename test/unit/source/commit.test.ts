import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommit } from "../../../src/source/commit.ts";

const test = suite("commit objects");
const TREE = "a".repeat(40);

test("gives tree, subject and the author's time", () => {
  const bytes = Buffer.from(
    `tree ${TREE}\nparent ${"b".repeat(40)}\nauthor 夏目 <n@example.org> 1600000000 +0900\n` +
      "committer C <c@example.org> 1700000000 +0000\ngpgsig -----BEGIN\n tree x\n -----END\n\n記事を直す\n\nwhy\n",
  );
  assert.equal(parseCommit(bytes), { tree: TREE, subject: "記事を直す", authorTimeMs: 1_600_000_000_000 });
});

test("reads the encoding that a commit names, and survives one that nobody knows", () => {
  const commit = (encoding: string, message: Buffer) =>
    parseCommit(
      Buffer.concat([Buffer.from(`tree ${TREE}\nauthor A <a> 1 +0000\nencoding ${encoding}\n\n`), message]),
    ).subject;
  assert.is(commit("ISO-8859-1", Buffer.from([0x63, 0x61, 0x66, 0xe9])), "café");
  assert.is(commit("Shift_JIS", Buffer.from([0x8b, 0x4c])), "記");
  assert.is(commit("no-such-thing", Buffer.from("ok")), "ok");
});

test("does without a message, an author or a sensible time", () => {
  assert.equal(parseCommit(Buffer.from(`tree ${TREE}\n`)), { tree: TREE, subject: "", authorTimeMs: 0 });
  assert.throws(() => parseCommit(Buffer.from("parent x\n\n")), /without a tree/);
});

test.run();
