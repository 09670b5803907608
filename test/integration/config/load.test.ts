import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LoadInput, loadSettings, type SettingFlags } from "../../../src/config/load.ts";
import type { Settings } from "../../../src/config/settings.ts";
import { UsageError } from "../../../src/errors.ts";

const url = "http://localhost:8081/post";
const noFlags: SettingFlags = {
  config: null,
  repo: null,
  inserter: null,
  state: null,
  logLevel: null,
  logFormat: null,
};

interface Context {
  /** A folder of its own, with a `.git`, so that the search ends there. */
  root: string;
}

const loading = suite<Context>("loading settings");

loading.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sync-agent-config-"));
  mkdirSync(join(context.root, ".git"));
});
loading.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function load(
  cwd: string,
  flags: Partial<SettingFlags> = {},
  more: Partial<LoadInput> = {},
): Promise<Settings> {
  return loadSettings({ flags: { ...noFlags, ...flags }, cwd, env: { HOME: "/home/someone" }, ...more });
}

async function failure(...args: Parameters<typeof load>): Promise<UsageError> {
  try {
    await load(...args);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("loaded");
}

const ts = `import type { SyncConfig } from "sync-agent";
const poll: string = "7s";
export default { poll, inserter: { url: "${url}" } } satisfies object as SyncConfig;
`;
const js = `export default { poll: "7s", inserter: { url: "${url}" } };\n`;
const cjs = `module.exports = { poll: "7s", inserter: { url: "${url}" } };\n`;
const json = JSON.stringify({ poll: "7s", inserter: { url } });
const yaml = `# comment\npoll: 7s\ninserter:\n  url: ${url}\n`;
const formats: [name: string, text: string][] = [
  ["sync.config.ts", ts],
  ["sync.config.mts", ts],
  ["sync.config.js", js],
  ["sync.config.js", cjs],
  ["sync.config.mjs", js],
  ["sync.config.json", json],
  ["sync.config.json", `\uFEFF${json}`],
  ["sync.config.yaml", yaml],
  ["sync.config.yml", yaml],
];
const packages = [null, '{"type":"module"}', '{"type":"commonjs"}', '{"name":"x"}'];

for (const [name, text] of formats) {
  for (const pack of packages) {
    loading(
      `takes ${name} (${text.slice(0, 14).trim()}...) beside package.json ${pack}`,
      async ({ root }) => {
        write(root, { [name]: text, ...(pack !== null && { "package.json": pack }) });
        const settings = await load(root);
        assert.is(settings.file, join(root, name));
        assert.is(settings.pollMs, 7000);
        assert.is(settings.inserter.url, url);
      },
    );
  }
}

loading("prefers the first of the documented names", async ({ root }) => {
  write(root, { "sync.config.yaml": yaml, "sync.config.ts": ts });
  assert.is((await load(root)).file, join(root, "sync.config.ts"));
});

loading("waits for top-level await, runs what is imported from beside it", async ({ root }) => {
  write(root, {
    "package.json": '{"type":"commonjs"}',
    "sync.config.ts": `import { poll } from "./settings/poll.ts";\nimport names from "./names.json" with { type: "json" };\nconst url = await Promise.resolve("${url}");\nexport default { poll, owner: names.owner, inserter: { url } };\n`,
    "settings/poll.ts": 'export const poll: string = "9s";\n',
    "names.json": '{"owner":"docs"}',
  });
  const settings = await load(root);
  assert.is(settings.pollMs, 9000);
  assert.is(settings.owner, "docs");
});

loading("imports packages from the configuration's own node_modules", async ({ root }) => {
  write(root, {
    "node_modules/wait/package.json": '{"name":"wait","type":"module","exports":"./index.js"}',
    "node_modules/wait/index.js": 'export const poll = "3s";\n',
    "sync.config.ts": `import { poll } from "wait";\nexport default { poll, inserter: { url: "${url}" } };\n`,
  });
  assert.is((await load(root)).pollMs, 3000);
});

loading("reads the files anew each time, those it imports too", async ({ root }) => {
  const main = `import { poll } from "./poll.ts";\nexport default { poll, inserter: { url: "${url}" } };\n`;
  write(root, { "sync.config.ts": main, "poll.ts": 'export const poll = "1s";\n' });
  assert.is((await load(root)).pollMs, 1000);
  write(root, { "poll.ts": 'export const poll = "2s";\n' });
  assert.is((await load(root)).pollMs, 2000);
  write(root, { "sync.config.ts": main.replace("poll,", 'poll: "4s",') });
  assert.is((await load(root)).pollMs, 4000);
  rmSync(join(root, "sync.config.ts"));
  write(root, { "sync.config.js": cjs });
  assert.is((await load(root)).pollMs, 7000);
  write(root, { "sync.config.js": cjs.replace("7s", "8s") });
  assert.is((await load(root)).pollMs, 8000);
});

loading("searches upward to the root of the repository, no further", async ({ root }) => {
  const inner = join(root, "inner");
  write(root, { "sync.config.yaml": yaml, "docs/guide/a.md": "", "inner/sub/b.md": "" });
  assert.is((await load(join(root, "docs/guide"))).file, join(root, "sync.config.yaml"));
  writeFileSync(join(inner, ".git"), "gitdir: ../elsewhere\n");
  assert.is((await load(join(inner, "sub"))).file, null);
});

loading("searches upward to the root of the package, no further", async ({ root }) => {
  write(root, { "sync.config.yaml": yaml, "pack/package.json": "{}", "pack/src/a.md": "" });
  assert.is((await load(join(root, "pack/src"))).file, null);
  write(root, { "pack/sync.config.yml": yaml });
  assert.is((await load(join(root, "pack/src"))).file, join(root, "pack/sync.config.yml"));
});

loading("looks nowhere above a folder that belongs to nothing", async ({ root }) => {
  rmSync(join(root, ".git"), { recursive: true });
  write(root, { "sync.config.yaml": yaml, "docs/a.md": "" });
  assert.match(
    (await failure(join(root, "docs"))).message,
    "Neither a configuration file nor a Git repository",
  );
  assert.is((await load(root)).file, join(root, "sync.config.yaml"));
});

loading("does without a file: the repository around, the embedded inserter", async ({ root }) => {
  write(root, { "docs/a.md": "" });
  const settings = await load(join(root, "docs"));
  assert.is(settings.file, null);
  assert.is(settings.repo, root);
  assert.is(settings.inserter.url, "embedded");
  const flagged = await load(join(root, "docs"), { repo: "..", inserter: "http://me:pw@h/post/" });
  assert.is(flagged.repo, root);
  assert.is(flagged.inserter.url, "http://h/post");
  assert.is(flagged.inserter.basic, "me:pw");
});

loading("requires inserter.url once there is a file, from file or flag", async ({ root }) => {
  write(root, { "sync.config.yaml": "poll: 5s\n" });
  assert.match((await failure(root)).message, "inserter.url: missing");
  assert.is((await load(root, { inserter: "embedded" })).inserter.url, "embedded");
  write(root, { "sync.config.yaml": "inserter:\n" });
  assert.match((await failure(root)).message, "inserter.url: missing");
});

loading("takes paths in the file relative to it, paths in flags relative to here", async ({ root }) => {
  const config = {
    repo: "../repo",
    state: "s/a.sqlite",
    inserter: { url, token: { file: "token" }, tls: { ca: "/ca.pem" } },
  };
  write(root, { "conf/my.json": JSON.stringify(config), "here/a": "" });
  const options = { secretsRequired: false };
  const here = join(root, "here");
  const settings = await load(here, { config: "../conf/my.json" }, options);
  assert.is(settings.repo, join(root, "repo"));
  assert.is(settings.state, join(root, "conf/s/a.sqlite"));
  assert.equal(settings.inserter.token, { file: join(root, "conf/token") });
  assert.is(settings.inserter.tls.ca, "/ca.pem");
  const flagged = await load(here, { config: "../conf/my.json", repo: "r", state: "x.sqlite" }, options);
  assert.is(flagged.repo, join(here, "r"));
  assert.is(flagged.state, join(here, "x.sqlite"));
  assert.is((await load(here, { config: "../conf/my.json", state: ":memory:" }, options)).state, ":memory:");
});

loading("lets a flag beat the file, and the file the default", async ({ root }) => {
  write(root, { "sync.config.json": JSON.stringify({ inserter: { url }, log: { level: "warn" } }) });
  assert.equal((await load(root)).log, { level: "warn", format: "auto" });
  const flagged = await load(root, { logLevel: "debug", logFormat: "json", inserter: "http://other/" });
  assert.equal(flagged.log, { level: "debug", format: "json" });
  assert.is(flagged.inserter.url, "http://other");
});

loading("fills in every default", async ({ root }) => {
  write(root, { "sync.config.json": JSON.stringify({ inserter: { url } }) });
  const { articles, inserter, ...rest } = await load(root);
  assert.equal(articles, {
    include: ["**/*.md"],
    exclude: ["**/README.md"],
    maxSizeBytes: 1_048_576,
    html: "safe",
    future: "publish",
    keys: {
      id: null,
      title: null,
      date: null,
      updated: null,
      description: null,
      cover: null,
      tags: null,
      isExternal: null,
      externalURL: null,
      draft: null,
    },
    timezone: "UTC",
    attributes: null,
    schema: null,
    map: null,
    format: "markdown",
    frontMatter: null,
    markdown: "commonmark",
    math: false,
    containers: false,
    preset: null,
    links: { article: null, asset: null },
  });
  assert.equal(inserter, {
    url,
    basic: null,
    token: null,
    headers: {},
    tls: { ca: null, cert: null, key: null },
    timeoutMs: 10_000,
    concurrency: 8,
    ratePerSecond: 0,
    batch: "auto",
    retry: { minMs: 200, maxMs: 60_000 },
    allowedHosts: [],
  });
  const { state, olderState, ...others } = rest;
  assert.match(olderState ?? "", /\/sync-agent-[0-9a-f]{12}\.sqlite$/);
  assert.is.not(olderState, state);
  assert.match(state, /^\/home\/someone\/\.local\/state\/sync-agent\/sync-agent-[0-9a-f]{12}\.sqlite$/);
  assert.equal(others, {
    file: join(root, "sync.config.json"),
    repo: "/tmp/git/repo",
    ref: "HEAD",
    owner: null,
    pollMs: 5000,
    driftMs: 60_000,
    resyncMs: 3_600_000,
    startup: "verify",
    prune: { scope: "owned", maxFraction: 0.5 },
    status: null,
    log: { level: "info", format: "auto" },
    store: null,
  });
});

loading("names values that contradict each other", async ({ root }) => {
  const inserter = {
    url: "http://me:pw@h/post",
    token: { env: "T" },
    headers: { authorization: "hunter2" },
    tls: { cert: "c.pem" },
    retry: { min: "2m" },
  };
  write(root, { "sync.config.json": JSON.stringify({ inserter }) });
  assert.is(
    (await failure(root)).message,
    [
      `${join(root, "sync.config.json")}: not valid (3 faults)`,
      "  inserter.retry: found min 120000 ms, max 60000 ms, allowed: min at most max",
      "  inserter.tls: found one of cert and key, allowed: both or neither",
      "  inserter: found inserter.token and credentials in inserter.url and inserter.headers.authorization, allowed: one way to authorize",
    ].join("\n"),
  );
});

loading("requires secrets and certificates to be at hand, unless told otherwise", async ({ root }) => {
  const inserter = {
    url,
    token: { env: "SYNC_TOKEN" },
    headers: { "X-A": { file: "a" } },
    tls: { ca: "ca.pem" },
  };
  write(root, { "sync.config.json": JSON.stringify({ inserter }) });
  assert.is(
    (await failure(root)).message,
    [
      `${join(root, "sync.config.json")}: not valid (3 faults)`,
      "  inserter.token: environment variable SYNC_TOKEN is not set, or empty",
      `  inserter.headers.X-A: cannot read ${join(root, "a")}: it does not exist`,
      `  inserter.tls.ca: cannot read ${join(root, "ca.pem")}: it does not exist`,
    ].join("\n"),
  );
  assert.equal((await load(root, {}, { secretsRequired: false })).inserter.token, { env: "SYNC_TOKEN" });
  write(root, { a: "x", "ca.pem": "x" });
  assert.ok(await load(root, {}, { env: { SYNC_TOKEN: "t", HOME: "/" } }));
});

loading("does not pass over a file that it cannot read", async ({ root }) => {
  symlinkSync("..data/nowhere", join(root, "sync.config.yaml"));
  assert.is(
    (await failure(root)).message,
    `Cannot read the configuration file ${join(root, "sync.config.yaml")}: it does not exist`,
  );
  rmSync(join(root, "sync.config.yaml"));
  mkdirSync(join(root, "sync.config.yaml"));
  assert.match((await failure(root)).message, /: it is a directory$/);
  rmSync(join(root, "sync.config.yaml"), { recursive: true });
  write(root, { "sync.config.yaml": yaml });
  chmodSync(join(root, "sync.config.yaml"), 0o000);
  // Root reads what nobody may.
  if (process.getuid?.() !== 0) assert.match((await failure(root)).message, /: permission denied$/);
});

loading("does not take an empty file for none", async ({ root }) => {
  write(root, { "sync.config.ts": " \n" });
  assert.is((await failure(root)).message, `${join(root, "sync.config.ts")} is empty`);
});

loading("names other kinds of files that --config may not be", async ({ root }) => {
  write(root, { "a.toml": "x = 1" });
  assert.match(
    (await failure(root, { config: "a.toml" })).message,
    'found the extension ".toml", allowed: ".ts"',
  );
  assert.match((await failure(root, { config: "nope.ts" })).message, /nope\.ts: it does not exist$/);
});

loading("says when package.json keeps it from searching, and works with --config then", async ({ root }) => {
  // cosmiconfig looks into the package.json of the directory that the process stands in.
  const before = process.cwd();
  write(root, { "package.json": "{ no json", "sync.config.yaml": yaml });
  process.chdir(root);
  try {
    const { message, hint } = await failure(root);
    assert.match(message, `Cannot look for a configuration file in ${root}: JSON Error in`);
    assert.match(hint, "--config FILE");
    assert.is((await load(root, { config: "sync.config.yaml" })).pollMs, 7000);
  } finally {
    process.chdir(before);
  }
});

loading.run();
