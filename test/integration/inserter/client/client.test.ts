import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answer, redirect } from "../../../support/scripted-server.ts";
import { deletion, never, opener, upsert } from "../../../support/sink.ts";

const test = suite("client: requests and answers");
const open = opener(test);

test("posts the body as given, with the headers of the protocol", async () => {
  const server = await open.server([answer(201)]);
  const { sink } = open.sink({ url: server.url }, { identity: { owner: "ブログ" } });
  const operation = upsert("a", 7, { title: "日本" });
  const reply = await sink.send(operation, never);
  assert.equal(reply, {
    kind: "answer",
    status: 201,
    retryAfterMs: null,
    version: null,
    location: null,
    excerpt: "",
  });
  const [request] = server.requests;
  assert.is(`${request?.method} ${request?.target}`, "POST /post");
  assert.equal(request?.body, Buffer.from(operation.body ?? []));
  const { host: _, connection: __, ...headers } = request?.headers ?? {};
  assert.equal(headers, {
    "content-type": "application/json",
    "content-length": String(operation.body?.length),
    "sync-digest": operation.digest,
    "idempotency-key": `${operation.digest}-7`,
    "sync-version": "7",
    "sync-owner": Buffer.from("ブログ").toString("latin1"),
    "user-agent": "sync-agent/9.8.7",
  });
});

test("deletes by the encoded id, without a body", async () => {
  const server = await open.server([answer(204)]);
  const { sink } = open.sink({ url: server.url });
  await sink.send(deletion("日本/a b?c#d%", 9), never);
  const [request] = server.requests;
  assert.is(request?.method, "DELETE");
  assert.is(request?.target, "/post/%E6%97%A5%E6%9C%AC%2Fa%20b%3Fc%23d%25");
  const { host: _, connection: __, ...headers } = request?.headers ?? {};
  assert.equal(headers, {
    "sync-version": "9",
    "sync-owner": "tester",
    "user-agent": "sync-agent/9.8.7",
  });
  for (const id of [".", ".."]) {
    try {
      await sink.send(deletion(id), never);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }
  assert.is(server.requests.length, 1);
});

test("keeps connections, no more than it may have", async () => {
  const server = await open.server([answer(200, { ok: true })]);
  const { sink } = open.sink({ url: server.url, concurrency: 2 });
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 8 }, (_, index) => sink.send(upsert(`${index}`), never)));
  }
  assert.is(server.requests.length, 40);
  assert.ok(server.connections <= 3, `${server.connections} connections`);
});

test("reads status, version, location and Retry-After", async () => {
  const date = "Tue, 01 Jan 2030 00:00:00 GMT";
  const server = await open.server([
    answer(412, { error: "older" }, { "Sync-Version": "1234567890123456" }),
    answer(503, "", { "Retry-After": "120" }),
    answer(429, "", { "Retry-After": "Tue, 01 Jan 2030 00:00:30 GMT", Date: date }),
    redirect(307, "https://elsewhere.example/post"),
  ]);
  const { sink } = open.sink({ url: server.url });
  const replies = [];
  for (let index = 0; index < 4; index++) replies.push(await sink.send(upsert("a"), never));
  assert.equal(replies, [
    {
      kind: "answer",
      status: 412,
      retryAfterMs: null,
      version: 1234567890123456,
      location: null,
      excerpt: '{"error":"older"}',
    },
    { kind: "answer", status: 503, retryAfterMs: 120_000, version: null, location: null, excerpt: "" },
    { kind: "answer", status: 429, retryAfterMs: 30_000, version: null, location: null, excerpt: "" },
    {
      kind: "answer",
      status: 307,
      retryAfterMs: null,
      version: null,
      location: "https://elsewhere.example/post",
      excerpt: "",
    },
  ]);
  assert.is(server.requests.length, 4);
});

test("keeps the first KiB of an answer, on one line, without secrets", async () => {
  const token = "tok-1234567890";
  const server = await open.server([
    answer(422, `bad\r\n\u001b[31mtitle\u0000\ttoken ${token}, key=k3y/value and k3y%2Fvalue, cG${token}`),
    answer(422, "é".repeat(5_000)),
    answer(422, `${"x".repeat(1_020)}${token}`),
    answer(422, `${"y".repeat(4_090)}${token}`.padEnd(6_000, "z")),
    answer(400, "", { location: `https://user:${token}@host/?t=${token}` }),
    answer(400, gzipSync("packed"), { "content-encoding": "gzip" }),
  ]);
  const { sink } = open.sink(
    { url: server.url, token: { env: "TOKEN" }, headers: { "X-Key": { env: "KEY" }, "X-Tag": "blog" } },
    { environment: { TOKEN: token, KEY: "k3y/value" } },
  );
  const excerpts: string[] = [];
  let location: string | null = null;
  for (let index = 0; index < 6; index++) {
    const reply = await sink.send(upsert("a"), never);
    assert.is(reply.kind, "answer");
    if (reply.kind === "answer") {
      excerpts.push(reply.excerpt);
      location ??= reply.location;
    }
  }
  assert.is(excerpts[0], "bad [31mtitle token [redacted], key=[redacted] and [redacted], cG[redacted]");
  assert.is(excerpts[1], "é".repeat(1_024));
  assert.is(excerpts[2], `${"x".repeat(1_020)}[red`);
  assert.is(excerpts[3], "y".repeat(1_024));
  assert.is(excerpts[5], "");
  assert.is(location, "https://[redacted]@host/?t=[redacted]");
  assert.is(server.requests[0]?.headers["authorization"], `Bearer ${token}`);
  assert.is(server.requests[0]?.headers["x-key"], "k3y/value");
  assert.is(server.requests[0]?.headers["x-tag"], "blog");
  assert.not.ok(excerpts.join().includes("tok-"));
});

test("a token that is echoed back escaped is struck out too", async () => {
  const token = 'to"k+en/9';
  const echoes = [
    JSON.stringify({ error: `bad ${token}` }),
    `<p>bad ${token.replaceAll('"', "&quot;").replaceAll("/", "&#x2F;")}</p>`,
    `?token=${encodeURIComponent(token)}`,
    Buffer.from(`Bearer ${token}`).toString("base64"),
  ];
  const server = await open.server(echoes.map((echo) => answer(422, echo)));
  const { sink } = open.sink({ url: server.url, token: { env: "T" } }, { environment: { T: token } });
  for (const shown of [
    '{"error":"bad [redacted]"}',
    "<p>bad [redacted]</p>",
    "?token=[redacted]",
    "QmVhcmVyIH[redacted]",
  ]) {
    const reply = await sink.send(upsert("a"), never);
    assert.match(reply.kind === "answer" ? reply.excerpt : "", shown);
  }
});

test("shows the credentials of the URL as Basic", async () => {
  const server = await open.server([answer(401, "bob:pässword cGFzc3dvcmQ= Ym9iOnDDpHNzd29yZA==")]);
  const { sink } = open.sink({ url: server.url, basic: "bob:pässword" });
  const reply = await sink.send(upsert("a"), never);
  const encoded = Buffer.from("bob:pässword").toString("base64");
  assert.is(server.requests[0]?.headers["authorization"], `Basic ${encoded}`);
  assert.is(reply.kind === "answer" && reply.excerpt, "bob:[redacted] cGFzc3dvcmQ= [redacted]");
  assert.is(server.requests.length, 1);
});

test("warns of credentials over plain HTTP, but not on loopback", async () => {
  const environment = { TOKEN: "secret" };
  const token = { env: "TOKEN" };
  const events = (settings: Parameters<typeof open.sink>[0]) =>
    open.sink(settings, { environment }).logged.map(({ level, event }) => `${level} ${event}`);
  assert.equal(events({ url: "http://inserter.example/post", token }), ["warn inserter.plaintext-token"]);
  assert.equal(events({ url: "http://inserter.example/post", basic: "a:b" }), [
    "warn inserter.plaintext-token",
  ]);
  const headers = { Authorization: "Key 123" };
  assert.equal(events({ url: "http://inserter.example/post", headers }), ["warn inserter.plaintext-token"]);
  assert.equal(events({ url: "http://inserter.example/post", headers: { "X-Tag": "blog" } }), []);
  assert.equal(events({ url: "http://127.0.0.1:8081/post", token }), []);
  assert.equal(events({ url: "http://[::1]:8081/post", token }), []);
  assert.equal(events({ url: "http://localhost:8081/post", token }), []);
  assert.equal(events({ url: "https://inserter.example/post", token }), []);
});

test.run();
