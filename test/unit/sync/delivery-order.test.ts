/** What goes before what, and what is tried ever more seldom. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reply } from "../../../src/sync/ports.ts";
import { answer, deleteOf, deliveryScene, upsertOf } from "../../support/delivery.ts";

const test = suite("order of delivery");

const taken = { reply: (): Reply => answer(200) };
/** The file `post.md` has a new id. */
const CHANGE = [
  deleteOf("a-old", 20, { path: "post.md" } as never),
  upsertOf("z-new", 10, { path: "post.md" }),
];

test("after a restart nothing is tried before the repository is found, and then at the first try", async () => {
  const pending = [upsertOf("a", 1), upsertOf("b", 2), deleteOf("c", 3)];
  const scene = deliveryScene(taken, { isFound: false, pending });
  await scene.pass(60_000);
  assert.equal(scene.lately(), [], "the delete may belong to one of the others");
  scene.find();
  await scene.pass(30);
  assert.equal(scene.lately(), ["a", "b", "c"]);
  assert.not(scene.events.some(({ kind }) => kind === "article.retry"));
});

test("a repository that cannot be read for a while costs no article a backoff", async () => {
  const scene = deliveryScene(taken, { isFound: false, pending: [upsertOf("a", 1)] });
  scene.deliverer.repositoryFound();
  await scene.pass(10_000);
  assert.equal(scene.lately(), []);
  scene.find();
  await scene.pass(30_000);
  assert.equal(scene.lately(), ["a"]);
  assert.not(scene.events.some(({ kind }) => kind === "article.retry"));
});

test("without the repository a withdrawal leaves, and no other delete", async () => {
  const withdrawal = deleteOf("a", 2, { cause: "withdrawn" });
  const pending = [withdrawal, deleteOf("b", 3), upsertOf("c", 1)];
  const scene = deliveryScene({ reply: () => answer(204) }, { isFound: false, pending });
  await scene.pass(100);
  assert.equal(scene.lately(), ["a"]);
});

for (const concurrency of [1, 8]) {
  test(`the upsert of an id change is there before its delete leaves, ${concurrency} at a time`, async () => {
    const isTaken = { z: false };
    const early: string[] = [];
    const scene = deliveryScene(
      {
        reply: ({ id, kind }) => {
          if (kind === "delete" && !isTaken.z) early.push(id);
          return answer(200);
        },
        tookMs: () => 500,
        taken: ({ id }) => {
          if (id === "z-new") isTaken.z = true;
        },
      },
      { concurrency, pending: CHANGE },
    );
    await scene.pass(5_000);
    assert.equal(early, []);
    assert.equal(scene.lately(), ["z-new", "a-old"]);
  });

  test(`while that upsert fails it is tried three times for each try of the delete, ${concurrency} at a time`, async () => {
    let fails = (id: string): boolean => id !== "other";
    const scene = deliveryScene(
      { reply: ({ id }) => answer(fails(id) ? 500 : 200) },
      { concurrency, pending: [...CHANGE, deleteOf("other", 21)] },
    );
    await scene.pass(600_000);
    const ids = scene.lately();
    assert.is(ids.filter((id) => id === "other").length, 1);
    for (const [i, id] of ids.entries()) {
      const before = ids.slice(0, i);
      const count = (which: string): number => before.filter((one) => one === which).length;
      if (id === "a-old") assert.ok(count("z-new") >= 3 * (count("a-old") + 1), ids.join(" "));
    }
    assert.ok(ids.includes("a-old"), "it is tried");
    fails = (id) => id === "z-new";
    await scene.pass(300_000);
    assert.equal(
      [...scene.state.pending(null, 9)].map(({ id }) => id),
      ["z-new"],
      "nothing is left behind",
    );
  });
}

test("in batches a delete does not leave together with what replaces it", async () => {
  const scene = deliveryScene(taken, { batch: 50 });
  scene.deliverer.noteInventory(50);
  scene.begin(...CHANGE);
  await scene.pass(1_000);
  assert.equal(scene.lately(), ["z-new", "a-old"]);
});

test("a withdrawal does not wait for the upserts of its commit", async () => {
  const upserts = Array.from({ length: 200 }, (_, i) => upsertOf(`b${i}`, 1 + i));
  const scene = deliveryScene(taken, { concurrency: 1 });
  scene.begin(...upserts);
  await scene.pass(50);
  scene.begin(deleteOf("secret", 1_000, { cause: "withdrawn", sinceMs: 50 }));
  scene.lately();
  await scene.pass(10);
  assert.ok(scene.lately().includes("secret"));
});

test("a pending delete that finds nothing after a restart is no cause for alarm", async () => {
  const pending = [deleteOf("a", 1), deleteOf("b", 2), deleteOf("c", 3)];
  const scene = deliveryScene({ reply: () => answer(404) }, { pending });
  await scene.pass(600_000);
  assert.equal(scene.events, []);
  assert.is(scene.deliverer.status().trouble, null);
  assert.ok(scene.lately().length < 80);
  scene.begin(upsertOf("d", 100, { sinceMs: 600_000 }));
  scene.answerNow(({ id }) => answer(id === "d" ? 200 : 404));
  await scene.pass(100);
  assert.equal(scene.state.pending(null, 9), []);
});

test("an inventory tells at once that such a delete is done", async () => {
  const inventory = () => ({ kind: "unchanged" }) as const;
  const scene = deliveryScene({ reply: () => answer(404), inventory }, { pending: [deleteOf("a", 1)] });
  await scene.pass(100);
  assert.equal(scene.state.pending(null, 9), []);
  assert.equal(scene.lately(), ["a", "a"]);
});

test("of deletes begun just now the URL is said to be doubtful", async () => {
  const scene = deliveryScene({ reply: () => answer(404) });
  scene.begin(deleteOf("a", 1), deleteOf("b", 2));
  await scene.pass(600_000);
  assert.is(scene.deliverer.status().trouble?.kind, "denied");
});

test("an inserter that answers 412 with ever higher versions is asked ever more seldom, with a warning", async () => {
  let version = 1_000;
  const scene = deliveryScene({
    reply: ({ id }) => {
      if (id !== "a") return answer(200);
      version += 5;
      return answer(412, { version });
    },
    tookMs: () => 3,
  });
  scene.passesFollow(() => [upsertOf("a", version + 1)]);
  scene.begin(upsertOf("a", 1));
  await scene.pass(3_600_000);
  assert.ok(scene.sent.length < 100, `${scene.sent.length} requests in an hour`);
  assert.ok(scene.sent.length > 30, `it is still tried, ${scene.sent.length} times`);
  const warnings = scene.events.filter(({ kind }) => kind === "article.retry");
  assert.is(warnings.length, scene.sent.length - 1, "the first is nothing special");
  scene.lately();
  scene.begin(upsertOf("b", 5_000_000));
  await scene.pass(10);
  assert.equal(scene.lately(), ["b"]);
});

test("412 once, then taken, is forgotten", async () => {
  const scene = deliveryScene({
    reply: (_, attempt) => (attempt % 2 === 1 ? answer(412, { version: attempt * 10 }) : answer(200)),
  });
  scene.passesFollow((id) => [upsertOf(id, scene.sent.length * 10 + 1)]);
  for (let i = 0; i < 5; i++) {
    scene.begin(upsertOf("a", scene.sent.length * 10));
    await scene.pass(60);
  }
  assert.is(scene.sent.length, 10);
  assert.not(scene.events.some(({ kind }) => kind === "article.retry"));
});

test.run();
