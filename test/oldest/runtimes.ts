/**
 * The oldest Node and Deno that the bundle runs on, for `npm run test:e2e`. They are a package of their own:
 * among the main one's, a second Node may take the place of the first in `node_modules/.bin`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The packages that bring them to this platform, where there are such; the executable is a path in the package. */
const PACKAGES = {
  node: { name: `node-${process.platform}-${process.arch}`, executable: "bin/node" },
  deno: { name: `@deno/${process.platform}-${process.arch}-glibc`, executable: "deno" },
} as const;

/** A runtime that is at hand. */
export interface OldestRuntime {
  /** Exact version, as in this folder's package.json. */
  readonly version: string;
  /** Absolute path. */
  readonly path: string;
}

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8"));
}

/** Exact versions by package, as pinned. */
export function pinned(): Readonly<Record<string, string>> {
  return read("package.json")["optionalDependencies"] as Record<string, string>;
}

/**
 * Brings the runtime here, unless it is here already.
 *
 * @returns Null where none is pinned for this platform.
 * @throws {Error} If it cannot be installed.
 */
export function oldestRuntime(kind: keyof typeof PACKAGES): OldestRuntime | null {
  const { name, executable } = PACKAGES[kind];
  const version = pinned()[name];
  if (version === undefined) return null;
  const manifest = join("node_modules", name, "package.json");
  const isHere = (): boolean =>
    existsSync(join(import.meta.dirname, manifest)) && read(manifest)["version"] === version;
  if (!isHere()) execFileSync("npm", ["ci"], { cwd: import.meta.dirname, stdio: "inherit" });
  // To npm an optional package that cannot be had is none that is missed.
  if (!isHere()) throw new Error(`${name} ${version} was not installed in test/oldest: look at npm's log`);
  return { version, path: join(import.meta.dirname, "node_modules", name, executable) };
}
