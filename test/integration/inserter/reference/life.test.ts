import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../../src/errors.ts";
import { openSqliteStore } from "../../../../src/inserter/reference/sqlite/store.ts";
import { startReference } from "../../../support/reference.ts";
import { waitFor } from "../../../support/wait.ts";

interface Context {
  folder: string;
}

const life = suite<Context>("reference inserter: start, restart, failure, end");

life.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "inserter-"));
});
life.after.each(({ folder }) => rmSync(folder, { recursive: true }));

life("serves under another path", async () => {
  const at = await startReference({ path: "/v1/articles" });
  try {
    assert.match(at.inserter.url, /^http:\/\/127\.0\.0\.1:\d+\/v1\/articles$/);
    assert.is((await at.put({ id: "a" })).headers.location, "/v1/articles/a");
    assert.is((await at.call("GET", "/post")).status, 404);
    assert.match((await at.call("GET", "/")).text, 'data-url="/v1/articles"');
  } finally {
    await at.close();
  }
  for (const path of ["post", "/", "/tags", '/"x', "/post/"]) {
    await rejects(startReference({ path }), /Cannot serve articles at/);
  }
});

life(
  "damaged copies are stored anew at the next start; a file of its own is left to its owner",
  async ({ folder }) => {
    const events: string[] = [];
    const log = { emit: (_level: string, event: string) => void events.push(event) };
    const open = (db: string) => startReference({ store: openSqliteStore(db, log, { holdsCopies: true }) });
    for (const part of [0, 0.02, 0.5]) {
      const db = join(folder, `${part}.sqlite`);
      const before = await open(db);
      for (let n = 0; n < 50; n++) await before.put({ id: `a${n}`, body: "text ".repeat(500) });
      await before.close();
      const bytes = readFileSync(db);
      writeFileSync(db, bytes.fill("garbage", Math.round(part * bytes.length)));
      if (part === 0.5) {
        const damaged = await open(db);
        const asked = Array.from({ length: 50 }, (_, n) => damaged.call("GET", `/post/a${n}`));
        const statuses = new Set((await Promise.all(asked)).map(({ status }) => status));
        assert.ok(statuses.has(503), [...statuses].join());
        await damaged.close();
      }
      assert.not.ok(events.splice(0).includes("reference.corrupt"));
      // What was still to be made searchable may have been written in between.
      const left = readFileSync(db);
      const after = await open(db);
      assert.is((await after.call("GET", "/post/a1")).status, 404);
      assert.is((await after.put({ id: "a1" })).status, 201);
      await after.close();
      assert.equal(events.splice(0), ["reference.corrupt"]);
      assert.ok(readFileSync(`${db}.corrupt`).equals(left));
      await (await open(db)).close();
      assert.equal(events.splice(0), []);
    }
    const own = join(folder, "own.sqlite");
    writeFileSync(own, "garbage ".repeat(1_000));
    assert.throws(() => openSqliteStore(own, log), /Cannot open the inserter's database/);
  },
);

life("articles, versions and tombstones outlive a restart", async ({ folder }) => {
  const db = join(folder, "deep", "er", "a.sqlite");
  let at = await startReference({ db });
  await at.put({ id: "a", title: "東京" }, 5, "me");
  await at.put({ id: "b" }, 5);
  await at.call("DELETE", "/post/b", { headers: { "sync-version": "6" } });
  const etag = (await at.inventory()).headers.etag;
  await at.close();

  at = await startReference({ db });
  try {
    const inventory = await at.inventory();
    assert.is(inventory.lines().length, 3);
    assert.is(inventory.lines()[1].version, 5);
    assert.is.not(inventory.headers.etag, etag, "a restart after a power cut may have lost something");
    assert.is((await at.put({ id: "b" }, 5)).status, 412);
    assert.is((await at.call("GET", `/post?q=${encodeURIComponent("東京")}`)).json().total, 1);
  } finally {
    await at.close();
  }
});

life("a database of the first version is upgraded, and its articles are found again", async ({ folder }) => {
  const db = join(folder, "a.sqlite");
  let at = await startReference({ db });
  await at.put({ id: "a", title: "東京", body: "xyz" }, 5, "me");
  await at.call("GET", "/post?q=xyz");
  await at.close();
  const first = new DatabaseSync(db);
  first.exec(`DROP TABLE short; PRAGMA user_version = 1;
    CREATE VIRTUAL TABLE gram USING fts5vocab (word, 'instance');
    CREATE VIRTUAL TABLE gram_term USING fts5vocab (word, 'row');`);
  first.close();

  at = await startReference({ db });
  try {
    for (const q of ["xyz", "x", "yz", "京"]) {
      assert.is((await at.call("GET", `/post?q=${encodeURIComponent(q)}`)).json().total, 1, q);
    }
    assert.is((await at.call("GET", "/post/a")).headers["sync-version"], "5");
  } finally {
    await at.close();
  }
});

life("what cannot be opened is an error with advice", async ({ folder }) => {
  const file = join(folder, "x");
  writeFileSync(file, "this is no database, and long enough to be taken for one".repeat(50));
  await rejects(startReference({ db: file }), /Cannot open the inserter's database/);
  assert.match(String(await rejects(startReference({ db: join(file, "y") }))), /Cannot open/);

  const foreign = join(folder, "foreign.sqlite");
  const database = new DatabaseSync(foreign);
  database.exec("CREATE TABLE other (a)");
  database.close();
  await rejects(startReference({ db: foreign }), /another program/);

  const newer = join(folder, "newer.sqlite");
  await (await startReference({ db: newer })).close();
  const opened = new DatabaseSync(newer);
  opened.exec("PRAGMA user_version = 99");
  opened.close();
  await rejects(startReference({ db: newer }), /newer sync-agent/);
});

life("an address that is taken is an error with advice", async () => {
  const at = await startReference();
  try {
    const port = Number(new URL(at.inserter.url).port);
    await rejects(startReference({ port }), /address is in use/);
    const elsewhere = await startReference({ port, anyPort: true });
    assert.is((await elsewhere.put({ id: "a" })).status, 201);
    await elsewhere.close();
  } finally {
    await at.close();
  }
});

life("a database that fails is answered with 503, and works again when it does", async ({ folder }) => {
  const db = join(folder, "a.sqlite");
  const at = await startReference({ db });
  const other = new DatabaseSync(db);
  try {
    other.exec("CREATE TRIGGER full BEFORE INSERT ON article BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    const denied = await at.put({ id: "a" });
    assert.is(denied.status, 503);
    assert.match(denied.json().error, "disk is full");
    assert.is(at.logged[0]?.event, "reference.failed");
    other.exec("DROP TRIGGER full");
    assert.is((await at.put({ id: "a" })).status, 201);
  } finally {
    other.close();
    await at.close();
  }
});

life("connections that send nothing give way to a probe", async () => {
  const at = await startReference();
  const { hostname, port } = new URL(at.inserter.url);
  const sockets = Array.from({ length: 700 }, () => connect(Number(port), hostname));
  try {
    let closed = 0;
    for (const socket of sockets) socket.on("error", () => {}).on("close", () => closed++);
    await waitFor(() => closed >= 200, "the longest idle to give way");
    assert.is((await at.call("GET", "/healthz")).status, 200);
  } finally {
    for (const socket of sockets) socket.destroy();
    await at.close();
  }
});

life("closing ends kept connections and lets what is in flight finish", async ({ folder }) => {
  const at = await startReference({ db: join(folder, "a.sqlite") });
  const { hostname: host, port } = new URL(at.inserter.url);
  const agent = new Agent({ keepAlive: true });
  const idle = get({ host, port, path: "/healthz", agent });
  const [answer] = await once(idle, "response");
  await answer.resume().toArray();

  const posting = request({ host, port, method: "POST", path: "/post", headers: { "content-length": 10 } });
  const answered = once(posting, "response");
  await new Promise((sent) => posting.write('{"id":', sent));
  await at.call("GET", "/healthz");
  const closed = at.inserter.close();
  posting.end('"a"}');
  const [stored] = await answered;
  stored.resume();
  assert.is(stored.statusCode, 201);
  await closed;
  agent.destroy();
  await at.close();
});

async function rejects(promise: Promise<unknown>, words = /./): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, UsageError);
    assert.match(String(error), words);
    assert.ok((error as UsageError).hint.length > 0);
    return error;
  }
  throw new Error("It did not fail");
}

life("an article is deleted though the index has marked others as deleted before", async () => {
  const reference = await startReference();
  try {
    // So many that the index marks what goes instead of merging it away.
    const ids = Array.from({ length: 33 }, (_, i) => `n${i}`);
    for (const id of ids) await reference.put({ id, title: id, body: `words of ${id}` }, 1);
    const headers = { "sync-version": "2" };
    for (const id of ids.slice(0, 3)) {
      assert.is((await reference.call("GET", "/post?q=words")).status, 200);
      assert.is((await reference.call("DELETE", `/post/${id}`, { headers })).status, 204);
    }
    assert.equal(reference.logged, []);
  } finally {
    await reference.close();
  }
});

life.run();
