/** The embedded inserter, and `sync-agent inserter`, on a search engine. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { inserter } from "../../../src/commands/inserter.ts";
import { UsageError } from "../../../src/errors.ts";
import { EngineDouble } from "../../support/engine-double.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";
import { waitFor } from "../../support/wait.ts";

const main = resolve(import.meta.dirname, "../../../src/main.ts");

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
  engine: EngineDouble;
  url: string;
}

const test = suite<Context>("a store of the inserter");

test.before.each(async (context) => {
  context.folder = temporaryFolder();
  context.engine = new EngineDouble();
  context.url = await context.engine.start();
});
test.after.each(async ({ folder, engine }) => {
  await engine.stop();
  folder.remove();
});

async function run(
  { folder }: Context,
  ...argv: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env["PATH"], HOME: folder.path };
  const child = spawn(process.execPath, [main, ...argv], {
    cwd: folder.path,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  const code = child.exitCode ?? (await new Promise<number>((done) => child.on("close", done)));
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

function configure({ folder }: Context, elasticsearch: object, others: object = {}): void {
  const config = {
    repo: "repo",
    inserter: { url: "embedded", store: { elasticsearch }, ...others },
    state: "state.sqlite",
  };
  writeFileSync(join(folder.path, "sync.config.json"), JSON.stringify(config));
}

const article = (id: string): string => `---\nid: ${id}\ntitle: T\ndate: 2026-01-02\n---\nText.\n`;

test("the embedded inserter keeps its articles in the store, and the state knows which", async (context) => {
  const { folder, engine, url } = context;
  new Repository(join(folder.path, "repo")).commit({ "a.md": article("a"), "b.md": article("b") });
  const ids = (index: string): string[] => [...(engine.index(index)?.documents.keys() ?? [])].sort();

  configure(context, { url: [url], index: "articles" });
  const planned = await run(context, "plan", "--exit-code", "--config", "sync.config.json");
  assert.is(planned.code, 3, planned.stderr);
  assert.is(engine.indices.size, 0, "a plan makes nothing");

  const first = await run(context, "once", "--config", "sync.config.json");
  assert.is(first.code, 0, first.stderr);
  assert.equal(ids("articles"), ["a", "b"]);
  const writes = engine.asked(/_bulk$/).length;
  assert.is((await run(context, "once", "--config", "sync.config.json")).code, 0);
  assert.is(engine.asked(/_bulk$/).length, writes, "nothing is sent twice");

  configure(context, { url: [url], index: "elsewhere" });
  assert.is((await run(context, "once", "--config", "sync.config.json")).code, 0);
  assert.equal(ids("elsewhere"), ["a", "b"]);
});

test("what contradicts itself in inserter.store is reported", async (context) => {
  new Repository(join(context.folder.path, "repo")).commit({ "a.md": article("a") });
  for (const [elasticsearch, others, words] of [
    [{ url: "http://h:9200" }, { url: "http://h/post" }, /inserter\.store: found beside/],
    [{ index: "x" }, {}, /inserter\.store\.elasticsearch\.url: missing/],
    [{ url: "embedded" }, {}, /elasticsearch\.url: .*http:\/\/elasticsearch:9200/],
    [{ url: "http://h:9200", index: "_Upper" }, {}, /elasticsearch\.index/],
    [{ url: "http://me:secret-word@h:9200", auth: { file: "x" } }, {}, /one way to authorize/],
    [{ url: "http://h:9200", tls: { cert: "x" } }, {}, /cert and key/],
    [{ url: "http://h:9200", auth: { file: "absent" } }, {}, /elasticsearch\.auth: cannot read/],
  ] as const) {
    configure(context, elasticsearch, others);
    const { code, stderr } = await run(context, "once", "--config", "sync.config.json");
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
    assert.not.match(stderr, "secret-word");
  }
});

test("inserter --store serves it, with credentials that no output shows", async ({ folder, engine, url }) => {
  const asked = new Set<string>();
  engine.bend = ({ authorization }) => {
    asked.add(authorization);
    return null;
  };
  writeFileSync(join(folder.path, "auth"), "me:planted-password\n");
  writeFileSync(
    join(folder.path, "mapping.json"),
    '{"mappings":{"properties":{"extra":{"type":"keyword"}}}}',
  );
  const io = testIo(folder.path);
  const options = [
    "--index",
    "blog",
    "--store-auth",
    "auth",
    "--mapping",
    "mapping.json",
    "--listen",
    "127.0.0.1:0",
  ];
  const ended = inserter(parseCommandLine(["inserter", "--store", `${url},${url}/`, ...options]), io);
  await waitFor(() => io.written.stdout.endsWith("\n"), "its URL");
  const answer = await fetch(io.written.stdout.trim(), { method: "POST", body: '{"id":"a"}' });
  assert.is(answer.status, 201);
  io.end();
  assert.is(await ended, 0);
  assert.equal([...asked], [`Basic ${Buffer.from("me:planted-password").toString("base64")}`]);
  assert.match(io.written.stderr, '"index":"blog"');
  assert.not.match(io.written.stderr, "planted-password");
  assert.equal(engine.index("blog")?.body.mappings.properties.extra, { type: "keyword" });
});

test("options of a store that contradict each other are errors", async ({ folder }) => {
  const store = ["--store", "http://h:9200"];
  writeFileSync(join(folder.path, "mapping.json"), '{"properties":{}}');
  for (const argv of [
    ["--mapping", "mapping.json"],
    ["--store-auth", "auth"],
    [...store, "--db", "a.sqlite"],
    [...store, "--store-cert", "c.pem"],
    [...store, "--mapping", "mapping.json"],
    [...store, "--mapping", "absent.json"],
    ["--store", "http://me:pass@h:9200", "--store-auth", "auth"],
  ]) {
    const io = testIo(folder.path);
    const error = await inserter(
      parseCommandLine(["inserter", "--listen", "127.0.0.1:0", ...argv]),
      io,
    ).catch((e) => e);
    assert.instance(error, UsageError, argv.join(" "));
  }
  for (const argv of [
    ["--store", "ftp://h"],
    ["--store", "embedded"],
    ["--index", "UPPER"],
  ]) {
    assert.throws(
      () => parseCommandLine(["inserter", ...argv]),
      (error: unknown) => error instanceof UsageError,
    );
  }
});

test.run();
