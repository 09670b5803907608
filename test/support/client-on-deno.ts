/**
 * A program for Deno with few permissions: sends operations, one after another, to the inserter named on the
 * command line, through a proxy if one is named too, and prints each reply, one JSON value a line.
 */
import { createSink } from "../../src/inserter/client/client.ts";

const [url = "", timeout = "1000", count = "1", proxy = ""] = process.argv.slice(2);
const sink = createSink({
  settings: {
    url,
    basic: null,
    token: null,
    headers: {},
    tls: { ca: null, cert: null, key: null },
    allowedHosts: [],
    timeoutMs: Number(timeout),
    concurrency: 1,
    ratePerSecond: 0,
    batch: false,
    retry: { minMs: 1, maxMs: 1 },
  },
  identity: { owner: "deno" },
  agentVersion: "1",
  log: { emit: () => {} },
  environment: { HTTP_PROXY: proxy },
});
const { signal } = new AbortController();
for (let version = 1; version <= Number(count); version++) {
  const body = Buffer.from(`{"id":"${version}"}`);
  const reply = await sink.send({ kind: "upsert", id: `${version}`, version, digest: "d", body }, signal);
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
const inventory = await sink.inventory(null, signal);
const ids: string[] = [];
if (inventory.kind === "listing") {
  for await (const page of inventory.pages) ids.push(...page.map(({ id }) => id));
}
process.stdout.write(`${JSON.stringify({ inventory: inventory.kind, ids })}\n`);
await sink.close();
