import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../../../src/inserter/client/fault.ts";
import type { Listed } from "../../../../src/sync/model.ts";
import type { InventoryReply } from "../../../../src/sync/ports.ts";
import {
  answer,
  answerBytes,
  drip,
  endless,
  hangUp,
  ndjson,
  type Play,
  raw,
  redirect,
  silence,
} from "../../../support/scripted-server.ts";
import { never, opener, upsert } from "../../../support/sink.ts";
import { waitFor } from "../../../support/wait.ts";

const test = suite("client: inventory");
const open = opener(test);

const digest = "0123456789abcdef".repeat(4);
const type = { "content-type": "application/x-ndjson" };
const line = (index: number): object => ({ id: `a${index}`, digest, version: index, owner: "tester" });
const lines = (count: number): object[] => Array.from({ length: count }, (_, index) => line(index));

/** Asks a server that plays this for its inventory, and for all pages of it. */
async function inventoryOf(
  play: Play,
  options: { readonly etag?: string; readonly timeoutMs?: number } = {},
): Promise<{ reply: InventoryReply; pages: (readonly Listed[])[]; error: Error | null }> {
  const server = await open.server([play]);
  const { sink } = open.sink({ url: server.url, timeoutMs: options.timeoutMs ?? 10_000 });
  const pages: (readonly Listed[])[] = [];
  let error: Error | null = null;
  const reply = await sink.inventory(options.etag ?? null, never);
  try {
    if (reply.kind === "listing") for await (const page of reply.pages) pages.push(page);
  } catch (caught) {
    error = caught as Error;
  }
  return { reply, pages, error };
}

test("asks for NDJSON, and for what changed", async () => {
  const server = await open.server([
    ndjson([{ inventory: 1, batch: 500 }, line(1), { end: true, count: 1 }], { etag: '"v1"' }),
    answer(304, "", { etag: '"v1"' }),
    ndjson([{ inventory: 1 }, { end: true, count: 0 }], { etag: 'W/"v2"' }),
    answer(304),
  ]);
  const { sink } = open.sink({ url: server.url });
  const first = await sink.inventory(null, never);
  assert.is(first.kind, "listing");
  if (first.kind === "listing") {
    assert.is(first.etag, '"v1"');
    assert.is(first.batch, 500);
    const pages = await all(first.pages);
    assert.equal(pages, [[{ id: "a1", digest, version: 1, owner: "tester" }]]);
  }
  assert.equal(await sink.inventory('"v1"', never), { kind: "unchanged" });
  const third = await sink.inventory(null, never);
  assert.is(third.kind, "listing");
  if (third.kind === "listing") {
    // A weak validator does not promise the same bytes.
    assert.is(third.etag, null);
    assert.is(third.batch, 0);
    assert.equal(await all(third.pages), []);
  }
  // Not asked for, so it says nothing.
  assert.is((await sink.inventory(null, never)).kind, "unknown");
  assert.equal(
    server.requests.map(({ method, target, headers }) => [
      method,
      target,
      headers["accept"],
      headers["if-none-match"],
    ]),
    [
      ["GET", "/post", "application/x-ndjson", undefined],
      ["GET", "/post", "application/x-ndjson", '"v1"'],
      ["GET", "/post", "application/x-ndjson", undefined],
      ["GET", "/post", "application/x-ndjson", undefined],
    ],
  );
  assert.is(server.connections, 1);
});

test("gives pages of at most a thousand", async () => {
  const listing = [{ inventory: 1 }, ...lines(2_500), { end: true, count: 2_500 }];
  const body = listing.map((entry) => JSON.stringify(entry)).join("\n");
  const bytes = Buffer.from(body);
  for (const play of [
    answer(200, body, type),
    answer(200, gzipSync(bytes), { ...type, "content-encoding": "gzip" }),
    drip(answerBytes(200, `${body}\r\n\n`, type), 33_333, 1),
  ]) {
    const { reply, pages, error } = await inventoryOf(play);
    assert.is(reply.kind, "listing");
    assert.is(error, null);
    assert.equal(
      pages.map((page) => page.length),
      [1_000, 1_000, 500],
    );
    assert.equal(pages.flat().at(-1), { id: "a2499", digest, version: 2_499, owner: "tester" });
  }
});

test("takes what an inserter leaves out for unknown", async () => {
  const { pages } = await inventoryOf(
    ndjson([
      { inventory: 1, batch: -1 },
      { id: "bare" },
      { id: "odd", digest: "ABC", version: "7", owner: 5, more: true },
      { id: "big", digest: null, version: 2 ** 53, owner: "" },
      { id: ".." },
      { end: true, count: 4 },
    ]),
  );
  assert.equal(pages, [
    [
      { id: "bare", digest: null, version: null, owner: null },
      { id: "odd", digest: null, version: 7, owner: null },
      { id: "big", digest: null, version: null, owner: "" },
    ],
  ]);
});

test("an id that is not text in Unicode is none of ours", async () => {
  const { pages, error } = await inventoryOf(
    answer(200, '{"inventory":1}\n{"id":"\\ud800"}\n{"id":"ok"}\n{"end":true,"count":2}\n', type),
  );
  assert.is(error, null);
  assert.equal(
    pages.flat().map(({ id }) => id),
    ["ok"],
  );
});

test("has no inventory", async () => {
  for (const play of [
    answer(404, "not here"),
    answer(405),
    answer(406),
    answer(501),
    answer(410),
    answer(400, "which one?"),
    answer(200, "<html>", { "content-type": "text/html" }),
    answer(200, "[]", { "content-type": "application/json" }),
    answer(200, '{"inventory":1}\n{"end":true,"count":0}\n'),
    answer(204),
    endless(200, { "content-type": "text/html" }),
  ]) {
    const { reply } = await inventoryOf(play);
    assert.equal(reply, { kind: "none" });
  }
});

test("is unknown: the reply says why", async () => {
  for (const status of [500, 502, 503, 504, 429, 408, 425, 401, 403, 407, 300]) {
    const { reply } = await inventoryOf(answer(status, "later", type));
    assert.is(reply.kind, "unknown", `${status}`);
    assert.is(reply.kind === "unknown" && reply.reply.kind === "answer" && reply.reply.status, status);
  }
  const moved = await inventoryOf(redirect(301, "/elsewhere"));
  assert.is(
    moved.reply.kind === "unknown" && moved.reply.reply.kind === "answer" && moved.reply.reply.location,
    "/elsewhere",
  );
  const late = await inventoryOf(silence(), { timeoutMs: 400 });
  assert.is(
    late.reply.kind === "unknown" && late.reply.reply.kind === "failure" && late.reply.reply.why,
    "timeout",
  );
  const gone = await inventoryOf(hangUp());
  assert.is(
    gone.reply.kind === "unknown" && gone.reply.reply.kind === "failure" && gone.reply.reply.why,
    "broken",
  );
});

test("a listing that does not begin like one is unknown", async () => {
  for (const body of ["", "{", "[]", "null", '{"inventory":2}\n', '{"id":"a"}\n', "\ufeff"]) {
    const { reply } = await inventoryOf(answer(200, body, type));
    assert.is(reply.kind, "unknown", body);
    assert.is(reply.kind === "unknown" && reply.reply.kind === "failure" && reply.reply.why, "broken", body);
  }
});

test("a listing that is cut short or wrong counts for nothing", async () => {
  const head = '{"inventory":1}\n';
  const some = '{"id":"a"}\n{"id":"b"}\n';
  const cut = answerBytes(200, `${head}${some}{"end":true,"count":2}\n`, type);
  const cases: readonly (readonly [play: Play, message: RegExp])[] = [
    [answer(200, head, type), /ends after 0 articles without its last line/],
    [answer(200, `${head}${some}`, type), /ends after 2 articles without its last line/],
    [answer(200, `${head}${some}{"end":true,"count":3}`, type), /lists 2 articles but counts 3/],
    [answer(200, `${head}${some}{"end":true}`, type), /lists 2 articles but counts undefined/],
    [answer(200, `${head}${some}{"end":true,"count":2}\n{"id":"c"}`, type), /goes on after its last line/],
    [answer(200, `${head}{"id":"a"\n{"end":true,"count":1}`, type), /is not JSON/],
    [answer(200, `${head}7\n{"end":true,"count":1}`, type), /is not an object/],
    [answer(200, `${head}{"id":7}\n{"end":true,"count":1}`, type), /has no id/],
    [answer(200, `${head}{"id":""}\n{"end":true,"count":1}`, type), /has no id/],
    [answer(200, Buffer.concat([Buffer.from(head), Buffer.from([0x22, 0xff, 0x0a])]), type), /not UTF-8/],
    [answer(200, `${head}{"id":"${"x".repeat(70_000)}"}\n`, type), /longer than 65536 bytes/],
    [raw(cut.subarray(0, -8), "end"), /closed the connection in the middle/],
    [raw(cut.subarray(0, -8), "reset"), /cut short/],
    [
      answer(200, gzipSync(`${head}${some}`).subarray(0, -9), { ...type, "content-encoding": "gzip" }),
      /cut short/,
    ],
  ];
  for (const [play, message] of cases) {
    const { reply, error } = await inventoryOf(play);
    // A fault in the first chunk is found before there is a listing.
    if (reply.kind === "unknown")
      assert.match(reply.reply.kind === "failure" ? reply.reply.message : "", message);
    else {
      assert.instance(error, Fault);
      assert.match(error?.message ?? "", message);
    }
  }
});

test("a line without end does not fill the memory", async () => {
  const before = process.memoryUsage().rss;
  const { reply } = await inventoryOf(endless(200, type));
  assert.is(reply.kind, "unknown");
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});

test("may take longer than the time limit as a whole, but must not fall silent", async () => {
  const body = [{ inventory: 1 }, ...lines(40), { end: true, count: 40 }]
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join("");
  const bytes = answerBytes(200, body, type);
  const startMs = performance.now();
  const slow = await inventoryOf(drip(bytes, Math.ceil(bytes.length / 20), 80), { timeoutMs: 1_000 });
  assert.is(slow.error, null);
  assert.ok(performance.now() - startMs > 1_000);
  assert.is(slow.pages.flat().length, 40);

  const silent = await inventoryOf(raw(bytes.subarray(0, 1_000)), { timeoutMs: 500 });
  assert.instance(silent.error, Fault);
  assert.match(silent.error?.message ?? "", /not complete within 500 ms/);
});

test("one line at a time for ever ends, though it is never silent", async () => {
  const article = '{"id":"a"}\n';
  const bytes = answerBytes(200, `{"inventory":1}\n${article.repeat(1_000)}`, type);
  const headBytes = bytes.indexOf('{"id"');
  const play: Play = async (socket, request) => {
    socket.write(bytes.subarray(0, headBytes));
    await drip(bytes.subarray(headBytes), article.length, 50)(socket, request);
  };
  const startMs = performance.now();
  const { reply, error } = await inventoryOf(play, { timeoutMs: 200 });
  assert.is(reply.kind, "listing");
  assert.instance(error, Fault);
  assert.is(error?.message, "the inventory is cut short: the answer was not complete within 2.4 s");
  assert.ok(performance.now() - startMs > 2_300);
});

test("time that the reader takes is not the inserter's", async () => {
  const server = await open.server([
    ndjson([{ inventory: 1 }, ...lines(3_000), { end: true, count: 3_000 }]),
  ]);
  const { sink } = open.sink({ url: server.url, timeoutMs: 500 });
  const reply = await sink.inventory(null, never);
  let count = 0;
  if (reply.kind === "listing") {
    for await (const page of reply.pages) {
      count += page.length;
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
  }
  assert.is(count, 3_000);
});

test("gives its connection up when it is not read to the end", async () => {
  const server = await open.server([endlessListing()]);
  const { sink } = open.sink({ url: server.url });
  const unread = await sink.inventory(null, never);
  if (unread.kind === "listing") await unread.pages[Symbol.asyncIterator]().return?.();
  await waitFor(() => server.openConnections === 0, "the connection to be given up");

  const half = await sink.inventory(null, never);
  if (half.kind === "listing") for await (const _ of half.pages) break;
  await waitFor(() => server.openConnections === 0, "the connection to be given up");

  const controller = new AbortController();
  const aborted = await sink.inventory(null, controller.signal);
  controller.abort(new Error("enough"));
  if (aborted.kind === "listing") {
    const pages = all(aborted.pages);
    assert.is(await pages.catch((error: Error) => error.message), "enough");
  }
  await waitFor(() => server.openConnections === 0, "the connection to be given up");
  assert.is(server.connections, 3);
});

test("does not wait for a connection while all others are in use", async () => {
  const server = await open.server(({ method }) =>
    method === "GET" ? ndjson([{ inventory: 1 }, { end: true, count: 0 }]) : silence(),
  );
  const { sink } = open.sink({ url: server.url, concurrency: 2 });
  const controller = new AbortController();
  const sending = ["a", "b"].map((id) => sink.send(upsert(id), controller.signal).catch(() => null));
  await waitFor(() => server.requests.length === 2, "both requests");
  assert.is((await sink.inventory(null, never)).kind, "listing");
  controller.abort();
  await Promise.all(sending);
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Lists articles for as long as someone reads. */
function endlessListing(): Play {
  return async (socket) => {
    const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    socket.write(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: application/x-ndjson\r\n\r\n",
    );
    socket.write(chunk('{"inventory":1}\n'));
    const many = chunk('{"id":"a"}\n'.repeat(1_000));
    while (!socket.destroyed) {
      if (!socket.write(many))
        await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

test.run();
