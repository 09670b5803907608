/** Articles that take long do not keep others waiting: not in a pass, and not one another. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Change, ParsedFile } from "../../../src/sync/model.ts";
import { HeldFiles } from "../../../src/sync/plan/parse.ts";
import type { Source, World } from "../../../src/sync/ports.ts";
import { type Core, reconcile } from "../../../src/sync/reconcile.ts";
import { Versions } from "../../../src/sync/version.ts";
import { MemoryState } from "../../support/memory-state.ts";
import { worldOf } from "../../support/world.ts";

const holding = suite("articles that take long");

const SLOW_MS = 1_000;

/** Blobs that begin with `slow` take a second, those with `stuck` never come to an end; the others are quick. */
class Scene {
  readonly state = new MemoryState();
  readonly parsed: string[] = [];
  readonly reported: string[] = [];
  readonly held: HeldFiles;
  readonly #world: World;
  #elapsedMs = 0;
  #changes: readonly Change[] = [];

  constructor() {
    const source: Source = {
      head: () => Promise.reject(new Error("not asked for")),
      compare: async () => ({
        way: "list",
        why: "no-old-revision",
        pages: this.#pages(),
        remember: () => {},
      }),
      read: async () => ({ kind: "bytes", bytes: new Uint8Array() }),
    };
    const clock = { nowMs: () => 0, elapsedMs: () => this.#elapsedMs, sleep: () => Promise.resolve() };
    this.#world = worldOf({
      state: this.state,
      source,
      clock,
      articles: {
        fingerprint: "f",
        parse: async (path, blob, _content, patience) => this.#parse(path, blob, patience),
      },
      report: (event) => {
        if (event.kind === "article.held") this.reported.push(event.path);
      },
    });
    this.held = new HeldFiles(this.#world);
  }

  async *#pages(): AsyncGenerator<readonly Change[]> {
    yield this.#changes;
  }

  #parse(path: string, blob: string, patience: number): ParsedFile {
    this.parsed.push(`${path} ${patience}`);
    const id = path.slice(0, -3);
    const isLong = blob.startsWith("slow") || blob.startsWith("stuck");
    if (isLong && patience > 0) this.#elapsedMs += SLOW_MS;
    if (blob.startsWith("stuck") || (isLong && patience === 0))
      return { verdict: { kind: "held", id, reason: patience === 0 ? "later" : "too slow" }, body: null };
    const verdict = { kind: "article", id, digest: blob, publishAtMs: null, expiresAtMs: null } as const;
    return { verdict, body: new Uint8Array(1) };
  }

  /** A pass over a revision in which these files have changed. */
  async pass(revision: string, blobs: Readonly<Record<string, string>>): Promise<void> {
    this.#changes = Object.entries(blobs).map(([path, blob]) => ({ path, blob, mode: "file" }));
    const core: Core = {
      world: this.#world,
      versions: new Versions(this.state, this.#world.clock),
      missing: { isAny: false, clear: () => {}, add: () => {} },
      settings: { prune: { scope: "owned", maxFraction: 1 } },
      deliverer: { offer: () => Promise.resolve(), wake: () => {} },
      sizes: { ids: 100, files: 64, bodiesBytes: 1_000 },
    };
    const head = { kind: "revision", revision, tree: revision } as const;
    await reconcile(core, head, "watch", { onHeld: (path) => this.held.note(path) });
  }

  retry(): Promise<boolean> {
    return this.held.retry(new AbortController().signal);
  }

  get pending(): string[] {
    return this.state.pending(null, 100).map(({ id }) => id);
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }
}

const slow = Object.fromEntries(
  Array.from({ length: 60 }, (_, n) => [`s${String(n).padStart(2, "0")}.md`, `slow${n}`]),
);

holding("cost a pass no time, so that another author's edit leaves with it", async () => {
  const scene = new Scene();
  await scene.pass("one", { ...slow, "z.md": "edit" });
  assert.equal(scene.pending, ["z"]);
  assert.is(scene.elapsedMs, 0);
  assert.is(scene.parsed.length, 61);
  assert.ok(scene.parsed.every((one) => one.endsWith(" 0")));
  assert.equal(scene.reported, [], "those that only wait are no trouble yet");
});

holding("are planned one by one as they come out, those changed last first", async () => {
  const scene = new Scene();
  await scene.pass("one", slow);
  scene.parsed.length = 0;
  assert.is(await scene.retry(), true);
  assert.is(scene.parsed.length, 1, "what came out is planned before the next is tried");
  await scene.pass("two", { "a.md": "slow", ...slow, "z.md": "edit" });
  assert.ok(scene.pending.includes("z"));
  scene.parsed.length = 0;
  assert.is(await scene.retry(), true);
  assert.equal(scene.parsed, ["a.md 1"]);
  for (let n = 0; n < 59; n++) assert.is(await scene.retry(), true, `try ${n}`);
  assert.is(await scene.retry(), false);
  assert.is(scene.parsed.length, 60, "each once");
});

holding(
  "are reported, and not tried again before a resync, when ten times the time is not enough",
  async () => {
    const scene = new Scene();
    await scene.pass("one", { "a.md": "stuck", "b.md": "slow" });
    scene.parsed.length = 0;
    await scene.retry();
    await scene.retry();
    assert.equal(scene.parsed, ["b.md 1", "a.md 1", "a.md 10"], "the longer try comes last");
    assert.equal(scene.reported, ["a.md"]);
    const verdict = scene.state.file("a.md")?.verdict;
    assert.is(verdict?.kind === "held" && verdict.reason, "too slow");
    assert.is(await scene.retry(), false);
    scene.held.forget();
    await scene.retry();
    assert.is(scene.parsed.length, 5);
  },
);

holding("are tried again, however often a revert brings back what came out before", async () => {
  const scene = new Scene();
  for (let n = 0; n < 4; n++) {
    await scene.pass(`${n} slow`, { "a.md": "slow" });
    assert.is(scene.state.file("a.md")?.verdict.kind, "held");
    scene.parsed.length = 0;
    assert.is(await scene.retry(), true, `time ${n}`);
    assert.equal(scene.parsed, ["a.md 1"]);
    await scene.pass(`${n} edit`, { "a.md": "edit" });
  }
});

holding.run();
