/** How articles move to an index with another schema; a double and real engines are put to it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ArticleStore, StoreUnavailable } from "../../src/inserter/reference/store.ts";
import { indexNameOf, openEngineStore } from "./engine-store.ts";
import { upsertOf } from "./reference.ts";
import { waitFor } from "./wait.ts";

interface Context {
  folder: string;
  /** Alias of the test. */
  index: string;
  /** A mapping of one's own. */
  mapping: string;
  stores: ArticleStore[];
  /** Opens a store that the test closes. @param mapping Null: the schema that there is by itself. */
  open(mapping: string | null): ArticleStore;
}

/** @param url Of the engine, asked for at each test. */
export function migrationContract(name: string, url: () => string) {
  const contract = suite<Context>(`schema change: ${name}`);

  contract.before.each((context) => {
    context.folder = mkdtempSync(join(tmpdir(), "mapping-"));
    context.index = indexNameOf("moved");
    context.mapping = join(context.folder, "mapping.json");
    context.stores = [];
    writeFileSync(context.mapping, '{"mappings":{"properties":{"extra":{"type":"keyword"}}}}');
    context.open = (mapping) => {
      const store = openEngineStore(url(), { index: context.index, mapping });
      context.stores.push(store);
      return store;
    };
  });
  contract.after.each(async ({ stores, folder }) => {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  });

  const ask = async (path: string): Promise<Record<string, never>> =>
    (await (await fetch(url() + path)).json()) as Record<string, never>;
  const behind = async (alias: string): Promise<readonly string[]> =>
    Object.keys(await ask(`/_alias/${alias}`));
  /** Until the alias leads to another index than before, and all that was in that one is copied. */
  const moved = async (index: string, from: string): Promise<string> => {
    const isMoved = async (): Promise<boolean> => {
      const [name] = await behind(index);
      if (name === undefined || name === from) return false;
      const old = (await ask(`/${from}`))[from] as { mappings?: { _meta?: object } } | undefined;
      return old?.mappings?._meta !== undefined;
    };
    await waitFor(isMoved, "the articles to move", 60_000);
    return (await behind(index))[0] ?? "";
  };

  contract("takes everything along: versions, bytes, tombstones", async ({ open, mapping, index }) => {
    const before = open(null);
    const bodies = new Map(
      Array.from({ length: 700 }, (_, n) => [
        `n${String(n).padStart(4, "0")}`,
        `{"10":1,"9":1.0,"id":"n${String(n).padStart(4, "0")}","t":"}]\\"{"}`,
      ]),
    );
    await before.write(
      [...bodies].map(([id, payload]) => ({ ...upsertOf({ id }), payload, version: 7, owner: "me" })),
    );
    await before.write([{ kind: "delete", id: "gone", version: 9, owner: "me" }]);
    const listed = await linesOf(before);
    const [from = ""] = await behind(index);
    await before.close();

    const after = open(mapping);
    const to = await moved(index, from);
    assert.ok(to.endsWith("-2"), to);
    assert.equal(await linesOf(after), listed);
    assert.is((await after.read("n0003"))?.payload, bodies.get("n0003"));
    assert.equal(await after.write([{ ...upsertOf({ id: "gone" }), version: 8 }]), [
      { outcome: "stale", version: 9 },
    ]);
    assert.equal(await behind(`${index}-live`), [to]);
    assert.equal((await after.write([{ ...upsertOf({ id: "n0003" }), version: 6 }]))[0]?.outcome, "stale");
  });

  contract("loses no write of old and new replicas meanwhile", async ({ open, mapping, index }) => {
    const old = open(null);
    await old.write(Array.from({ length: 600 }, (_, n) => upsertOf({ id: `n${n}` })));
    const [from = ""] = await behind(index);
    const expected = new Map<string, number>();
    const replicas = [old, open(mapping), open(mapping)];
    let isMoved = false;
    const done = moved(index, from).finally(() => {
      isMoved = true;
    });
    let version = 1;
    const write = async (): Promise<void> => {
      version += 1;
      const id = `n${version % 40}`;
      const store = replicas[version % replicas.length] as ArticleStore;
      const kind = version % 7 === 0 ? ("delete" as const) : ("upsert" as const);
      const [result] = await store.write([{ ...upsertOf({ id, version }), version, kind }]);
      assert.ok(
        result !== undefined && result.outcome !== "failed" && result.outcome !== "stale",
        JSON.stringify(result),
      );
      if (kind === "delete") expected.delete(id);
      else expected.set(id, version);
    };
    while (!isMoved || version < 200) await write();
    await done;
    const listed = new Map(
      (await linesOf(replicas[1] as ArticleStore)).map(({ id, version }) => [id, version]),
    );
    for (let n = 0; n < 40; n++) assert.is(listed.get(`n${n}`), expected.get(`n${n}`), `n${n}`);
    assert.is([...listed.keys()].filter((id) => Number(id.slice(1)) >= 40).length, 560);
    const all = Object.keys(await ask(`/${index}-*`));
    assert.is(all.length, 2, all.join());
  });

  contract("replicas that start together make one index", async ({ open, index }) => {
    const replicas = [open(null), open(null), open(null)];
    // Those that come second may find that its shards are not there yet.
    const patiently = (store: ArticleStore, id: string): Promise<void> => {
      const stored = () =>
        store.write([upsertOf({ id })]).then(
          () => true,
          (error) => !(error instanceof StoreUnavailable),
        );
      return waitFor(stored, `${id} to be stored`);
    };
    await Promise.all(replicas.map((store, n) => patiently(store, `n${n}`)));
    assert.is((await behind(index)).length, 1);
    assert.is(Object.keys(await ask(`/${index}-*`)).length, 1);
    for (const store of replicas) assert.is((await linesOf(store)).length, 3);
  });

  return contract;
}

/** All of the inventory. */
export async function linesOf(store: ArticleStore) {
  const lines = [];
  for await (const page of (await store.inventory()).pages) lines.push(...page);
  return lines;
}
