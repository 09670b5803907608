import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Scheduler } from "../../../src/workers/scheduler.ts";

const schedulers = suite("scheduler");

function spin(forMs: number): void {
  for (const endMs = performance.now() + forMs; performance.now() < endMs; );
}

schedulers("gives the first turn at once, the others in order, a round of the event loop later", async () => {
  const scheduler = new Scheduler();
  const order: string[] = [];
  const take = async (name: string): Promise<void> => {
    await scheduler.turn();
    order.push(name);
  };
  const turns = ["a", "b", "c"].map(take);
  await turns[0];
  assert.equal([order, scheduler.waiting], [["a"], 2]);
  await Promise.all(turns);
  assert.equal([order, scheduler.waiting], [["a", "b", "c"], 0]);
});

schedulers("lets other work of the event loop in between long turns", async () => {
  const scheduler = new Scheduler();
  let rounds = 0;
  let isOver = false;
  const count = (): void => {
    rounds++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const turns = Array.from({ length: 6 }, async () => {
    await scheduler.turn();
    spin(5);
  });
  await Promise.all(turns);
  isOver = true;
  assert.ok(rounds >= 5, `${rounds} rounds for 6 turns`);
});

schedulers("runs what fits into a round, and gives up what does not fit into a whole one", async () => {
  const scheduler = new Scheduler();
  const given: number[] = [];
  const work =
    (neededMs: number) =>
    (timeMs: number): string | null => {
      given.push(timeMs);
      spin(Math.min(neededMs, timeMs));
      return neededMs <= timeMs ? "done" : null;
    };
  const results = await Promise.all([
    scheduler.run(work(30)),
    scheduler.run(work(30)),
    scheduler.run(work(100)),
  ]);
  assert.equal(results, ["done", "done", null]);
  // A busy machine may leave nothing of a round to the second one; a whole round is enough for it.
  assert.equal([given[0], given.at(-1)], [40, 40]);
  assert.ok(
    given.every((timeMs) => timeMs > 0 && timeMs <= 40),
    String(given),
  );
});

schedulers.run();
