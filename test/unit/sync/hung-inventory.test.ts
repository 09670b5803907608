/** An inserter that takes articles, and never answers when it is asked for its inventory. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Agent } from "../../../src/sync/agent.ts";
import { Daemon } from "../../../src/sync/daemon.ts";
import type { Change } from "../../../src/sync/model.ts";
import type { InventoryReply, RevisionHead } from "../../../src/sync/ports.ts";
import { answer } from "../../support/delivery.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("a hung inventory");

const HOUR_MS = 3_600_000;

/** @param inventories What it answers, one time after the other; nothing once these are over. */
function scene(options: {
  readonly driftMs: number;
  readonly inventories: readonly InventoryReply[];
  readonly isKnown: boolean;
}) {
  const state = new MemoryState();
  let revision = "r1";
  let asked = 0;
  let heads = 0;
  const sent: string[] = [];
  const waiting: (() => void)[] = [];
  const look = (): void => {
    for (const one of waiting.splice(0)) one();
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const settings = {
    owner: "tester",
    inserter: {
      url: "http://inserter/post",
      concurrency: 8,
      ratePerSecond: 0,
      batch: false,
      retry: { minMs: 1, maxMs: 2 },
    },
    startup: "verify",
    prune: { scope: "owned", maxFraction: 0.5 },
    pollMs: 50,
    driftMs: options.driftMs,
    resyncMs: HOUR_MS,
  } as const;
  if (options.isKnown) {
    for (const [key, value] of [
      ["inserter", settings.inserter.url],
      ["owner", settings.owner],
      ["version", "1"],
      ["capability", "inventory"],
    ] as const)
      state.setMeta(key, value);
  }
  const head = (): RevisionHead => ({ kind: "revision", revision, tree: revision });
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
    source: {
      head: async () => {
        heads++;
        look();
        return head();
      },
      compare: async () => ({ way: "list", why: "no-old-revision", pages: pages(), remember: () => {} }),
      read: async () => ({ kind: "bytes", bytes: new Uint8Array(1) }),
    },
    articles: {
      fingerprint: "f",
      parse: async (_, blob) => {
        const verdict = {
          kind: "article",
          id: "a",
          digest: blob,
          publishAtMs: null,
          expiresAtMs: null,
        } as const;
        return { verdict, body: new Uint8Array(1) };
      },
    },
    sink: {
      inventory: (_, signal) => {
        const reply = options.inventories[asked++];
        look();
        if (reply !== undefined) return Promise.resolve(reply);
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
        });
      },
      send: async ({ digest }) => {
        sent.push(digest ?? "");
        look();
        return answer(200);
      },
      sendBatch: () => Promise.reject(new Error("not asked for")),
    },
  });
  async function* pages(): AsyncGenerator<readonly Change[]> {
    yield [{ path: "a.md", blob: revision, mode: "file" }];
  }
  const daemon = new Daemon(new Agent(settings, world));
  const running = daemon.run();
  return {
    daemon,
    sent,
    until,
    asked: () => asked,
    heads: () => heads,
    commit: (name: string): void => {
      revision = name;
      daemon.hint();
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await daemon.stop(0);
      await running;
    },
  };
}

const listing = (): InventoryReply => ({ kind: "listing", etag: null, batch: 0, pages: noLines() });
async function* noLines(): AsyncGenerator<readonly never[]> {}

test("at the drift check delays no edit", async () => {
  await using one = scene({ driftMs: 1, inventories: [listing()], isKnown: false });
  await one.until(() => one.sent.includes("r1") && one.asked() === 2);
  for (const name of ["r2", "r3"]) {
    one.commit(name);
    await one.until(() => one.sent.includes(name));
  }
  assert.is(one.asked(), 2, "it is still asked for");
  assert.equal(one.sent, ["r1", "r2", "r3"]);
});

test("at a resync delays no edit", async () => {
  await using one = scene({ driftMs: HOUR_MS, inventories: [listing()], isKnown: false });
  await one.until(() => one.sent.includes("r1"));
  one.daemon.resync("resync");
  await one.until(() => one.asked() === 2);
  one.commit("r2");
  await one.until(() => one.sent.includes("r2"));
  assert.is(one.asked(), 2);
});

test("at the start delays no edit where the state knows the inserter", async () => {
  await using one = scene({ driftMs: HOUR_MS, inventories: [], isKnown: true });
  await one.until(() => one.sent.includes("r1"));
  assert.is(one.asked(), 1);
  assert.is(one.daemon.status.firstPassDone, false, "no full reconcile was made yet");
});

test("at the start is waited for where nothing is known of the inserter", async () => {
  await using one = scene({ driftMs: HOUR_MS, inventories: [], isKnown: false });
  await one.until(() => one.asked() === 1);
  // That is more than the head start it has elsewhere.
  await one.until(() => one.heads() > 40);
  assert.equal(one.sent, []);
});

test.run();
