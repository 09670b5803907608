import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reply } from "../../../../src/sync/ports.ts";
import {
  answer,
  answerBytes,
  drip,
  endless,
  hangUp,
  type Play,
  raw,
  reset,
  silence,
} from "../../../support/scripted-server.ts";
import { never, opener, upsert } from "../../../support/sink.ts";
import { waitFor } from "../../../support/wait.ts";

const test = suite("client: faults of the network");
const open = opener(test);

/** Sends one operation to a server that plays this. */
async function sendTo(script: readonly Play[], timeoutMs = 10_000): Promise<Reply> {
  const server = await open.server(script);
  const { sink } = open.sink({ url: server.url, timeoutMs });
  try {
    return await sink.send(upsert("a"), never);
  } finally {
    await waitFor(() => server.openConnections <= 1, "connections to be released");
  }
}

function failure(reply: Reply): string {
  return reply.kind === "failure"
    ? `${reply.why}: ${reply.message.replace(/127\.0\.0\.1:\d+/, "HOST")}`
    : reply.kind;
}

test("connection refused: nothing was sent", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const { sink } = open.sink({ url: `http://127.0.0.1:${port}/post` });
  assert.is(failure(await sink.send(upsert("a"), never)), "connect: connection refused by HOST");
  // Both addresses of the name refuse.
  const { sink: named } = open.sink({ url: `http://localhost:${port}/post` });
  assert.is(
    failure(await named.send(upsert("a"), never)),
    `connect: connection refused by localhost:${port}`,
  );
});

test("unknown host: nothing was sent", async () => {
  const { sink } = open.sink({ url: "http://inserter.invalid/post" });
  const reply = failure(await sink.send(upsert("a"), never));
  assert.match(
    reply,
    /^connect: the host name of inserter\.invalid (is not known|cannot be looked up just now)$/,
  );
});

test("no connection in time: nothing was sent", async () => {
  // It waits for the request that comes after the handshake, which it never begins.
  const server = await open.server([silence()]);
  const { sink } = open.sink({ url: `https://127.0.0.1:${server.port}/post`, timeoutMs: 500 });
  assert.is(failure(await sink.send(upsert("a"), never)), "connect: no connection to HOST within 500 ms");
  await waitFor(() => server.openConnections === 0, "the connection to be given up");
});

test("plain HTTP where TLS is wanted: nothing was sent", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  })
    .listen(0, "127.0.0.1")
    .unref();
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const { sink } = open.sink({ url: `https://127.0.0.1:${port}/post` });
  assert.is(
    failure(await sink.send(upsert("a"), never)),
    "connect: no TLS spoken at HOST: is it http:// instead of https://?",
  );
  server.close();
});

test("no answer in time", async () => {
  assert.is(failure(await sendTo([silence()], 500)), "timeout: no answer within 500 ms");
});

test("an answer that drips is held to the same limit", async () => {
  const dripping =
    (bytes: Buffer): Play =>
    async (socket, request) => {
      const headBytes = bytes.indexOf("\r\n\r\n") + 4;
      socket.write(bytes.subarray(0, headBytes));
      await drip(bytes.subarray(headBytes), 40, 20)(socket, request);
    };
  assert.is(
    failure(await sendTo([dripping(answerBytes(200, "x".repeat(8_000)))], 1_000)),
    "timeout: the answer was not complete within 1 s",
  );
  // The status of a refusal stands, with what had come of its words.
  const reply = await sendTo([dripping(answerBytes(422, "no".repeat(4_000)))], 1_000);
  assert.is(reply.kind === "answer" && reply.status, 422);
  assert.match(reply.kind === "answer" ? reply.excerpt : "", /^(no)+n?$/);
});

test("a connection that closes without an answer", async () => {
  const message = "broken: HOST closed the connection before it answered";
  assert.is(failure(await sendTo([reset()])), message);
  assert.is(failure(await sendTo([hangUp()])), message);
});

test("an answer that is cut short", async () => {
  const whole = answerBytes(200, "0123456789");
  const body = await sendTo([raw(whole.subarray(0, -4), "end")]);
  assert.is(failure(body), "broken: HOST closed the connection in the middle of its answer");
  // A reset may overtake what was sent before it.
  const torn = await sendTo([raw(whole.subarray(0, -4), "reset")]);
  assert.match(failure(torn), /^broken: HOST closed the connection /);
  const headers = await sendTo([raw(whole.subarray(0, 20), "end")]);
  assert.match(failure(headers), /^broken: HOST/);
  const refused = await sendTo([raw(answerBytes(413, "too large").subarray(0, -4), "end")]);
  assert.is(refused.kind === "answer" && refused.excerpt, "too l");
});

test("what is not HTTP", async () => {
  assert.match(failure(await sendTo([raw("SSH-2.0-OpenSSH_9.2\r\n")])), /^broken: HOST: Parse Error/);
  assert.match(
    failure(await sendTo([raw(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}\r\n\r\n`)])),
    /^broken: HOST: .*HPE_HEADER_OVERFLOW/,
  );
});

test("an answer that switches to another protocol leaves no connection open", async () => {
  for (const headers of ["Upgrade: websocket\r\nConnection: upgrade\r\n", ""]) {
    const server = await open.server([raw(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`)]);
    const { sink } = open.sink({ url: server.url });
    for (let n = 0; n < 5; n++) {
      assert.is(
        failure(await sink.send(upsert("a"), never)),
        "broken: the answer has status 101: it switches to a protocol that was not asked for",
      );
    }
    assert.is((await sink.inventory(null, never)).kind, "unknown");
    await waitFor(() => server.openConnections === 0, "connections to be closed");
    assert.is(server.requests.length, 6);
  }
});

test("an answer without end costs one connection, not memory", async () => {
  const before = process.memoryUsage().rss;
  const reply = await sendTo([endless(422)]);
  assert.is(reply.kind === "answer" && reply.status, 422);
  assert.is(reply.kind === "answer" && reply.excerpt, "x".repeat(1_024));
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});

test("a connection that was closed while idle is replaced at once", async () => {
  for (const play of [reset(), hangUp()]) {
    const server = await open.server([answer(200), play, answer(201), play, play]);
    const { sink } = open.sink({ url: server.url });
    await sink.send(upsert("a"), never);
    const reply = await sink.send(upsert("b", 5), never);
    assert.is(reply.kind === "answer" && reply.status, 201);
    // The same operation, on another connection.
    assert.equal(server.requests[1]?.head, server.requests[2]?.head);
    assert.equal(server.requests[1]?.body, server.requests[2]?.body);
    assert.equal(
      server.requests.map(({ connection }) => connection),
      [1, 1, 2],
    );
    // Once only.
    assert.is(
      failure(await sink.send(upsert("c"), never)),
      "broken: HOST closed the connection before it answered",
    );
    assert.is(server.requests.length, 5);
  }
});

test("a request that ran out of time is not sent again, and gives its connection up", async () => {
  const server = await open.server(({ body }) => (body.includes('"a"') ? answer(200) : silence()));
  const { sink } = open.sink({ url: server.url, timeoutMs: 400, concurrency: 1 });
  for (let round = 0; round < 4; round++) {
    assert.is((await sink.send(upsert("a", round), never)).kind, "answer");
    assert.is(failure(await sink.send(upsert("b", round), never)), "timeout: no answer within 400 ms");
  }
  const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
  assert.is(new Set(keys).size, keys.length);
  await waitFor(() => server.openConnections === 0, "connections to be given up");
});

test("rejects when the caller aborts", async () => {
  const server = await open.server([silence(), drip(answerBytes(200, "x".repeat(1_000)), 10, 20)]);
  const { sink } = open.sink({ url: server.url });
  for (const wanted of [1, 2]) {
    const controller = new AbortController();
    const sending = sink.send(upsert("a"), controller.signal);
    await waitFor(() => server.requests.length === wanted, "the request");
    controller.abort(new Error("enough"));
    assert.is(await sending.catch((error: Error) => error.message), "enough");
  }
  const aborted = AbortSignal.abort(new Error("never mind"));
  assert.is(await sink.send(upsert("a"), aborted).catch((error: Error) => error.message), "never mind");
  assert.is(server.requests.length, 2);
  await waitFor(() => server.openConnections === 0, "connections to be given up");
});

test("an answer before the request was sent whole is taken, and its connection given up", async () => {
  const body = Buffer.alloc(8 * 1024 * 1024, "x");
  let ended = false;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.pause();
      socket.write(answerBytes(413, "too large"));
    });
    socket.on("close", () => {
      ended = true;
    });
    // Reads on a while later, only to learn of the end.
    setTimeout(() => socket.resume(), 200);
  })
    .listen(0, "127.0.0.1")
    .unref();
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const { sink } = open.sink({ url: `http://127.0.0.1:${port}/post` });
  const reply = await sink.send({ ...upsert("a"), body }, never);
  assert.is(reply.kind === "answer" && `${reply.status} ${reply.excerpt}`, "413 too large");
  await waitFor(() => ended, "the connection to be given up");
  await new Promise((resolve) => server.close(resolve));
});

test("closing breaks what is in flight", async () => {
  const server = await open.server([silence()]);
  const { sink } = open.sink({ url: server.url });
  const sending = sink.send(upsert("a"), never);
  await waitFor(() => server.requests.length === 1, "the request");
  await sink.close();
  assert.match(failure(await sending), /^broken: /);
});

test.run();
