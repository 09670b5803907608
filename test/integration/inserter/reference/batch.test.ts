import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Answer, ndjson, type Reference, sha256, startReference } from "../../../support/reference.ts";

interface Context {
  at: Reference;
}

const batch = suite<Context>("reference inserter: batch");

batch.before.each(async (context) => {
  context.at = await startReference({ batch: 10 });
});
batch.after.each(({ at }) => at.close());

const post = (at: Reference, body: string | Uint8Array): Promise<Answer> =>
  at.call("POST", "/post/_batch", { body, headers: { "content-type": "application/x-ndjson" } });

batch("does each operation, and answers them in order", async ({ at }) => {
  await at.put({ id: "old" }, 1);
  const answer = await post(
    at,
    ndjson(
      { upsert: { id: "a", title: "A" }, version: 5, owner: "me", digest: sha256('{"id":"a","title":"A"}') },
      { delete: "old", version: 5, owner: "me" },
      { delete: "never", version: 5 },
      { upsert: { id: "b" } },
      { upsert: { id: "a", title: "A2" }, version: 6 },
    ),
  );
  assert.is(answer.status, 200);
  assert.is(answer.headers["content-type"], "application/x-ndjson");
  assert.equal(answer.lines(), [
    { id: "a", status: 200 },
    { id: "old", status: 204 },
    { id: "never", status: 404 },
    { id: "b", status: 200 },
    { id: "a", status: 200 },
  ]);
  assert.is((await at.call("GET", "/post/a")).text, '{"id":"a","title":"A2"}');
  assert.is((await at.put({ id: "old" }, 4)).status, 412);
  assert.is((await at.put({ id: "never" }, 4)).status, 412);
});

batch("what is wrong with one line stays with it", async ({ at }) => {
  await at.put({ id: "newer" }, 9);
  const lines = [
    '{"upsert":{"id":"good"},"version":1}',
    "{broken",
    "[]",
    '{"upsert":{"title":"no id"}}',
    '{"upsert":{"id":"newer"},"version":8}',
    '{"delete":"newer","version":8}',
    '{"neither":1}',
    `{"upsert":{"id":"liar"},"digest":"${sha256("other")}"}`,
    '{"upsert":{"id":"odd"},"version":8,"owner":"two\\nlines"}',
    '{"delete":"good","version":2}',
  ];
  const answers = (await post(at, lines.join("\n"))).lines();
  assert.equal(
    answers.map(({ id, status }) => [id, status]),
    [
      ["good", 200],
      [null, 400],
      [null, 400],
      [null, 422],
      ["newer", 412],
      ["newer", 412],
      [null, 400],
      ["liar", 400],
      ["odd", 400],
      ["good", 204],
    ],
  );
  for (const answer of answers) {
    assert.is(typeof answer.error === "string", answer.status >= 400, JSON.stringify(answer));
    assert.is(answer.version, answer.status === 412 ? 9 : undefined);
  }
  assert.equal(
    (await at.inventory()).lines().map((line) => line.id),
    [undefined, "newer", undefined],
  );
});

batch("the digest is that of the canonical payload, whatever its keys look like", async ({ at }) => {
  for (const canonical of [
    '{"10":1,"9":2,"id":"digits"}',
    '{"a":[1,2.5,1e+30,null,true],"id":"values","€":"\\u000f\\n"}',
    '{"__proto__":{"x":1},"id":"proto"}',
  ]) {
    const digest = sha256(canonical);
    const [answer] = (await post(at, `{"digest":"${digest}","upsert":${canonical},"version":1}`)).lines();
    assert.is(answer.status, 200, answer.error);
    const read = await at.call("GET", `/post/${answer.id}`);
    assert.is(read.text, canonical);
    assert.is(read.headers["sync-digest"], digest);
  }
  const [answer] = (await post(at, '{"upsert":{"title":"T","id":"sorted"}}')).lines();
  assert.is(answer.status, 200);
  assert.is((await at.call("GET", "/post/sorted")).text, '{"id":"sorted","title":"T"}');
});

batch("a batch and a post of the same article leave the same", async ({ at }) => {
  const payload = { id: "a", tags: ["x"], title: "A" };
  await at.put(payload, 3, "me");
  const { etag } = (await at.inventory()).headers;
  await post(at, ndjson({ upsert: payload, version: 3, owner: "me" }));
  assert.is((await at.inventory()).headers.etag, etag);
});

batch("too many operations, or too many bytes, are refused as a whole", async ({ at }) => {
  const eleven = ndjson(...Array.from({ length: 11 }, (_, n) => ({ upsert: { id: `n${n}` } })));
  const many = await post(at, eleven);
  assert.is(many.status, 413);
  assert.match(many.json().error, "11 operations, more than 10");
  const large = await post(at, `{"upsert":{"id":"a","body":"${"x".repeat(8 * 1024 * 1024)}"}}`);
  assert.is(large.status, 413);
  assert.is((await post(at, new Uint8Array([0xff]))).status, 400);
  assert.is((await at.inventory()).lines().length, 2);
  assert.is((await post(at, `\n${eleven.split("\n").slice(0, 10).join("\r\n\n")}\n\n`)).lines().length, 10);
});

batch("an empty batch has an empty answer", async ({ at }) => {
  const answer = await post(at, "");
  assert.is(answer.status, 200);
  assert.is(answer.text, "");
});

batch("a database that fails acknowledges nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inserter-"));
  const db = join(folder, "a.sqlite");
  const at = await startReference({ db });
  const other = new DatabaseSync(db);
  try {
    other.exec(`CREATE TRIGGER full BEFORE INSERT ON article WHEN NEW.id = 'second'
      BEGIN SELECT RAISE(ABORT, 'disk is full'); END`);
    const answer = await post(at, ndjson({ upsert: { id: "first" } }, { upsert: { id: "second" } }));
    assert.is(answer.status, 503);
    assert.match(answer.json().error, "disk is full");
    assert.is((await at.inventory()).lines().length, 2, "the first is rolled back");
  } finally {
    other.close();
    await at.close();
    rmSync(folder, { recursive: true });
  }
});

batch("an inserter without batches says so", async () => {
  const at = await startReference({ batch: 0 });
  try {
    assert.is((await post(at, "")).status, 405);
    assert.equal((await at.inventory()).lines()[0], { inventory: 1, batch: 0 });
  } finally {
    await at.close();
  }
});

batch.run();
