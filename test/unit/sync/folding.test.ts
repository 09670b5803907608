/** An inserter that makes no difference between ids that differ by case or Unicode normalisation only. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Agent } from "../../../src/sync/agent.ts";
import type { Change } from "../../../src/sync/model.ts";
import { Once } from "../../../src/sync/once.ts";
import { foldId } from "../../../src/sync/plan/folding.ts";
import type { Outgoing } from "../../../src/sync/ports.ts";
import { answer } from "../../support/delivery.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("an inserter that folds ids");

const SETTINGS = {
  owner: "tester",
  inserter: {
    url: "http://inserter/post",
    concurrency: 1,
    ratePerSecond: 0,
    batch: false,
    retry: { minMs: 1, maxMs: 2 },
  },
  startup: "verify",
  prune: { scope: "owned", maxFraction: 1 },
  pollMs: 1_000,
  driftMs: 1_000,
  resyncMs: 1_000,
} as const;

/** @param keyOf Under which id it keeps an article; it remembers the first one given. */
function scene(keyOf: (id: string) => string) {
  const state = new MemoryState();
  const store = new Map<string, { id: string; digest: string; version: number }>();
  const folded: string[][] = [];
  let files: readonly (readonly [path: string, id: string, edit: number])[] = [];
  let revision = 0;
  let sent: string[] = [];
  const world = worldOf({
    state,
    clock: {
      nowMs: () => Date.now(),
      elapsedMs: () => performance.now(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (ms !== Number.POSITIVE_INFINITY) setTimeout(resolve, ms);
          signal?.addEventListener("abort", () => resolve(), { once: true });
        }),
    },
    report: (event) => {
      if (event.kind === "article.folded") folded.push([event.id, event.listed]);
    },
    source: {
      head: async () => ({ kind: "revision", revision: `r${revision}`, tree: `r${revision}` }),
      compare: async () => ({ way: "list", why: "no-old-revision", pages: pages(), remember: () => {} }),
      read: async (blob) => ({ kind: "bytes", bytes: new TextEncoder().encode(blob) }),
    },
    articles: {
      fingerprint: "f",
      parse: async (_, blob) => {
        const [id = ""] = blob.split(" ");
        const verdict = { kind: "article", id, digest: blob, publishAtMs: null, expiresAtMs: null } as const;
        return { verdict, body: new TextEncoder().encode(blob) };
      },
    },
    sink: {
      inventory: async () => ({ kind: "listing", etag: null, batch: 0, pages: lines() }),
      send: async (one: Outgoing) => {
        sent.push(`${one.kind} ${one.id}`);
        const key = keyOf(one.id);
        if (one.kind === "delete") return answer(store.delete(key) ? 204 : 404);
        const { version, digest } = one;
        store.set(key, { id: store.get(key)?.id ?? one.id, version, digest: digest ?? "" });
        return answer(200);
      },
      sendBatch: () => Promise.reject(new Error("not asked for")),
    },
  });
  async function* pages(): AsyncGenerator<readonly Change[]> {
    yield files.map(([path, id, edit]) => ({ path, blob: `${id} ${edit}`, mode: "file" }));
  }
  async function* lines() {
    const some = [...store].map(([key, { id, digest, version }]) => ({
      id: keyOf(id) === id ? id : key,
      digest,
      version,
      owner: "tester",
    }));
    yield some.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
  return {
    store,
    folded,
    commit: (next: typeof files): void => {
      files = next;
      revision++;
    },
    /** One full reconcile. @returns What was sent. */
    once: async (): Promise<string[]> => {
      sent = [];
      await new Once(new Agent(SETTINGS, world), 3_000, new AbortController().signal).run({ full: false });
      return sent;
    },
  };
}

for (const [id, kept] of [
  ["Intro", "intro"],
  ["Cafe\u0301", "caf\u00e9"],
] as const) {
  test(`has "${id}" as "${kept}": it is sent once more, then left alone, and never deleted`, async () => {
    const one = scene(foldId);
    one.commit([["a.md", id, 1]]);
    assert.equal(await one.once(), [`upsert ${id}`]);
    assert.equal(await one.once(), [`upsert ${id}`]);
    assert.equal(one.folded, []);
    for (let i = 0; i < 3; i++) assert.equal(await one.once(), []);
    assert.equal(one.folded[0], [id, kept]);
    one.commit([["a.md", id, 2]]);
    assert.equal(await one.once(), [`upsert ${id}`]);
    assert.is(one.store.get(kept)?.digest, `${id} 2`);
    one.commit([]);
    await one.once();
    await one.once();
    assert.is(one.store.size, 0);
  });
}

test("keeps one of two articles: the other is left alone", async () => {
  const one = scene(foldId);
  one.commit([
    ["a.md", "Intro", 1],
    ["b.md", "intro", 1],
  ]);
  const rounds: string[][] = [];
  for (let i = 0; i < 6; i++) rounds.push(await one.once());
  assert.equal(rounds.slice(-2), [[], []], JSON.stringify(rounds));
  assert.not(rounds.flat().some((what) => what.startsWith("delete")));
});

test("one that folds nothing is repaired, and rid of what is not wanted", async () => {
  const one = scene((id) => id);
  one.commit([["a.md", "Intro", 1]]);
  await one.once();
  one.store.delete("Intro");
  one.store.set("intro", { id: "intro", digest: "d", version: 1 });
  assert.equal(await one.once(), ["upsert Intro"]);
  assert.equal(await one.once(), ["delete intro"]);
  assert.equal([...one.store.keys()], ["Intro"]);
});

test.run();
