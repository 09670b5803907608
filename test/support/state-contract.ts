import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blankEntry } from "../../src/sync/entry.ts";
import type { Entry, FileRow, Verdict } from "../../src/sync/model.ts";
import type { State } from "../../src/sync/ports.ts";

/** A state to be tested, and what takes it away again. */
export interface OpenedState {
  readonly state: State;
  close(): void;
}

const BLOB = "b".repeat(40);
const DIGEST = "d".repeat(64);
/** In byte order of UTF-8; JavaScript's own order would put the last before the one ahead of it. */
const ORDERED = ["A", "a", "a/b", "b", "é", "ｱ", "😀"];

export function article(id: string, publishAtMs: number | null = null, digest = DIGEST): Verdict {
  return { kind: "article", id, digest, publishAtMs };
}

export function fileRow(path: string, verdict: Verdict, blob = BLOB): FileRow {
  return { path, blob, fingerprint: "f1", verdict };
}

export function entryOf(id: string, fields: Partial<Entry> = {}): Entry {
  return { ...blankEntry(id), ...fields };
}

const REJECTED = {
  kind: "rejected",
  id: "x",
  problems: [{ code: "c", severity: "error", line: 1, column: 2, length: 3, params: { a: 1, b: "z" } }],
} as const satisfies Verdict;

/** Rows of a database have no prototype; what they hold is what counts. */
function equal(actual: unknown, expected: unknown): void {
  assert.equal(JSON.parse(JSON.stringify(actual)), expected);
}

/**
 * What every implementation of the `State` port has to do, as one suite of tests.
 *
 * @param name Of the implementation.
 */
export function stateContract(name: string, open: () => OpenedState): void {
  const contract = suite(`state: ${name}`);
  const test = (title: string, body: (state: State) => void): void => {
    contract(title, () => {
      const { state, close } = open();
      try {
        body(state);
      } finally {
        close();
      }
    });
  };

  test("keeps values by key", (state) => {
    assert.is(state.meta("checkpoint"), null);
    state.setMeta("checkpoint", "r1");
    state.setMeta("checkpoint", "r2");
    assert.is(state.meta("checkpoint"), "r2");
    state.setMeta("checkpoint", "");
    assert.is(state.meta("checkpoint"), "");
    state.setMeta("checkpoint", null);
    assert.is(state.meta("checkpoint"), null);
  });

  test("gives a row back as it was put", (state) => {
    const verdicts: Verdict[] = [
      { kind: "none", why: "toml-front-matter" },
      REJECTED,
      { kind: "rejected", id: null, problems: [] },
      { kind: "held", id: null, reason: "slow" },
      { kind: "held", id: "x", reason: "slow" },
      { kind: "withdrawn", id: "x", why: "mapped-null" },
      article("x"),
      article("x", 1_700_000_000_123),
      { kind: "article", id: "y", digest: DIGEST, publishAtMs: null, warnings: REJECTED.problems },
    ];
    for (const verdict of verdicts) {
      const row = { path: "a.md", blob: BLOB, fingerprint: JSON.stringify(verdict), verdict };
      state.putFile(row);
      equal(state.file("a.md"), row);
      equal(state.files(null, 9), [row]);
    }
    state.dropFile("a.md");
    state.dropFile("never.md");
    assert.is(state.file("a.md"), null);
  });

  test("gives an entry back as it was put", (state) => {
    const pending = { version: 2 ** 53 - 1, cause: "drift", sinceMs: 1_700_000_000_000 } as const;
    const entries: Entry[] = [
      entryOf("x"),
      entryOf("x", { path: "p", blob: BLOB, acknowledged: { digest: null, version: 0 } }),
      entryOf("x", { acknowledged: { digest: DIGEST, version: 7 }, uncertain: true, undeletable: true }),
      entryOf("x", { pending: { kind: "delete", ...pending } }),
      entryOf("x", { pending: { kind: "upsert", digest: DIGEST, path: "p", blob: BLOB, ...pending } }),
      entryOf("x", { refusal: { digest: null, status: 422, excerpt: "no\n\"'", sinceMs: 5 } }),
      entryOf("x", { repaired: DIGEST, foreignOwner: "someone" }),
    ];
    for (const entry of entries) {
      state.putEntry(entry);
      equal(state.entry("x"), entry);
    }
    state.dropEntry("x");
    assert.is(state.entry("x"), null);
  });

  test("keeps all of a transaction or nothing", (state) => {
    state.setMeta("version", "1");
    state.putFile(fileRow("a.md", article("a")));
    state.putEntry(entryOf("a", { path: "a.md" }));
    state.touch(["a"]);
    const error = new Error("stop");
    const failing = (): void =>
      state.transaction(() => {
        state.setMeta("version", "2");
        state.setMeta("checkpoint", "r");
        state.putFile(fileRow("a.md", article("z")));
        state.putFile(fileRow("b.md", article("b")));
        state.putEntry(entryOf("a", { path: "b.md", uncertain: true }));
        state.putEntry(entryOf("b", { path: "a.md" }));
        state.untouch(["a"]);
        state.touch(["b"]);
        assert.is(state.claim("z", 0).winner?.path, "a.md");
        state.dropFile("a.md");
        state.clearEntries();
        throw error;
      });
    assert.throws(failing, (thrown: unknown) => thrown === error);
    assert.is(state.meta("version"), "1");
    assert.is(state.meta("checkpoint"), null);
    equal(state.files(null, 9), [fileRow("a.md", article("a"))]);
    equal(state.claims(null, 9, 0), [
      {
        id: "a",
        winner: { path: "a.md", blob: BLOB, digest: DIGEST },
        entry: entryOf("a", { path: "a.md" }),
      },
    ]);
    equal(state.touched(null, 9), ["a"]);
    equal(state.idsAtPath("a.md"), ["a"]);
    equal(state.idsAtPath("b.md"), []);
    assert.is(
      state.transaction(() => {
        state.setMeta("version", "3");
        return 5;
      }),
      5,
    );
    assert.is(state.meta("version"), "3");
  });

  test("orders and pages by the bytes of UTF-8", (state) => {
    for (const key of ORDERED.toReversed()) {
      state.putFile(fileRow(key, { kind: "held", id: key, reason: "" }));
      state.putEntry(
        entryOf(key, {
          pending: { kind: "delete", version: 1, cause: "deleted", sinceMs: 0 },
          undeletable: true,
        }),
      );
      state.touch([key]);
      state.stageListing([{ id: key, digest: null, version: null, owner: null }]);
    }
    const all = (page: (after: string | null) => readonly string[]): string[] => {
      const seen: string[] = [];
      for (let part = page(null); part.length > 0; part = page(seen.at(-1) ?? null)) {
        assert.ok(part.length <= 2);
        seen.push(...part);
      }
      return seen;
    };
    equal(
      all((after) => state.files(after, 2).map((row) => row.path)),
      ORDERED,
    );
    equal(
      all((after) => state.filesOfKind("held", after, 2).map((row) => row.path)),
      ORDERED,
    );
    equal(
      all((after) => state.filesOfKind("article", after, 2).map((row) => row.path)),
      [],
    );
    equal(
      all((after) => state.pending(after, 2).map((entry) => entry.id)),
      ORDERED,
    );
    equal(
      all((after) => state.troubled(after, 2).map((entry) => entry.id)),
      ORDERED,
    );
    equal(
      all((after) => state.claims(after, 2, 0).map((claim) => claim.id)),
      ORDERED,
    );
    equal(
      all((after) => state.touched(after, 2)),
      ORDERED,
    );
    equal(
      all((after) => state.compareListing(after, 2).map((one) => one.id)),
      ORDERED,
    );
  });

  test("gives an id to the first path in byte order that is published now", (state) => {
    for (const path of ["ｱ.md", "😀.md", "b.md"]) state.putFile(fileRow(path, article("x", null, path)));
    assert.is(state.claim("x", 0).winner?.path, "b.md");
    state.putFile(fileRow("a.md", article("x", 1_000, "a.md")));
    assert.is(state.claim("x", 999).winner?.path, "b.md");
    equal(state.claim("x", 1_000).winner, { path: "a.md", blob: BLOB, digest: "a.md" });
    equal(
      [...state.duplicates(999)],
      [
        { path: "ｱ.md", id: "x", winner: "b.md" },
        { path: "😀.md", id: "x", winner: "b.md" },
      ],
    );
    equal([...state.duplicates(1_000)].length, 3);
    assert.is(state.counts(999).rejected, 2);
    assert.is(state.counts(999).scheduled, 1);
    assert.is(state.counts(1_000).scheduled, 0);
    for (const path of ["a.md", "b.md", "ｱ.md"]) state.dropFile(path);
    assert.is(state.claim("x", 0).winner?.path, "😀.md");
    equal([...state.duplicates(0)], []);
    state.putFile(fileRow("😀.md", { kind: "withdrawn", id: "x", why: "draft" }));
    equal(state.claim("x", 0), { id: "x", winner: null, entry: null });
  });

  test("pages claims over the ids of files and of entries", (state) => {
    state.putFile(fileRow("1", article("b")));
    state.putFile(fileRow("2", article("b")));
    state.putFile(fileRow("3", article("d")));
    state.putFile(fileRow("4", { kind: "withdrawn", id: "e", why: "draft" }));
    state.putFile(fileRow("5", article("f", 10)));
    for (const id of ["a", "b", "c", "e"]) state.putEntry(entryOf(id, { path: "1" }));
    for (const limit of [1, 2, 99]) {
      const seen: string[] = [];
      // A page may be short; only an empty one is the end.
      for (let page = state.claims(null, limit, 0); page.length > 0; ) {
        assert.ok(page.length <= limit);
        for (const { id, winner, entry } of page) {
          if (winner === null && entry === null) continue;
          seen.push(`${id} ${winner?.path ?? "-"} ${entry === null ? "-" : "entry"}`);
        }
        page = state.claims(page.at(-1)?.id ?? null, limit, 0);
      }
      assert.equal(seen, ["a - entry", "b 1 entry", "c - entry", "d 3 -", "e - entry"]);
    }
  });

  test("knows which file keeps an id", (state) => {
    assert.is(state.keeperNaming("x"), null);
    assert.is(state.anyKeeper(0), false);
    state.putFile(fileRow("c.md", REJECTED));
    state.putFile(fileRow("b.md", { kind: "held", id: "x", reason: "slow" }));
    state.putFile(fileRow("a.md", article("x")));
    assert.is(state.keeperNaming("x"), "b.md");
    assert.is(state.anyKeeper(0), true);
    state.dropFile("b.md");
    assert.is(state.keeperNaming("x"), "c.md");
    state.dropFile("c.md");
    assert.is(state.keeperNaming("x"), null);
    assert.is(state.anyKeeper(0), false);
    state.putFile(fileRow("d.md", article("x", 10)));
    assert.is(state.anyKeeper(9), false);
    assert.is(state.anyKeeper(10), true);
    state.putFile(fileRow("d.md", article("y", 10)));
    assert.is(state.anyKeeper(10), false);
  });

  test("knows when the next article is due", (state) => {
    assert.is(state.nextScheduledMs(0), null);
    state.putFile(fileRow("a", article("a", 10)));
    state.putFile(fileRow("b", article("b", 20)));
    state.putFile(fileRow("c", article("c", 30)));
    state.putFile(fileRow("d", article("d")));
    assert.is(state.nextScheduledMs(0), 10);
    assert.is(state.nextScheduledMs(10), 20);
    assert.is(state.nextScheduledMs(30), null);
    equal([...state.idsScheduled(10, 30)].sort(), ["b", "c"]);
    equal([...state.idsScheduled(9, 10)], ["a"]);
    equal([...state.idsScheduled(30, 99)], []);
  });

  test("knows whose fate hangs together", (state) => {
    state.putEntry(entryOf("old", { path: "a.md" }));
    state.putEntry(entryOf("older", { path: "a.md" }));
    state.putEntry(entryOf("other", { path: "b.md" }));
    state.putEntry(entryOf("adopted"));
    state.putFile(fileRow("a.md", article("new")));
    state.putFile(fileRow("c.md", article("new")));
    equal(state.idsAtPath("a.md"), ["old", "older"]);
    equal(state.idsRelated("new"), ["old", "older"]);
    state.putEntry(entryOf("old", { path: "c.md" }));
    equal(state.idsAtPath("a.md"), ["older"]);
    equal(state.idsRelated("new"), ["old", "older"]);
    state.dropFile("a.md");
    equal(state.idsRelated("new"), ["old"]);
    equal(state.idsRelated("old"), []);
  });

  test("counts what stands, waits and is in trouble", (state) => {
    const upsert = {
      kind: "upsert",
      version: 1,
      digest: DIGEST,
      path: "p",
      blob: BLOB,
      cause: "new",
      sinceMs: 0,
    } as const;
    const acknowledged = { digest: DIGEST, version: 1 };
    state.putEntry(entryOf("in-step", { acknowledged }));
    state.putEntry(entryOf("changing", { acknowledged, pending: upsert }));
    state.putEntry(entryOf("new", { pending: upsert }));
    state.putEntry(
      entryOf("going", {
        acknowledged,
        pending: { kind: "delete", version: 1, cause: "deleted", sinceMs: 0 },
      }),
    );
    state.putEntry(entryOf("refused", { refusal: { digest: DIGEST, status: 422, excerpt: "", sinceMs: 0 } }));
    state.putEntry(entryOf("stuck", { acknowledged, undeletable: true }));
    state.putEntry(entryOf("theirs", { foreignOwner: "someone" }));
    state.putEntry(entryOf("wanted-theirs", { foreignOwner: "someone" }));
    state.putFile(fileRow("w", article("wanted-theirs")));
    state.putFile(fileRow("r", REJECTED));
    state.putFile(fileRow("h", { kind: "held", id: null, reason: "slow" }));
    state.putFile(fileRow("d", { kind: "withdrawn", id: "d", why: "draft" }));
    state.putFile(fileRow("n", { kind: "none", why: "symlink" }));
    equal(state.counts(0), {
      published: 2,
      pending: 3,
      scheduled: 0,
      withdrawn: 1,
      held: 1,
      rejected: 1,
      refused: 2,
      undeletable: 1,
    });
    assert.is(state.countOwned(), 4);
    equal(
      state.pending(null, 9).map((entry) => entry.id),
      ["changing", "going", "new"],
    );
    equal(
      state.troubled(null, 9).map((entry) => entry.id),
      ["refused", "stuck", "theirs", "wanted-theirs"],
    );
    state.clearEntries();
    assert.is(state.countOwned(), 0);
    equal(state.pending(null, 9), []);
    equal(state.idsAtPath("p"), []);
  });

  test("leaves out what is plainly at rest", (state) => {
    const acknowledged = { digest: DIGEST, version: 1 };
    const file = { path: "a.md", blob: BLOB };
    const unsettled = (nowMs = 0): string[] => state.unsettled(null, 9, nowMs).map(({ id }) => id);
    state.putFile(fileRow("a.md", article("a")));
    equal(unsettled(), ["a"]);
    state.putEntry(entryOf("a", { ...file, acknowledged }));
    equal(unsettled(), []);
    for (const odd of [
      { uncertain: true },
      { undeletable: true },
      { foreignOwner: "someone" },
      { path: "b.md" },
      { blob: "0".repeat(40) },
      { acknowledged: { digest: "f".repeat(64), version: 1 } },
      { refusal: { digest: null, status: 422, excerpt: "", sinceMs: 0 } },
    ]) {
      state.putEntry(entryOf("a", { ...file, acknowledged, ...odd }));
      equal(unsettled(), ["a"]);
    }
    state.putEntry(entryOf("a", { ...file, acknowledged }));
    state.putFile(fileRow("c.md", article("a")));
    equal(unsettled(), ["a"]);
    state.putFile(fileRow("c.md", { kind: "withdrawn", id: "b", why: "draft" }));
    equal(state.unsettled(null, 9, 0), [{ id: "b", winner: null, entry: null }]);
    state.touch(["a", "nobody"]);
    equal(unsettled(), ["a", "b", "nobody"]);
    equal(
      state.unsettled("a", 1, 0).map(({ id }) => id),
      ["b"],
    );
    state.untouch(["a", "nobody"]);
    state.putFile(fileRow("a.md", article("a", 10)));
    equal(unsettled(9), ["a", "b"]);
    equal(unsettled(10), ["b"]);
  });

  test("marks ids", (state) => {
    state.touch(["b", "a", "b"]);
    state.touch(new Set(["c"]));
    equal(state.touched(null, 2), ["a", "b"]);
    equal(state.touched("a", 9), ["b", "c"]);
    state.untouch(["b", "never"]);
    equal(state.touched(null, 9), ["a", "c"]);
  });

  test("compares an inventory with the entries", (state) => {
    const line = (id: string, version: number | null = null) => ({ id, digest: null, version, owner: null });
    state.putEntry(entryOf("a"));
    state.putEntry(entryOf("b"));
    state.stageListing([line("c"), line("b", 1)]);
    state.stageListing([line("b", 2)]);
    equal(state.compareListing(null, 9), [
      { id: "a", listed: null, entry: entryOf("a") },
      { id: "b", listed: line("b", 2), entry: entryOf("b") },
      { id: "c", listed: line("c"), entry: null },
    ]);
    state.clearListing();
    equal(
      state.compareListing(null, 9).map((one) => one.listed),
      [null, null],
    );
  });

  contract.run();
}
