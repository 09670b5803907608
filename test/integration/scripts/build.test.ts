import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bundle, ROOT } from "../../../scripts/build/bundle.ts";
import { licences } from "../../../scripts/build/dist.ts";
import { writeExecutable } from "../../../scripts/build/executable.ts";
import { publicTypes } from "../../../scripts/build/public-types.ts";
import { temporaryFolder } from "../../support/repository.ts";

const build = suite("build");

build("makes the same bytes of the same sources", async () => {
  const [one, two] = [await bundle(), await bundle()];
  assert.ok(Buffer.from(one.code).equals(Buffer.from(two.code)));
});

build("makes the same executable wherever it is made, with no folder of the builder in it", () => {
  const folder = temporaryFolder();
  try {
    const bundle = Buffer.from("process.stdout.write(import.meta.url.slice(0, 4) + process.argv.at(-1));");
    const made = ["here", "there"].map((name) => {
      mkdirSync(join(folder.path, name));
      const path = join(folder.path, name, "program");
      writeExecutable(bundle, path);
      return path;
    });
    const [here, there] = made.map((path) => readFileSync(path));
    assert.ok(here?.equals(there ?? Buffer.of()));
    assert.is(here?.indexOf(folder.path), -1);
    assert.is(here?.indexOf("sync-agent-binary-"), -1);
    assert.is(execFileSync(made[0] ?? "", ["!"], { encoding: "utf8" }), "file!");
  } finally {
    folder.remove();
  }
});

build("imports nothing: it asks for builtins by their full name, when they are needed", async () => {
  const { metafile } = await bundle();
  const asked = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  assert.ok(asked.some(({ path }) => path === "node:http"));
  for (const { path, kind } of asked) assert.is(`${kind} ${path}`, `require-call ${path}`);
  assert.ok(asked.every(({ path }) => path.startsWith("node:")));
});

build("names the licence of each package in the bundle", async () => {
  const { metafile } = await bundle();
  const text = licences(metafile);
  for (const name of ["got", "zx", "chokidar", "commonmark", "yaml"]) {
    assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  }
});

build("publishes types that check a configuration with nothing else at hand", () => {
  const folder = temporaryFolder();
  const check = (config: string): string => {
    writeFileSync(join(folder.path, "sync-agent.d.ts"), publicTypes());
    writeFileSync(
      join(folder.path, "sync.config.ts"),
      `import type { SyncConfig } from "sync-agent";\n${config}`,
    );
    const args = [
      "--noEmit",
      "--strict",
      "--target",
      "es2024",
      "--types",
      "",
      "sync-agent.d.ts",
      "sync.config.ts",
    ];
    try {
      return execFileSync(join(ROOT, "node_modules/.bin/tsc"), args, { cwd: folder.path, encoding: "utf8" });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  try {
    assert.is(
      check(
        'export default { inserter: { url: "embedded" }, articles: { map: ({ payload }) => payload } } satisfies SyncConfig;\n',
      ),
      "",
    );
    assert.match(
      check('export default { inserter: { url: "embedded" }, pol: "5s" } satisfies SyncConfig;\n'),
      "'pol' does not exist in type 'SyncConfig'",
    );
  } finally {
    folder.remove();
  }
});

build.run();
