/** Articles that fail, however many, hold up none that would be taken. Bounds are counts, and virtual time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Outgoing, Reply } from "../../../src/sync/ports.ts";
import { answer, deliveryScene, timeout, upsertOf } from "../../support/delivery.ts";

const test = suite("isolation");

const MINUTE_MS = 60_000;
const isPoisoned = (id: string): boolean => id.startsWith("a-poison");
const poisoned = (count: number, sinceMs = 0) =>
  Array.from({ length: count }, (_, i) =>
    upsertOf(`a-poison-${String(i).padStart(4, "0")}`, 1 + i, { sinceMs }),
  );
const good = (count: number, version: number, sinceMs = 0) =>
  Array.from({ length: count }, (_, i) => upsertOf(`good-${i}`, version + i, { sinceMs }));

/** What single ids may be answered for ever. */
const POISONS: Readonly<Record<string, (operation: Outgoing) => Reply>> = {
  "500": () => answer(500),
  "503 without Retry-After": () => answer(503),
  "408": () => answer(408),
  "425": () => answer(425),
  "429 without Retry-After": () => answer(429),
  "no answer": () => timeout,
  "a broken answer": () => ({ kind: "failure", why: "broken", message: "reset" }),
  "401": () => answer(401),
  "403": () => answer(403),
  "404": () => answer(404),
  "a redirect": () => answer(302, { location: "/elsewhere" }),
  "500, 403 and 429 by turns": ({ id }) => answer(id.endsWith("3") ? 429 : id.endsWith("5") ? 403 : 500),
  "500 and 429 by turns": ({ id }) => answer(id.endsWith("3") ? 429 : 500),
};

const REQUEST_MS = { quick: 5, timeout: 10_000 };
const tookMs =
  (name: string) =>
  (one: Outgoing): number =>
    isPoisoned(one.id) && name === "no answer" ? REQUEST_MS.timeout : REQUEST_MS.quick;

for (const [name, poison] of Object.entries(POISONS)) {
  for (const concurrency of [1, 2, 8]) {
    test(`an edit leaves within one request time beside 40 ids that are answered ${name}, ${concurrency} at a time`, async () => {
      const scene = deliveryScene(
        { reply: (one) => (isPoisoned(one.id) ? poison(one) : answer(200)), tookMs: tookMs(name) },
        { concurrency },
      );
      scene.begin(...poisoned(40), ...good(3, 100));
      await scene.pass(30 * MINUTE_MS);
      assert.equal(
        scene.state.pending(null, 100).filter(({ id }) => !isPoisoned(id)),
        [],
      );
      for (let edit = 1; edit <= 6; edit++) {
        const atMs = scene.timeline.nowMs;
        scene.lately();
        scene.begin(upsertOf("good-1", 1_000 + edit, { sinceMs: atMs }));
        await scene.pass(name === "no answer" ? REQUEST_MS.timeout : 2 * REQUEST_MS.quick);
        assert.ok(scene.lately().includes("good-1"), `edit ${edit} has not left`);
        await scene.pass(7_321);
      }
      assert.is(scene.deliverer.status().trouble, null, "these ids fail, and not the inserter");
    });
  }
}

test("a first delivery finds what is taken among 1,000 that fail with less than two requests each", async () => {
  const scene = deliveryScene({ reply: ({ id }) => answer(isPoisoned(id) ? 500 : 200) });
  scene.begin(...poisoned(1_000), ...good(5, 5_000));
  await scene.pass(15 * MINUTE_MS);
  const firstGood = scene.sent.findIndex(({ operations: [one] }) => one?.id.startsWith("good"));
  assert.ok(firstGood >= 0 && firstGood < 2_000, `${firstGood} requests before`);
  assert.equal(
    scene.state.pending(null, 9_999).filter(({ id }) => !isPoisoned(id)),
    [],
  );
});

for (const [name, poison] of Object.entries(POISONS)) {
  for (const concurrency of [1, 8]) {
    test(`40 that are answered ${name} hold up a first delivery by 200 ms each at most, ${concurrency} at a time`, async () => {
      const scene = deliveryScene(
        { reply: (one) => (isPoisoned(one.id) ? poison(one) : answer(200)), tookMs: tookMs(name) },
        { concurrency },
      );
      scene.begin(...poisoned(40), ...good(5, 5_000));
      await scene.pass(40 * (200 + (name === "no answer" ? REQUEST_MS.timeout : REQUEST_MS.quick)) + 1_000);
      assert.equal(
        scene.state.pending(null, 9_999).filter(({ id }) => !isPoisoned(id)),
        [],
      );
    });
  }
}

test("an edit leaves at once though nothing was taken yet, and its author's other articles fail too", async () => {
  for (const [name, poison] of Object.entries(POISONS)) {
    const scene = deliveryScene(
      { reply: (one) => (isPoisoned(one.id) ? poison(one) : answer(200)) },
      { concurrency: 1 },
    );
    scene.begin(...poisoned(1_000));
    await scene.pass(10 * MINUTE_MS);
    scene.lately();
    scene.begin(upsertOf("good-1", 5_000, { sinceMs: scene.timeline.nowMs }));
    await scene.pass(2 * REQUEST_MS.quick);
    assert.ok(scene.lately().includes("good-1"), name);
  }
});

test("40 that fail hold up a first delivery by a second at most", async () => {
  const scene = deliveryScene({ reply: ({ id }) => answer(isPoisoned(id) ? 500 : 200) });
  scene.begin(...poisoned(40), ...good(5, 5_000));
  await scene.pass(1_000);
  assert.equal(
    scene.state.pending(null, 9_999).filter(({ id }) => !isPoisoned(id)),
    [],
  );
});

test("an inserter that fails at everything is sent each article once, ever more slowly, and then probed", async () => {
  const scene = deliveryScene({ reply: () => answer(500) });
  scene.begin(...poisoned(4_000));
  await scene.pass(60 * MINUTE_MS);
  assert.ok(scene.sent.length < 3_000, `${scene.sent.length} requests in an hour`);
  assert.is(scene.deliverer.status().trouble?.kind, "failing");
});

test("thousands that fail for ever are tried ever more seldom while others are taken", async () => {
  const scene = deliveryScene({ reply: ({ id }) => answer(isPoisoned(id) ? 500 : 200) });
  scene.begin(...good(1, 1), ...poisoned(2_000));
  scene.begin(upsertOf("good-1", 100_000, { sinceMs: 1 }));
  await scene.pass(60 * MINUTE_MS);
  assert.ok(scene.sent.length < 8_000, `${scene.sent.length} requests in an hour`);
});

test("what is fixed at the inserter is delivered within its longest backoff", async () => {
  let isFixed = false;
  const scene = deliveryScene({ reply: ({ id }) => answer(isPoisoned(id) && !isFixed ? 500 : 200) });
  scene.begin(...poisoned(40), ...good(3, 100));
  await scene.pass(30 * MINUTE_MS);
  isFixed = true;
  await scene.pass(2 * MINUTE_MS);
  assert.equal(scene.state.pending(null, 100), []);
});

for (const [name, fails] of [
  ["line by line", "lines"],
  ["as a whole", "whole"],
] as const) {
  test(`in batches that fail ${name} a good edit leaves at once, whatever else is pending`, async () => {
    const spoils = (operations: readonly Outgoing[]) => operations.some(({ id }) => isPoisoned(id));
    const scene = deliveryScene(
      {
        reply: ({ id }) => answer(isPoisoned(id) ? 500 : 200),
        whole: (operations) => (fails === "whole" && spoils(operations) ? answer(500) : null),
      },
      { batch: 50 },
    );
    scene.deliverer.noteInventory(50);
    scene.begin(...poisoned(100), ...good(60, 200));
    await scene.pass(5 * MINUTE_MS);
    assert.equal(
      scene.state.pending(null, 500).filter(({ id }) => !isPoisoned(id)),
      [],
    );
    for (let edit = 1; edit <= 10; edit++) {
      scene.lately();
      scene.begin(upsertOf("good-1", 1_000 + edit, { sinceMs: scene.timeline.nowMs }));
      await scene.pass(10);
      assert.ok(scene.lately().includes("good-1"), `edit ${edit} has not left`);
      await scene.pass(3_333);
    }
  });
}

test("lines missing at the end of a batch answer are no trouble of the inserter", async () => {
  const scene = deliveryScene({ reply: ({ id }) => (isPoisoned(id) ? timeout : answer(200)) }, { batch: 50 });
  scene.deliverer.noteInventory(50);
  scene.begin(...good(20, 1), ...poisoned(20));
  await scene.pass(20);
  assert.is(scene.deliverer.status().trouble, null);
});

test("an inserter that could not be reached is reached when it fails at an article that it failed at before", async () => {
  let isThere = true;
  const gone: Reply = { kind: "failure", why: "connect", message: "refused" };
  const scene = deliveryScene({ reply: ({ id }) => (isThere ? answer(isPoisoned(id) ? 500 : 200) : gone) });
  scene.begin(...poisoned(1), ...good(1, 100));
  await scene.pass(MINUTE_MS);
  isThere = false;
  await scene.pass(5 * MINUTE_MS);
  assert.is(scene.deliverer.status().trouble?.kind, "unreachable");
  isThere = true;
  await scene.pass(2 * MINUTE_MS);
  assert.is(scene.deliverer.status().trouble, null);
});

test("a fixed article leaves at once, however long its last version failed", async () => {
  const scene = deliveryScene({
    reply: (one) => answer(one.version < 5_000 && isPoisoned(one.id) ? 500 : 200),
  });
  scene.begin(...poisoned(40), ...good(1, 100));
  await scene.pass(20 * MINUTE_MS);
  scene.lately();
  scene.begin(upsertOf("a-poison-0007", 6_000, { sinceMs: scene.timeline.nowMs }));
  await scene.pass(10);
  assert.ok(scene.lately().includes("a-poison-0007"));
});

test.run();
