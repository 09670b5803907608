import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type RequestNote, Watchdog } from "../../../src/report/watchdog.ts";
import type { Change, Listed } from "../../../src/sync/model.ts";
import type { InventoryReply, Outgoing, Reply, World } from "../../../src/sync/ports.ts";

const watchdogs = suite("watchdog");

const answered = (status: number): Reply => {
  return { kind: "answer", status, retryAfterMs: null, version: null, location: null, excerpt: "" };
};
const operation: Outgoing = { kind: "upsert", id: "a", version: 1, digest: null, body: null };
const { signal } = new AbortController();

function observed(parts: {
  readonly send?: () => Promise<Reply>;
  readonly inventory?: () => Promise<InventoryReply>;
  readonly pages?: AsyncIterable<readonly Change[]>;
}) {
  let elapsedMs = 0;
  const notes: RequestNote[] = [];
  const watchdog = new Watchdog(
    () => elapsedMs,
    (note) => notes.push(note),
  );
  const world = {
    clock: { nowMs: () => 0, elapsedMs: () => elapsedMs, sleep: async () => {} },
    source: {
      head: async () => ({ kind: "waiting", reason: "", hint: "" }),
      compare: async () => ({ way: "list", why: "no-old-revision", pages: parts.pages, remember: () => {} }),
      read: async () => ({ kind: "missing" }),
    },
    articles: { fingerprint: "f", parse: async () => ({ verdict: { kind: "none" }, body: null }) },
    sink: {
      send: parts.send,
      inventory: parts.inventory,
      sendBatch: async () => ({ whole: answered(200), lines: [] }),
    },
  } as unknown as World;
  const pass = (ms: number): void => {
    elapsedMs += ms;
  };
  return { world: watchdog.watch(world), watchdog, notes, pass };
}

watchdogs("times a request, counts it while it is out, and reports how it ended", async () => {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const { world, watchdog, notes, pass } = observed({ send: () => promise });
  const sending = world.sink.send(operation, signal);
  pass(250);
  assert.is(watchdog.sending, 1);
  assert.is(watchdog.lastMs("send"), 0);
  resolve(answered(503));
  assert.equal(await sending, answered(503));
  assert.is(watchdog.sending, 0);
  assert.is(watchdog.lastMs("send"), 250);
  assert.equal(notes, [{ request: "upsert", code: "503", durationMs: 250 }]);
});

watchdogs("reports failures by their kind, and a request that was given up", async () => {
  const failed = observed({ send: async () => ({ kind: "failure", why: "timeout", message: "" }) });
  await failed.world.sink.send({ ...operation, kind: "delete" }, signal);
  assert.equal(failed.notes, [{ request: "delete", code: "timeout", durationMs: 0 }]);
  const aborted = observed({ send: () => Promise.reject(new Error("aborted")) });
  await aborted.world.sink.send(operation, signal).then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, "aborted"),
  );
  assert.is(aborted.notes[0]?.code, "aborted");
  assert.is(aborted.watchdog.sending, 0);
  const batch = observed({});
  await batch.world.sink.sendBatch([operation], signal);
  assert.equal(batch.notes, [{ request: "batch", code: "200", durationMs: 0 }]);
});

watchdogs("notices every page of an inventory, and closes one that is not read", async () => {
  let closed = 0;
  const pages: AsyncIterable<readonly Listed[]> = {
    [Symbol.asyncIterator]() {
      let left = 2;
      return {
        next: async () => (left-- > 0 ? { done: false, value: [] } : { done: true, value: undefined }),
        return: async () => {
          closed++;
          return { done: true, value: undefined };
        },
      };
    },
  };
  const { world, watchdog, notes, pass } = observed({
    inventory: async () => ({ kind: "listing", etag: null, batch: 0, pages }),
  });
  const reply = await world.sink.inventory(null, signal);
  if (reply.kind !== "listing") return assert.unreachable();
  assert.is(notes[0]?.code, "200");
  let count = 0;
  for await (const _page of reply.pages) {
    pass(10);
    count++;
  }
  assert.is(count, 2);
  assert.is(watchdog.lastMs("inventory"), 20);
  await reply.pages[Symbol.asyncIterator]().return?.();
  assert.is(closed, 1);
});

watchdogs("hands on what a tree's pages throw", async () => {
  const pages = (async function* (): AsyncGenerator<readonly Change[]> {
    yield [];
    throw new Error("gone");
  })();
  const { world, watchdog, pass } = observed({ pages });
  pass(5);
  try {
    const comparison = await world.source.compare(null, { kind: "revision", revision: "r", tree: "t" });
    for await (const _page of comparison.pages);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, "gone");
  }
  assert.is(watchdog.lastMs("compare"), 5);
});

watchdogs("a held article tried with patience is no sign of life of the loop", async () => {
  const { world, watchdog, pass } = observed({});
  pass(5);
  await world.articles.parse("a", "b", { kind: "missing" }, 10);
  assert.is(watchdog.lastMs("parse"), 0);
  await world.articles.parse("a", "b", { kind: "missing" }, 1);
  assert.is(watchdog.lastMs("parse"), 5);
  assert.is(world.articles.fingerprint, "f");
});

watchdogs.run();
