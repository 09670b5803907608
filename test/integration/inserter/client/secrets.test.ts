import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answer, type Play } from "../../../support/scripted-server.ts";
import { never, opener, upsert } from "../../../support/sink.ts";
import { waitFor } from "../../../support/wait.ts";

const test = suite<{ folder: string; file: string }>("client: secrets");
const open = opener(test);

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "client-secrets-"));
  context.file = join(context.folder, "token");
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** Refuses the token that the file holds, and replaces the file while it does. */
function rotate(file: string, secret: string): Play {
  return (socket, request) => {
    writeFileSync(file, secret);
    return answer(401, `not ${request.headers["authorization"] ?? request.headers["x-api-key"]}`)(
      socket,
      request,
    );
  };
}

test("a token file that was replaced is read again after a 401, at once", async ({ file }) => {
  writeFileSync(file, "first-token\n");
  const server = await open.server([
    answer(200),
    rotate(file, "second-token\r\n"),
    answer(201),
    answer(401, "not first-token, not second-token"),
  ]);
  const { sink } = open.sink({ url: server.url, token: { file } });
  assert.is(await status(sink.send(upsert("a"), never)), 200);
  assert.is(await status(sink.send(upsert("b", 5), never)), 201);
  assert.equal(
    server.requests.map(({ headers }) => [headers["authorization"], headers["sync-version"]]),
    [
      ["Bearer first-token", "1"],
      ["Bearer first-token", "5"],
      ["Bearer second-token", "5"],
    ],
  );
  assert.is(server.connections, 1);
  // Still the same token: one request, and neither is shown.
  const reply = await sink.send(upsert("c"), never);
  assert.is(
    reply.kind === "answer" && `${reply.status} ${reply.excerpt}`,
    "401 not [redacted], not [redacted]",
  );
  assert.is(server.requests.length, 4);
});

test("a token file may begin with a byte order mark, and end with blanks and line ends", async ({ file }) => {
  const server = await open.server([answer(200)]);
  for (const written of ["\ufefftoken", "token\n", "token\r\n\r\n", "\ufefftoken \n", "token"]) {
    writeFileSync(file, written);
    const { sink } = open.sink({ url: server.url, token: { file } });
    assert.is(await status(sink.send(upsert("a"), never)), 200, JSON.stringify(written));
    assert.is(server.requests.at(-1)?.headers["authorization"], "Bearer token", JSON.stringify(written));
  }
});

test("reads tokens in headers again too, for inventories and batches", async ({ file }) => {
  writeFileSync(file, "key-one");
  const type = { "content-type": "application/x-ndjson" };
  const server = await open.server([
    rotate(file, "key-two"),
    answer(200, '{"inventory":1}\n{"end":true,"count":0}', type),
    rotate(file, "key-three"),
    answer(200, '{"id":"a","status":200}', type),
    // Whatever one does: not more than one try more.
    rotate(file, "key-four"),
    rotate(file, "key-five"),
  ]);
  const { sink } = open.sink({ url: server.url, headers: { "X-Api-Key": { file } } });
  assert.is((await sink.inventory(null, never)).kind, "listing");
  const { whole } = await sink.sendBatch([upsert("a")], never);
  assert.is(whole.kind === "answer" && whole.status, 200);
  assert.is(await status(sink.send(upsert("a"), never)), 401);
  assert.equal(
    server.requests.map(({ headers }) => headers["x-api-key"]),
    ["key-one", "key-two", "key-two", "key-three", "key-three", "key-four"],
  );
});

test("a token that Kubernetes switches is seen without a 401", async ({ folder, file }) => {
  const publish = (version: string): void => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "token"), `token-${version}`);
    symlinkSync(version, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  publish("v1");
  symlinkSync(join("..data", "token"), file);
  const server = await open.server([answer(200)]);
  const { sink } = open.sink({ url: server.url, token: { file } });
  await sink.send(upsert("a"), never);
  publish("v2");
  const seen = (): string | undefined => server.requests.at(-1)?.headers["authorization"];
  await waitFor(async () => {
    await sink.send(upsert("a"), never);
    return seen() === "Bearer token-v2";
  }, "the new token");
  assert.is(server.requests[0]?.headers["authorization"], "Bearer token-v1");
});

test("a secret that cannot be read stops requests, and says how to fix it", async ({ folder, file }) => {
  const server = await open.server([answer(200)]);
  const sent = async (settings: Parameters<typeof open.sink>[0], environment = {}): Promise<string> => {
    const { sink } = open.sink({ url: server.url, ...settings }, { environment });
    const reply = await sink.send(upsert("a"), never);
    return reply.kind === "failure" ? `${reply.why}: ${reply.message}` : String(reply.status);
  };
  assert.is(
    await sent({ token: { file } }),
    `connect: inserter.token: cannot read ${file}: no such file; it is used as soon as it is there`,
  );
  assert.is(
    await sent({ token: { file: folder } }),
    `connect: inserter.token: cannot read ${folder}: it is a directory; it is used as soon as it is there`,
  );
  writeFileSync(file, "\n");
  assert.is(
    await sent({ headers: { "X-Key": { file } } }),
    `connect: inserter.headers.X-Key: ${file} is empty; write the secret into it`,
  );
  writeFileSync(file, "one\ntwo\n");
  assert.is(
    await sent({ token: { file } }),
    `connect: inserter.token: ${file} contains a line break or control character; it should be one line`,
  );
  const missing =
    "connect: inserter.token: the environment variable TOKEN is not set; set it and start again";
  assert.is(await sent({ token: { env: "TOKEN" } }), missing);
  assert.is(await sent({ token: { env: "TOKEN" } }, { TOKEN: "" }), missing);
  assert.is(server.requests.length, 0);

  // As soon as it is there, it goes on.
  rmSync(file);
  const { sink } = open.sink({ url: server.url, token: { file } });
  assert.is((await sink.send(upsert("a"), never)).kind, "failure");
  writeFileSync(file, "late");
  assert.is(await status(sink.send(upsert("a"), never)), 200);
});

async function status(reply: Promise<{ kind: string; status?: number }>): Promise<number | undefined> {
  return (await reply).status;
}

test.run();
