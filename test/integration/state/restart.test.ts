import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openState } from "../../../src/state/open.ts";
import { Agent } from "../../../src/sync/agent.ts";
import type { Listed } from "../../../src/sync/model.ts";
import { Once } from "../../../src/sync/once.ts";
import type { InventoryReply, Outgoing, Reply, Sink, Source } from "../../../src/sync/ports.ts";
import { systemClock } from "../../../src/wiring/runtime.ts";
import { article, articleRoom, bytesOf } from "../../support/article.ts";

const restarts = suite("a restart beside an inserter with an ETag");

const SILENT = { emit: () => {} };

/** Holds what it is sent, and tells what it was asked. */
class TaggedSink implements Sink {
  readonly stored = new Map<string, Listed>();
  edition = 0;
  asked: string[] = [];

  put(id: string, digest: string | null, version: number | null): void {
    this.edition++;
    this.stored.set(id, { id, digest, version, owner: "sync-agent" });
  }

  async inventory(etag: string | null): Promise<InventoryReply> {
    if (etag === `"${this.edition}"`) {
      this.asked.push("unchanged");
      return { kind: "unchanged" };
    }
    this.asked.push("listing");
    const lines = [...this.stored.values()];
    const pages = (async function* () {
      yield lines;
    })();
    return { kind: "listing", etag: `"${this.edition}"`, batch: 0, pages };
  }

  async send({ id, digest, version }: Outgoing): Promise<Reply> {
    this.asked.push(`send ${id}`);
    this.put(id, digest, version);
    return { kind: "answer", status: 204, retryAfterMs: null, version: null, location: null, excerpt: "" };
  }

  async sendBatch(): Promise<never> {
    throw new Error("no batch was offered");
  }
}

/** Files by path; a blob's id is its text. */
function sourceOf(files: ReadonlyMap<string, string>): Source {
  const revision = JSON.stringify([...files]);
  return {
    head: async () => ({ kind: "revision", revision, tree: revision }),
    compare: async () => ({
      way: "list",
      why: "no-old-revision",
      pages: (async function* () {
        yield [...files].map(([path, blob]) => ({ path, blob, mode: "file" as const }));
      })(),
      remember: () => {},
    }),
    read: async (blob) => ({ kind: "bytes", bytes: bytesOf(blob) }),
  };
}

restarts("is spared the listing while nothing has changed since it was read, on either side", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sync-agent-restart-"));
  const files = new Map(["a", "b", "c"].map((id) => [`${id}.md`, article().replace("intro", id)]));
  const sink = new TaggedSink();
  const articles = articleRoom();
  const start = async (): Promise<string[]> => {
    const state = openState(join(folder, "state.sqlite"), SILENT);
    const source = sourceOf(files);
    const world = {
      identity: { owner: null, derive: () => Promise.reject(new Error("known")) },
      state,
      source,
      sink,
      articles,
      clock: systemClock,
      random: () => 0.5,
      report: () => {},
    };
    const hour = 3_600_000;
    const retry = { minMs: 1, maxMs: 10 };
    const inserter = {
      concurrency: 4,
      ratePerSecond: 0,
      batch: false,
      retry,
      url: "http://inserter.test/post",
    } as const;
    const times = { pollMs: hour, driftMs: hour, resyncMs: hour };
    const agent = new Agent(
      {
        owner: "sync-agent",
        inserter,
        ...times,
        startup: "verify",
        prune: { scope: "owned", maxFraction: 0.5 },
      },
      world,
    );
    sink.asked = [];
    await new Once(agent, 10_000, new AbortController().signal).run({ full: false });
    state.close();
    return sink.asked.sort();
  };
  try {
    assert.equal(await start(), ["listing", "send a", "send b", "send c"]);
    // What was sent since is not in the listing that was read.
    assert.equal(await start(), ["listing"]);
    assert.equal(await start(), ["unchanged"]);
    assert.equal(await start(), ["unchanged"]);

    sink.put("b", "0".repeat(64), 1);
    assert.equal(await start(), ["listing", "send b"]);
    // The next one tells that the repair has held, which is news; the one after it nothing any more.
    assert.equal(await start(), ["listing"]);
    assert.equal(await start(), ["listing"]);
    assert.equal(await start(), ["unchanged"]);

    const { edition } = sink;
    const kept = new Map(sink.stored);
    files.set("c.md", `${files.get("c.md")}\nMore.\n`);
    assert.equal(await start(), ["send c", "unchanged"]);
    // Restored from a backup it says that nothing has changed, which is true of the inserter only.
    sink.edition = edition;
    sink.stored.clear();
    for (const [id, listed] of kept) sink.stored.set(id, listed);
    assert.equal(await start(), ["listing", "send c"]);
  } finally {
    await articles.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

restarts.run();
