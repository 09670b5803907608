/** The whole program as the text of one ES module, for Node, Deno and the executables alike. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { publicTypes } from "./public-types.ts";
import { oldestRuntimes, runtimeCheck } from "./runtime-check.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
/** The oldest Node the bundle runs on. */
const TARGET = `node${oldestRuntimes().node}`;

/**
 * First lines of the bundle. CommonJS packages inside it require builtins. `createRequire` cannot serve
 * them: in an executable that was found on `PATH`, `import.meta.url` is not a URL. On Deno an environment
 * variable that is not allowed reads as absent: packages read dozens of them while they load, and each would
 * be an error, or a question on a terminal. Timers are Node's: those of an older Deno are numbers without
 * `unref`.
 */
const BANNER = `#!/usr/bin/env node
${runtimeCheck()}
const require = (name) => process.getBuiltinModule(name);
const __granted = (variable) => Deno.permissions.querySync({ name: "env", variable }).state === "granted";
if (globalThis.Deno) {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = require("node:timers");
  Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
}
if (globalThis.Deno && !__granted()) {
  const env = process.env;
  const has = (_, key) => typeof key === "string" && __granted(key) && key in env;
  const get = (_, key) => (has(_, key) ? env[key] : undefined);
  process.env = new Proxy({}, {
    has,
    get,
    ownKeys: () => [],
    getOwnPropertyDescriptor: (_, key) =>
      has(_, key) ? { value: env[key], writable: true, enumerable: true, configurable: true } : undefined,
  });
}`;

/**
 * zx's ESM entry requires its own CommonJS file by name at run time, which does not exist beside a bundle:
 * that file itself is bundled.
 */
const zxCore: Plugin = {
  name: "zx-core",
  setup({ onResolve }) {
    onResolve({ filter: /^zx\/core$/ }, () => ({ path: join(ROOT, "node_modules/zx/build/core.cjs") }));
  },
};

/**
 * cosmiconfig computes the user's configuration folder while it loads, for a search that is not used here.
 * On Deno that alone would ask for permission to read the home and the temporary directory.
 */
const noEnvPaths: Plugin = {
  name: "no-env-paths",
  setup({ onLoad }) {
    onLoad({ filter: /\/env-paths\/index\.js$/ }, () => ({
      contents: 'export default () => ({ config: "" });',
    }));
  },
};

/**
 * `is`, with which got checks types, makes two list formatters for its errors while it loads. They load the
 * runtime's language data, so they are made at first use instead.
 */
const noListFormat: Plugin = {
  name: "no-list-format",
  setup({ onLoad }) {
    onLoad({ filter: /\/@sindresorhus\/is\/distribution\/index\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const late = "{ format: (list) => new Intl.ListFormat($1).format(list) };";
      const contents = text.replaceAll(/new Intl\.ListFormat\((.*)\);/g, late);
      if (contents === text) throw new Error(`${path} makes no formatters any more: drop this`);
      return { contents };
    });
  },
};

/**
 * Builtins by their full name, because `deno compile` knows no other, and late. Imports of builtins are
 * hoisted to the top of an ES module, also out of parts that are loaded late or never, and above the line
 * that silences a warning (`node:sqlite` on Node 22). These are required when the first module that imports
 * them is evaluated, and without the facade of a module, which would read each of their exports.
 */
const builtins: Plugin = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z:_/0-9]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return null;
      const name = path.startsWith("node:") ? path : `node:${path}`;
      // `import("node:http")` would read every export of it, and with one of them load a second HTTP client.
      const isLate = kind === "import-statement" || kind === "dynamic-import";
      return isLate ? { path: name, namespace: "late" } : { path: name, external: true };
    });
    onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  platform: "node",
  target: TARGET,
  // With one character beyond Latin-1, V8 stores all of the text at two bytes a character, and parses it slower.
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
  write: false,
  metafile: true,
} satisfies BuildOptions;

export interface Bundle {
  readonly code: Uint8Array;
  readonly metafile: Metafile;
}

function version(): string {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version;
}

/** Commit that the program is made from, `-dirty` with uncommitted changes; `REVISION` where Git is absent. */
function revision(): string {
  const given = process.env["REVISION"];
  if (given) return given;
  if (!existsSync(join(ROOT, ".git"))) return "unknown";
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const isDirty = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "HEAD")}${isDirty ? "-dirty" : ""}`;
}

/** One bundled file and what went into it. */
async function bundleOf(options: BuildOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({ ...COMMON, ...options, write: false, metafile: true });
  const [file] = outputFiles;
  if (!file || outputFiles.length !== 1)
    throw new Error(`Expected one output file, got ${outputFiles.length}`);
  const foreign = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !path.startsWith("node:"));
  if (foreign.length > 0) {
    throw new Error(`The bundle still imports ${foreign.map(({ path }) => path).join(", ")}`);
  }
  return { code: file.contents, metafile };
}

/** Folder of the package a file belongs to, from the root; null for our own files. */
export function packageOf(path: string): string | null {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

/** Bundles `src/main.ts`. The same sources give the same bytes. */
export async function bundle(): Promise<Bundle> {
  // What a worker thread runs: a script that the program carries as text, a third as long when compressed.
  const worker = await bundleOf({
    entryPoints: ["src/article/worker.ts"],
    format: "iife",
    plugins: [builtins],
  });
  const main = await bundleOf({
    entryPoints: ["src/main.ts"],
    format: "esm",
    banner: { js: BANNER },
    plugins: [zxCore, noEnvPaths, noListFormat, builtins],
    define: {
      __VERSION__: JSON.stringify(version()),
      __REVISION__: JSON.stringify(revision()),
      __TYPES__: JSON.stringify(publicTypes()),
      __WORKER_SOURCE__: JSON.stringify(brotliCompressSync(worker.code).toString("base64")),
    },
  });
  return {
    code: main.code,
    metafile: {
      inputs: { ...worker.metafile.inputs, ...main.metafile.inputs },
      outputs: main.metafile.outputs,
    },
  };
}
