/** Three nodes with one replica, of which one is killed at a time: OpenSearch 2 alone, in the longer run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ArticleStore, StoreUnavailable, type Write } from "../../src/inserter/reference/store.ts";
import { indexNameOf, openEngineStore } from "../support/engine-store.ts";
import { linesOf } from "../support/migration-contract.ts";
import { upsertOf } from "../support/reference.ts";
import { waitFor } from "../support/wait.ts";
import { engineName, freePort, type RunningEngine, startEngine } from "./engine.ts";

const cluster = suite(`cluster: ${engineName}`);
const isLong = process.env["LONG"] === "1" && engineName === "opensearch-2";

async function startNodes(): Promise<readonly RunningEngine[]> {
  const names = ["n1", "n2", "n3"];
  const ports = [await freePort(), await freePort(), await freePort()];
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join();
  return Promise.all(
    names.map((name, at) =>
      startEngine(engineName, {
        settings: [
          `node.name=${name}`,
          `transport.port=${ports[at]}`,
          `discovery.seed_hosts=${hosts}`,
          `cluster.initial_cluster_manager_nodes=${names.join()}`,
        ],
      }),
    ),
  );
}

if (isLong) {
  cluster("no acknowledged article is lost and none returns while nodes are killed", async () => {
    const nodes = await startNodes();
    const urls = nodes.map(({ url }) => url);
    const index = indexNameOf("cluster");
    const replicas = urls.map((_, at) =>
      openEngineStore([...urls.slice(at), ...urls.slice(0, at)], { index, timeoutMs: 5_000 }),
    );
    const expected = new Map<string, number | null>();
    let version = 0;
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        const writes = Array.from({ length: 10 }, (): Write => {
          version += 1;
          const id = `n${version % 300}`;
          const kind = version % 9 === 0 ? "delete" : "upsert";
          return { ...upsertOf({ id, version }), version, kind } as Write;
        });
        await acknowledged(replicas[version % 3] as ArticleStore, writes);
        for (const { id, kind, version } of writes) expected.set(id, kind === "delete" ? null : version);
      }
    })();
    const isHealthy = async (): Promise<boolean> => {
      const health = await nodes[0]?.ask("GET", "/_cluster/health").catch(() => null);
      return health?.status === "green" && health.number_of_nodes === 3;
    };
    try {
      await waitFor(isHealthy, "a green cluster", 120_000);
      for (const node of [nodes[1], nodes[2], nodes[1]]) {
        const before = version;
        await node?.kill();
        await waitFor(() => version > before + 100, "writes to go on", 60_000);
        await node?.start();
        await waitFor(isHealthy, "a green cluster", 120_000);
      }
      isOver = true;
      await writing;
      const listed = new Map(
        (await linesOf(replicas[0] as ArticleStore)).map(({ id, version }) => [id, version]),
      );
      for (const [id, version] of expected) assert.is(listed.get(id) ?? null, version, id);
      assert.is(listed.size, [...expected.values()].filter((version) => version !== null).length);
    } finally {
      isOver = true;
      await writing.catch(() => null);
      for (const store of replicas) await store.close();
      for (const node of nodes) await node.stop();
    }
  });
} else cluster.skip("no acknowledged article is lost: npm run test:engines", () => {});

/** Tries again until all are stored, as an agent does. */
async function acknowledged(store: ArticleStore, writes: readonly Write[]): Promise<void> {
  let left = writes;
  const isDone = async (): Promise<boolean> => {
    const results = await store.write(left).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) return null;
      throw error;
    });
    left = results === null ? left : left.filter((_, at) => results[at]?.outcome === "failed");
    return left.length === 0;
  };
  await waitFor(isDone, "writes to be taken", 90_000);
}

cluster.run();
