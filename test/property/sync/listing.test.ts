/** A look at an inventory passes over what matches the entries: whatever else it may be, it changes nothing. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Entry, Listed, ListingComparison, Pending } from "../../../src/sync/model.ts";
import { Inventory, type Verified } from "../../../src/sync/plan/inventory.ts";
import type { Sink } from "../../../src/sync/ports.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { worldOf } from "../../support/world.ts";

const test = suite("listing");

const IDS = ["a", "b"];

/** Shows every id. */
class Unfiltered extends MemoryState {
  readonly #lines = new Map<string, Listed>();

  override stageListing(lines: readonly Listed[]): void {
    for (const line of lines) this.#lines.set(line.id, line);
  }

  override compareListing(after: string | null): ListingComparison[] {
    return IDS.filter((id) => after === null || id > after).map((id) => ({
      id,
      listed: this.#lines.get(id) ?? null,
      entry: this.tables.entries.get(id) ?? null,
    }));
  }
}

const digests = fc.constantFrom("d1", "d2", null);
const versions = fc.nat({ max: 2 });

/** A value as often as none: most of what can be known of an id must be none, or nothing ever matches. */
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { freq: 2 });

const anything: fc.Arbitrary<Omit<Entry, "id" | "path" | "blob" | "refusal">> = fc.record({
  acknowledged: maybe(fc.record({ digest: digests, version: versions })),
  pending: maybe(
    fc.constantFrom<Pending>(
      { kind: "delete", version: 1, cause: "deleted", sinceMs: 0 },
      { kind: "upsert", version: 1, digest: "d1", path: "p", blob: "b", cause: "new", sinceMs: 0 },
    ),
  ),
  repaired: maybe(fc.constantFrom("d1", "d2")),
  foreignOwner: maybe(fc.constant("others")),
  appearedMs: fc.constant(null),
  uncertain: fc.boolean(),
  undeletable: fc.boolean(),
});

/** What the invariants allow. */
const entries = anything.filter(({ pending, foreignOwner, undeletable }) => {
  if (pending === null) return true;
  return foreignOwner === null && !(pending.kind === "upsert" && undeletable);
});

const lines = fc.record({
  digest: digests,
  version: fc.option(versions),
  owner: fc.constantFrom("us", "", "others", null),
});

async function look(
  state: MemoryState,
  known: readonly (Partial<Entry> | null)[],
  listed: readonly (Omit<Listed, "id"> | null)[],
  settings: { readonly scope: "owned" | "all"; readonly again: boolean },
): Promise<{ verified: Verified; messages: string[] }> {
  const messages: string[] = [];
  for (const [i, id] of IDS.entries()) {
    const fields = known[i];
    const place = fields?.pending?.kind === "upsert" ? { path: "p", blob: "b" } : {};
    if (fields) state.putEntry({ ...blankEntry(id), ...place, ...fields });
  }
  state.setMeta("version", "2");
  const page = IDS.flatMap((id, i) => (listed[i] ? [{ id, ...listed[i] }] : []));
  const sink: Sink = {
    inventory: () => Promise.resolve({ kind: "listing", etag: "e", batch: 0, pages: pagesOf(page) }),
    send: () => Promise.reject(new Error("nothing is sent")),
    sendBatch: () => Promise.reject(new Error("nothing is sent")),
  };
  const identity = { owner: "us", derive: () => Promise.reject(new Error("known")) };
  const world = worldOf({ identity, state, sink, report: ({ kind }) => messages.push(kind) });
  const inventory = new Inventory(world, new Versions(state, world.clock), settings.scope);
  const tracked = { ids: new Set<string>(), forbid: () => {}, end: () => {} };
  const how = { tracked, isWanted: () => false, again: settings.again };
  return { verified: await inventory.refresh(how, new AbortController().signal), messages };
}

async function* pagesOf(page: readonly Listed[]): AsyncGenerator<readonly Listed[]> {
  yield page;
}

test("changes nothing that a look at every id would not", async () => {
  const settings = fc.record({ scope: fc.constantFrom("owned", "all"), again: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(entries), { minLength: 2, maxLength: 2 }),
      fc.array(fc.option(lines), { minLength: 2, maxLength: 2 }),
      settings,
      async (known, listed, how) => {
        const [some, every] = [new MemoryState(), new Unfiltered()];
        const [one, other] = [await look(some, known, listed, how), await look(every, known, listed, how)];
        assert.equal(one, other);
        assert.equal(
          IDS.map((id) => some.entry(id)),
          IDS.map((id) => every.entry(id)),
        );
        assert.equal(some.touched(null, 9), every.touched(null, 9));
        assert.is(some.meta("listing"), every.meta("listing"));
      },
    ),
    { numRuns: 2_000 },
  );
});

test.run();
