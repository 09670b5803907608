import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Reference, sha256, startReference, upsertOf } from "../../../support/reference.ts";
import { waitFor } from "../../../support/wait.ts";

interface Context {
  folder: string;
}

const inventory = suite<Context>("reference inserter: inventory");
const ndjsonOnly = { accept: "application/x-ndjson" };

inventory.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "inserter-"));
});
inventory.after.each(({ folder }) => rmSync(folder, { recursive: true }));

for (const where of ["file", "memory"]) {
  const start = ({ folder }: Context, batch?: number): Promise<Reference> =>
    startReference({
      db: where === "file" ? join(folder, "a.sqlite") : ":memory:",
      ...(batch === undefined ? {} : { batch }),
    });

  inventory(`lists every article between a head and an end, by id (${where})`, async (context) => {
    const at = await start(context, 123);
    try {
      assert.is((await at.inventory()).text, '{"inventory":1,"batch":123}\n{"end":true,"count":0}\n');
      await at.put({ id: "b" }, 2, "me");
      await at.put({ id: "日本" }, 3);
      await at.put({ id: "a" }, 1);
      await at.call("DELETE", "/post/a", { headers: { "sync-version": "4" } });
      await at.put({ id: "Z" }, 1);
      const answer = await at.inventory();
      assert.is(answer.headers["content-type"], "application/x-ndjson");
      assert.is(answer.headers.vary, "accept");
      const digest = (id: string): string => sha256(JSON.stringify({ id }));
      assert.equal(answer.lines(), [
        { inventory: 1, batch: 123 },
        { id: "Z", digest: digest("Z"), version: 1, owner: null },
        { id: "b", digest: digest("b"), version: 2, owner: "me" },
        { id: "日本", digest: digest("日本"), version: 3, owner: null },
        { end: true, count: 3 },
      ]);
    } finally {
      await at.close();
    }
  });

  inventory(`is as of one moment, however slowly it is read (${where})`, async (context) => {
    const at = await start(context);
    try {
      await fill(at, 40_000);
      const { hostname: host, port } = new URL(at.inserter.url);
      const asked = get({ host, port, path: "/post", headers: ndjsonOnly, agent: false });
      const [response] = await once(asked, "response");
      // Not read yet: most of it is still to be written when these changes come.
      assert.is((await at.put({ id: "n00000" }, 2)).status, 200);
      assert.is((await at.put({ id: "zzz" }, 2)).status, 201);
      assert.is((await at.call("DELETE", "/post/n39999")).status, 204);
      const lines = String(Buffer.concat(await response.toArray()))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.equal(lines.at(-1), { end: true, count: 40_000 });
      assert.is(lines.length, 40_002);
      assert.is(lines[1].version, 1);
      assert.is(lines.at(-2).id, "n39999");
      assert.is((await at.inventory()).lines().at(-1).count, 40_000);
    } finally {
      await at.close();
    }
  });
}

inventory("has an entity tag that changes with every change, and only then", async (context) => {
  const at = await startReference({ db: join(context.folder, "a.sqlite") });
  try {
    const seen = new Set<string>();
    const changes = [
      () => at.put({ id: "a" }, 1, "me"),
      () => at.put({ id: "a", b: 1 }, 1, "me"),
      () => at.put({ id: "a", b: 1 }, 2, "me"),
      () => at.put({ id: "a", b: 1 }, 2, "you"),
      () => at.call("POST", "/post/_batch", { body: '{"upsert":{"id":"c"}}\n' }),
      () => at.call("DELETE", "/post/a"),
    ];
    for (const change of changes) {
      await change();
      const answer = await at.inventory();
      assert.match(String(answer.headers.etag), /^"[^"]+"$/);
      seen.add(String(answer.headers.etag));
    }
    assert.is(seen.size, changes.length);

    const etag = String([...seen].at(-1));
    await at.call("POST", "/post/_batch", { body: '{"upsert":{"id":"c"}}\n{"delete":"gone","version":3}\n' });
    assert.is((await at.put({ id: "c" }, 0)).status, 412);
    const unchanged = await at.call("GET", "/post", { headers: { ...ndjsonOnly, "if-none-match": etag } });
    assert.is(unchanged.status, 304);
    assert.is(unchanged.headers.etag, etag);
    assert.is(unchanged.text, "");
    const head = await at.call("HEAD", "/post", { headers: ndjsonOnly });
    assert.is(head.headers.etag, etag);
    await at.put({ id: "d" });
    const changed = await at.call("GET", "/post", { headers: { ...ndjsonOnly, "if-none-match": etag } });
    assert.is(changed.status, 200);
  } finally {
    await at.close();
  }
});

inventory("is given to whom it is acceptable, the list to the others", async () => {
  const at = await startReference();
  try {
    for (const [accept, type] of [
      ["application/x-ndjson", "application/x-ndjson"],
      ["application/json, application/x-ndjson", "application/x-ndjson"],
      ["application/json;q=0.5, Application/X-NDJSON;q=0.9", "application/x-ndjson"],
      ["application/json, application/x-ndjson;q=0.5", "application/json"],
      ["application/x-ndjson;q=0", "application/json"],
      ["*/*", "application/json"],
      ["text/html", "application/json"],
      ["", "application/json"],
    ] as const) {
      const answer = await at.call("GET", "/post", { headers: { accept } });
      assert.is(answer.headers["content-type"], type, accept);
    }
  } finally {
    await at.close();
  }
});

inventory("a client that stops reading in the middle holds nothing up", async (context) => {
  const db = join(context.folder, "a.sqlite");
  const at = await startReference({ db });
  const other = new DatabaseSync(db);
  try {
    await fill(at, 40_000);
    const { hostname: host, port } = new URL(at.inserter.url);
    for (let reader = 0; reader < 3; reader++) {
      const asked = get({ host, port, path: "/post", headers: ndjsonOnly, agent: false });
      const [response] = await once(asked, "response");
      await once(response, "readable");
      response.destroy();
    }
    assert.is((await at.put({ id: "n00000" }, 2)).status, 200);
    // A snapshot that is still held keeps the log of writes from being emptied.
    const emptied = other.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    await waitFor(() => emptied.get()?.["busy"] === 0, "the snapshots to be let go");
    assert.equal(at.logged, []);
  } finally {
    other.close();
    await at.close();
  }
});

async function fill({ store }: Reference, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => `n${String(n).padStart(5, "0")}`);
  await store.write(ids.map((id) => upsertOf({ id })));
}

inventory.run();
