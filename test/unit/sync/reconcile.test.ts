/** A pass that ends before its time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Change, Entry } from "../../../src/sync/model.ts";
import { StateUnavailable } from "../../../src/sync/ports.ts";
import { Reconciler } from "../../../src/sync/reconcile.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { MemoryTables } from "../../support/memory-tables.ts";

const test = suite("passes");

const HEAD = { kind: "revision", revision: "r", tree: "r" } as const;

function entry(id: string): Entry {
  return { ...blankEntry(id), path: `${id}.md`, blob: id, acknowledged: { digest: id, version: 1 } };
}

test("has delivery look for what was begun before the state failed", async () => {
  const tables = new MemoryTables();
  for (const id of ["a", "b"]) {
    tables.replaceEntry(id, entry(id));
    const verdict = { kind: "article", id, digest: id, publishAtMs: null } as const;
    tables.replaceFile(`${id}.md`, { path: `${id}.md`, blob: id, fingerprint: "f", verdict });
  }
  tables.meta.set("checkpoint", "r").set("fingerprint", "f");
  let commits = 0;
  const state = new MemoryState(tables, (call) => {
    if (call === "commit" && ++commits === 2) throw new StateUnavailable("disk full");
  });
  const clock = { nowMs: () => 5, elapsedMs: () => 5, sleep: () => Promise.resolve() };
  const versions = new Versions(state, clock);
  const neverAsked = (): never => {
    throw new Error("not asked for");
  };
  let wakes = 0;
  const reconciler = new Reconciler({
    state,
    source: {
      head: () => Promise.resolve(HEAD),
      compare: async () => ({ way: "list", why: "no-old-revision", pages: noPages(), remember: () => {} }),
      read: neverAsked,
    },
    articles: { fingerprint: "f", parse: neverAsked },
    versions,
    clock,
    report: () => {},
    maxFraction: 1,
    offer: () => {},
    wake: () => wakes++,
    strides: { page: 1, slice: 1 },
  });
  const rules = { scope: "owned", retryRefused: true, resend: "all", resendUpTo: 9 } as const;
  const options = { rules, everything: true, relist: false, superseded: () => false };
  const failure = await reconciler.pass(HEAD, options).catch((error: unknown) => error);
  assert.instance(failure, StateUnavailable);
  assert.equal(
    state.pending(null, 9).map(({ id }) => id),
    ["a"],
  );
  assert.ok(wakes > 0);
});

async function* noPages(): AsyncGenerator<readonly Change[]> {}

test.run();
