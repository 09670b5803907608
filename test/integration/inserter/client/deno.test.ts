/** The client under Deno, allowed no more than to reach the inserter and to read its own modules. */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  answer,
  hangUp,
  ndjson,
  type Play,
  silence,
  startScriptedServer,
} from "../../../support/scripted-server.ts";

const test = suite("client: Deno");

const root = resolve(import.meta.dirname, "../../../..");

/** Sends `count` operations, each with the time limit, and then asks for the inventory. */
async function runClient(
  script: readonly Play[],
  count: number,
  timeoutMs: number,
  urlThroughProxy: string | null = null,
) {
  const server = await startScriptedServer(script);
  const flags = ["--no-prompt", "--quiet", "--allow-net=127.0.0.1", `--allow-read=${root}`];
  const program = join(root, "test/support/client-on-deno.ts");
  const child = spawn(
    join(root, "node_modules/.bin/deno"),
    [
      ...["run", ...flags, program],
      ...[urlThroughProxy ?? server.url, String(timeoutMs), String(count)],
      ...(urlThroughProxy === null ? [] : [new URL(server.url).origin]),
    ],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (piece) => {
    stdout += piece;
  });
  child.stderr.on("data", (piece) => {
    stderr += piece;
  });
  const code = await new Promise((end) => child.on("close", end));
  assert.is(stderr, "");
  assert.is(code, 0);
  const connections = server.requests.map(({ connection }) => connection);
  await server.close();
  const replies = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ kind, status, message, ids }) => ids ?? status ?? message ?? kind);
  const targets = server.requests.map(({ target }) => target);
  return { replies, connections, targets };
}

const listing = ndjson([{ inventory: 1 }, { id: "x" }, { end: true, count: 1 }]);

test("a time limit ends a request on a connection that was used before, and nothing is sent twice", async () => {
  // There are two connections: if those of the late ones were not released, the rest would wait.
  const script = [answer(200), silence(), answer(201), silence(), answer(202), listing];
  const { replies, connections } = await runClient(script, 5, 2_000);
  const late = "no answer within 2 s";
  assert.equal(replies, [200, late, 201, late, 202, ["x"]]);
  assert.equal(connections, [1, 1, 2, 2, 3, 3]);
});

test("a connection that was closed while idle is replaced, once", async () => {
  const { replies, connections } = await runClient([answer(200), hangUp(), answer(201), listing], 2, 10_000);
  assert.equal(replies, [200, 201, ["x"]]);
  assert.equal(connections, [1, 1, 2, 2]);
});

test("a proxy for plain HTTP is asked in absolute form", async () => {
  const url = "http://inserter.example/post";
  const { replies, targets } = await runClient([answer(200), answer(201), listing], 2, 10_000, url);
  assert.equal(replies, [200, 201, ["x"]]);
  assert.equal(targets, [url, url, url]);
});

test.run();
