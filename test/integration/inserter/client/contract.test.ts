/** The real client and the reference inserter: what one says, the other understands. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Listed } from "../../../../src/sync/model.ts";
import type { InventoryReply, Outgoing } from "../../../../src/sync/ports.ts";
import { startReference } from "../../../support/reference.ts";
import { deletion, makeSink, never, upsert } from "../../../support/sink.ts";

const test = suite("client and reference inserter");

const payload = {
  title: '題 \u2028 "q" \\',
  description: "",
  body: "x\r\ny",
  cover: "",
  tags: ["t"],
  created_at: "2024-01-02T03:04:05Z",
  updated_at: "2024-01-02T03:04:05Z",
  is_external: false,
  external_url: "",
  path: "a.md",
};

const article = (id: string, version: number, title = payload.title): Outgoing =>
  upsert(id, version, { ...payload, title });

async function listed(reply: InventoryReply): Promise<readonly Listed[]> {
  assert.is(reply.kind, "listing");
  const all: Listed[] = [];
  if (reply.kind === "listing") for await (const page of reply.pages) all.push(...page);
  return all;
}

async function statusOf(
  reply: ReturnType<ReturnType<typeof makeSink>["sink"]["send"]>,
): Promise<number | string> {
  const { ...sent } = await reply;
  return sent.kind === "answer" ? sent.status : sent.message;
}

test("one by one: stored, listed, overtaken, deleted", async () => {
  const { inserter, close } = await startReference();
  const { sink } = makeSink({ url: inserter.url }, { identity: { owner: "ブログ" } });
  const ids = ["日本/語 ?#%", "a", "b+c", "\u{1f600}"];
  for (const id of ids) assert.is(Number(await statusOf(sink.send(article(id, 10), never))) < 300, true, id);

  const first = await sink.inventory(null, never);
  const lines = await listed(first);
  assert.equal(lines.map(({ id }) => id).sort(), [...ids].sort());
  const a = article("a", 10);
  assert.equal(
    lines.find(({ id }) => id === "a"),
    { id: "a", digest: a.digest, version: 10, owner: "ブログ" },
  );

  const etag = first.kind === "listing" ? first.etag : null;
  assert.type(etag, "string");
  assert.equal(await sink.inventory(etag, never), { kind: "unchanged" });

  const late = await sink.send(article("a", 9, "older"), never);
  assert.is(late.kind === "answer" && late.status, 412);
  assert.is(late.kind === "answer" && late.version, 10);
  assert.is(Number(await statusOf(sink.send(a, never))) < 300, true, "equal versions apply again");

  for (const id of ids) assert.is(Number(await statusOf(sink.send(deletion(id, 11), never))) < 300, true, id);
  assert.equal(await listed(await sink.inventory(etag, never)), []);
  const buried = await sink.send(article("a", 10), never);
  assert.is(buried.kind === "answer" && buried.version, 11);
  await sink.close();
  await close();
});

test("in batches: the same, and each line by itself", async () => {
  const { inserter, close } = await startReference({ batch: 500 });
  const { sink } = makeSink({ url: inserter.url });
  const empty = await sink.inventory(null, never);
  assert.is(empty.kind === "listing" && empty.batch, 500);
  if (empty.kind === "listing") for await (const _ of empty.pages);

  const many = Array.from({ length: 400 }, (_, index) => article(`id-${index}`, 100 + index));
  const stored = await sink.sendBatch(many, never);
  assert.is(stored.whole.kind === "answer" && stored.whole.status, 200);
  assert.ok(stored.lines.every((line) => line !== null && line.status < 300));
  assert.is((await listed(await sink.inventory(null, never))).length, 400);

  const wrong = { ...article("bad", 2_000), digest: "0".repeat(64) };
  const mixed = await sink.sendBatch(
    [
      article("id-1", 1),
      deletion("id-2", 3_000),
      wrong,
      deletion("never-there", 3_001),
      article("new \u{1f600}", 3_002),
    ],
    never,
  );
  assert.equal(
    mixed.lines.map((line) => line?.status),
    [412, mixed.lines[1]?.status, 400, 404, mixed.lines[4]?.status],
  );
  assert.ok([1, 4].every((index) => Number(mixed.lines[index]?.status) < 300));
  assert.is(mixed.lines[0]?.version, 101);
  assert.is.not(mixed.lines[2]?.excerpt, "");
  await sink.close();
  await close();
});

test("a token, right and wrong", async () => {
  const { inserter, close } = await startReference({ token: () => "right-token" });
  const send = async (token: string): Promise<number | string> => {
    const { sink } = makeSink({ url: inserter.url, token: { env: "T" } }, { environment: { T: token } });
    const status = await statusOf(sink.send(article("a", 1), never));
    await sink.close();
    return status;
  };
  assert.is(await send("wrong-token"), 401);
  assert.is(Number(await send("right-token")) < 300, true);
  await close();
});

test("an inserter that went away and came back", async () => {
  const first = await startReference();
  const port = Number(new URL(first.inserter.url).port);
  const { sink } = makeSink({ url: first.inserter.url });
  await Promise.all(["a", "b", "c"].map((id) => sink.send(article(id, 1), never)));
  await first.close();
  const gone = await sink.send(article("a", 2), never);
  assert.is(gone.kind === "failure" && gone.why, "connect");
  const second = await startReference({ port });
  assert.is(Number(await statusOf(sink.send(article("a", 2), never))) < 300, true);
  await sink.close();
  await second.close();
});

test.run();
