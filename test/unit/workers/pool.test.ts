import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Pool } from "../../../src/workers/pool.ts";
import type { Task } from "../../../src/workers/worker.ts";

const pools = suite("pool of render threads");

/** Threads that were started, in order; those that ended leave. */
const alive: Worker[] = [];
let startedCount = 0;
process.on("worker", (worker: Worker) => {
  startedCount++;
  alive.push(worker);
  worker.once("exit", () => alive.splice(alive.indexOf(worker), 1));
});

function task(markdown: string, timeMs = 20_000): Task {
  return { kind: "render", markdown, wanted: { html: "safe", outline: false }, timeMs, isHazardous: false };
}

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error("Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function withPool(idleMs: number, work: (pool: Pool) => Promise<void>): Promise<void> {
  startedCount = 0;
  const pool = new Pool({ size: 2, idleMs, prefetch: 3 });
  try {
    await work(pool);
  } finally {
    await pool.close();
  }
  await until(() => alive.length === 0);
}

pools(
  "an answer is that of its own task, also when the thread hears of more while it waits for something",
  async () => {
    await withPool(60_000, async (pool) => {
      pool.grow(1);
      await until(() => pool.isReady);
      // To find entries the thread loads a parser first; the other messages are there meanwhile.
      const answers = [pool.tryRun({ kind: "entries", yaml: "a: 1\n", timeMs: 20_000 })];
      for (const text of ["b", "c"]) {
        await new Promise((resolve) => setImmediate(resolve));
        answers.push(pool.tryRun(task(text)));
      }
      const [entries, ...rendered] = await Promise.all(answers);
      assert.is(entries?.kind, "entries");
      assert.equal(
        rendered.map((one) => one?.kind === "rendered" && one.html),
        ["<p>b</p>\n", "<p>c</p>\n"],
      );
    });
  },
);

pools("starts no thread before there is work, and none beyond its size", async () => {
  await withPool(60_000, async (pool) => {
    assert.is(startedCount, 0);
    assert.is(pool.tryRun(task("a")), null);
    assert.is(startedCount, 0);
    const outcomes = await Promise.all(Array.from({ length: 5 }, (_, n) => pool.run(task(`${n}`))));
    assert.equal(
      outcomes.map((outcome) => outcome?.kind === "rendered" && outcome.html),
      ["<p>0</p>\n", "<p>1</p>\n", "<p>2</p>\n", "<p>3</p>\n", "<p>4</p>\n"],
    );
    assert.is(startedCount, 2);
  });
});

pools("grows by one at a time and lets short tasks wait for a while only", async () => {
  await withPool(60_000, async (pool) => {
    pool.grow(2);
    pool.grow(2);
    await until(() => startedCount > 0);
    assert.is(startedCount, 1);
    const started: Promise<unknown>[] = [];
    await until(() => {
      const tried = pool.tryRun(task("a"));
      if (tried !== null) started.push(tried);
      return tried !== null;
    });
    const more = [1, 2, 3].map(() => pool.tryRun(task("b".repeat(10_000))));
    assert.equal(
      more.map((tried) => tried !== null),
      [true, true, false],
    );
    await Promise.all([...started, ...more]);
    assert.is(startedCount, 1);
    pool.grow(2);
    await until(() => startedCount === 2);
  });
});

pools("lets nothing short wait behind something long", async () => {
  await withPool(60_000, async (pool) => {
    await pool.run(task("a"));
    const long = pool.run(task("[a](b".repeat(20_000), 300));
    assert.is(pool.tryRun(task("b")), null);
    const outcome = await long;
    assert.is(outcome?.kind === "failed" && outcome.why, "time");
    assert.ok(await pool.tryRun(task("b")));
  });
});

pools("ends threads that have been idle", async () => {
  await withPool(30, async (pool) => {
    await pool.run(task("a"));
    await until(() => alive.length === 0);
    const outcome = await pool.run(task("b"));
    assert.is(outcome?.kind, "rendered");
  });
});

pools("outlives a thread that dies, and gives its other work to the next", async () => {
  await withPool(60_000, async (pool) => {
    await pool.run(task("a"));
    const [first, second] = [pool.tryRun(task("[a](b".repeat(10_000))), pool.tryRun(task("b"))];
    void alive[0]?.terminate();
    const [lost, moved] = await Promise.all([first, second]);
    assert.is(lost?.kind === "failed" && lost.why, "time");
    assert.is(moved?.kind, "rendered");
  });
});

pools("answers with nothing once it is closed", async () => {
  const pool = new Pool({ size: 1, idleMs: 60_000, prefetch: 1 });
  await pool.close();
  assert.is(await pool.run(task("a")), null);
});

pools.run();
