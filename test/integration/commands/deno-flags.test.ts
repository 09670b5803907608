/** What `init --deno` makes of a configuration. That it is enough, and not too much, is tested on Deno itself. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { init } from "../../../src/commands/init.ts";
import { UsageError } from "../../../src/errors.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
}

const deno = suite<Context>("init --deno");

deno.before.each((context) => {
  context.folder = temporaryFolder();
  new Repository(join(context.folder.path, "clone"));
  mkdirSync(join(context.folder.path, "config"));
});
deno.after.each(({ folder }) => folder.remove());

/** Values of the flags by their names. */
async function flagsFor(
  dir: string,
  config: object,
  env: Record<string, string> = {},
): Promise<Record<string, readonly string[]>> {
  const file = join(dir, "config", "sync.config.json");
  writeFileSync(file, JSON.stringify({ repo: "../clone", state: "../state/state.sqlite", ...config }));
  const io = testIo(dir, env);
  assert.is(await init(parseCommandLine(["init", "--deno", "-c", file]), io), 0);
  const lines = io.written.stdout.trim().split("\n");
  assert.is(lines[0], "--no-prompt");
  return Object.fromEntries(
    lines.slice(1).map((line) => {
      const [, name = "", values = ""] = /^--allow-(\w+)=(.*)$/.exec(line) ?? [];
      return [name, values.split(",")];
    }),
  );
}

const url = "https://inserter.example.com/post";

deno("allows the repository, the configuration and the state, one host, and sh", async ({ folder }) => {
  const at = (path: string): string => join(folder.path, path);
  const { read, write, net, run, env } = await flagsFor(folder.path, { inserter: { url } });
  assert.equal(read, [at("clone"), at("config"), at("state")]);
  assert.equal(write, [at("state")]);
  assert.equal(net, ["inserter.example.com:443"]);
  assert.equal(run, ["/bin/sh"]);
  assert.not.ok(env?.includes("SYNC_TOKEN"));
});

deno("watches a link from the folder that holds it", async ({ folder }) => {
  const root = join(folder.path, "git");
  mkdirSync(root);
  symlinkSync("../clone", join(root, "repo"));
  const { read } = await flagsFor(folder.path, { repo: "../git/repo", inserter: { url } });
  assert.equal(read?.slice(0, 2), [root, join(folder.path, "clone")]);
  const early = await flagsFor(folder.path, { repo: "../git/absent", inserter: { url } });
  assert.is(early["read"]?.[0], root);
});

deno("allows each secret and certificate by itself", async ({ folder }) => {
  const inserter = {
    url,
    token: { env: "SYNC_TOKEN" },
    headers: { "X-A": { file: "a" }, "X-B": { env: "B" }, "X-C": "c" },
    tls: { ca: "ca.pem" },
  };
  const { read, env } = await flagsFor(folder.path, { inserter });
  for (const name of ["a", "ca.pem"]) assert.ok(read?.includes(join(folder.path, "config", name)), name);
  assert.equal(env?.slice(-2), ["SYNC_TOKEN", "B"]);
});

deno("allows the proxy instead, the status, and the embedded inserter", async ({ folder }) => {
  const status = { listen: "0.0.0.0:9300" };
  const proxied = await flagsFor(
    folder.path,
    { inserter: { url }, status },
    { HTTPS_PROXY: "http://ada:secret@proxy.example.com:3128" },
  );
  assert.equal(proxied["net"], ["proxy.example.com:3128", "0.0.0.0:9300"]);
  const embedded = await flagsFor(folder.path, {
    inserter: { url: "embedded" },
    status: { listen: "[::1]:9300" },
  });
  assert.equal(embedded["net"], ["127.0.0.1", "[::1]:9300"]);
});

deno("writes nowhere for a state in memory", async ({ folder }) => {
  assert.not.ok("write" in (await flagsFor(folder.path, { state: ":memory:", inserter: { url } })));
});

deno("says which path Deno cannot be told", async ({ folder }) => {
  const failed = await flagsFor(folder.path, { state: "../a,b/state.sqlite", inserter: { url } }).catch(
    (error: unknown) => error,
  );
  assert.instance(failed, UsageError);
  assert.match((failed as UsageError).message, "a,b: it takes a comma for the end of a path");
});

deno.run();
