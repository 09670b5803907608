/** The part of the state's contract that says who claims an id, and what is in trouble. */
import * as assert from "uvu/assert";
import type { State } from "../../src/sync/ports.ts";
import { article, BLOB, DIGEST, entryOf, equal, expiring, fileRow, REJECTED } from "./state-samples.ts";

type Test = (title: string, body: (state: State) => void) => void;

/** Adds its tests to the suite of an implementation. */
export function claimsContract(test: Test): void {
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

  test("leaves an id to the path that holds it, or to the digest listed where that is unknown", (state) => {
    for (const path of ["a.md", "b.md", "c.md"]) state.putFile(fileRow(path, article("x", null, path)));
    const winner = (): (string | undefined)[] => {
      const claims = [state.claim("x", 0), ...state.claims(null, 9, 0), ...state.unsettled(null, 9, 0)];
      const losers = [...state.duplicates(0)].map((one) => one.winner);
      return [...new Set([...claims.map((one) => one.winner?.path), ...losers])];
    };
    const acknowledged = (digest: string | null) => ({ acknowledged: { digest, version: 1 } });
    equal(winner(), ["a.md"]);
    for (const [entry, path] of [
      [{ path: "b.md", ...acknowledged("c.md") }, "b.md"],
      [{ path: "gone.md", ...acknowledged("c.md") }, "a.md"],
      [acknowledged("c.md"), "c.md"],
      [acknowledged("other"), "a.md"],
      [acknowledged(null), "a.md"],
    ] as const) {
      state.putEntry(entryOf("x", entry));
      equal(winner(), [path]);
    }
    state.putEntry(entryOf("x", { path: "b.md" }));
    for (const other of [article("y"), article("x", 10), expiring("x", 0)] as const) {
      state.putFile(fileRow("b.md", other));
      equal([state.claim("x", 0).winner?.path, [...state.duplicates(0)].length], ["a.md", 1]);
    }
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

  test("publishes an article until it expires", (state) => {
    state.putFile(fileRow("a.md", expiring("x", 20, 10)));
    state.putFile(fileRow("b.md", article("x")));
    equal(state.file("a.md")?.verdict, expiring("x", 20, 10));
    const winners = [9, 10, 19, 20].map((nowMs) => state.claim("x", nowMs).winner?.path);
    equal(winners, ["b.md", "a.md", "a.md", "b.md"]);
    equal([...state.duplicates(19)].length, 1);
    equal([...state.duplicates(20)].length, 0);
    equal([state.counts(9).scheduled, state.counts(9).withdrawn], [1, 0]);
    equal([state.counts(20).scheduled, state.counts(20).withdrawn], [0, 1]);
    state.putFile(fileRow("a.md", expiring("x", 5, 10)));
    equal([state.counts(7).scheduled, state.counts(7).withdrawn], [0, 1]);
    assert.is(state.claim("x", 30).winner?.path, "b.md");
  });

  test("publishes what has appeared though the clock was set back, until its author puts it off", (state) => {
    const claims = (): (string | undefined)[] => {
      const pages = [...state.claims(null, 9, 0), ...state.unsettled(null, 9, 0)];
      return [state.claim("x", 0), ...pages].map(({ winner }) => winner?.path);
    };
    state.putFile(fileRow("a.md", article("x", 10)));
    equal([claims()[0], state.counts(0).scheduled], [null, 1]);
    state.putEntry(entryOf("x", { path: "a.md", appearedMs: 10 }));
    equal(state.entry("x")?.appearedMs, 10);
    equal([claims(), state.counts(0).scheduled], [["a.md", "a.md", "a.md"], 0]);
    state.putFile(fileRow("b.md", article("x")));
    equal([...state.duplicates(0)], [{ path: "b.md", id: "x", winner: "a.md" }]);
    equal(state.anyKeeper(0), true);
    state.dropEntry("x");
    equal([claims()[0], state.anyKeeper(0)], ["b.md", false]);
    state.putEntry(entryOf("x", { path: "a.md", appearedMs: 9 }));
    equal([claims()[0], state.counts(0).scheduled], ["b.md", 1]);
  });

  test("knows when the next article expires", (state) => {
    state.putFile(fileRow("a", expiring("a", 20)));
    state.putFile(fileRow("b", expiring("b", 40, 10)));
    state.putFile(fileRow("c", article("c", 30)));
    equal(
      [0, 10, 20, 30, 40].map((afterMs) => state.nextScheduledMs(afterMs)),
      [10, 20, 30, 40, null],
    );
    equal([...state.idsScheduled(0, 20)].sort(), ["a", "b"]);
    equal([...state.idsScheduled(20, 40)].sort(), ["b", "c"]);
    state.putFile(fileRow("b", expiring("b", 41, 10)));
    equal([...state.idsScheduled(0, 50)].sort(), ["a", "b", "c"]);
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
    equal(state.listed("b"), line("b", 2));
    equal(state.listed("B"), null);
    equal(state.compareListing(null, 9, null), [
      { id: "a", listed: null, entry: entryOf("a") },
      { id: "b", listed: line("b", 2), entry: entryOf("b") },
      { id: "c", listed: line("c"), entry: null },
    ]);
    state.clearListing();
    equal(
      state.compareListing(null, 9, null).map((one) => one.listed),
      [null, null],
    );
  });

  test("leaves out of it where both match", (state) => {
    const ids = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    const acknowledged = { digest: "d", version: 1 };
    const put = (id: string, fields = {}): void => state.putEntry(entryOf(id, { acknowledged, ...fields }));
    const list = (id: string, fields = {}): void =>
      state.stageListing([{ id, digest: "d", version: 1, owner: "us", ...fields }]);
    const differing = (owner: string | null): string[] => {
      const seen: string[] = [];
      for (let page = state.compareListing(null, 2, owner); page.length > 0; ) {
        seen.push(...page.map(({ id }) => id));
        page = state.compareListing(seen.at(-1) ?? null, 2, owner);
      }
      return seen;
    };
    for (const id of ids) {
      put(id, { refusal: { digest: "d", status: 422, excerpt: "", sinceMs: 0 }, uncertain: true });
      list(id, { version: 2 });
    }
    equal(differing("us"), []);
    equal(differing(null), []);
    equal(differing("them"), ids);
    list("9", { owner: null });
    list("8", { owner: "" });
    equal(differing("them"), ids.slice(0, 7));

    for (const line of [{ digest: "other" }, { digest: null }, { owner: "them" }]) {
      list("5", line);
      equal(differing("us"), ["5"]);
      list("5");
    }
    const deleting = { kind: "delete", version: 2, cause: "deleted", sinceMs: 0 };
    for (const entry of [
      { repaired: "e" },
      { pending: deleting },
      { foreignOwner: "them" },
      { acknowledged: null },
      { acknowledged: { digest: null, version: 1 } },
    ]) {
      put("5", entry);
      equal(differing("us"), ["5"]);
      equal(differing(null), ["5"]);
    }
    list("5", { digest: null });
    equal(differing("us"), ["5"]);
    state.dropEntry("5");
    equal(differing("us"), ["5"]);
  });

  test("confuses no ids when it compares an inventory, whatever they are", (state) => {
    const acknowledged = { digest: "d", version: 1 };
    for (const [ours, theirs] of [
      ["a", "a\0b"],
      ['c","d', "c"],
      ["e\\", "e"],
      ["f\u{1F600}", "f"],
    ] as const) {
      state.putEntry(entryOf(ours, { acknowledged }));
      state.stageListing([{ id: theirs, digest: "d", version: 1, owner: "us" }]);
      const differing = state.compareListing(null, 9, "us").map(({ id }) => id);
      equal(differing.sort(), [ours, theirs].sort());
      state.dropEntry(ours);
      state.clearListing();
    }
  });
}
