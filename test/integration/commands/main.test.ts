import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../../support/repository.ts";

const main = resolve(import.meta.dirname, "../../../src/main.ts");

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = suite<Context>("program");

program.before.each((context) => {
  context.folder = temporaryFolder();
});
program.after.each(({ folder }) => folder.remove());

function start({ folder }: Context, ...argv: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [main, ...argv], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], HOME: folder.path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => {
    written.stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    written.stderr += chunk;
  });
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code, signal) => done({ code, signal, ...written }));
  });
  return { child, ended };
}

const run = (context: Context, ...argv: string[]): Promise<Ended> => start(context, ...argv).ended;

program("prints version, revision and runtime", async (context) => {
  const { code, stdout, stderr } = await run(context, "--version");
  assert.is(code, 0);
  assert.match(stdout, /^sync-agent \d+\.\d+\.\d+ \(\S+\) on (node|deno) \d+\.\d+\.\d+\n$/);
  assert.is(stderr, "");
});

program("helps on stdout, with exit code 0", async (context) => {
  for (const argv of [["-h"], ["help"], ["once", "--help"]]) {
    const { code, stdout, stderr } = await run(context, ...argv);
    assert.is(code, 0);
    assert.match(stdout, "Usage: sync-agent");
    assert.is(stderr, "");
  }
});

program("ends with 2 and one JSON line for wrong usage", async (context) => {
  for (const [argv, message] of [
    [["statsu"], 'Unknown command "statsu"'],
    [["help", "ples"], 'Unknown command "ples"'],
    [["once", "--wiat", "1s"], "Unknown option --wiat"],
    [["check"], "Neither a configuration file nor a Git repository"],
    [["run"], "Neither a configuration file nor a Git repository"],
  ] as const) {
    const { code, stdout, stderr } = await run(context, ...argv);
    assert.is(code, 2);
    assert.is(stdout, "");
    const line = JSON.parse(stderr);
    assert.is(line.level, "error");
    assert.is(line.event, "usage.error");
    assert.match(line.message, message);
  }
});

program("says errors to people as sentences", async (context) => {
  const { code, stderr } = await run(context, "status", "--log-format", "pretty", "-c", "sync.config.toml");
  assert.is(code, 2);
  assert.match(
    stderr,
    /^error Cannot read the configuration file \S+sync\.config\.toml: it does not exist\n$/,
  );
});

program("ends quietly when nobody reads on", async (context) => {
  const { child, ended } = start(context, "--help");
  child.stdout?.destroy();
  const { code, stderr } = await ended;
  assert.is(code, 0);
  assert.is(stderr, "");
});

program("serves the reference inserter until a signal ends it", async (context) => {
  const { child, ended } = start(context, "inserter", "--listen", "127.0.0.1:0", "--db", "articles.sqlite");
  const url = await new Promise<string>((done) =>
    child.stdout?.once("data", (chunk) => done(String(chunk).trim())),
  );
  const body = JSON.stringify({ id: "a", title: "A", body: "b" });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", body, headers });
  assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
  child.kill("SIGTERM");
  const { code, signal, stderr } = await ended;
  assert.is(code, 0);
  assert.is(signal, null);
  const events = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).event);
  assert.is(events[0], "inserter.serving");
  assert.is(events.at(-1), "inserter.ended");
});

program("ends for SIGINT as for SIGTERM", async (context) => {
  const { child, ended } = start(context, "inserter", "--listen", "127.0.0.1:0");
  await new Promise((done) => child.stdout?.once("data", done));
  child.kill("SIGINT");
  assert.is((await ended).code, 0);
});

program.run();
