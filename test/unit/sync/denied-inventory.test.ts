/** A gateway that answers 401, 403 or a redirect to the inventory alone. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Agent } from "../../../src/sync/agent.ts";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Change } from "../../../src/sync/model.ts";
import { Once } from "../../../src/sync/once.ts";
import { answer } from "../../support/delivery.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("a denied inventory");

const HEAD = { kind: "revision", revision: "r", tree: "r" } as const;
const SETTINGS = {
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
  pollMs: 1_000,
  driftMs: 1_000,
  resyncMs: 1_000,
} as const;

/** The state says that the inserter holds "a"; it holds nothing. */
function scene(status: number, post: number) {
  const state = new MemoryState();
  const sent: string[] = [];
  const reasons: string[] = [];
  const verdict = { kind: "article", id: "a", digest: "d", publishAtMs: null, expiresAtMs: null } as const;
  state.putFile({ path: "a.md", blob: "b", fingerprint: "f", verdict });
  const acknowledged = { digest: "d", version: 1 };
  state.putEntry({ ...blankEntry("a"), path: "a.md", blob: "b", acknowledged });
  for (const [key, value] of [
    ["inserter", SETTINGS.inserter.url],
    ["owner", "tester"],
    ["version", "1"],
    ["checkpoint", "r"],
    ["fingerprint", "f"],
    ["capability", "inventory"],
  ] as const)
    state.setMeta(key, value);
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
      if (event.kind === "inventory.unknown") reasons.push(event.reason);
    },
    source: {
      head: async () => HEAD,
      compare: async () => ({ way: "list", why: "no-old-revision", pages: noPages(), remember: () => {} }),
      read: async () => ({ kind: "bytes", bytes: new Uint8Array(1) }),
    },
    articles: { fingerprint: "f", parse: async () => ({ verdict, body: new Uint8Array(1) }) },
    sink: {
      inventory: async () => ({ kind: "unknown", reply: answer(status) }),
      send: async ({ id }) => {
        sent.push(id);
        return answer(post);
      },
      sendBatch: () => Promise.reject(new Error("not asked for")),
    },
  });
  return { state, sent, reasons, agent: new Agent(SETTINGS, world) };
}

async function* noPages(): AsyncGenerator<readonly Change[]> {}

for (const status of [401, 403, 302]) {
  test(`${status}: once fills an empty store, and then it counts as none`, async () => {
    const { state, sent, reasons, agent } = scene(status, 200);
    const { signal } = new AbortController();
    const result = await new Once(agent, 3_000, signal).run({ full: false });
    assert.equal(sent, ["a"]);
    assert.is(result.counts.pending, 0);
    assert.is(state.meta("capability"), "inventory", "it was not asked again yet");
    assert.is((await agent.verify(signal)).kind, "none");
    assert.is(state.meta("capability"), "none");
    assert.match(reasons.at(-1) ?? "", /other owners are not protected/);
  });

  test(`${status}: while articles are denied too, nothing is known, and once does not end as if all was well`, async () => {
    const { state, agent } = scene(status, status);
    const { signal } = new AbortController();
    const result = await new Once(agent, 50, signal).run({ full: false });
    assert.is(result.counts.pending, 1);
    assert.is((await agent.verify(signal)).kind, "unknown");
    assert.is(state.meta("capability"), "inventory");
  });
}

test.run();
