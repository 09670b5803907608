import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { artefact } from "../support/artefact.ts";
import { Repository, temporaryFolder } from "../support/repository.ts";

const program = artefact();

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
  repository: Repository;
}

const config = suite<Context>(`configuration: ${program.name}`);

config.before.each((context) => {
  context.folder = temporaryFolder();
  context.repository = new Repository(join(context.folder.path, "repo"));
  context.repository.commit({ "a.md": "---\ntitle: A\ndate: 2024-01-02\ndescription: d\n---\ntext\n" });
});
config.after.each(({ folder }) => {
  chmodSync(folder.path, 0o700);
  folder.remove();
});

function write({ folder }: Context, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
}

async function check({ folder, repository }: Context, name: string, cwd = folder.path) {
  const path = join(folder.path, name);
  const permissions = { repo: repository.dir, config: path, inserter: "http://localhost:9/post" };
  return program.run(["check", "--json", "-c", path], { cwd, permissions });
}

const settings = '{ repo: "repo", inserter: { url: "http://localhost:9/post" }, articles: { attributes } }';
const hook = '({ path, attributes }) => ({ id: path + "!", ...attributes })';
const typed =
  '({ path, attributes }: { path: string; attributes: object }): object => ({ id: path + "!", ...attributes })';
const code: [name: string, text: string][] = [
  [
    "sync.config.ts",
    `import type { SyncConfig } from "sync-agent";\nconst attributes = ${typed};\nexport default ${settings} satisfies SyncConfig;\n`,
  ],
  ["sync.config.mts", `const attributes = ${typed};\nexport default ${settings} as unknown;\n`],
  ["sync.config.js", `const attributes = ${hook};\nexport default ${settings};\n`],
  ["sync.config.js", `const { attributes } = require("./hook.cjs");\nmodule.exports = ${settings};\n`],
  ["sync.config.mjs", `const attributes = await Promise.resolve(${hook});\nexport default ${settings};\n`],
  ["sync.config.ts", `import { attributes } from "./hook.ts";\nexport default ${settings};\n`],
];

config("found code is looked at only after it was used, or when it is named", async (context) => {
  write(context, { "sync.config.js": `const attributes = ${hook};\nexport default ${settings};\n` });
  const cwd = context.folder.path;
  const states = join(cwd, "states");
  mkdirSync(states);
  const permissions = { repo: context.repository.dir, state: join(states, "state.sqlite"), write: [states] };
  const run = (...args: string[]) =>
    program.run(args, { cwd, permissions, env: { STATE_DIRECTORY: states } });
  const refused = await run("check");
  assert.is(refused.code, 2);
  assert.match(refused.stderr, "is code that you have not run as it is now");
  // Without it the repository is read as `init` would configure it.
  assert.match((await run("check", "--no-config", "--repo", "repo")).stdout, 'with the preset "plain"');
  // No inserter is there: the configuration was used all the same.
  assert.is((await run("once", "--wait", "0s")).code, 1);
  assert.is((await run("check")).code, 0);
  write(context, {
    "sync.config.js": `const attributes = ${hook};\nexport default ${settings};\n// changed\n`,
  });
  assert.is((await run("check")).code, 2);
});

for (const pack of [null, '{"type":"commonjs"}', '{"type":"module"}']) {
  for (const [name, text] of code) {
    config(
      `${name} beside package.json ${pack}: ${text.slice(0, 24).replace(/\n.*/s, "")}`,
      async (context) => {
        write(context, {
          [name]: text,
          "hook.ts": `export const attributes = ${typed};\n`,
          "hook.cjs": `exports.attributes = ${hook};\n`,
          ...(pack !== null && { "package.json": pack }),
        });
        // Nothing may be written beside a configuration.
        chmodSync(context.folder.path, 0o500);
        const { code, stdout, stderr } = await check(context, name);
        assert.is(stderr, "");
        assert.is(code, 0);
        assert.equal(JSON.parse(stdout).files, [{ path: "a.md", id: "a.md!", outcome: "published" }]);
      },
    );
  }
}

config("JSON and YAML", async (context) => {
  const plain = {
    repo: "repo",
    inserter: { url: "http://localhost:9/post" },
    articles: { exclude: ["a.md"] },
  };
  const yaml = "repo: repo\ninserter:\n  url: http://localhost:9/post\narticles:\n  exclude: [a.md]\n";
  for (const [name, text] of [
    ["sync.config.json", JSON.stringify(plain)],
    ["sync.config.yaml", yaml],
    ["sync.config.yml", yaml],
  ] as const) {
    write(context, { [name]: text });
    const { code, stdout, stderr } = await check(context, name);
    assert.is(stderr, "");
    assert.is(code, 0);
    assert.equal(JSON.parse(stdout).files, []);
  }
});

config("is found from a folder below, up to the root of the repository", async (context) => {
  const { repository } = context;
  write(context, {
    "repo/sync.config.json": JSON.stringify({
      repo: ".",
      inserter: { url: "embedded" },
      articles: { exclude: ["a.md"] },
    }),
    "repo/deep/down/x.txt": "",
  });
  const cwd = join(repository.dir, "deep/down");
  const permissions = { repo: repository.dir, config: join(repository.dir, "sync.config.json") };
  const { code, stdout, stderr } = await program.run(["check", "--json"], { cwd, permissions });
  if (program.name === "deno") {
    // Without --allow-sys=uid Deno does not say who runs it.
    assert.is(code, 2);
    assert.match(stderr, "is not in the working directory");
    return;
  }
  assert.is(stderr, "");
  assert.is(code, 0);
  assert.is(JSON.parse(stdout).config, join(repository.dir, "sync.config.json"));
});

config("says where its code is wrong, without a stack", async (context) => {
  for (const [text, place] of [
    ["export default {\n  repo: 1\n  ref: 2,\n};\n", "3:3"],
    ["const none: any = null;\n\nexport default {\n  repo: none.such,\n};\n", "4:14"],
  ] as const) {
    write(context, { "sync.config.ts": text });
    const { code, log } = await check(context, "sync.config.ts");
    assert.is(code, 2);
    assert.is(log.length, 1);
    const message = String(log[0]?.["message"]);
    assert.ok(
      message.startsWith(`Cannot load ${join(context.folder.path, "sync.config.ts")}:${place}: `),
      message,
    );
    assert.not.match(message, /\n/);
  }
});

config("says everything that is wrong in it at once", async (context) => {
  write(context, { "sync.config.yaml": "pol: 5s\ninserter:\n  token: hunter2\n" });
  const { code, stderr, log } = await check(context, "sync.config.yaml");
  assert.is(code, 2);
  const message = String(log[0]?.["message"]);
  for (const fault of [
    "pol: unknown key, did you mean poll?",
    "inserter.url: missing",
    "inserter.token: found a text (not shown)",
  ]) {
    assert.match(message, fault);
  }
  assert.not.match(stderr, "hunter2");
});

config("init writes one that works, with types beside it", async (context) => {
  const { repository } = context;
  write(context, { "repo/a.md": "---\ntitle: A\ndate: 2024-01-02\n---\ntext\n" });
  const cwd = repository.dir;
  const { code, stderr } = await program.run(["init"], { cwd, permissions: { write: [cwd] } });
  assert.is(stderr, "");
  assert.is(code, 0);
  assert.match(readFileSync(join(cwd, "sync-agent.d.ts"), "utf8"), 'declare module "sync-agent"');
  const permissions = { repo: cwd, config: join(cwd, "sync.config.ts") };
  const checked = await program.run(["check", "--json"], { cwd, permissions });
  assert.is(checked.stderr, "");
  assert.equal(JSON.parse(checked.stdout).files, [{ path: "a.md", id: "a", outcome: "published" }]);
});

config.run();
