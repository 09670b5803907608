/** The walk over trees made in memory, against the plain comparison of two maps. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PAGE_LENGTH_MAX, walkTrees } from "../../../src/source/tree.ts";
import type { Change } from "../../../src/sync/model.ts";
import { fileSets, type PlainFiles } from "../../support/file-sets.ts";

const test = suite("walk of trees");
const MODES = { file: "100644", symlink: "120000", submodule: "160000" } as const;

/** Raw trees by id, as git would store them. */
class Store {
  readonly trees = new Map<string, Buffer>();

  /** Stores the tree of a set of files and gives its id. */
  add(files: PlainFiles, dir = ""): string {
    const entries = new Map<string, Buffer>();
    for (const [path, { mode, blob }] of files) {
      if (!path.startsWith(dir)) continue;
      const [name = "", ...rest] = path.slice(dir.length).split("/");
      const key = rest.length > 0 ? `${name}/` : name;
      if (entries.has(key)) continue;
      const id = rest.length > 0 ? this.add(files, `${dir}${key}`) : blob;
      const head = Buffer.from(`${rest.length > 0 ? "40000" : MODES[mode]} ${name}\0`);
      entries.set(key, Buffer.concat([head, Buffer.from(id, "hex")]));
    }
    const sorted = [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const bytes = Buffer.concat(sorted.map(([, entry]) => entry));
    const id = createHash("sha1").update(bytes).digest("hex");
    this.trees.set(id, bytes);
    return id;
  }

  get(id: string): Buffer {
    const bytes = this.trees.get(id);
    if (bytes === undefined) throw new Error(`no tree ${id}`);
    return bytes;
  }
}

function expected(before: PlainFiles, now: PlainFiles): Change[] {
  const paths = [...new Set([...before.keys(), ...now.keys()])];
  paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return paths.flatMap((path): Change[] => {
    const old = before.get(path);
    const young = now.get(path);
    if (young === undefined) return old ? [{ path, blob: null, mode: old.mode }] : [];
    if (old?.blob === young.blob && old.mode === young.mode) return [];
    return [{ path, blob: young.blob, mode: young.mode }];
  });
}

async function walked(store: Store, before: string | null, now: string) {
  const changes: Change[] = [];
  const remembered = new Map<string, string>();
  const forgotten: string[] = [];
  const pages = walkTrees({
    before,
    now,
    selects: () => true,
    mayContain: () => true,
    onInvalidPath: () => assert.unreachable(),
    readBefore: (_dir, tree) => store.get(tree),
    readNow: async (tree) => store.get(tree),
    onFolder: (dir, tree) => void remembered.set(dir, tree),
    onFolderGone: (dir) => void forgotten.push(dir),
  });
  for await (const page of pages) {
    assert.ok(page.length > 0 && page.length <= PAGE_LENGTH_MAX);
    changes.push(...page);
  }
  return { changes, remembered, forgotten };
}

test("gives what a comparison of all paths gives, in byte order", async () => {
  await fc.assert(
    fc.asyncProperty(fileSets, fileSets, async (before, now) => {
      const store = new Store();
      const [old, young] = [store.add(before), store.add(now)];
      const walk = await walked(store, old, young);
      assert.equal(walk.changes, expected(before, now));
      const list = await walked(store, null, young);
      assert.equal(list.changes, expected(new Map(), now));
    }),
    { numRuns: 300 },
  );
});

test("what it says of folders makes the trees of the next walk", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fileSets, { minLength: 2, maxLength: 5 }), async (history) => {
      const store = new Store();
      const kept = new Map<string, string>();
      let before: string | null = null;
      for (const files of history) {
        const now = store.add(files);
        const { remembered, forgotten } = await walked(store, before, now);
        for (const [dir, tree] of remembered) kept.set(dir, tree);
        for (const gone of forgotten) {
          for (const dir of [...kept.keys()]) if (dir.startsWith(gone)) kept.delete(dir);
        }
        const fresh = await walked(store, null, now);
        assert.equal(new Map([...kept].sort()), new Map([...fresh.remembered].sort()));
        before = now;
      }
    }),
    { numRuns: 150 },
  );
});

test("pages are full but for the last, and a walk that is given up rejects nowhere", async () => {
  const many: PlainFiles = new Map(
    Array.from({ length: 1000 }, (_, i) => [`d${i % 40}/${i}.md`, { mode: "file", blob: "ab".repeat(20) }]),
  );
  const store = new Store();
  const now = store.add(many);
  const lengths: number[] = [];
  let reads = 0;
  const walk = {
    before: null,
    now,
    selects: () => true,
    mayContain: () => true,
    onInvalidPath: () => {},
    readBefore: () => assert.unreachable(),
    readNow: async (tree: string) => {
      if (++reads > 20) throw new Error("gone");
      return store.get(tree);
    },
    onFolder: () => {},
    onFolderGone: () => {},
  } as unknown as Parameters<typeof walkTrees>[0];
  try {
    for await (const page of walkTrees(walk)) lengths.push(page.length);
    assert.unreachable("it must fail");
  } catch (error) {
    assert.is((error as Error).message, "gone");
  }
  assert.equal(lengths, [256]);
  await new Promise((resolve) => setImmediate(resolve));
});

test.run();
