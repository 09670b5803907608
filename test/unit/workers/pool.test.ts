import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Pool } from "../../../src/workers/pool.ts";
import type { ToyTask } from "../../support/toy-worker.ts";
import { waitFor } from "../../support/wait.ts";

type ToyPool = Pool<ToyTask, string | Uint8Array>;

const pools = suite("pool of worker threads");
const PROGRAM = new URL("../../support/toy-worker.ts", import.meta.url);

/** Threads that were started, in order; those that ended leave. */
const alive: Worker[] = [];
let startedCount = 0;
process.on("worker", (worker: Worker) => {
  startedCount++;
  alive.push(worker);
  worker.once("exit", () => alive.splice(alive.indexOf(worker), 1));
});

function echo(text: string): ToyTask {
  return { kind: "echo", text, timeMs: 20_000 };
}

function busy(text: string, forMs: number): ToyTask {
  return { kind: "busy", text, forMs, timeMs: 20_000 };
}

function hang(isInterruptible: boolean): ToyTask {
  return { kind: "hang", text: "", isInterruptible, timeMs: 200 };
}

async function withPool(idleMs: number, work: (pool: ToyPool) => Promise<void>): Promise<void> {
  startedCount = 0;
  const pool: ToyPool = new Pool({ program: () => PROGRAM, data: "settings", size: 2, idleMs, prefetch: 3 });
  try {
    await work(pool);
  } finally {
    await pool.close();
  }
  await waitFor(() => alive.length === 0, "the end of all threads");
}

pools("answers each task with its own answer, also when a thread hears of more while it waits", async () => {
  await withPool(60_000, async (pool) => {
    pool.grow(1);
    await waitFor(() => pool.isReady, "a thread");
    const answers = [pool.tryRun({ kind: "wait", text: "a", forMs: 50, timeMs: 20_000 })];
    for (const text of ["b", "c"]) {
      await new Promise((resolve) => setImmediate(resolve));
      answers.push(pool.tryRun(echo(text)));
    }
    assert.equal(await Promise.all(answers), ["a", "b", "c"]);
  });
});

pools("starts no thread before there is work, and none beyond its size", async () => {
  await withPool(60_000, async (pool) => {
    assert.is(startedCount, 0);
    assert.is(pool.tryRun(echo("a")), null);
    assert.is(startedCount, 0);
    const texts = ["0", "1", "2", "3", "4"];
    assert.equal(await Promise.all(texts.map((text) => pool.run(echo(text)))), texts);
    assert.is(startedCount, 2);
  });
});

pools("gives its threads data to begin with", async () => {
  await withPool(60_000, async (pool) => {
    assert.is(await pool.run({ kind: "data", text: "", timeMs: 20_000 }), "settings");
  });
});

pools("hands buffers over without a copy", async () => {
  await withPool(60_000, async (pool) => {
    const bytes = await pool.run({ kind: "bytes", text: "é", timeMs: 20_000 });
    assert.equal(bytes, new Uint8Array([0xc3, 0xa9]));
  });
});

pools("grows by one at a time and lets no more than a few short tasks wait", async () => {
  await withPool(60_000, async (pool) => {
    pool.grow(2);
    await waitFor(() => pool.isReady, "a thread");
    assert.is(startedCount, 1);
    const tried = ["a", "b", "c", "d"].map((text) => pool.tryRun(busy(text, 20)));
    assert.equal(
      tried.map((answer) => answer !== null),
      [true, true, true, false],
    );
    assert.equal(await Promise.all(tried), ["a", "b", "c", null]);
    assert.is(startedCount, 1);
    pool.grow(2);
    await waitFor(() => startedCount === 2, "another thread");
  });
});

pools("lets nothing short wait behind something long", async () => {
  await withPool(60_000, async (pool) => {
    await pool.run(echo("a"));
    const long = pool.run(hang(true));
    assert.is(pool.tryRun(echo("b")), null);
    assert.is(await long, null);
    await pool.run(echo("c"));
    assert.is(await pool.tryRun(echo("d")), "d");
  });
});

pools("trusts no thread that was interrupted or does not answer", async () => {
  for (const isInterruptible of [true, false]) {
    await withPool(60_000, async (pool) => {
      const startMs = performance.now();
      assert.is(await pool.run(hang(isInterruptible)), null);
      assert.ok(performance.now() - startMs < 20_000);
      assert.is(await pool.run(echo("a")), "a");
      assert.is(startedCount, 2);
    });
  }
});

pools("keeps a thread whose task has thrown", async () => {
  await withPool(60_000, async (pool) => {
    assert.is(await pool.run({ kind: "throw", text: "no", timeMs: 20_000 }), null);
    assert.is(await pool.run(echo("a")), "a");
    assert.is(startedCount, 1);
  });
});

pools("ends threads that have been idle", async () => {
  await withPool(30, async (pool) => {
    await pool.run(echo("a"));
    await waitFor(() => alive.length === 0, "the end of the thread");
    assert.is(await pool.run(echo("b")), "b");
  });
});

pools("outlives a thread that dies, and gives its other work to the next", async () => {
  await withPool(60_000, async (pool) => {
    await pool.run(echo("a"));
    const [first, second] = [pool.tryRun(busy("b", 1_000)), pool.tryRun(echo("c"))];
    void alive[0]?.terminate();
    assert.equal(await Promise.all([first, second]), [null, "c"]);
  });
});

pools("gives up a task that has lost two threads before it was reached", async () => {
  await withPool(60_000, async (pool) => {
    await pool.run(echo("a"));
    const exit: ToyTask = { kind: "exit", text: "", timeMs: 20_000 };
    const answers = [pool.tryRun(exit), pool.tryRun(exit), pool.tryRun(exit)];
    assert.equal(await Promise.all(answers), [null, null, null]);
    assert.is(await pool.run(echo("b")), "b");
  });
});

pools("answers with nothing once it is closed", async () => {
  const pool: ToyPool = new Pool({ program: () => PROGRAM, size: 1, idleMs: 60_000, prefetch: 1 });
  await pool.close();
  assert.is(await pool.run(echo("a")), null);
});

pools.run();
