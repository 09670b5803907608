import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ThreadExecutor } from "../../../src/article/threads.ts";
import { articleSettings } from "../../support/article.ts";

const executors = suite("executor on threads");

const { attributes, schema, map, include, exclude, ...PLAIN } = articleSettings();
const SAFE = { html: "safe", outline: false } as const;
/** A single step of commonmark that takes hours. */
const STUCK = `# a${" ".repeat(1_000_000)}b\n`;

async function withExecutor<T>(work: (executor: ThreadExecutor) => Promise<T>): Promise<T> {
  const executor = new ThreadExecutor(PLAIN, 2);
  try {
    return await work(executor);
  } finally {
    await executor.close();
  }
}

executors("renders a long body on a thread, outline included", async () => {
  await withExecutor(async (executor) => {
    const result = await executor.render(
      `# T\n\n${"a *b*\n\n".repeat(20_000)}`,
      { html: "safe", outline: true },
      // Ten times the usual time: on a busy machine it must not be taken for too slow.
      10,
    );
    if (result.kind !== "rendered") throw new Error(result.kind);
    assert.is(result.html?.length, "<h1>T</h1>\n".length + 20_000 * "<p>a <em>b</em></p>\n".length);
    assert.equal(result.outline?.().headings, [{ level: 1, text: "T", slug: "t" }]);
  });
});

executors("gives up a body that hangs in a single step, and goes on", async () => {
  await withExecutor(async (executor) => {
    const results = await Promise.all([
      executor.render(STUCK, SAFE, 0.1),
      executor.render("# a\n", SAFE, 10),
      executor.render("[a](b".repeat(20_000), SAFE, 0.1),
      executor.render("# long\n".repeat(10_000), SAFE, 10),
    ]);
    assert.equal(
      results.map(({ kind }) => kind),
      ["too-slow", "rendered", "too-slow", "rendered"],
    );
    assert.equal(results[0], { kind: "too-slow", seconds: 0.2 });
    assert.is((await executor.render("b\n", SAFE, 10)).kind, "rendered");
  });
});

executors("keeps the main thread free meanwhile", async () => {
  await withExecutor(async (executor) => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await executor.render(STUCK, SAFE, 0.25);
    clearInterval(timer);
    // 50 on an idle machine.
    assert.ok(ticks >= 5, `${ticks} ticks`);
  });
});

executors("says what it refuses, from a thread as from here", async () => {
  await withExecutor(async (executor) => {
    const codes = async (markdown: string): Promise<unknown> => {
      const result = await executor.render(markdown, SAFE, 10);
      return result.kind === "refused" ? result.code : result.kind;
    };
    assert.is(await codes(">".repeat(1_000_000)), "markdown-too-complex");
    assert.is(await codes(`[a]: /${"b&".repeat(50_000)}\n\n${"[a] ".repeat(20_000)}`), "html-too-large");
  });
});

executors("spreads a backlog over threads with the same results", async () => {
  await withExecutor(async (executor) => {
    const bodies = Array.from(
      { length: 300 },
      (_, index) => `# ${index}\n\n${`[a](b) *${index}*\n\n`.repeat(50)}`,
    );
    const results = await Promise.all(
      bodies.map(async (body) => {
        await executor.turn();
        return executor.render(body, SAFE, 1);
      }),
    );
    for (const [index, result] of results.entries()) {
      if (result.kind !== "rendered") throw new Error(result.kind);
      assert.match(result.html ?? "", `<h1>${index}</h1>\n<p><a href="b">a</a> <em>${index}</em></p>`);
    }
  });
});

executors("keeps for the next round of the event loop what one has no time for", async () => {
  let asked = 0;
  const listen = (worker: Worker): void => {
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (tasks: readonly unknown[]) => {
      asked += tasks.length;
      post(tasks);
    };
  };
  process.on("worker", listen);
  const bodies = Array.from({ length: 400 }, (_, index) => `# ${index}\n\n${"[a](b) *c*\n\n".repeat(40)}`);
  try {
    await withExecutor(async (executor) => {
      const results = await Promise.all(bodies.map((body) => executor.render(body, SAFE, 1)));
      assert.ok(results.every(({ kind }) => kind === "rendered"));
    });
  } finally {
    process.off("worker", listen);
  }
  // On a busy machine one or the other waits too long for a processor.
  assert.ok(asked < bodies.length / 10, `${asked} of ${bodies.length} on a thread`);
});

executors("parses front matter here or on a thread alike", async () => {
  await withExecutor(async (executor) => {
    const short = "date: 2020-08-07\nlist: [1, a]\n";
    const long = `${short}text: ${"x".repeat(20_000)}\n`;
    const blank = `${short}text: a${" ".repeat(5000)}b\n`;
    for (const yaml of [short, long, blank]) {
      const parsed = await executor.parseYaml(yaml);
      if (parsed.kind !== "map") throw new Error(parsed.code);
      assert.equal(
        [parsed.attributes["date"], parsed.attributes["list"]],
        [new Date("2020-08-07"), [1, "a"]],
      );
    }
    const broken = await executor.parseYaml(`${long}a: b: c\n`);
    assert.is(broken.kind === "fault" && broken.code, "yaml-colon-in-value");
  });
});

executors("finds the entries of front matter here or on a thread alike", async () => {
  await withExecutor(async (executor) => {
    const short = 'a: &a 010\nb: *a\ntext: "x\n  y"\n';
    for (const yaml of [short, `${short}${"# padding\n".repeat(5_000)}`]) {
      const entries = await executor.findEntries(yaml);
      assert.is(entries?.get("b")?.value.text, "010");
    }
    // As many aliases as would take minutes one by one.
    const aliases = `a: &a 1\nb: [${"*a, ".repeat(3_000)}]\n`;
    assert.is((await executor.findEntries(aliases))?.get("b")?.items?.length, 3_000);
  });
});

executors("gives up front matter that hangs", async () => {
  await withExecutor(async (executor) => {
    const parsed = await executor.parseYaml(`a: x${" ".repeat(1_000_000)}y\n`);
    assert.is(parsed.kind === "fault" && parsed.code, "front-matter-too-slow");
  });
});

executors("lets go of what it has when it is closed", async () => {
  const executor = new ThreadExecutor(PLAIN, 1);
  const pending = [executor.render(STUCK, SAFE, 1), executor.render(STUCK, SAFE, 1)];
  await executor.close();
  assert.equal(
    (await Promise.all(pending)).map(({ kind }) => kind),
    ["too-slow", "too-slow"],
  );
});

executors.run();
