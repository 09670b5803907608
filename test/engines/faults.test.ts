/** What becomes of faults of a real engine, seen through the inserter. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { indexNameOf, openEngineStore } from "../support/engine-store.ts";
import { linesOf } from "../support/migration-contract.ts";
import { ndjson, type Reference, startReference, upsertOf } from "../support/reference.ts";
import { waitFor } from "../support/wait.ts";
import { engineName, startEngine } from "./engine.ts";

interface Context {
  at: Reference;
  index: string;
}

/** Its JSON may have any number of levels. */
const takesDeep = engineName === "elasticsearch-7";
const engine = await startEngine();
const faults = suite<Context>(`faults: ${engineName}`);

faults.before.each(async (context) => {
  context.index = indexNameOf();
  context.at = await startReference({ store: openEngineStore(engine.url, { index: context.index }) });
  assert.is((await context.at.put({ id: "first" }, 1)).status, 201);
});
faults.after.each(({ at }) => at.close());
faults.after(() => engine.stop());

const isLater = (answer: { status: number; headers: Record<string, unknown>; text: string }): void => {
  assert.is(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers["retry-after"]) > 0);
};

faults("an index that is dropped is made again, and listed as empty", async ({ at, index }) => {
  const drop = async (): Promise<void> => {
    const [name = ""] = Object.keys(await engine.ask("GET", `/_alias/${index}`));
    await engine.ask("DELETE", `/${name}`);
  };
  const { etag } = (await at.inventory()).headers;
  await drop();
  const answer = await at.inventory();
  assert.is(answer.lines().at(-1).count, 0);
  assert.is.not(answer.headers.etag, etag);
  await drop();
  assert.is((await at.put({ id: "a" }, 1)).status, 201);
  await drop();
  assert.is((await at.call("DELETE", "/post/a", { headers: { "sync-version": "2" } })).status, 404);
  await drop();
  assert.is((await at.call("GET", "/post?q=x")).json().total, 0);
  assert.is((await at.call("GET", "/readyz")).status, 200);
});

faults(
  "an alias that leads elsewhere, a write block, flood stage and a closed index are 503",
  async ({ at, index }) => {
    const [name = ""] = Object.keys(await engine.ask("GET", `/_alias/${index}`));
    const settings = (block: string, value: boolean | null) =>
      engine.ask("PUT", `/${name}/_settings`, { [`index.blocks.${block}`]: value });
    for (const block of ["write", "read_only_allow_delete"]) {
      await settings(block, true);
      const answer = await at.put({ id: "a" }, 2);
      assert.ok([429, 503].includes(answer.status), answer.text);
      assert.ok(Number(answer.headers["retry-after"]) > 0);
      assert.ok([429, 503].includes((await at.call("GET", "/readyz")).status));
      assert.is((await at.inventory()).lines().at(-1).count, 1, "reading goes on");
      await settings(block, null);
      await waitFor(async () => (await at.put({ id: "first" }, 1)).status === 200, "the block to go");
    }
    await engine.ask("POST", `/${name}/_close`);
    isLater(await at.put({ id: "a" }, 2));
    isLater(await at.inventory());
    isLater(await at.call("GET", "/readyz"));
    isLater(await at.call("GET", "/post?q=x"));
    await engine.ask("POST", `/${name}/_open`);
    await waitFor(async () => (await at.put({ id: "a" }, 2)).status < 300, "the index to be open");

    await engine.ask("PUT", `/other-${index}`, {});
    await engine.ask("POST", "/_aliases", {
      actions: [
        { remove: { index: name, alias: index } },
        { add: { index: `other-${index}`, alias: index, is_write_index: true } },
      ],
    });
    isLater(await at.inventory());
    isLater(await at.call("GET", "/readyz"));
  },
);

faults("a mapping conflict is this article's, with the engine's reason and the field", async ({ at }) => {
  const deep = { id: "deep", x: JSON.parse(`${"[".repeat(1_500)}${"]".repeat(1_500)}`) };
  const body = ndjson(
    { upsert: { id: "good" }, version: 2 },
    { upsert: { id: "bad", title: { a: 1 } }, version: 2 },
    { upsert: deep, version: 2 },
    { upsert: { id: "own", sync_agent: 1 }, version: 2 },
    { delete: "x".repeat(513), version: 3 },
    { upsert: { id: "better" }, version: 2 },
  );
  const answers = (await at.call("POST", "/post/_batch", { body })).lines();
  assert.equal(
    answers.map(({ status }) => status),
    [200, 422, takesDeep ? 200 : 422, 422, 404, 200],
  );
  if (takesDeep) assert.is((await at.call("GET", "/post/deep")).text, JSON.stringify(deep));
  assert.match(answers[1].error, "title");
  assert.is((await at.put({ id: "bad", title: { a: 1 } }, 2)).status, 422);
  assert.equal(
    (await linesOf(at.store)).map(({ id }) => id),
    ["better", ...(takesDeep ? ["deep"] : []), "first", "good"],
  );
});

faults(
  "an engine that is killed keeps what was acknowledged, and is asked again by itself",
  async ({ at }) => {
    const kept: string[] = [];
    for (let round = 0; round < 2; round++) {
      let isKilled = false;
      const writing = (async () => {
        for (let n = 0; !isKilled; n++) {
          const ids = Array.from({ length: 20 }, (_, k) => `r${round}-${n}-${k}`);
          const results = await at.store.write(ids.map((id) => upsertOf({ id }))).catch(() => []);
          kept.push(...ids.filter((_, k) => results[k]?.outcome === "created"));
        }
      })();
      const before = kept.length;
      await waitFor(() => kept.length > before + 100, "some articles");
      const killed = engine.kill();
      await killed;
      isKilled = true;
      await writing;
      isLater(await at.put({ id: "x" }, 2));
      isLater(await at.call("GET", "/readyz"));
      assert.is((await at.call("GET", "/healthz")).status, 200);
      await engine.start();
      await waitFor(async () => (await at.call("GET", "/readyz")).status === 200, "the store to be ready");
      const listed = new Set((await linesOf(at.store)).map(({ id }) => id));
      assert.equal(
        kept.filter((id) => !listed.has(id)),
        [],
      );
    }
  },
);

faults.run();
