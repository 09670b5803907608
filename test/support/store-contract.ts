/**
 * What every store of the reference inserter does, asked over HTTP. Tests put SQLite, a double of an engine,
 * and real engines to it.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ArticleStore, Found } from "../../src/inserter/reference/store.ts";
import type { Log } from "../../src/sync/ports.ts";
import { ndjson, type Reference, sha256, startReference, upsertOf } from "./reference.ts";
import { waitFor } from "./wait.ts";

interface Context {
  at: Reference;
}

/**
 * @param open Opens an empty store, one for each test; or several of the same articles, over which the requests
 *   are spread.
 */
export function storeContract(name: string, open: (log: Log) => ArticleStore | readonly ArticleStore[]) {
  const contract = suite<Context>(`store contract: ${name}`);

  contract.before.each(async (context) => {
    const logged: string[] = [];
    const opened = open({
      emit: (level, event, message) => logged.push(`${level} ${event} ${message}`),
    });
    const [store, ...replicas] = [opened].flat();
    context.at = await startReference({ ...(store && { store }), replicas });
  });
  contract.after.each(({ at }) => at.close());

  writes(contract);
  listings(contract);
  readers(contract);
  return contract;
}

type Contract = ReturnType<typeof suite<Context>>;

const version = (n: number): { headers: Record<string, string> } => ({
  headers: { "sync-version": String(n) },
});
const remove = (at: Reference, id: string, n: number) =>
  at.call("DELETE", `/post/${encodeURIComponent(id)}`, version(n));
const batch = async (at: Reference, ...lines: readonly unknown[]) =>
  (await at.call("POST", "/post/_batch", { body: ndjson(...lines) })).lines();
const idsIn = async (at: Reference): Promise<readonly string[]> =>
  (await at.inventory())
    .lines()
    .slice(1, -1)
    .map(({ id }) => id);

function writes(contract: Contract): void {
  contract("keeps the highest version, and applies an equal one again", async ({ at }) => {
    assert.is((await at.put({ id: "a", n: 1 }, 5)).status, 201);
    const older = await at.put({ id: "a", n: 0 }, 4);
    assert.is(older.status, 412);
    assert.is(older.headers["sync-version"], "5");
    assert.is((await at.put({ id: "a", n: 1 }, 5)).status, 200);
    assert.is((await at.put({ id: "a", n: 2 }, 5)).status, 200);
    assert.is((await at.call("GET", "/post/a")).json().n, 2);
    assert.is((await at.put({ id: "a", n: 3 }, Number.MAX_SAFE_INTEGER)).status, 200);
    const read = await at.call("GET", "/post/a");
    assert.is(read.headers["sync-version"], String(Number.MAX_SAFE_INTEGER));
  });

  contract("keeps the version of what is deleted, and of what never was there", async ({ at }) => {
    await at.put({ id: "a" }, 5, "me");
    assert.is((await remove(at, "a", 4)).status, 412);
    assert.is((await remove(at, "a", 6)).status, 204);
    assert.is((await remove(at, "a", 6)).status, 404);
    assert.is((await at.call("GET", "/post/a")).status, 404);
    assert.is((await at.put({ id: "a" }, 5)).status, 412);
    assert.is((await at.put({ id: "a" }, 6)).status, 201);
    assert.is((await remove(at, "b", 6)).status, 404);
    assert.is((await at.put({ id: "b" }, 5)).status, 412);
    assert.is((await remove(at, "b", 5)).status, 412);
    assert.is((await at.put({ id: "b" }, 7)).status, 201);
    assert.is((await at.call("DELETE", "/post/c")).status, 404);
    assert.is((await at.put({ id: "c" }, 0)).status, 201);
  });

  contract("gives a write without a version the next one", async ({ at }) => {
    assert.is((await at.put({ id: "a" })).json().version, 1);
    assert.is((await at.put({ id: "a" })).json().version, 1);
    assert.is((await at.put({ id: "a", b: 1 })).json().version, 2);
    assert.is((await at.call("DELETE", "/post/a")).status, 204);
    assert.is((await at.put({ id: "a" }, 2)).status, 412);
    const many = Array.from({ length: 5 }, (_, n) => at.put({ id: "raced", n }));
    const versions = (await Promise.all(many)).map((answer) => answer.json().version);
    assert.equal([...versions].sort(), [1, 2, 3, 4, 5]);
  });

  contract("remembers the last owner who said so", async ({ at }) => {
    await at.put({ id: "a" }, 1, "one");
    await at.put({ id: "a", b: 1 }, 2, "二");
    await at.put({ id: "a", b: 2 }, 3);
    const owner = String((await at.call("GET", "/post/a")).headers["sync-owner"]);
    assert.is(Buffer.from(owner, "latin1").toString(), "二");
  });

  contract("returns the payload byte by byte", async ({ at }) => {
    for (const body of [
      '{"id":"x" , "title":"はじめに","n":1.0,"big":12345678901234567890}',
      '{"10":1,"9":2,"id":"x"}',
      '{"id":"x","sync":{"sync_agent":{"a":",\\"sync_agent\\":{"}},"e":"\\u0000 €"}',
      `{"deep":${"[".repeat(200)}${"]".repeat(200)},"id":"x"}`,
    ]) {
      const headers = { "sync-digest": sha256(body) };
      assert.ok((await at.call("POST", "/post", { body, headers })).status < 300, body);
      const read = await at.call("GET", "/post/x");
      assert.is(read.text, body);
      assert.is(read.headers["sync-digest"], sha256(body));
    }
  });

  contract(
    "does each operation of a batch, in order, and keeps what is wrong with one to it",
    async ({ at }) => {
      await at.put({ id: "old" }, 1);
      await at.put({ id: "newer" }, 9);
      const answers = await batch(
        at,
        { upsert: { id: "a", title: "A" }, version: 5, owner: "me" },
        { delete: "old", version: 5 },
        { delete: "never", version: 5 },
        { upsert: { id: "newer" }, version: 8 },
        { delete: "newer", version: 8 },
        { upsert: { id: "a", title: "A2" }, version: 6, owner: "me" },
        { upsert: { id: "b" } },
        { upsert: { id: "b", c: 1 } },
        { delete: "b" },
        { upsert: { title: "no id" } },
        { delete: "x".repeat(513), version: 3 },
        { delete: "\ud800", version: 3 },
      );
      assert.equal(
        answers.map(({ status }) => status),
        [200, 204, 404, 412, 412, 200, 200, 200, 204, 422, 404, 404],
      );
      assert.is(answers[3].version, 9);
      assert.is((await at.call("GET", "/post/a")).text, '{"id":"a","title":"A2"}');
      assert.is((await at.put({ id: "old" }, 4)).status, 412);
      assert.is((await at.put({ id: "b" }, 2)).status, 412);
      assert.equal(await idsIn(at), ["a", "newer"]);
    },
  );

  contract("ids of every kind, up to 512 bytes", async ({ at }) => {
    const longest = `${"記".repeat(170)}xx`;
    for (const id of ["a/b", "日本語", "a b?c#d%", "_batch", "😀", '"', "..x", "__proto__", "-", longest]) {
      assert.is((await at.put({ id }, 1)).status, 201, id);
      const path = `/post/${encodeURIComponent(id)}`;
      assert.is((await at.call("GET", path)).json().id, id);
      assert.equal(await idsIn(at), [id]);
      assert.is((await remove(at, id, 2)).status, 204, id);
    }
  });

  contract("takes payloads with ten thousand fields, long words and numbers as text", async ({ at }) => {
    const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n]));
    for (const payload of [
      { id: "a", ...fields },
      { id: "a", title: "x".repeat(40_000), tags: ["記".repeat(20_000)] },
      { id: "a", title: "1e3", f: { f: "1" }, created_at: "yesterday" },
      { id: "a", f: [1, "x", { y: [] }], title: null, tags: null },
    ]) {
      assert.ok((await at.put(payload)).status < 300);
      assert.equal((await at.call("GET", "/post/a")).json(), payload);
    }
  });
}

function listings(contract: Contract): void {
  contract("lists every article by its bytes, between a head and an end", async ({ at }) => {
    assert.is((await at.inventory()).text, '{"inventory":1,"batch":500}\n{"end":true,"count":0}\n');
    for (const [id, n] of [
      ["b", 2],
      ["日本", 3],
      ["a", 1],
      ["Z", 1],
      ["😀", 1],
      ["ﬀ", 1],
    ] as const)
      await at.put({ id }, n, "me");
    await remove(at, "a", 4);
    const lines = (await at.inventory()).lines();
    const line = (id: string, n: number) => ({
      id,
      digest: sha256(JSON.stringify({ id })),
      version: n,
      owner: "me",
    });
    const all = [line("Z", 1), line("b", 2), line("日本", 3), line("ﬀ", 1), line("😀", 1)];
    assert.equal(lines, [{ inventory: 1, batch: 500 }, ...all, { end: true, count: 5 }]);
  });

  contract("has an entity tag that changes with every change", async ({ at }) => {
    const seen = new Set<string>();
    for (const change of [
      () => at.put({ id: "a" }, 1, "me"),
      () => at.put({ id: "a", b: 1 }, 1, "me"),
      () => at.put({ id: "a", b: 1 }, 2, "you"),
      () => batch(at, { upsert: { id: "c" } }),
      () => at.call("DELETE", "/post/a"),
    ]) {
      await change();
      const { etag } = (await at.inventory()).headers;
      assert.match(String(etag), /^"[^"]+"$/);
      seen.add(String(etag));
    }
    assert.is(seen.size, 5);
    const headers = { accept: "application/x-ndjson", "if-none-match": String([...seen].at(-1)) };
    assert.is((await at.call("GET", "/post", { headers })).status, 304);
    assert.is((await at.put({ id: "c" }, 0)).status, 412);
    assert.is((await at.call("GET", "/post", { headers })).status, 304);
    await at.put({ id: "d" });
    assert.is((await at.call("GET", "/post", { headers })).status, 200);
  });

  contract("is listed as of one moment, and page by page", async ({ at }) => {
    const ids = Array.from({ length: 4_500 }, (_, n) => `n${String(n).padStart(5, "0")}`);
    await at.store.write(ids.map((id) => upsertOf({ id })));
    const { pages } = await at.store.inventory();
    const seen: string[] = [];
    for await (const page of pages) {
      if (seen.length === 0) {
        await at.put({ id: "n04000" }, 2);
        await at.put({ id: "zzz" }, 2);
        await remove(at, "n04499", 2);
      }
      seen.push(...page.map(({ id, version }) => `${id} ${version}`));
    }
    assert.equal(
      seen,
      ids.map((id) => `${id} 1`),
    );
    assert.is((await idsIn(at)).length, 4_500);
  });

  contract("is ready", async ({ at }) => {
    assert.is((await at.call("GET", "/readyz")).status, 200);
    assert.is((await at.call("GET", "/healthz")).status, 200);
    assert.equal(await idsIn(at), []);
  });
}

function readers(contract: Contract): void {
  const find = async (at: Reference, parameters: Readonly<Record<string, string>>): Promise<Found> => {
    const answer = await at.call("GET", `/post?${new URLSearchParams(parameters)}`);
    assert.is(answer.status, 200, answer.text);
    return answer.json();
  };
  /** An engine shows what was written after a moment. */
  const finds = async (
    at: Reference,
    parameters: Readonly<Record<string, string>>,
    expected: readonly string[],
  ): Promise<Found> => {
    let found: Found | null = null;
    const isFound = async (): Promise<boolean> => {
      found = await find(at, parameters);
      return JSON.stringify(found.items.map(({ id }) => id)) === JSON.stringify(expected);
    };
    await waitFor(isFound, `${JSON.stringify(parameters)} to find ${expected}`).catch((error) => {
      assert.equal(
        found?.items.map(({ id }) => id),
        expected,
        error.message,
      );
    });
    return found as unknown as Found;
  };

  contract("finds Japanese of one, two, five and more characters, phrases and words", async ({ at }) => {
    await at.put({
      id: "sky",
      title: "東京スカイツリー",
      body: "ＧＯ fast, むかしむかし",
      created_at: "2020-01-02T00:00:00Z",
    });
    await at.put({
      id: "tower",
      title: "塔",
      body: "東京タワーはとても高い。go very fast",
      created_at: "2020-01-01T00:00:00Z",
    });
    for (const [q, ...expected] of [
      ["東", "sky", "tower"],
      ["東京", "sky", "tower"],
      ["東京タワー", "tower"],
      ["京タ", "tower"],
      ["とても高い", "tower"],
      ["高い 東京", "tower"],
      ["塔", "tower"],
      ["go", "sky", "tower"],
      ["go fast", "sky", "tower"],
      ['"go fast"', "sky"],
      ["fast GO", "sky", "tower"],
      ["京東"],
      ["absent"],
    ]) {
      await finds(at, { q: q as string }, expected);
    }
    for (const q of ["NEAR(a b)", "title:go AND", "*", '""""', "%", "-c", "a\u0000b", "\\", "{}"])
      await find(at, { q });
  });

  contract("those with the words in their title come first, then the newest", async ({ at }) => {
    const body = "something about sync";
    await at.put({ id: "new", title: "News", body, created_at: "2024-01-01T00:00:00Z" });
    await at.put({ id: "title", title: "About sync", body: "", created_at: "2010-01-01T00:00:00Z" });
    await at.put({ id: "old", title: "Olds", body, created_at: "2012-01-01T00:00:00Z" });
    await at.put({ id: "undated", anything: { deep: ["findable"] } });
    await finds(at, { q: "sync" }, ["title", "new", "old"]);
    await finds(at, {}, ["undated", "new", "old", "title"]);
    await finds(at, { q: "findable" }, ["undated"]);
  });

  contract("an item has what a list shows, and a snippet where words were searched", async ({ at }) => {
    const filler = "長い前置き。".repeat(100);
    await at.put(
      {
        id: "a",
        title: "T",
        description: "D",
        body: `${filler}ここに**針**がある`,
        cover: "c",
        tags: ["x", "x"],
      },
      3,
      "me",
    );
    const [found] = (await finds(at, { q: "針" }, ["a"])).items;
    assert.match(found?.snippet ?? "", "針");
    assert.ok((found?.snippet ?? "").length < 200);
    const listed = await finds(at, {}, ["a"]);
    const { received_at, digest, ...rest } = listed.items[0] ?? {};
    assert.equal(rest, {
      id: "a",
      title: "T",
      description: "D",
      cover: "c",
      tags: ["x"],
      version: 3,
      owner: "me",
    });
    assert.ok(Math.abs(Date.parse(String(received_at)) - Date.now()) < 60_000);
    assert.match(String(digest), /^[0-9a-f]{64}$/);
    assert.equal(Object.keys(listed).sort(), ["indexing", "items", "next", "tags", "total"]);
  });

  contract("tags narrow a list, and are counted", async ({ at }) => {
    await at.put({ id: "a", title: "one", tags: ["Go", "日本語"] });
    await at.put({ id: "b", title: "two", tags: ["Go", "Go"] });
    await at.put({ id: "c", title: "two" });
    await finds(at, { q: "two", tag: "Go" }, ["b"]);
    await finds(at, { tag: "go" }, []);
    const tags = [
      { tag: "Go", count: 2 },
      { tag: "日本語", count: 1 },
    ];
    assert.equal((await at.call("GET", "/tags")).json(), { tags });
    assert.equal((await find(at, {})).tags, tags);
    assert.equal((await find(at, { q: "two" })).tags, [{ tag: "Go", count: 1 }]);
  });

  contract("a changed article is found by its new words, a deleted one not at all", async ({ at }) => {
    await at.put({ id: "a", title: "before" });
    await finds(at, { q: "before" }, ["a"]);
    await at.put({ id: "a", title: "after" });
    await finds(at, { q: "after" }, ["a"]);
    await finds(at, { q: "before" }, []);
    await at.call("DELETE", "/post/a");
    await finds(at, { q: "after" }, []);
    await finds(at, {}, []);
  });

  contract("pages go on where they ended, whatever comes meanwhile", async ({ at }) => {
    const day = (n: number): string => new Date(Date.UTC(2020, 0, n)).toISOString();
    const all = Array.from({ length: 25 }, (_, n) =>
      upsertOf({
        id: `n${n}`,
        title: n % 2 ? "number odd" : "x",
        body: "number odd",
        created_at: day(n + 1),
      }),
    );
    await at.store.write(all);
    await waitFor(async () => (await find(at, { q: "number" })).total === 25, "all to be found");
    for (const parameters of [{}, { q: "number" }, { q: "odd number" }]) {
      const seen: string[] = [];
      let page = await find(at, { ...parameters, limit: "10" });
      assert.is(page.total, 25);
      await at.put({ id: "late", title: "number odd", created_at: day(400) });
      await waitFor(async () => (await find(at, parameters)).total === 26, "the late one");
      for (;;) {
        seen.push(...page.items.map(({ id }) => id));
        if (page.next === null) break;
        page = await find(at, { ...parameters, limit: "10", cursor: page.next });
      }
      assert.is(seen.length, 25);
      assert.is(new Set(seen).size, 25);
      await at.call("DELETE", "/post/late");
      await waitFor(async () => (await find(at, parameters)).total === 25, "it to be gone");
    }
    const { next } = await find(at, { limit: "10" });
    assert.is((await at.call("GET", `/post?q=odd&cursor=${next}`)).status, 400, "a cursor of another list");
    assert.is((await at.call("GET", "/post?cursor=x")).status, 400);
  });

  contract("a body of more than a million characters does not fail a search", async ({ at }) => {
    const body = `needle ${"word ".repeat(250_000)} thread`;
    await at.put({ id: "big", title: "haystack", body });
    const [item] = (await finds(at, { q: "needle" }, ["big"])).items;
    assert.match(item?.snippet ?? "", "needle");
    assert.is((await at.call("GET", "/post/big")).json().body.length, body.length);
  });

  contract("articles that are like one", async ({ at }) => {
    await at.put({ id: "a", title: "Kubernetes の運用", body: "kubernetes pods and nodes", tags: ["k8s"] });
    await at.put({ id: "b", title: "Kubernetes の基本", body: "kubernetes pods again", tags: ["k8s"] });
    await at.put({ id: "c", title: "料理", body: "soup", tags: ["food"] });
    const like = async (id: string): Promise<readonly string[]> =>
      (await at.call("GET", `/post/${id}/similar`)).json().items.map((item: { id: string }) => item.id);
    await waitFor(async () => (await like("a")).length > 0, "one that is alike");
    assert.equal(await like("a"), ["b"]);
    assert.equal(await like("c"), []);
    assert.is((await at.call("GET", "/post/nothing/similar")).status, 404);
  });
}
