import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { EXTENSIONS } from "./read.ts";

/** File names that are looked for, in this order. */
export const configNames = EXTENSIONS.map((extension) => `sync.config${extension}`);

/**
 * Finds the configuration file: in a directory, then upwards to the root of the Git repository or of the
 * package it belongs to, whichever is nearer, and no further. Where it belongs to neither, nothing above it
 * is looked at, so that a stray file in a home directory never decides what is published.
 *
 * @param cwd Absolute path of the directory to begin in.
 * @returns Absolute path, or null when there is none.
 * @throws {UsageError} When a file is there but cannot be read.
 */
export async function findConfig(cwd: string): Promise<string | null> {
  try {
    const explorer = await configExplorer();
    for (const directory of searched(cwd)) {
      const found = await explorer.search(directory);
      if (found !== null) return found.filepath;
      // The search passes over what it may not read. Going on without it would mean other settings.
      const unreadable = configNames.map((name) => join(directory, name)).find(exists);
      if (unreadable !== undefined) return unreadable;
    }
    return null;
  } catch (error) {
    // Before anything else cosmiconfig reads its own settings, from package.json for one.
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
    throw new UsageError((words) => words.cannotSearch(cwd, reason), { cause: error });
  }
}

/** The directory that is the root of the Git repository around `cwd`; null outside of one. */
export function repositoryAround(cwd: string): string | null {
  return upwards(cwd).find((directory) => exists(join(directory, ".git"))) ?? null;
}

type Explorer = { search(directory: string): Promise<{ filepath: string } | null> };

/** Looks for file names only: reading them is up to `read.ts`, which says what is wrong and where. */
async function configExplorer(): Promise<Explorer> {
  const { cosmiconfig } = await import("cosmiconfig");
  const nameOnly = (path: string): string => path;
  return cosmiconfig("sync", {
    searchPlaces: configNames,
    loaders: Object.fromEntries(EXTENSIONS.map((extension) => [extension, nameOnly])),
    searchStrategy: "none",
    ignoreEmptySearchPlaces: false,
    cache: false,
  });
}

function searched(cwd: string): string[] {
  const all = upwards(cwd);
  const root = all.findIndex(
    (directory) => exists(join(directory, ".git")) || exists(join(directory, "package.json")),
  );
  return all.slice(0, root === -1 ? 1 : root + 1);
}

function upwards(from: string): string[] {
  const parent = dirname(from);
  return parent === from ? [from] : [from, ...upwards(parent)];
}

/** Something stands there, whether or not it can be read or leads anywhere. */
function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
