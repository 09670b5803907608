/** The store on Elasticsearch and OpenSearch: what becomes of faults, on a double. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ElasticsearchOptions } from "../../../../src/inserter/reference/elasticsearch/store.ts";
import { EngineDouble } from "../../../support/engine-double.ts";
import { indexNameOf, openEngineStore } from "../../../support/engine-store.ts";
import { linesOf, migrationContract } from "../../../support/migration-contract.ts";
import { type Answer, ndjson, type Reference, startReference, upsertOf } from "../../../support/reference.ts";
import { waitFor } from "../../../support/wait.ts";

interface Context {
  engine: EngineDouble;
  url: string;
  index: string;
  at: Reference;
}

const store = suite<Context>("store on an engine: faults");

store.before.each(async (context) => {
  context.engine = new EngineDouble();
  context.url = await context.engine.start();
  context.index = indexNameOf();
  context.at = await startReference({ store: openEngineStore(context.url, { index: context.index }) });
  await context.at.put({ id: "first" }, 1);
});
store.after.each(async ({ engine, at }) => {
  await at.close();
  await engine.stop();
});

const batch = (at: Reference, ids: readonly string[], version = 2): Promise<Answer> =>
  at.call("POST", "/post/_batch", {
    body: ndjson(...ids.map((id) => ({ upsert: { id }, version, owner: "me" }))),
  });
const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);
const error = (status: number, type: string, reason = type) => ({
  status,
  json: { error: { type, reason }, status },
});
const statuses = (answer: Answer): number[] => answer.lines().map(({ status }) => status);

store("each item of a bulk is answered by its own status", async ({ engine, at }) => {
  const items: Record<string, [status: number, type: string]> = {
    busy: [429, "es_rejected_execution_exception"],
    conflict: [400, "mapper_parsing_exception"],
    blocked: [403, "cluster_block_exception"],
    closed: [400, "index_closed_exception"],
    failing: [500, "io_exception"],
    lost: [503, "unavailable_shards_exception"],
  };
  engine.bendItem = (id) => {
    const [status, type] = items[id] ?? [];
    return status === undefined || type === undefined ? null : { status, type };
  };
  const answer = await batch(at, ["good", ...Object.keys(items)]);
  assert.is(answer.status, 200);
  assert.equal(statuses(answer), [200, 429, 422, 503, 503, 503, 503]);
  assert.match(answer.lines()[2].error, "mapper_parsing_exception");
  const conflict = await at.put({ id: "conflict" }, 2);
  assert.is(conflict.status, 422);
});

store("what is about the store and not an article is said of the whole request", async ({ engine, at }) => {
  for (const [status, type, expected] of [
    [429, "es_rejected_execution_exception", 429],
    [403, "cluster_block_exception", 503],
    [503, "unavailable_shards_exception", 503],
  ] as const) {
    engine.bendItem = () => ({ status, type });
    for (const answer of [await batch(at, ["a", "b"]), await at.put({ id: "a" }, 2)]) {
      assert.is(answer.status, expected, answer.text);
      assert.is(answer.headers["retry-after"], "2");
      assert.match(answer.json().error, type);
    }
  }
});

store("a bulk that is too much is halved, and grows again", async ({ engine, at }) => {
  const sizes: number[] = [];
  let mostBytes = 4_000;
  engine.bend = ({ path, text }) => {
    if (!path.endsWith("/_bulk")) return null;
    sizes.push(text.split("\n").length >> 1);
    return text.length > mostBytes ? error(413, "too_large") : null;
  };
  assert.ok(statuses(await batch(at, numbered(200))).every((status) => status === 200));
  assert.is(sizes[0], 200);
  assert.ok(sizes.length < 40, `${sizes.length} requests`);
  mostBytes = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 30; round++) await batch(at, numbered(200), 3 + round);
  assert.is(sizes.at(-1), 200);
  mostBytes = 10;
  assert.is((await at.put({ id: "large" }, 2)).status, 413);
});

store(
  "an item that makes the engine refuse a whole bulk is found, the others are stored",
  async ({ engine, at }) => {
    engine.bend = ({ path, text }) =>
      path.endsWith("/_bulk") && text.includes('"_id":"n7"')
        ? error(400, "illegal_argument_exception")
        : null;
    const answers = statuses(await batch(at, numbered(20)));
    assert.equal(
      answers,
      numbered(20).map((id) => (id === "n7" ? 422 : 200)),
    );
  },
);

store("an index that was dropped is made again, and listed as empty", async ({ engine, at, index }) => {
  const { etag } = (await at.inventory()).headers;
  engine.indices.clear();
  const answer = await at.inventory();
  assert.is(answer.lines().at(-1).count, 0);
  assert.is.not(answer.headers.etag, etag);
  engine.indices.clear();
  assert.is((await at.put({ id: "a" }, 1)).status, 201);
  engine.indices.clear();
  assert.is((await at.call("GET", "/post?q=x")).json().total, 0);
  engine.indices.clear();
  assert.is((await at.call("GET", "/post/a")).status, 404);
  assert.is((await at.call("GET", "/readyz")).status, 200);
  assert.ok(
    [...engine.indices.values()].every(({ aliases }) => aliases.has(index) && aliases.has(`${index}-live`)),
  );
});

store("an alias that was taken away is attached again", async ({ engine, at, index }) => {
  engine.index(index)?.aliases.clear();
  assert.is((await at.inventory()).lines().at(-1).count, 1);
  assert.is(engine.indices.size, 1);
});

store("an index of somebody else is neither listed nor trusted", async ({ engine, url, at, index }) => {
  const ours = engine.index(index);
  await fetch(`${url}/theirs`, { method: "PUT", body: '{"mappings":{}}' });
  const theirs = engine.indices.get("theirs");
  ours?.aliases.delete(index);
  theirs?.aliases.set(index, {});
  for (const answer of [await at.inventory(), await at.call("GET", "/readyz"), await batch(at, ["a"])]) {
    assert.is(answer.status, 503);
    assert.match(answer.json().error, "theirs");
  }
  await fetch(`${url}/taken`, { method: "PUT", body: '{"mappings":{}}' });
  const taken = await startReference({ store: openEngineStore(url, { index: "taken" }) });
  const answer = await taken.put({ id: "a" }, 1);
  assert.is(answer.status, 503);
  assert.match(answer.json().error, "There is an index called taken");
  await taken.close();
});

store("a block and a closed index are 503 with Retry-After, and not ready", async ({ engine, at, index }) => {
  const found = engine.index(index);
  if (found === undefined) throw new Error("no index");
  for (const key of ["isBlocked", "isClosed"] as const) {
    found[key] = true;
    for (const answer of [await at.put({ id: "a" }, 2), await at.call("GET", "/readyz")]) {
      assert.is(answer.status, 503, key);
      assert.ok(Number(answer.headers["retry-after"]) > 0);
    }
    assert.is((await at.inventory()).status, key === "isClosed" ? 503 : 200);
    found[key] = false;
  }
  assert.is((await at.put({ id: "a" }, 2)).status, 201);
});

store(
  "refused credentials are the store's trouble, and a token file is read again",
  async ({ engine, url }) => {
    const folder = mkdtempSync(join(tmpdir(), "auth-"));
    const file = join(folder, "auth");
    writeFileSync(file, "ApiKey wrong-key-1\n");
    const seen = new Set<string>();
    engine.bend = () => null;
    const options: Partial<ElasticsearchOptions> = { auth: { file }, index: indexNameOf() };
    const at = await startReference({ store: openEngineStore(url, options) });
    try {
      engine.bend = ({ authorization }) => {
        seen.add(authorization);
        return authorization === `Basic ${Buffer.from("me:pass").toString("base64")}`
          ? null
          : error(401, "security_exception", "unable to authenticate with ApiKey wrong-key-1");
      };
      for (const answer of [
        await at.put({ id: "a" }, 1),
        await at.inventory(),
        await at.call("GET", "/readyz"),
      ]) {
        assert.is(answer.status, 503);
        assert.match(answer.json().error, "refuses our credentials");
        assert.not.match(answer.text, "wrong-key-1");
        assert.ok(answer.headers["retry-after"]);
      }
      assert.is((await at.call("GET", "/healthz")).status, 200);
      writeFileSync(file, "me:pass");
      await waitFor(async () => (await at.put({ id: "a" }, 1)).status < 300, "the new credentials");
      assert.ok(seen.has("ApiKey wrong-key-1"));
    } finally {
      await at.close();
      rmSync(folder, { recursive: true });
    }
  },
);

store(
  "the next node answers when one does not; without any it is 503 until one does",
  async ({ engine, url }) => {
    const other = new EngineDouble();
    const gone = await other.start();
    await other.stop();
    const index = indexNameOf();
    const at = await startReference({ store: openEngineStore([gone, url], { index }) });
    try {
      assert.is((await at.put({ id: "a" }, 1)).status, 201);
      engine.bend = () => error(503, "master_not_discovered_exception");
      for (const answer of [await at.put({ id: "b" }, 1), await at.inventory()]) {
        assert.is(answer.status, 503);
        assert.is(answer.headers["retry-after"], "2");
      }
      engine.bend = () => null;
      assert.is((await at.put({ id: "b" }, 1)).status, 201);
    } finally {
      await at.close();
    }
  },
);

store("a listing that cannot be read to its end has no end", async ({ engine, at }) => {
  await at.store.write(Array.from({ length: 2_500 }, (_, n) => upsertOf({ id: `n${n}` })));
  const listed = async (): Promise<string> => {
    const headers = { accept: "application/x-ndjson" };
    const text = await fetch(at.inserter.url, { headers })
      .then((answer) => answer.text())
      .catch(() => "");
    return text.includes('"end"') ? "whole" : "cut";
  };
  assert.is(await listed(), "whole");
  let pages = 0;
  engine.bend = ({ path, query }) => {
    if (path !== "/_search") return null;
    assert.is(query.get("allow_partial_search_results"), "false");
    pages += 1;
    return pages < 2
      ? null
      : { status: 200, json: { timed_out: false, _shards: { failed: 1 }, hits: { hits: [] } } };
  };
  assert.is(await listed(), "cut");
  engine.bend = ({ path }) => (path === "/_search" ? error(404, "search_context_missing_exception") : null);
  assert.is(await listed(), "cut");
});

store(
  "under constant writing it is listed with a tag that never comes again",
  async ({ engine, at, index }) => {
    engine.bend = ({ path }) => {
      const found = engine.index(index);
      if (path.endsWith("/_stats") && found !== undefined) found.operations += 1;
      return null;
    };
    const etags = [(await at.inventory()).headers.etag, (await at.inventory()).headers.etag];
    assert.is.not(etags[0], etags[1]);
    const opened = engine.asked(/^POST .*_pit$/).length;
    assert.ok(opened <= 9, `${opened} snapshots`);
  },
);

store("what is asked while the shard of an index is being started waits for it", async ({ engine, at }) => {
  const missing = [
    error(503, "no_shard_available_action_exception"),
    error(503, "search_phase_execution_exception", "all shards failed"),
    { status: 200, json: {} },
  ];
  const asks = [
    () => at.call("GET", "/post/first"),
    () => at.call("GET", "/post?q=x"),
    () => at.inventory(),
    () => at.put({ id: "first", n: 1 }),
    () => at.call("DELETE", "/post/first"),
  ];
  for (const ask of asks) {
    for (const answer of missing) {
      let isStarted = false;
      engine.bend = ({ path, text }) => {
        if (text.includes("sync-agent-ready")) isStarted = true;
        if (isStarted || path === "/" || path.endsWith("/_bulk")) return null;
        // Statistics leave out what is not there.
        return (answer.status === 200) === path.endsWith("/_stats") ? answer : null;
      };
      const { status, text } = await ask();
      assert.ok(status < 300 || status === 404, text);
    }
  }
  // One that never starts is the store's trouble.
  engine.bend = ({ path }) => (path === "/" ? null : error(503, "no_shard_available_action_exception"));
  for (const ask of asks) assert.is((await ask()).status, 503);
});

store(
  "tombstones go after thirty days, unless something was written since",
  async ({ engine, url, at, index }) => {
    await at.call("DELETE", "/post/old", { headers: { "sync-version": "5" } });
    await at.call("DELETE", "/post/new", { headers: { "sync-version": "5" } });
    await at.close();
    const old = engine.index(index)?.documents.get("old");
    if (old === undefined) throw new Error("no tombstone");
    old.source.sync_agent.stored_at -= 31 * 24 * 60 * 60_000;
    const swept = openEngineStore(url, { index });
    await waitFor(() => engine.index(index)?.documents.has("old") === false, "the sweep");
    assert.ok(engine.index(index)?.documents.has("new"));
    assert.ok(engine.index(index)?.documents.has("first"));
    await swept.close();
  },
);

store(
  "a schema change that is cut off at any request is picked up by the next start",
  async ({ engine, url, at, index }) => {
    await at.store.write(Array.from({ length: 600 }, (_, n) => upsertOf({ id: `n${n}` })));
    const expected = await linesOf(at.store);
    await at.close();
    const folder = mkdtempSync(join(tmpdir(), "mapping-"));
    try {
      for (let cut = 1, isWhole = false; !isWhole; cut++) {
        const mapping = join(folder, `${cut}.json`);
        writeFileSync(mapping, JSON.stringify({ mappings: { _meta: { cut } } }));
        const [from] = [...engine.indices.values()].filter(({ aliases }) => aliases.has(index));
        let asked = 0;
        engine.bend = () => (asked++ >= cut ? error(503, "killed") : null);
        const killed = openEngineStore(url, { index, mapping });
        const isMoved = (): boolean => {
          const to = engine.index(index);
          return to !== from && typeof from?.body.mappings._meta?.retired_ms === "number";
        };
        await waitFor(() => asked > cut || isMoved(), "it to be cut off");
        await killed.close();
        isWhole = asked <= cut;
        engine.bend = () => null;
        const next = openEngineStore(url, { index, mapping });
        await waitFor(isMoved, `the move after ${cut} requests`);
        assert.equal(await linesOf(next), expected, `cut after ${cut} requests`);
        await next.close();
        assert.is([...engine.indices.values()].filter(({ aliases }) => aliases.has(index)).length, 1);
        for (const { name, aliases } of [...engine.indices.values()]) {
          if (!aliases.has(index)) engine.indices.delete(name);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

store.run();

const double = new EngineDouble({ isOpenSearch: true });
const at = await double.start();
const contract = migrationContract("a double", () => at);
contract.after(() => double.stop());
contract.run();
