/**
 * The whole job on a real engine: commits → agent → inserter → engine, each in a process of its own, each killed
 * again and again while a history is replayed. At the end the store equals the last commit.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { indexNameOf } from "../support/engine-store.ts";
import { Repository, temporaryFolder } from "../support/repository.ts";
import { waitFor } from "../support/wait.ts";
import { engineName, freePort, startEngine } from "./engine.ts";

const main = resolve(import.meta.dirname, "../../src/main.ts");
const rounds = Number(process.env["ROUNDS"] ?? 10);
const seed = Number(process.env["SEED"] ?? Date.now() % 100_000);
const settleMs = 120_000;

/** Draws from [0, 1), the same for the same seed. */
function dice(state: number): () => number {
  let value = state;
  return () => {
    value = (value * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return value / 2 ** 32;
  };
}

/** A program that can be killed and started again. */
class Program {
  readonly #argv: readonly string[];
  readonly #cwd: string;
  #child: ChildProcess | null = null;
  output = "";

  constructor(argv: readonly string[], cwd: string) {
    this.#argv = argv;
    this.#cwd = cwd;
  }

  start(): void {
    const env = { PATH: process.env["PATH"], HOME: this.#cwd };
    const child = spawn(process.execPath, [main, ...this.#argv], {
      cwd: this.#cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        this.output = (this.output + chunk).slice(-8_000);
      });
    }
    this.#child = child;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }
}

const history = suite(`history: ${engineName}`);

history(`${rounds} rounds of kills of engine, inserter and agent (seed ${seed})`, async () => {
  const random = dice(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const folder = temporaryFolder();
  const engine = await startEngine();
  const repository = new Repository(join(folder.path, "repo"));
  const port = await freePort();
  const index = indexNameOf("history");
  const store = ["--store", engine.url, "--index", index, "--listen", `127.0.0.1:${port}`];
  const inserter = new Program(["inserter", ...store, "--store-timeout", "3s"], folder.path);
  const url = `http://127.0.0.1:${port}/post`;
  const following = ["--no-config", "--repo", repository.dir, "--inserter", url, "--state", "state.sqlite"];
  const agent = new Program(["run", ...following], folder.path);
  const tree = new Map<string, string>();
  const article = (id: string, title: string): string =>
    `---\nid: ${id}\ntitle: "${title}"\ndate: 2026-01-02\n---\nText of ${title}.\n`;
  const commit = (): void => {
    const files: Record<string, string | null> = {};
    for (let n = 0; n <= below(5); n++) {
      const id = `n${below(40)}`;
      if (random() < 0.25 && tree.size > 20) {
        if (!tree.delete(id)) continue;
        files[`${id}.md`] = null;
      } else {
        const title = `t${below(1_000_000)}`;
        tree.set(id, title);
        files[`${id}.md`] = article(id, title);
      }
    }
    repository.commit(files);
  };
  const stored = async (): Promise<string> => {
    const { hits } = await engine.ask("POST", `/${index}-live/_search`, {
      size: 1_000,
      _source: ["id", "title"],
    });
    const found = (hits?.hits ?? []) as { _source: { id: string; title: string } }[];
    return found
      .map(({ _source }) => `${_source.id} ${_source.title}`)
      .sort()
      .join("\n");
  };

  try {
    for (let n = 0; n < 30; n++) {
      tree.set(`n${n}`, `first ${n}`);
    }
    repository.commit(Object.fromEntries([...tree].map(([id, title]) => [`${id}.md`, article(id, title)])));
    inserter.start();
    agent.start();
    for (let round = 0; round < rounds; round++) {
      commit();
      await sleep(below(400));
      const victims = [
        ...(random() < 0.4 ? [engine] : []),
        ...(random() < 0.5 ? [inserter] : []),
        ...(random() < 0.5 ? [agent] : []),
      ];
      await Promise.all(victims.map((victim) => victim.kill()));
      commit();
      for (const victim of victims) await victim.start();
    }
    const expected = (): string =>
      [...tree]
        .map(([id, title]) => `${id} ${title}`)
        .sort()
        .join("\n");
    await waitFor(async () => (await stored()) === expected(), "the store to equal the tree", settleMs).catch(
      async (error) => {
        assert.is(await stored(), expected(), `${error.message}\n${agent.output}\n${inserter.output}`);
      },
    );
  } finally {
    await agent.kill();
    await inserter.kill();
    await engine.stop();
    folder.remove();
  }
});

history.run();
