import { suite } from "uvu";
import * as assert from "uvu/assert";
import { differences, MalformedTree } from "../../../src/source/tree.ts";

const test = suite("differences of trees");

/** A raw tree, its entries in the order given; ids are one byte repeated. */
function tree(...entries: readonly (readonly [mode: string, name: string, id: number])[]): Buffer {
  return Buffer.concat(
    entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, id)]),
  );
}

function shown(before: Buffer | null, now: Buffer | null): string[] {
  return [...differences(before, now, 20)].map((difference) => {
    const side = (entry: typeof difference.now) => (entry ? `${entry.kind} ${entry.id.slice(0, 2)}` : "-");
    return `${difference.now?.name ?? difference.before?.name}: ${side(difference.before)} > ${side(difference.now)}`;
  });
}

test("sees what changed, came and went, and nothing else", () => {
  const before = tree(["100644", "a", 1], ["100644", "b", 2], ["40000", "c", 3], ["100644", "d", 4]);
  const now = tree(["100644", "a", 1], ["100644", "b", 9], ["40000", "c", 8], ["100644", "e", 4]);
  assert.equal(shown(before, now), [
    "b: file 02 > file 09",
    "c: folder 03 > folder 08",
    "d: file 04 > -",
    "e: - > file 04",
  ]);
  assert.equal(shown(now, now), []);
  assert.equal(shown(null, null), []);
  assert.is(shown(null, now).length, 4);
  assert.is(shown(before, null).length, 4);
});

test("counts a folder as if a slash were at its end", () => {
  const before = tree(["100644", "a", 1], ["100644", "a-b", 2], ["100644", "a.md", 3], ["100644", "a0", 5]);
  const now = tree(["100644", "a-b", 2], ["100644", "a.md", 3], ["40000", "a", 4], ["100644", "a0", 5]);
  assert.equal(shown(before, now), ["a: file 01 > -", "a: - > folder 04"]);
});

test("a change of kind is a difference, one of permission bits is none", () => {
  const before = tree(["100644", "a", 1], ["100644", "b", 1]);
  const now = tree(["100755", "a", 1], ["120000", "b", 1]);
  assert.equal(shown(before, now), ["b: file 01 > symlink 01"]);
  assert.equal(shown(null, tree(["160000", "s", 7])), ["s: - > submodule 07"]);
});

test("an id that contains a NUL, a blank or a newline does not mislead it", () => {
  const before = tree(["100644", "a", 0], ["100644", "b", 0x20], ["100644", "c", 0x0a]);
  const now = tree(["100644", "a", 0], ["100644", "b", 0], ["100644", "c", 0x0a]);
  assert.equal(shown(before, now), ["b: file 20 > file 00"]);
});

test("sees every change in a folder of thousands, wherever it is", () => {
  const names = Array.from({ length: 2_000 }, (_, n) => `post-${String(n).padStart(4, "0")}.md`);
  const all = (id: (n: number) => number) =>
    tree(...names.map((name, n) => ["100644", name, id(n)] as const));
  const before = all((n) => n % 7);
  for (const every of [1, 2, 50, 113, 114, 1_999]) {
    const now = all((n) => (n % every === 0 ? 200 : n % 7));
    const changed = names.filter((_, n) => n % every === 0);
    assert.equal(
      [...differences(before, now, 20)].map((difference) => String(difference.now?.name)),
      changed,
      `every ${every}`,
    );
    const without = tree(
      ...names.flatMap((name, n) => (n % every === 0 ? [] : [["100644", name, n % 7] as const])),
    );
    assert.equal(
      [...differences(before, without, 20)].map(({ before, now }) => [String(before?.name), now]),
      changed.map((name) => [name, null]),
    );
  }
});

test("takes ids of 32 bytes", () => {
  const entry = (id: number) => Buffer.concat([Buffer.from("100644 a\0"), Buffer.alloc(32, id)]);
  const [difference] = [...differences(entry(1), entry(2), 32)];
  assert.is(difference?.now?.id, "02".repeat(32));
});

test("is not fooled by bytes that are no tree", () => {
  assert.throws(
    () => shown(null, Buffer.from("100644 cut off\0abc")),
    (e: unknown) => e instanceof MalformedTree,
  );
  assert.throws(
    () => shown(null, Buffer.from("nothing like a tree")),
    (e: unknown) => e instanceof MalformedTree,
  );
  assert.throws(
    () => shown(tree(["100644", "a", 1]), Buffer.from("x")),
    (e: unknown) => e instanceof MalformedTree,
  );
});

test.run();
