import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Renderer } from "../../../src/workers/renderer.ts";

const renderers = suite("renderer");

const SAFE = { html: "safe", outline: false } as const;
/** A single step of commonmark that takes hours. */
const STUCK = `# a${" ".repeat(1_000_000)}b\n`;

async function withRenderer<T>(work: (renderer: Renderer) => Promise<T>): Promise<T> {
  const renderer = new Renderer({ threads: 2 });
  try {
    return await work(renderer);
  } finally {
    await renderer.close();
  }
}

renderers("renders a long body on a thread, outline included", async () => {
  await withRenderer(async (renderer) => {
    const result = await renderer.render(
      `# T\n\n${"a *b*\n\n".repeat(20_000)}`,
      { html: "safe", outline: true },
      1,
      0,
    );
    if (result.kind !== "rendered") throw new Error(result.kind);
    assert.is(result.html?.length, "<h1>T</h1>\n".length + 20_000 * "<p>a <em>b</em></p>\n".length);
    assert.equal(result.outline?.().headings, [{ level: 1, text: "T", slug: "t" }]);
  });
});

renderers("gives up a body that hangs in a single step, and goes on", async () => {
  await withRenderer(async (renderer) => {
    const results = await Promise.all([
      renderer.render(STUCK, SAFE, 0.1, 0),
      renderer.render("# a\n", SAFE, 1, 0),
      renderer.render("[a](b".repeat(20_000), SAFE, 0.1, 0),
      renderer.render("# long\n".repeat(10_000), SAFE, 1, 0),
    ]);
    assert.equal(
      results.map(({ kind }) => kind),
      ["too-slow", "rendered", "too-slow", "rendered"],
    );
    assert.equal(results[0], { kind: "too-slow", seconds: 0.2 });
    assert.is((await renderer.render("b\n", SAFE, 2, 0)).kind, "rendered");
  });
});

renderers("keeps the main thread free meanwhile", async () => {
  await withRenderer(async (renderer) => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await renderer.render(STUCK, SAFE, 0.25, 0);
    clearInterval(timer);
    // 50 on an idle machine.
    assert.ok(ticks >= 5, `${ticks} ticks`);
  });
});

renderers("says what it refuses, from a thread as from here", async () => {
  await withRenderer(async (renderer) => {
    const codes = async (markdown: string): Promise<unknown> => {
      const result = await renderer.render(markdown, SAFE, 10, 0);
      return result.kind === "refused" ? result.code : result.kind;
    };
    assert.is(await codes(">".repeat(1_000_000)), "markdown-too-complex");
    assert.is(await codes(`[a]: /${"b&".repeat(50_000)}\n\n${"[a] ".repeat(20_000)}`), "html-too-large");
  });
});

renderers("spreads a backlog over threads with the same results", async () => {
  await withRenderer(async (renderer) => {
    const bodies = Array.from(
      { length: 300 },
      (_, index) => `# ${index}\n\n${`[a](b) *${index}*\n\n`.repeat(50)}`,
    );
    const results = await Promise.all(
      bodies.map(async (body, index) => {
        // As the turns of examinations have it: a round of the event loop between two.
        await new Promise((resolve) => setTimeout(resolve, index));
        return renderer.render(body, SAFE, 1, bodies.length - index);
      }),
    );
    for (const [index, result] of results.entries()) {
      if (result.kind !== "rendered") throw new Error(result.kind);
      assert.match(result.html ?? "", `<h1>${index}</h1>\n<p><a href="b">a</a> <em>${index}</em></p>`);
    }
  });
});

renderers("keeps for the next round of the event loop what one has no time for", async () => {
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
    await withRenderer(async (renderer) => {
      const results = await Promise.all(bodies.map((body) => renderer.render(body, SAFE, 1, 0)));
      assert.ok(results.every(({ kind }) => kind === "rendered"));
    });
  } finally {
    process.off("worker", listen);
  }
  // On a busy machine one or the other waits too long for a processor.
  assert.ok(asked < bodies.length / 10, `${asked} of ${bodies.length} on a thread`);
});

renderers("parses front matter here or on a thread alike", async () => {
  await withRenderer(async (renderer) => {
    const short = "date: 2020-08-07\nlist: [1, a]\n";
    const long = `${short}text: ${"x".repeat(20_000)}\n`;
    const blank = `${short}text: a${" ".repeat(5000)}b\n`;
    for (const yaml of [short, long, blank]) {
      const parsed = await renderer.parseYaml(yaml);
      if (parsed.kind !== "map") throw new Error(parsed.code);
      assert.equal(
        [parsed.attributes["date"], parsed.attributes["list"]],
        [new Date("2020-08-07"), [1, "a"]],
      );
    }
    const broken = await renderer.parseYaml(`${long}a: b: c\n`);
    assert.is(broken.kind === "fault" && broken.code, "yaml-colon-in-value");
  });
});

renderers("finds the entries of front matter here or on a thread alike", async () => {
  await withRenderer(async (renderer) => {
    const short = 'a: &a 010\nb: *a\ntext: "x\n  y"\n';
    for (const yaml of [short, `${short}${"# padding\n".repeat(5_000)}`]) {
      const entries = await renderer.findEntries(yaml);
      assert.is(entries?.get("b")?.value.text, "010");
    }
    // As many aliases as would take minutes one by one.
    const aliases = `a: &a 1\nb: [${"*a, ".repeat(3_000)}]\n`;
    assert.is((await renderer.findEntries(aliases))?.get("b")?.items?.length, 3_000);
  });
});

renderers("gives up front matter that hangs", async () => {
  await withRenderer(async (renderer) => {
    const parsed = await renderer.parseYaml(`a: x${" ".repeat(1_000_000)}y\n`);
    assert.is(parsed.kind === "fault" && parsed.code, "front-matter-too-slow");
  });
});

renderers("lets go of what it has when it is closed", async () => {
  const renderer = new Renderer({ threads: 1 });
  const pending = [renderer.render(STUCK, SAFE, 1, 0), renderer.render(STUCK, SAFE, 1, 0)];
  await renderer.close();
  assert.equal(
    (await Promise.all(pending)).map(({ kind }) => kind),
    ["too-slow", "too-slow"],
  );
});

renderers.run();
