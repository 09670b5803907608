import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { UsageError } from "../../../src/errors.ts";

const cli = suite("command line");

function failureOf(...argv: string[]): UsageError {
  try {
    parseCommandLine(argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`took ${argv.join(" ")}`);
}

cli("runs the daemon when nothing is said", () => {
  const { command, args, flags } = parseCommandLine([]);
  assert.is(command, "run");
  assert.equal(args, []);
  assert.equal(flags, {
    config: null,
    noConfig: false,
    preset: null,
    repo: null,
    inserter: null,
    state: null,
    logLevel: null,
    logFormat: null,
    lang: null,
    json: false,
    waitMs: 30_000,
    full: false,
    allowMassDelete: false,
    exitCode: false,
    worktree: false,
    strict: false,
    kubernetes: false,
    deno: false,
    format: "pretty",
    db: null,
    tokenFile: null,
    listen: { host: "127.0.0.1", port: 8081 },
    allowedHosts: [],
    store: null,
    index: "articles",
    storeAuth: null,
    storeCa: null,
    storeCert: null,
    storeKey: null,
    storeTimeoutMs: 10_000,
    mapping: null,
  });
});

cli("reads flags before and after the command, long, short and joined", () => {
  for (const argv of [
    ["-c", "a.ts", "once", "--repo=/r", "-i", "http://h/p", "-sx.sqlite"],
    ["once", "--config", "a.ts", "-r/r", "--inserter=http://h/p", "--state", "x.sqlite"],
  ]) {
    const { command, flags } = parseCommandLine(argv);
    assert.is(command, "once");
    const { config, repo, inserter, state } = flags;
    assert.equal(
      { config, repo, inserter, state },
      { config: "a.ts", repo: "/r", inserter: "http://h/p", state: "x.sqlite" },
    );
  }
});

cli("reads what each command takes", () => {
  assert.equal(parseCommandLine(["once", "--full", "a", "b c"]).args, ["a", "b c"]);
  assert.equal(parseCommandLine(["once", "--full", "--", "--odd-id"]).args, ["--odd-id"]);
  assert.is(parseCommandLine(["once", "--wait", "2m"]).flags.waitMs, 120_000);
  assert.is(parseCommandLine(["once", "--wait=1500"]).flags.waitMs, 1500);
  assert.is(parseCommandLine(["once", "--wait", "0s"]).flags.waitMs, 0);
  assert.equal(parseCommandLine(["explain", "posts/a.md"]).args, ["posts/a.md"]);
  assert.is(parseCommandLine(["check", "--format", "sarif"]).flags.format, "sarif");
  assert.is(parseCommandLine(["check", "--json"]).flags.format, "json");
  assert.equal(parseCommandLine(["inserter", "--listen", "[::]:0"]).flags.listen, { host: "::", port: 0 });
});

cli("gives help and version before anything else is looked at", () => {
  assert.equal(parseCommandLine(["--help"]).args, []);
  assert.equal(parseCommandLine(["once", "-h"]).args, ["once"]);
  assert.equal(parseCommandLine(["help", "once"]).args, ["once"]);
  assert.is(parseCommandLine(["explain", "--help"]).command, "help");
  assert.is(parseCommandLine(["-V"]).command, "version");
});

const wrong: [argv: string[], message: string, hint: string][] = [
  [["statsu"], 'Unknown command "statsu"', 'Did you mean "status"?'],
  [["posts/a.md"], 'Unknown command "posts/a.md"', 'Commands are "run", "once", "plan"'],
  [["once", "--ful"], "Unknown option --ful", "Did you mean --full?"],
  [["-x"], "Unknown option -x", '"sync-agent --help" lists all options.'],
  [["--wait", "3s"], '--wait is no option of "run"', 'It belongs to "once".'],
  [
    ["run", "--worktree", "--state", "s"],
    "--worktree and --state contradict each other",
    "nothing of them is stored",
  ],
  [["plan", "--worktree"], '--worktree is no option of "plan"', 'It belongs to "run", "check".'],
  [["--config"], "--config needs a value: --config FILE", ""],
  [
    ["--config", "--json"],
    "--config needs a value: --config FILE",
    'For a value that begins with "-" write --config=--json',
  ],
  [["-c", ""], "-c needs a value, but got an empty one", ""],
  [["plan", "--json=yes"], '--json takes no value, but got "yes"', ""],
  [["once", "--wait", "soon"], '--wait: found "soon", allowed: a duration like "250ms"', ""],
  [["once", "a"], 'once takes no arguments, but got "a"', "sync-agent once --full a"],
  [["plan", "a", "b"], 'plan takes no arguments, but got "a" "b"', "Usage: sync-agent plan"],
  [["explain"], "explain needs the path of a file", "Usage: sync-agent explain PATH"],
  [["status", "a", "b"], 'status takes one argument, but got "a" "b"', "Usage: sync-agent status [PATH]"],
  [["explain", "a", "b"], 'explain takes one argument, but got "a" "b"', "Usage"],
  [
    ["-i", "localhost:80"],
    '-i: found "localhost:80", allowed: a URL like "http://localhost:8081/post", or "embedded"',
    "",
  ],
  [["-i", "http://me:pw@h/?x"], '-i: found "http://[redacted]@h/?x", allowed: a URL without "?" and "#"', ""],
  [["--log-level", "warning"], '--log-level: found "warning", allowed: "debug", "info", "warn", "error"', ""],
  [["check", "--format", "sarfi"], '(did you mean "sarif"?)', ""],
  [["check", "--json", "--format=github"], "--json and --format github contradict each other", ""],
  [["inserter", "--listen", "8081"], '--listen: found "8081", allowed: HOST:PORT', ""],
];

for (const [argv, message, hint] of wrong) {
  cli(`refuses ${argv.join(" ")}`, () => {
    const failure = failureOf(...argv);
    assert.ok(failure.message.includes(message), `wanted: ${message}\n   got: ${failure.message}`);
    assert.ok(failure.hint.includes(hint), `wanted: ${hint}\n   got: ${failure.hint}`);
    const { message: japanese, hint: advice } = failure.in("ja");
    assert.match(japanese, /[ぁ-ん]/);
    if (failure.hint !== "") assert.match(advice, /[ぁ-ん]/);
    assert.not.match(japanese + advice, /pw|allowed|did you|takes|needs/i);
  });
}

cli("lets init derive one thing at a time, and gives it a configuration only then", () => {
  assert.is(parseCommandLine(["init", "--deno", "-c", "x.ts"]).flags.config, "x.ts");
  assert.throws(() => parseCommandLine(["init", "--kubernetes", "--deno"]), /contradict each other/);
  assert.throws(() => parseCommandLine(["init", "-c", "x.ts"]), /--config means nothing to "init" alone/);
});

cli.run();
