/** From tree to plan: whichever way it goes, whatever the sizes of its pages, the same comes of it. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acknowledge } from "../../../src/sync/entry.ts";
import type { ComparisonChoice, Entry, Listed } from "../../../src/sync/model.ts";
import { Inventory } from "../../../src/sync/plan/inventory.ts";
import type { Articles, Clock, RevisionHead, Sink, Source } from "../../../src/sync/ports.ts";
import { type Core, type PageSizes, reconcile } from "../../../src/sync/reconcile.ts";
import { Versions } from "../../../src/sync/version.ts";
import { CONFIGS, type Config, type Kind, type Node, Parser, write } from "../../simulation/content.ts";
import { compareTrees, Repository, type Tree } from "../../simulation/repository.ts";
import { wanted } from "../../simulation/rest.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("plans");

const NOW_MS = 1_700_000_000_000;
const PATHS = ["a.md", "b.md", "b/x.md", "c.md", "ｱ.md", "😀.md"];
const READABLE: readonly Kind[] = ["good", "good", "good", "draft", "unmapped", "plain"];
const ANY: readonly Kind[] = [...READABLE, "bad", "junk", "stuck"];
const WAYS = ["walk", "diff-tree", "list"] as const;
const CHOICES: Readonly<Record<(typeof WAYS)[number], ComparisonChoice>> = {
  walk: { way: "walk", why: "trees-remembered" },
  "diff-tree": { way: "diff-tree", why: "old-commit-at-hand" },
  list: { way: "list", why: "old-commit-gone" },
};

const clock: Clock = { nowMs: () => NOW_MS, elapsedMs: () => 0, sleep: () => Promise.resolve() };

const pageSizes: fc.Arbitrary<PageSizes> = fc.record({
  ids: fc.integer({ min: 1, max: 7 }),
  files: fc.integer({ min: 1, max: 7 }),
  bodiesBytes: fc.constant(0),
});

function trees(kinds: readonly Kind[]): fc.Arbitrary<Tree> {
  const text = fc.record({
    kind: fc.constantFrom(...kinds),
    id: fc.constantFrom("i1", "i2", "i3", "あ"),
    edit: fc.nat({ max: 3 }),
    dateMs: fc.constantFrom(null, null, NOW_MS - 1, NOW_MS, NOW_MS + 1),
    expiresMs: fc.constantFrom(null, null, null, NOW_MS - 1, NOW_MS, NOW_MS + 1),
  });
  const file: fc.Arbitrary<Node> = fc.oneof(
    { weight: 9, arbitrary: text.map(write) },
    { weight: 1, arbitrary: text.map((one): Node => ({ ...write(one), mode: "symlink" })) },
  );
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...PATHS), file), { selector: ([path]) => path, maxLength: 6 })
    .map((files) => new Map(files));
}

/** One agent's memory, the inserter it feeds, and the repository it reads. */
class Bench {
  readonly state = new MemoryState();
  readonly inserter = new Map<string, string>();
  readonly #parser = new Parser();
  readonly repository = new Repository(this.#parser);
  readonly #config: Config = CONFIGS[0] as Config;
  readonly #core: Core;
  readonly versions = new Versions(this.state, clock);

  constructor(way: (typeof WAYS)[number], sizes: PageSizes) {
    const articles: Articles = {
      fingerprint: "1",
      parse: (path, blob, content, patience) =>
        Promise.resolve(this.#parser.parse(this.#config, path, blob, content, patience)),
    };
    this.#core = {
      world: worldOf({ state: this.state, source: this.#source(way), articles, clock }),
      versions: this.versions,
      settings: { prune: { scope: "owned", maxFraction: 1 } },
      deliverer: { offer: () => Promise.resolve(), wake: () => {} },
      missing: { isAny: false, clear: () => {}, add: () => {} },
      sizes,
    };
  }

  #source(way: (typeof WAYS)[number]): Source {
    const { repository } = this;
    return {
      head: () => Promise.resolve(headOf(repository)),
      compare: async (from, to) => {
        const choice = from === null ? CHOICES.list : CHOICES[way];
        const before = from === null || way === "list" ? null : repository.commitNamed(from)?.tree;
        const tree = repository.commitNamed(to.revision)?.tree ?? new Map();
        const changes = compareTrees(before ?? null, tree, this.#config);
        return { ...choice, pages: pagesOf(changes), remember: () => {} };
      },
      read: () => Promise.resolve({ kind: "bytes", bytes: new Uint8Array() }),
    };
  }

  /** Makes a tree the published one, and plans for it. @returns How many operations were begun. */
  async plan(tree: Tree): Promise<number> {
    this.repository.publish(this.repository.commit(tree), this.#config, NOW_MS);
    return this.again(false);
  }

  async again(thorough: boolean): Promise<number> {
    const result = await reconcile(this.#core, headOf(this.repository), thorough ? "resync" : "again");
    return result.kind === "done" ? result.begun : Number.NaN;
  }

  /** The inserter takes everything that is pending. */
  deliver(): void {
    for (const entry of this.state.pending(null, 1_000)) {
      const { id, pending } = entry;
      if (pending === null) continue;
      if (pending.kind === "upsert") this.inserter.set(id, pending.digest);
      else this.inserter.delete(id);
      const next = acknowledge(entry, pending);
      if (next === null) this.state.dropEntry(id);
      else this.state.putEntry(next);
    }
  }

  /** What is pending, but for the versions: they follow the order in which it was begun. */
  entries(): unknown[] {
    const withoutVersion = ({ pending, ...entry }: Entry): unknown => ({
      ...entry,
      acknowledged: entry.acknowledged?.digest,
      pending: pending && { ...pending, version: 0 },
    });
    return [...this.state.tables.entries.values()].map(withoutVersion);
  }

  /** Files and marks, as the next pass finds them. */
  memory(): unknown {
    const { files, touched } = this.state.tables;
    return { files: [...files.values()], touched: [...touched.keys()] };
  }
}

function headOf({ current }: Repository): RevisionHead {
  const name = current?.commit.name ?? "";
  return { kind: "revision", revision: name, tree: name };
}

async function* pagesOf<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let i = 0; i < items.length; i += 2) yield items.slice(i, i + 2);
}

test("are the same by walk, by diff-tree and by listing, in pages of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(trees(ANY), { minLength: 2, maxLength: 4 }),
      fc.array(pageSizes, { minLength: 3, maxLength: 3 }),
      async (history, sizes) => {
        const benches = WAYS.map((way, i) => new Bench(way, sizes[i] as PageSizes));
        for (const tree of history) {
          for (const bench of benches) await bench.plan(tree);
          const [first, ...others] = benches as [Bench, ...Bench[]];
          for (const bench of others) {
            assert.equal(bench.entries(), first.entries());
            assert.equal(bench.memory(), first.memory());
          }
          for (const bench of benches) bench.deliver();
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("applied give the tree, whatever came before it; and then there is nothing to plan", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(trees(READABLE), fc.boolean()), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...WAYS),
      pageSizes,
      async (history, way, sizes) => {
        const bench = new Bench(way, sizes);
        for (const [tree, isDelivered] of history) {
          await bench.plan(tree);
          if (isDelivered) bench.deliver();
        }
        bench.deliver();
        const publication = bench.repository.current;
        assert.ok(publication);
        // A loser of an id, and a file without front matter, keep what they were published as before.
        const articles = wanted(publication, NOW_MS, bench.state.tables.entries);
        const losers = [...publication.candidates.values()].some((files) => files.length > 1);
        for (const [id, digest] of articles) assert.is(bench.inserter.get(id), digest);
        if (!losers && publication.bare.size === 0) assert.is(bench.inserter.size, articles.size);
        assert.is(await bench.again(false), 0);
        assert.is(await bench.again(true), 0);
        assert.equal(bench.state.pending(null, 1), []);
      },
    ),
    { numRuns: 300 },
  );
});

test("do not depend on the order of the lines of an inventory", async () => {
  const lines: fc.Arbitrary<Listed[]> = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("i1", "i2", "i3", "あ", "x", "y"),
      digest: fc.constantFrom("i1~0~~a.md~", "other"),
      version: fc.nat({ max: 9 }),
      owner: fc.constantFrom("us", "others", null),
    }),
    { selector: ({ id }) => id },
  );
  const shuffled = lines.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(trees(ANY), shuffled, async (tree, [some, others]) => {
      const benches = [
        new Bench("walk", { ids: 3, files: 2, bodiesBytes: 0 }),
        new Bench("walk", { ids: 3, files: 2, bodiesBytes: 0 }),
      ] as const;
      for (const [i, bench] of benches.entries()) {
        await bench.plan(tree);
        bench.deliver();
        await take(bench, i === 0 ? some : others);
        await bench.again(true);
      }
      assert.equal(benches[1].entries(), benches[0].entries());
    }),
    { numRuns: 200 },
  );
});

/** Lets the manifest learn what the inserter lists. */
async function take({ state, versions }: Bench, lines: readonly Listed[]): Promise<void> {
  const sink: Sink = {
    inventory: () => Promise.resolve({ kind: "listing", etag: null, batch: 0, pages: pagesOf(lines) }),
    send: () => Promise.reject(new Error("nothing is sent")),
    sendBatch: () => Promise.reject(new Error("nothing is sent")),
  };
  const identity = { owner: "us", derive: () => Promise.reject(new Error("known")) };
  const inventory = new Inventory(worldOf({ identity, state, sink, clock }), versions, "owned");
  const tracked = { ids: new Set<string>(), forbid: () => {}, end: () => {} };
  const look = { tracked, isWanted: () => true, again: true };
  const verified = await inventory.refresh(look, new AbortController().signal);
  assert.is(verified.kind, "known");
}

test.run();
