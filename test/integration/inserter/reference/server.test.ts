import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Reference, sha256, startReference } from "../../../support/reference.ts";

interface Context {
  at: Reference;
  folder: string;
}

const reference = suite<Context>("reference inserter");

reference.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "inserter-"));
  context.at = await startReference();
});
reference.after.each(async ({ at, folder }) => {
  await at.close();
  rmSync(folder, { recursive: true });
});

reference("stores what is posted, byte by byte, and returns what it knows", async ({ at }) => {
  const body = '{"id":"intro" , "title":"はじめに","n":1.0}';
  const headers = {
    "sync-digest": sha256(body),
    "sync-version": "7",
    "sync-owner": Buffer.from("ブログ").toString("latin1"),
  };
  const stored = await at.call("POST", "/post", { body, headers });
  assert.is(stored.status, 201);
  assert.is(stored.headers.location, "/post/intro");
  assert.equal(stored.json(), { id: "intro", digest: sha256(body), version: 7 });

  const read = await at.call("GET", "/post/intro");
  assert.is(read.status, 200);
  assert.is(read.text, body);
  assert.is(read.headers.etag, `"${sha256(body)}"`);
  assert.is(read.headers["sync-digest"], sha256(body));
  assert.is(read.headers["sync-version"], "7");
  assert.is(Buffer.from(String(read.headers["sync-owner"]), "latin1").toString(), "ブログ");
  assert.ok(Math.abs(Date.parse(String(read.headers["last-modified"])) - Date.now()) < 60_000);

  const etag = String(read.headers.etag);
  for (const given of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    assert.is((await at.call("GET", "/post/intro", { headers: { "if-none-match": given } })).status, 304);
  }
  const head = await at.call("HEAD", "/post/intro");
  assert.is(head.status, 200);
  assert.is(head.text, "");
});

reference("takes what curl sends: no headers, any type", async ({ at }) => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const first = await at.call("POST", "/post", { headers, body: '{"id":"a"}' });
  assert.is(first.status, 201);
  assert.is(first.json().version, 1);
  assert.is(
    (await at.call("POST", "/post/", { headers, body: '{"id":"a"}' })).json().version,
    1,
    "idempotent",
  );
  const changed = await at.call("POST", "/post", { headers, body: '{"id":"a","b":1}' });
  assert.is(changed.status, 200);
  assert.is(changed.json().version, 2, "each change has a version of its own");
  assert.is((await at.call("DELETE", "/post/a")).status, 204);
  assert.is((await at.put({ id: "a" }, 2)).status, 412, "a late retry cannot bring it back");
  assert.is((await at.put({ id: "a" }, 3)).status, 201);
});

reference("keeps the highest version of an id, and applies an equal one again", async ({ at }) => {
  assert.is((await at.put({ id: "a", n: 1 }, 5)).status, 201);
  const older = await at.put({ id: "a", n: 0 }, 4);
  assert.is(older.status, 412);
  assert.is(older.headers["sync-version"], "5");
  assert.match(older.json().error, '"a" is kept in version 5');
  assert.is((await at.put({ id: "a", n: 1 }, 5)).status, 200);
  assert.is((await at.put({ id: "a", n: 2 }, 5)).status, 200);
  assert.is((await at.call("GET", "/post/a")).json().n, 2);
  assert.is((await at.put({ id: "a", n: 2 }, 6)).status, 200);
  assert.is((await at.call("GET", "/post/a")).headers["sync-version"], "6");
});

reference("keeps the version of what is deleted, and of what never was there", async ({ at }) => {
  await at.put({ id: "a" }, 5);
  const older = await at.call("DELETE", "/post/a", { headers: { "sync-version": "4" } });
  assert.is(older.status, 412);
  assert.is(older.headers["sync-version"], "5");
  const version = { "sync-version": "6" };
  assert.is((await at.call("DELETE", "/post/a", { headers: version })).status, 204);
  assert.is((await at.call("DELETE", "/post/a", { headers: version })).status, 404);
  assert.is((await at.call("GET", "/post/a")).status, 404);
  assert.is((await at.put({ id: "a" }, 5)).status, 412);
  assert.is((await at.put({ id: "a" }, 6)).status, 201);

  assert.is((await at.call("DELETE", "/post/b", { headers: version })).status, 404);
  assert.is((await at.put({ id: "b" }, 5)).status, 412);
  assert.is((await at.call("DELETE", "/post/b", { headers: { "sync-version": "5" } })).status, 412);
  assert.is((await at.put({ id: "b" }, 7)).status, 201);
  assert.is((await at.call("DELETE", "/post/c")).status, 404);
  assert.is((await at.put({ id: "c" }, 0)).status, 201, "a delete without version leaves nothing behind");
});

reference("takes writes of any owner, and remembers the last who said so", async ({ at }) => {
  await at.put({ id: "a" }, 1, "one");
  await at.put({ id: "a" }, 2, "two");
  assert.is((await at.call("GET", "/post/a")).headers["sync-owner"], "two");
  await at.put({ id: "a", b: 1 }, 3);
  assert.is((await at.call("GET", "/post/a")).headers["sync-owner"], "two");
});

reference("ids of every kind travel in the path", async ({ at }) => {
  for (const id of ["a/b", "日本語", "a b?c#d%", "_batch", "😀", '"', "..x", "__proto__"]) {
    assert.is((await at.put({ id }, 1)).status, 201, id);
    const path = `/post/${encodeURIComponent(id)}`;
    assert.is((await at.call("GET", path)).json().id, id);
    assert.is((await at.call("DELETE", path)).status, 204, id);
  }
  await at.put({ id: "x/y" });
  assert.is((await at.call("GET", "/post/x/y")).status, 200, "also where a proxy decoded the slash");
  assert.is((await at.call("GET", "/post/%ff")).status, 400);
});

reference("says what is wrong with a request, and how to fix it", async ({ at }) => {
  const post = (body: string | Uint8Array, headers = {}) => at.call("POST", "/post", { body, headers });
  for (const [status, words, answer] of [
    [400, /not JSON/, await post('{"id":"a"')],
    [400, /not JSON/, await post("")],
    [400, /not UTF-8/, await post(new Uint8Array([0x22, 0xff, 0x22]))],
    [400, /not a JSON object/, await post("[]")],
    [400, /not a JSON object/, await post("null")],
    [422, /"id".*missing/, await post("{}")],
    [422, /"id".*it is 5/, await post('{"id":5}')],
    [422, /"id".*it is ""/, await post('{"id":""}')],
    [422, /meaning of its own/, await post('{"id":".."}')],
    [422, /control characters/, await post('{"id":"a\\u0000"}')],
    [422, /surrogate/, await post('{"id":"\\ud800"}')],
    [422, /512 bytes/, await post(JSON.stringify({ id: "記".repeat(171) }))],
    [400, /Sync-Version/, await post('{"id":"a"}', { "sync-version": "-1" })],
    [400, /digest/, await post('{"id":"a"}', { "sync-digest": sha256("other") })],
    [415, /gzip/, await post('{"id":"a"}', { "content-encoding": "gzip" })],
    [403, /other|Pages of/, await post('{"id":"a"}', { origin: "https://elsewhere.example" })],
    [404, /nothing at/, await at.call("GET", "/nothing")],
    [404, /nothing at/, await at.call("GET", "/poster")],
    [404, /no article/, await at.call("GET", "/post/nothing")],
    [405, /does not take/, await at.call("PUT", "/post")],
    [405, /does not take/, await at.call("DELETE", "/post")],
    [405, /does not take/, await at.call("POST", "/post/a")],
    [405, /does not take/, await at.call("POST", "/healthz")],
    [400, /limit/, await at.call("GET", "/post?limit=0")],
    [400, /limit/, await at.call("GET", "/post?limit=101")],
    [400, /limit/, await at.call("GET", "/post?limit=x")],
    [400, /cursor/, await at.call("GET", "/post?cursor=x")],
    [400, /"q"/, await at.call("GET", `/post?q=${"x".repeat(201)}`)],
  ] as const) {
    assert.is(answer.status, status, answer.text);
    assert.match(answer.json().error, words);
    assert.ok(answer.json().hint.length > 0);
  }
  assert.is((await at.call("PUT", "/post")).headers.allow, "GET, HEAD, POST");
  assert.is((await at.call("PUT", "/post/a")).headers.allow, "GET, HEAD, DELETE");
  assert.is((await at.inventory()).lines().length, 2, "nothing of it was stored");
  assert.equal(at.logged, []);
});

reference("a page of its own may write", async ({ at }) => {
  const { host, origin } = new URL(at.inserter.url);
  const headers = { origin, host };
  assert.is((await at.call("POST", "/post", { body: '{"id":"a"}', headers })).status, 201);
});

reference("a page of another site neither reads nor writes under a name of its own", async ({ at }) => {
  await at.put({ id: "a", title: "secret" });
  const headers = { host: "evil.example", origin: "http://evil.example" };
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", "/post"],
    ["GET", "/post/a"],
    ["GET", "/tags"],
    ["GET", "/openapi.json"],
    ["POST", "/post"],
    ["POST", "/post/_batch"],
    ["DELETE", "/post/a"],
  ] as const) {
    const refused = await at.call(method, path, { headers, body: '{"id":"b"}' });
    assert.is(refused.status, 403, `${method} ${path}`);
    assert.match(refused.json().error, "evil.example");
  }
  assert.is((await at.call("GET", "/post/a", { headers: { host: "localhost:1" } })).status, 200);
  assert.is((await at.call("GET", "/post/b")).status, 404);
});

reference("where hosts are listed, others are refused, on all addresses too", async () => {
  const at = await startReference({ host: "0.0.0.0", allowedHosts: ["inserter.example"] });
  try {
    const statusFor = async (host: string) => (await at.call("GET", "/post", { headers: { host } })).status;
    assert.is(await statusFor("inserter.example:8081"), 200);
    assert.is(await statusFor("evil.example"), 403);
    assert.is((await at.call("GET", "/healthz", { headers: { host: "10.0.0.7:8081" } })).status, 200);
  } finally {
    await at.close();
  }
});

reference("a body above the limit is answered, not cut off", async ({ at }) => {
  const half = Buffer.alloc(33 * 1024 * 1024, 0x20);
  const answer = await at.call("POST", "/post", { body: half });
  assert.is(answer.status, 413);
  assert.match(answer.json().error, "33554432 bytes");
  assert.is((await at.put({ id: "a" })).status, 201);
});

reference("an article of many megabytes is stored, and found by its beginning", async ({ at }) => {
  const body = `needle ${"x".repeat(20_000_000)} thread`;
  assert.is((await at.put({ id: "big", body })).status, 201);
  assert.is((await at.call("GET", "/post?q=needle")).json().total, 1);
  assert.is((await at.call("GET", "/post?q=thread")).json().total, 0);
  assert.is((await at.call("GET", "/post/big")).json().body.length, body.length);
});

reference("a client that breaks off leaves no trace", async ({ at }) => {
  const { hostname, port } = new URL(at.inserter.url);
  const broken = request({
    host: hostname,
    port,
    method: "POST",
    path: "/post",
    headers: { "content-length": 99 },
  });
  broken.on("error", () => {});
  broken.write('{"id":"a"');
  await once(broken, "socket");
  await new Promise((sent) => broken.write(" ", sent));
  broken.destroy();
  const nonsense = connect(Number(port), hostname);
  nonsense.end("not HTTP at all\r\n\r\n");
  const [reply] = await once(nonsense, "data");
  assert.match(String(reply), /^HTTP\/1.1 400/);
  assert.is((await at.inventory()).lines().length, 2);
  assert.equal(at.logged, []);
});

reference(
  "with a token, writes and the inventory are for those who show it; reading is open",
  async ({ folder }) => {
    const at = await startReference({ token: () => "s3cret", db: join(folder, "a.sqlite") });
    try {
      for (const authorization of [undefined, "Bearer wrong", "Basic s3cret"]) {
        const headers = authorization === undefined ? {} : { authorization };
        const accept = "application/x-ndjson";
        for (const [method, path] of [
          ["POST", "/post"],
          ["POST", "/post/_batch"],
          ["GET", "/post"],
          ["DELETE", "/post/a"],
        ] as const) {
          const body = method === "POST" ? { body: '{"id":"a"}' } : {};
          const denied = await at.call(method, path, { headers: { ...headers, accept }, ...body });
          assert.is(denied.status, 401);
          assert.is(denied.headers["www-authenticate"], "Bearer");
        }
      }
      const headers = { authorization: "bearer s3cret" };
      assert.is((await at.call("POST", "/post", { headers, body: '{"id":"a"}' })).status, 201);
      for (const path of ["/healthz", "/openapi.json", "/", "/post", "/post/a", "/tags"])
        assert.is((await at.call("GET", path)).status, 200);
    } finally {
      await at.close();
    }
  },
);

reference("says that it is well", async ({ at }) => {
  assert.equal((await at.call("GET", "/healthz")).json(), { ok: true });
});

reference.run();
