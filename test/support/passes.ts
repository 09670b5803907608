/** Passes of the core over a tree of verdicts, on a state in memory: what is begun counts as taken at once. */
import { acknowledge } from "../../src/sync/entry.ts";
import type { SyncEvent } from "../../src/sync/events.ts";
import type { Change, Trigger, Verdict } from "../../src/sync/model.ts";
import type { Source } from "../../src/sync/ports.ts";
import { type Core, reconcile } from "../../src/sync/reconcile.ts";
import { compareBytes } from "../../src/sync/rules.ts";
import { Versions } from "../../src/sync/version.ts";
import { MemoryState } from "./memory-state.ts";
import { MemoryTables } from "./memory-tables.ts";
import { worldOf } from "./world.ts";

export class Passes {
  readonly tables = new MemoryTables();
  /** Time of day, epoch milliseconds. */
  nowMs = 0;
  /** What the last pass said. */
  events: SyncEvent[] = [];
  /** What the last pass began, as `upsert ID PATH` and `delete ID`, in byte order. */
  begun: string[] = [];
  /** What it had begun before all files were read. */
  begunEarly: string[] = [];
  #revisions = 0;
  #tree = new Map<string, Verdict>();

  get state(): MemoryState {
    return new MemoryState(this.tables);
  }

  /** Changes files (null: gone) and makes a pass over the tree. */
  async commit(changes: Readonly<Record<string, Verdict | null>>, trigger: Trigger = "watch"): Promise<void> {
    for (const [path, verdict] of Object.entries(changes)) {
      if (verdict === null) this.#tree.delete(path);
      else this.#tree.set(path, verdict);
    }
    this.#revisions++;
    await this.pass(trigger);
  }

  /** A pass over the tree as it is, as a new process would make it. */
  async pass(trigger: Trigger): Promise<void> {
    const { state } = this;
    const tree = this.#tree;
    this.events = [];
    let read = 0;
    const source: Source = {
      head: () => Promise.reject(new Error("not asked for")),
      compare: async () => ({
        way: "list",
        why: "no-old-revision",
        pages: listed(tree, () => {
          this.begunEarly = begunIn(state);
        }),
        remember: () => {},
      }),
      read: async () => ({ kind: "bytes", bytes: new Uint8Array([read++]) }),
    };
    const world = worldOf({
      state,
      source,
      articles: {
        fingerprint: "f",
        parse: async (path) => ({ verdict: tree.get(path) as Verdict, body: null }),
      },
      clock: { nowMs: () => this.nowMs, elapsedMs: () => 0, sleep: () => Promise.resolve() },
      report: (event) => this.events.push(event),
    });
    const core: Core = {
      world,
      versions: new Versions(state, world.clock),
      settings: { prune: { scope: "owned", maxFraction: 1 } },
      deliverer: { offer: () => Promise.resolve(), wake: () => {} },
      missing: { isAny: false, clear: () => {}, add: () => {} },
      sizes: { ids: 1, files: 1, bodiesBytes: 0 },
    };
    const revision = String(this.#revisions);
    await reconcile(core, { kind: "revision", revision, tree: revision }, trigger);
    this.begun = begunIn(state);
    for (const entry of state.pending(null, 1_000)) {
      if (entry.pending === null) continue;
      const next = acknowledge(entry, entry.pending);
      if (next === null) state.dropEntry(entry.id);
      else state.putEntry(next);
    }
  }

  /** What stands at the inserter: `ID PATH`. */
  get standing(): string[] {
    return [...this.tables.entries.values()].map(({ id, path }) => `${id} ${path}`);
  }

  /** Codes and places of the problems of rejected files, by path. */
  get rejected(): Record<string, string> {
    const rejected: Record<string, string> = {};
    for (const event of this.events) {
      if (event.kind !== "article.rejected") continue;
      const [problem] = event.problems;
      const params = Object.values(problem?.params ?? {});
      rejected[event.path] = [`${problem?.code} ${problem?.line}:${problem?.column}`, ...params].join(" ");
    }
    return rejected;
  }
}

function begunIn(state: MemoryState): string[] {
  return state
    .pending(null, 1_000)
    .map(({ id, path, pending }) => (pending?.kind === "delete" ? `delete ${id}` : `upsert ${id} ${path}`));
}

/** Every file of a tree, its verdict named by its blob. */
async function* listed(
  tree: ReadonlyMap<string, Verdict>,
  atEnd: () => void,
): AsyncGenerator<readonly Change[]> {
  for (const path of [...tree.keys()].sort(compareBytes)) {
    yield [{ path, blob: JSON.stringify(tree.get(path)), mode: "file" }];
  }
  atEnd();
}
