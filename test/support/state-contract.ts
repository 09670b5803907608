import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Entry, Verdict } from "../../src/sync/model.ts";
import type { State } from "../../src/sync/ports.ts";
import { claimsContract } from "./state-contract-claims.ts";
import { article, BLOB, DIGEST, entryOf, equal, fileRow, ORDERED, REJECTED } from "./state-samples.ts";

/** A state to be tested, and what takes it away again. */
export interface OpenedState {
  readonly state: State;
  close(): void;
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
      equal(
        state.claims(null, 1, 0).map((claim) => claim.entry),
        [entry],
      );
    }
    state.dropEntry("x");
    assert.is(state.entry("x"), null);
  });

  test("knows what a listing said for as long as no entry changes", (state) => {
    const changes: readonly (() => void)[] = [
      () => state.putEntry(entryOf("x")),
      () => state.dropEntry("x"),
      () => state.clearEntries(),
    ];
    for (const change of changes) {
      state.putEntry(entryOf("x"));
      state.setMeta("listing", "e1");
      state.putFile(fileRow("a.md", article("a")));
      assert.is(state.meta("listing"), "e1");
      change();
      assert.is(state.meta("listing"), null);
    }
    state.setMeta("listing", "e2");
    const failing = (): void =>
      state.transaction(() => {
        state.putEntry(entryOf("x"));
        throw new Error("stop");
      });
    assert.throws(failing, "stop");
    assert.is(state.meta("listing"), "e2");
    state.putEntry(entryOf("x"));
    assert.is(state.meta("listing"), null);
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
      all((after) => state.pendingIds(after, 2)),
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
      all((after) => state.compareListing(after, 2, null).map((one) => one.id)),
      ORDERED,
    );
  });

  test("remembers what the brake holds, and approves what is asked for", (state) => {
    const row = { owned: 9, asked: true, approved: false };
    assert.equal([state.anyBraked(), state.anyApproved(), state.approveBraked()], [false, false, []]);
    state.putBraked(ORDERED.toReversed().map((id) => ({ id, ...row })));
    equal(
      state.braked(),
      ORDERED.map((id) => ({ id, ...row })),
    );
    const [first = "", second = "", ...others] = ORDERED;
    state.putBraked([{ id: first, owned: 9, asked: false, approved: false }]);
    state.dropBraked([second, "never"]);
    assert.equal([state.anyBraked(), state.anyApproved()], [true, false]);
    equal(state.approveBraked(), others);
    equal(state.approveBraked(), []);
    assert.is(state.anyApproved(), true);
    equal(
      state.braked().map(({ id, approved }) => [id, approved]),
      [[first, false], ...others.map((id) => [id, true])],
    );
    state.clearEntries();
    assert.equal([state.braked(), state.anyBraked(), state.anyApproved()], [[], false, false]);
  });

  claimsContract(test);

  contract.run();
}
