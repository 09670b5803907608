/** The brake, pass by pass, over a state that outlives them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acknowledge } from "../../../src/sync/entry.ts";
import type { Brake, Change, Trigger, Verdict } from "../../../src/sync/model.ts";
import { type Comparison, StateUnavailable, type World } from "../../../src/sync/ports.ts";
import { reconcile } from "../../../src/sync/reconcile.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { MemoryTables } from "../../support/memory-tables.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("the brake");

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** When some articles expire and others appear, epoch milliseconds. */
const TURN_MS = 10;

function verdictOf(text: string): Verdict {
  const [kind, id = ""] = text.split(" ");
  switch (kind) {
    case "article":
      return { kind, id, digest: text, publishAtMs: null, expiresAtMs: null };
    case "until":
      return { kind: "article", id, digest: text, publishAtMs: null, expiresAtMs: TURN_MS };
    case "from":
      return { kind: "article", id, digest: text, publishAtMs: TURN_MS, expiresAtMs: null };
    case "draft":
      return { kind: "withdrawn", id, why: "draft" };
    case "unmapped":
      return { kind: "withdrawn", id, why: "mapped-null" };
    case "rejected":
      return { kind, id: null, problems: [] };
    default:
      return { kind: "none", why: "symlink" };
  }
}

/** What one pass came to. */
interface Passed {
  readonly deleted: readonly string[];
  readonly brake: Brake | null;
}

/** A repository, a state, and an inserter that takes everything at once. */
class Site {
  readonly tables = new MemoryTables();
  /** Blobs are what they say. */
  files = new Map<string, string>();
  tree = "tree";
  maxFraction = 0.5;
  nowMs = 0;
  /** How many transactions the disk has room for. */
  room = Number.POSITIVE_INFINITY;
  #revisions = 0;

  constructor(count: number) {
    this.publish(count, (i) => `article a${i}`);
  }

  /** Files by number, in byte order; null where there is none. */
  publish(count: number, textOf: (i: number) => string | null): void {
    this.files = new Map();
    for (let i = 0; i < count; i++) {
      const text = textOf(i);
      if (text !== null) this.files.set(`${100 + i}.md`, text);
    }
    this.#revisions++;
  }

  /** One pass over the revision as it is, by a process that has just started: all is in the state. */
  async pass(trigger: Trigger = "watch", supersededAfter = Number.POSITIVE_INFINITY): Promise<Passed> {
    const state = new MemoryState(this.tables, (call) => {
      if (call === "begin" && this.room-- <= 0) throw new StateUnavailable("the disk is full");
    });
    const world = this.#world(state);
    const versions = new Versions(state, world.clock);
    const before = new Set(this.ids);
    let slices = 0;
    const result = await reconcile(
      {
        world,
        versions,
        settings: { prune: { scope: "owned", maxFraction: this.maxFraction } },
        deliverer: { offer: () => Promise.resolve(), wake: () => {} },
        missing: { isAny: false, clear: () => {}, add: () => {} },
        sizes: { ids: 7, files: 1, bodiesBytes: 0 },
      },
      { kind: "revision", revision: `r${this.#revisions}`, tree: this.tree },
      trigger,
      { superseded: () => slices++ >= supersededAfter },
    );
    for (const entry of state.pending(null, 1_000)) {
      const { pending, id } = entry;
      if (pending === null) continue;
      const next = acknowledge(entry, pending);
      if (next === null) state.dropEntry(id);
      else state.putEntry(next);
    }
    const now = new Set(this.ids);
    const deleted = [...before].filter((id) => !now.has(id));
    return { deleted, brake: result.kind === "done" ? result.brake : null };
  }

  /** What the inserter holds. */
  get ids(): string[] {
    return [...this.tables.entries.keys()];
  }

  approve(): readonly string[] {
    return new MemoryState(this.tables).approveBraked();
  }

  #world(state: MemoryState): World {
    const listed = [...this.files].map(([path, blob]): Change => ({ path, blob, mode: "file" }));
    const pages = async function* () {
      if (listed.length > 0) yield listed;
    };
    const comparison: Comparison = {
      way: "list",
      why: "no-old-revision",
      get pages() {
        return pages();
      },
      remember: () => {},
    };
    return worldOf({
      state,
      clock: { nowMs: () => this.nowMs, elapsedMs: () => 0, sleep: () => Promise.resolve() },
      source: {
        head: () => Promise.reject(new Error("not asked for")),
        compare: async () => comparison,
        read: async () => ({ kind: "bytes", bytes: new Uint8Array() }),
      },
      articles: {
        fingerprint: "f",
        parse: async (_path, blob) => ({ verdict: verdictOf(blob), body: null }),
      },
    });
  }
}

async function synced(count: number): Promise<Site> {
  const site = new Site(count);
  await site.pass("start");
  assert.is(site.ids.length, count);
  return site;
}

test("holds over passes, resyncs and restarts what the change itself would hide", async () => {
  const site = await synced(40);
  site.publish(40, (i) => `article b${i}`);
  const { deleted, brake } = await site.pass();
  assert.equal(deleted, []);
  assert.equal(brake, { deletes: 40, owned: 40, cause: "ids-changed" });
  for (const trigger of ["again", "drift", "resync", "start", "reload", "schedule"] as const) {
    assert.equal(await site.pass(trigger), { deleted: [], brake }, trigger);
  }
  site.publish(41, (i) => `article b${i}`);
  assert.equal(await site.pass(), { deleted: [], brake }, "a later change");
  assert.is(site.ids.length, 81);
});

test("is released by a repaired repository, without anybody's help", async () => {
  const site = await synced(40);
  site.publish(40, (i) => `article b${i}`);
  await site.pass();
  site.publish(40, (i) => `article a${i}`);
  const { deleted, brake } = await site.pass();
  assert.is(brake, null);
  assert.ok(deleted.every((id) => id.startsWith("b")));
  assert.is(site.ids.length, 40);
});

test("is released by a repaired repository, though the broken one has brought more than there was", async () => {
  const site = await synced(40);
  site.maxFraction = 0.1;
  site.publish(45, (i) => `article b${i}`);
  assert.is((await site.pass()).brake?.deletes, 40);
  site.publish(45, (i) => `article a${i}`);
  const { deleted, brake } = await site.pass();
  assert.equal([deleted.length, brake, site.ids.length], [45, null, 45]);
  site.publish(45, (i) => (i < 5 ? null : `article a${i}`));
  assert.is((await site.pass()).brake?.deletes, 5, "from then on it is as before");
});

test("is not deceived by passes that were interrupted", async () => {
  const site = await synced(40);
  site.publish(40, (i) => `article b${i}`);
  await site.pass("watch", 30);
  assert.is(site.ids.length, 70, "some of the new ones are there");
  site.publish(41, (i) => `article b${i}`);
  await site.pass("watch", 39);
  const { deleted, brake } = await site.pass("start");
  assert.equal(deleted, []);
  assert.equal([brake?.deletes, brake?.owned], [40, 40]);
});

test("lets a first sync that was interrupted go on to a revision with fewer articles", async () => {
  const site = new Site(40);
  await site.pass("start", 39);
  assert.is(site.ids.length, 39);
  site.publish(40, (i) => (i < 3 ? null : `article a${i}`));
  assert.equal((await site.pass("start")).deleted, ["a0", "a1", "a2"]);
  const other = new Site(40);
  await other.pass("start", 39);
  other.publish(0, () => null);
  assert.equal((await other.pass("start")).deleted, [], "but not to one without any");
});

test("judges what follows a first sync, however often that was interrupted, by all that it has brought", async () => {
  const site = new Site(40);
  await site.pass("start", 3);
  await site.pass("start", 36);
  assert.is(site.ids.length, 39);
  site.publish(40, (i) => (i < 3 ? null : `article a${i}`));
  assert.equal((await site.pass("start")).deleted, ["a0", "a1", "a2"]);
  const other = new Site(40);
  await other.pass("start", 39);
  other.publish(40, (i) => `article b${i}`);
  await other.pass("start", 39);
  const { deleted, brake } = await other.pass("start");
  assert.equal([deleted, brake?.deletes, brake?.owned], [[], 39, 39], "and not by what comes after it");
});

test("is not deceived by what time publishes in a pass that was interrupted", async () => {
  const site = new Site(40);
  site.publish(40, (i) => (i < 20 ? `until a${i}` : `from a${i}`));
  await site.pass("start");
  assert.is(site.ids.length, 20);
  site.nowMs = TURN_MS;
  site.room = 5;
  assert.is(await site.pass("schedule").catch(({ message }: Error) => message), "the disk is full");
  site.room = Number.POSITIVE_INFINITY;
  assert.ok(site.tables.entries.size > 20, "some of the new ones are begun");
  const { deleted, brake } = await site.pass("start");
  assert.equal([deleted, brake?.deletes, brake?.owned], [[], 20, 20]);
});

test("guards small sites: more than the fraction, and more than one", async () => {
  for (const [count, left, isHeld] of [
    [10, 0, true],
    [10, 4, true],
    [10, 5, false],
    [3, 1, true],
    [4, 2, false],
    [2, 0, true],
    [2, 1, false],
    [1, 0, false],
  ] as const) {
    const site = await synced(count);
    site.publish(count, (i) => (i < left ? `article a${i}` : null));
    const { deleted, brake } = await site.pass();
    assert.equal(
      [brake !== null, deleted.length],
      [isHeld, isHeld ? 0 : count - left],
      `${left} of ${count}`,
    );
  }
  const renamed = await synced(1);
  renamed.publish(1, () => "article other");
  assert.equal((await renamed.pass()).deleted, ["a0"], "one renamed id never brakes");
  const meant = await synced(10);
  meant.maxFraction = 1;
  meant.publish(0, () => null);
  assert.is((await meant.pass()).deleted.length, 10, "nothing brakes at 1");
});

test("says what looks like the cause", async () => {
  const causes: [Brake["cause"], (site: Site) => void][] = [
    ["no-candidates", (site) => site.publish(0, () => null)],
    [
      "empty-revision",
      (site) => {
        site.publish(0, () => null);
        site.tree = EMPTY_TREE;
      },
    ],
    ["no-articles", (site) => site.publish(10, () => "text")],
    ["no-articles", (site) => site.publish(10, (i) => (i > 8 ? "article a9" : "text"))],
    ["ids-changed", (site) => site.publish(10, (i) => `article b${i}`)],
    ["withdrawn", (site) => site.publish(10, (i) => `draft a${i}`)],
    ["mapped-null", (site) => site.publish(10, (i) => `unmapped a${i}`)],
    ["files-gone", (site) => site.publish(10, (i) => (i > 8 ? "article a9" : null))],
    [null, (site) => site.publish(10, (i) => (i > 5 ? `article b${i}` : i > 1 ? null : `article a${i}`))],
  ];
  for (const [cause, change] of causes) {
    const site = await synced(10);
    change(site);
    assert.is((await site.pass()).brake?.cause, cause);
    assert.is((await site.pass("start")).brake?.cause, cause, "after a restart");
  }
  const adopted = new Site(1);
  for (let i = 0; i < 10; i++) {
    const acknowledged = { digest: "d", version: 1 };
    const none = { blob: null, pending: null, uncertain: false, refusal: null, undeletable: false };
    const id = `other${i}`;
    adopted.tables.replaceEntry(id, {
      id,
      path: null,
      acknowledged,
      repaired: null,
      foreignOwner: null,
      appearedMs: null,
      ...none,
    });
  }
  assert.is((await adopted.pass("start")).brake?.cause, "unknown-files");
});

test("judges later changes by themselves, beside what is held", async () => {
  const site = await synced(40);
  site.publish(40, (i) => `article b${i}`);
  await site.pass();
  site.publish(40, (i) => (i === 0 ? null : `article b${i}`));
  const one = await site.pass();
  assert.equal([one.deleted, one.brake?.deletes], [["b0"], 40]);
  site.publish(40, (i) => (i < 20 ? null : `article b${i}`));
  const some = await site.pass();
  assert.equal([some.deleted.length, some.brake?.deletes], [19, 40]);
  site.publish(40, (i) => (i < 39 ? null : `article b${i}`));
  const many = await site.pass();
  assert.equal([many.deleted, many.brake?.deletes, many.brake?.owned], [[], 59, 60]);
});

test("takes an approval for exactly the ids that it holds, and once", async () => {
  const site = await synced(40);
  site.publish(40, (i) => `article b${i}`);
  await site.pass();
  assert.is(site.approve().length, 40);
  assert.equal(site.approve(), [], "approved already");
  // Another change asks for more before the approval is seen.
  site.publish(40, (i) => `article c${i}`);
  const { deleted, brake } = await site.pass("approval");
  assert.is(deleted.length, 40);
  assert.ok(deleted.every((id) => id.startsWith("a")));
  assert.equal([brake?.deletes, brake?.owned], [40, 40]);
  // The same ids once more are another change.
  site.publish(40, (i) => `article a${i}`);
  site.maxFraction = 1;
  await site.pass();
  site.maxFraction = 0.5;
  site.publish(40, (i) => `article b${i}`);
  assert.equal((await site.pass()).deleted, []);
});

test("takes an approval back with ids that came back", async () => {
  const site = await synced(10);
  site.publish(0, () => null);
  await site.pass();
  assert.is(site.approve().length, 10);
  site.publish(10, (i) => `article a${i}`);
  assert.is((await site.pass()).brake, null);
  site.publish(0, () => null);
  assert.equal((await site.pass()).deleted, []);
});

test("lets go what is no longer too much: files are back, or the fraction is larger", async () => {
  const site = await synced(10);
  site.publish(0, () => null);
  await site.pass();
  site.publish(4, (i) => `article a${i}`);
  const less = await site.pass();
  assert.equal([less.deleted.length, less.brake?.deletes, less.brake?.owned], [0, 6, 10]);
  site.publish(5, (i) => `article a${i}`);
  assert.equal([(await site.pass()).deleted.length, site.ids.length], [5, 5]);
  site.publish(0, () => null);
  await site.pass();
  assert.is(site.ids.length, 5);
  site.maxFraction = 1;
  await site.pass("reload");
  assert.is(site.ids.length, 0);
});

test("is not got around by files that are rejected for a while", async () => {
  const site = await synced(40);
  site.publish(40, (i) => `article b${i}`);
  await site.pass();
  site.publish(40, () => "rejected");
  assert.is((await site.pass()).brake, null, "nobody asks for a delete");
  assert.equal(site.approve(), []);
  site.publish(40, (i) => `article b${i}`);
  const { deleted, brake } = await site.pass();
  assert.equal([deleted, brake?.deletes, brake?.owned], [[], 40, 40]);
});

test.run();
