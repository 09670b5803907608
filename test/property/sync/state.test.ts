/** Whatever is done to them, the state in maps and the one on SQLite answer alike. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openMemoryState } from "../../../src/state/open.ts";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Entry, FileRow, Listed, Pending, Verdict } from "../../../src/sync/model.ts";
import type { State } from "../../../src/sync/ports.ts";
import { MemoryState } from "../../support/memory-state.ts";

const test = suite("two states");

const ids = fc.constantFrom("a", "b", "c", "ｱ", "😀");
const paths = fc.constantFrom("a.md", "b/c.md", "b.md", "ｱ.md", "😀.md");
const texts = fc.constantFrom("1", "2", "3");
const times: fc.Arbitrary<number> = fc.integer({ min: 0, max: 20 });
const versions = fc.integer({ min: 0, max: 2 ** 53 - 1 });

const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("article" as const),
      id: ids,
      digest: texts,
      publishAtMs: fc.option(times, { nil: null }),
      expiresAtMs: fc.option(times, { nil: null, freq: 1 }),
    }),
  },
  fc.record({ kind: fc.constant("none" as const), why: fc.constantFrom("symlink", "no-front-matter") }),
  fc.record({ kind: fc.constant("rejected" as const), id: fc.option(ids), problems: fc.constant([]) }),
  fc.record({ kind: fc.constant("held" as const), id: fc.option(ids), reason: texts }),
  fc.record({
    kind: fc.constant("withdrawn" as const),
    id: ids,
    why: fc.constantFrom("draft", "not-public", "mapped-null"),
  }),
);

const rows: fc.Arbitrary<FileRow> = fc.record({
  path: paths,
  blob: texts,
  fingerprint: texts,
  verdict: verdicts,
});

const pending: fc.Arbitrary<Pending> = fc.oneof(
  fc.record({
    kind: fc.constant("delete" as const),
    version: versions,
    cause: fc.constantFrom("deleted", "withdrawn"),
    sinceMs: times,
  }),
  fc.record({
    kind: fc.constant("upsert" as const),
    version: versions,
    digest: texts,
    path: paths,
    blob: texts,
    cause: fc.constantFrom("new", "drift"),
    sinceMs: times,
  }),
);

const entries: fc.Arbitrary<Entry> = fc.record({
  id: ids,
  path: fc.option(paths),
  blob: fc.option(texts),
  acknowledged: fc.option(fc.record({ digest: fc.option(texts), version: versions })),
  pending: fc.option(pending),
  uncertain: fc.boolean(),
  refusal: fc.option(
    fc.record({ digest: fc.option(texts), status: fc.constant(422), excerpt: texts, sinceMs: times }),
  ),
  undeletable: fc.boolean(),
  repaired: fc.option(texts),
  foreignOwner: fc.option(texts),
  appearedMs: fc.option(times),
});

const lines: fc.Arbitrary<Listed> = fc.record({
  id: ids,
  digest: fc.option(texts),
  version: fc.option(versions),
  owner: fc.option(texts),
});

type Step = (state: State) => void;

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: rows.map(
      (row): Step =>
        (state) =>
          state.putFile(row),
    ),
  },
  {
    weight: 4,
    arbitrary: entries.map(
      (entry): Step =>
        (state) =>
          state.putEntry(entry),
    ),
  },
  // At random an entry is hardly ever in step with its file.
  rows.map(
    (row): Step =>
      (state) => {
        if (row.verdict.kind !== "article") return;
        const { id, digest } = row.verdict;
        const acknowledged = { digest, version: 1 };
        state.putFile(row);
        state.putEntry({ ...blankEntry(id), path: row.path, blob: row.blob, acknowledged });
      },
  ),
  // And hardly ever what a line says of it.
  fc.tuple(entries, fc.constantFrom(null, "", "us", "them"), fc.boolean()).map(
    ([entry, owner, isAtRest]): Step =>
      (state) => {
        const { id, acknowledged } = entry;
        const rest = { pending: null, repaired: null, foreignOwner: null };
        state.putEntry(isAtRest ? { ...entry, ...rest } : entry);
        state.stageListing([{ id, digest: acknowledged?.digest ?? null, version: 1, owner }]);
      },
  ),
  fc.constant<Step>((state) => state.countOwned()),
  paths.map(
    (path): Step =>
      (state) =>
        state.dropFile(path),
  ),
  ids.map(
    (id): Step =>
      (state) =>
        state.dropEntry(id),
  ),
  fc.constant<Step>((state) => state.clearEntries()),
  fc.array(ids).map(
    (some): Step =>
      (state) =>
        state.touch(some),
  ),
  fc.array(ids).map(
    (some): Step =>
      (state) =>
        state.untouch(some),
  ),
  fc.option(texts).map(
    (value): Step =>
      (state) =>
        state.setMeta("checkpoint", value),
  ),
);

/** Steps alone, in a transaction, and in one that fails. */
const works: fc.Arbitrary<Step> = fc.oneof(
  steps,
  fc.array(steps).map(
    (many): Step =>
      (state) =>
        state.transaction(() => {
          for (const step of many) step(state);
        }),
  ),
  fc.array(steps).map(
    (many): Step =>
      (state) => {
        try {
          state.transaction(() => {
            for (const step of many) step(state);
            throw new RangeError("taken back");
          });
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
      },
  ),
  fc.constant<Step>((state) => state.clearListing()),
  fc.array(lines).map(
    (page): Step =>
      (state) =>
        state.stageListing(page),
  ),
);

/** All that can be asked. */
function answers(state: State, nowMs: number, limit: number): unknown {
  const page = <T>(read: (after: string | null) => readonly T[], keyOf: (one: T) => string): T[] => {
    const seen: T[] = [];
    for (let part = read(null); part.length > 0; part = read(keyOf(seen.at(-1) as T))) seen.push(...part);
    return seen;
  };
  const everyId = ["a", "b", "c", "ｱ", "😀", "z"];
  const everyPath = ["a.md", "b/c.md", "b.md", "ｱ.md", "😀.md", "z.md"];
  const kinds = ["none", "rejected", "held", "withdrawn", "article"] as const;
  const byId = (one: { readonly id: string }): string => one.id;
  const byPath = (one: { readonly path: string }): string => one.path;
  return {
    owned: state.countOwned(),
    meta: state.meta("checkpoint"),
    file: everyPath.map((path) => state.file(path)),
    files: page((after) => state.files(after, limit), byPath),
    kinds: kinds.map((kind) => page((after) => state.filesOfKind(kind, after, limit), byPath)),
    keepers: everyId.map((id) => state.keeperNaming(id)),
    anyKeeper: state.anyKeeper(nowMs),
    scheduled: [...new Set(state.idsScheduled(nowMs - 5, nowMs + 5))].sort(),
    next: state.nextScheduledMs(nowMs),
    duplicates: [...state.duplicates(nowMs)],
    entry: everyId.map((id) => state.entry(id)),
    atPath: everyPath.map((path) => state.idsAtPath(path)),
    related: everyId.map((id) => state.idsRelated(id)),
    pending: page((after) => state.pending(after, limit), byId),
    claim: everyId.map((id) => state.claim(id, nowMs)),
    claims: page((after) => state.claims(after, limit, nowMs), byId).filter(
      ({ winner, entry }) => winner !== null || entry !== null,
    ),
    unsettled: page((after) => state.unsettled(after, limit, nowMs), byId),
    touched: page(
      (after) => state.touched(after, limit),
      (id) => id,
    ),
    listing: [null, "us"].map((owner) => page((after) => state.compareListing(after, limit, owner), byId)),
    counts: state.counts(nowMs),
  };
}

test("give equal answers", () => {
  fc.assert(
    fc.property(
      fc.array(works, { maxLength: 30 }),
      times,
      fc.integer({ min: 1, max: 4 }),
      (all, nowMs, limit) => {
        const inMaps = new MemoryState();
        const onDisk = openMemoryState();
        try {
          for (const work of all) {
            work(inMaps);
            work(onDisk);
          }
          // Rows of a database have no prototype.
          const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
          assert.equal(plain(answers(onDisk, nowMs, limit)), plain(answers(inMaps, nowMs, limit)));
          const backup = new MemoryState(inMaps.tables.copy());
          for (const state of [inMaps, backup]) state.clearListing();
          assert.equal(answers(backup, nowMs, limit), answers(inMaps, nowMs, limit));
        } finally {
          onDisk.close();
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.run();
