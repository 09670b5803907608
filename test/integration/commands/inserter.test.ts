/** `sync-agent inserter`: what its options change. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { inserter } from "../../../src/commands/inserter.ts";
import { UsageError } from "../../../src/errors.ts";
import { type TestIo, testIo } from "../../support/io.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { waitFor } from "../../support/wait.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
  token: string;
}

const test = suite<Context>("inserter");

test.before.each((context) => {
  context.folder = temporaryFolder();
  context.token = join(context.folder.path, "token");
});
test.after.each(({ folder }) => folder.remove());

/** The command while `work` is done, given its URL. @returns What it logged. */
async function serving(
  io: TestIo,
  argv: readonly string[],
  work: (url: string) => Promise<void>,
): Promise<string> {
  const invocation = parseCommandLine(["inserter", ...argv]);
  const ended = inserter(invocation, io);
  try {
    await Promise.race([waitFor(() => io.written.stdout.endsWith("\n"), "its URL"), ended]);
    await work(io.written.stdout.trim());
  } finally {
    io.end();
    assert.is(await ended, 0);
  }
  return io.written.stderr;
}

const post = async (url: string, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(url, { method: "POST", headers, body: '{"id":"a"}' })).status;
};

test("a token file guards writes and the inventory, and is read again when it changes", async ({
  folder,
  token,
}) => {
  writeFileSync(token, "first-token\n");
  const io = testIo(folder.path);
  const logged = await serving(io, ["--listen", "127.0.0.1:0", "--token-file", "token"], async (url) => {
    assert.is(await post(url, "wrong"), 401);
    assert.is(await post(url, "first-token"), 201);
    const headers = { accept: "application/x-ndjson" };
    assert.is((await fetch(url, { headers })).status, 401);
    assert.is((await fetch(`${url}/a`)).status, 200);
    writeFileSync(token, "");
    await waitFor(async () => (await post(url, "first-token")) === 503, "the empty file to be seen");
    writeFileSync(token, "the-second-token\n");
    await waitFor(async () => (await post(url, "the-second-token")) === 200, "the new token");
    assert.is(await post(url, "first-token"), 401);
  });
  assert.not.match(logged, "inserter.open");
  assert.not.match(logged, /first-token|the-second-token/);
});

test("listening beyond loopback without a token is warned about", async ({ folder, token }) => {
  const open = testIo(folder.path);
  assert.match(await serving(open, ["--listen", "0.0.0.0:0"], async () => {}), '"inserter.open"');
  writeFileSync(token, "x");
  for (const argv of [
    ["--listen", "0.0.0.0:0", "--token-file", token],
    ["--listen", "127.0.0.1:0"],
  ]) {
    assert.not.match(await serving(testIo(folder.path), argv, async () => {}), "inserter.open");
  }
});

test("a token file that cannot be used is an error at the start", async ({ folder, token }) => {
  for (const text of [null, "", " \n", "two words"]) {
    if (text !== null) writeFileSync(token, text);
    const invocation = parseCommandLine(["inserter", "--listen", "127.0.0.1:0", "--token-file", "token"]);
    const error = await inserter(invocation, testIo(folder.path)).catch((error: unknown) => error);
    assert.instance(error, UsageError);
    assert.match(String(error), "Cannot use the token file");
  }
});

test.run();
