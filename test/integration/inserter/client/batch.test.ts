import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BatchReply, Outgoing } from "../../../../src/sync/ports.ts";
import { answer, answerBytes, ndjson, type Play, raw, silence } from "../../../support/scripted-server.ts";
import { deletion, never, opener, upsert } from "../../../support/sink.ts";

const test = suite("client: batches");
const open = opener(test);

const type = { "content-type": "application/x-ndjson" };
const three: readonly Outgoing[] = [upsert("a", 1), deletion("b", 2), upsert("c", 3)];

async function sendTo(play: Play, timeoutMs = 10_000): Promise<BatchReply> {
  const server = await open.server([play]);
  const { sink } = open.sink({ url: server.url, timeoutMs });
  const reply = await sink.sendBatch(three, never);
  return reply;
}

const statuses = ({ lines }: BatchReply) => lines.map((line) => line?.status ?? null);

test("sends a line an operation, payloads byte by byte", async () => {
  const server = await open.server([ndjson([{ id: "ä", status: 200 }])]);
  const { sink } = open.sink({ url: server.url }, { identity: { owner: 'o"ß' } });
  // Not as JSON.stringify would write it: the digest is of these bytes.
  const body = Buffer.from('{"id":"ä","n":1.0,"s":"\\u00e4\\/"}');
  const digest = createHash("sha256").update(body).digest("hex");
  await sink.sendBatch(
    [
      { kind: "upsert", id: "ä", version: 41, digest, body },
      { kind: "delete", id: 'q"\n日', version: 42, digest: null, body: null },
    ],
    never,
  );
  const [request] = server.requests;
  assert.is(`${request?.method} ${request?.target}`, "POST /post/_batch");
  assert.is(request?.headers["content-type"], "application/x-ndjson");
  assert.is(
    request?.body.toString(),
    `{"upsert":{"id":"ä","n":1.0,"s":"\\u00e4\\/"},"digest":"${digest}","version":41,"owner":"o\\"ß"}\n` +
      '{"delete":"q\\"\\n日","version":42,"owner":"o\\"ß"}\n',
  );
});

test("reads a status a line, in order", async () => {
  const token = "tok-123456";
  const server = await open.server([
    ndjson([
      { id: "a", status: 201 },
      { id: "b", status: 412, version: 77, error: "older" },
      { id: "c", status: 422, error: `no\n\u0007${token}${"x".repeat(2_000)}` },
    ]),
  ]);
  const { sink } = open.sink({ url: server.url, token: { env: "T" } }, { environment: { T: token } });
  const reply = await sink.sendBatch(three, never);
  assert.is(reply.whole.kind === "answer" && reply.whole.status, 200);
  const empty = { kind: "answer", retryAfterMs: null, version: null, location: null };
  assert.equal(reply.lines, [
    { ...empty, status: 201, excerpt: "" },
    { ...empty, status: 412, version: 77, excerpt: "older" },
    { ...empty, status: 422, excerpt: `no [redacted]${"x".repeat(2_000)}`.slice(0, 1_024) },
  ]);
});

test("a line that is missing or unreadable acknowledges nothing", async () => {
  assert.equal(statuses(await sendTo(ndjson([{ id: "a", status: 200 }]))), [200, null, null]);
  assert.equal(statuses(await sendTo(ndjson([]))), [null, null, null]);
  assert.equal(statuses(await sendTo(answer(200, "<html>\nok\n"))), [null, null, null]);
  const odd = '{"id":"a","status":200}\n{"id":"b","status":\n\n{"id":"c","status":204}';
  assert.equal(statuses(await sendTo(answer(200, odd, type))), [200, null, 204]);
  const wrong = [
    { id: "b", status: 200 },
    { id: "b", status: "200" },
    { id: "c", status: 20 },
  ];
  assert.equal(statuses(await sendTo(ndjson(wrong))), [null, null, null]);
  const long = ["a", "b", "c", "d", "e"].map((id) => ({ id, status: 200 }));
  assert.equal(statuses(await sendTo(ndjson(long))), [200, 200, 200]);
  assert.equal(statuses(await sendTo(ndjson([null, [], { id: "c", status: 200 }]))), [null, null, 200]);
});

test("an answer to the whole is one reply", async () => {
  for (const status of [400, 404, 405, 413, 429, 501, 503]) {
    const reply = await sendTo(answer(status, "no", { "retry-after": "3" }));
    assert.equal(reply, {
      whole: { kind: "answer", status, retryAfterMs: 3_000, version: null, location: null, excerpt: "no" },
      lines: [null, null, null],
    });
  }
});

test("what was acknowledged before the answer broke off counts", async () => {
  const bytes = answerBytes(
    200,
    '{"id":"a","status":200}\n{"id":"b","status":204}\n{"id":"c","status":200}\n',
    type,
  );
  for (const [then, timeoutMs] of [
    ["end", 10_000],
    ["stay", 500],
  ] as const) {
    const cut = await sendTo(raw(bytes.subarray(0, -30), then), timeoutMs);
    assert.is(cut.whole.kind === "answer" && cut.whole.status, 200);
    assert.equal(statuses(cut), [200, null, null]);
  }

  const nothing = await sendTo(raw(bytes.subarray(0, -60), "end"));
  assert.is(nothing.whole.kind === "failure" && nothing.whole.why, "broken");
  const late = await sendTo(silence(), 400);
  assert.is(late.whole.kind === "failure" && late.whole.why, "timeout");
  assert.equal(late.lines, [null, null, null]);
});

test.run();
