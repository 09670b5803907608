/** A pass that ends before its time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Change, Entry } from "../../../src/sync/model.ts";
import { type Source, StateUnavailable } from "../../../src/sync/ports.ts";
import { type Core, reconcile } from "../../../src/sync/reconcile.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { MemoryTables } from "../../support/memory-tables.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("passes");

const HEAD = { kind: "revision", revision: "r", tree: "r" } as const;

function entry(id: string): Entry {
  return { ...blankEntry(id), path: `${id}.md`, blob: id, acknowledged: { digest: id, version: 1 } };
}

test("has delivery look for what was begun before the state failed", async () => {
  const tables = new MemoryTables();
  for (const id of ["a", "b"]) {
    tables.replaceEntry(id, entry(id));
    const verdict = { kind: "article", id, digest: id, publishAtMs: null, expiresAtMs: null } as const;
    tables.replaceFile(`${id}.md`, { path: `${id}.md`, blob: id, fingerprint: "f", verdict });
  }
  tables.meta.set("checkpoint", "r").set("fingerprint", "f");
  let commits = 0;
  const state = new MemoryState(tables, (call) => {
    if (call === "commit" && ++commits === 2) throw new StateUnavailable("disk full");
  });
  const source: Source = {
    head: () => Promise.reject(new Error("not asked for")),
    compare: async () => ({ way: "list", why: "no-old-revision", pages: noPages(), remember: () => {} }),
    read: () => Promise.reject(new Error("not asked for")),
  };
  const world = worldOf({ state, source });
  let wakes = 0;
  const core: Core = {
    world,
    versions: new Versions(state, world.clock),
    settings: { prune: { scope: "owned", maxFraction: 1 } },
    deliverer: { offer: () => Promise.resolve(), wake: () => wakes++ },
    missing: { isAny: false, clear: () => {}, add: () => {} },
    sizes: { ids: 1, files: 1, bodiesBytes: 0 },
  };
  const failure = await reconcile(core, HEAD, "start", { resend: "all", resendUpTo: 9 }).catch(
    (error: unknown) => error,
  );
  assert.instance(failure, StateUnavailable);
  assert.equal(
    state.pending(null, 9).map(({ id }) => id),
    ["a"],
  );
  assert.ok(wakes > 0);
});

async function* noPages(): AsyncGenerator<readonly Change[]> {}

test.run();
