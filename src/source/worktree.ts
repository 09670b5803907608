/** Candidate files as they are on disk, for checking an article before it is committed. */
import type { Dirent } from "node:fs";
import { constants, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileMode } from "../sync/model.ts";
import type { Content } from "../sync/ports.ts";

/** A candidate file. `content` is null for what is never followed. */
export type WorktreeFile =
  | { readonly path: string; readonly mode: "file"; readonly content: Content }
  | { readonly path: string; readonly mode: Exclude<FileMode, "file">; readonly content: null };

export interface WorktreeOptions {
  /** Absolute path of the root of a work tree. */
  readonly root: string;
  selects(path: string): boolean;
  /** Asked with a slash at the end; never for the root. */
  mayContain(dir: string): boolean;
  readonly maxSizeBytes: number;
}

/**
 * Candidate files of a work tree, in byte order of their paths, tracked or not. Links are not followed; a
 * repository within the repository (a submodule, a stray clone) is not entered. A name that is not UTF-8 is
 * passed over, and so is a file that vanishes meanwhile.
 *
 * @throws {Error} Of the file system, with its `code` and `path`, from the iteration.
 */
export async function* worktreeFiles(
  options: WorktreeOptions,
  dir = "",
): AsyncGenerator<WorktreeFile, void, undefined> {
  for (const entry of await entriesOf(join(options.root, dir))) {
    const path = dir + entry.name;
    const absolute = join(options.root, path);
    if (entry.isDirectory()) {
      if (entry.name === ".git" || !options.mayContain(`${path}/`)) continue;
      const nested = await lstat(join(absolute, ".git")).catch(() => null);
      if (nested === null) yield* worktreeFiles(options, `${path}/`);
      else if (options.selects(path)) yield { path, mode: "submodule", content: null };
    } else if (options.selects(path)) {
      if (entry.isSymbolicLink()) yield { path, mode: "symlink", content: null };
      if (!entry.isFile()) continue;
      const content = await read(absolute, options.maxSizeBytes);
      if (content !== null) yield { path, mode: "file", content };
    }
  }
}

/** Entries in git's order: folders as if a slash were at their end. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/** Null when it is gone, or is no regular file any more. */
async function read(path: string, maxSizeBytes: number): Promise<Content | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ELOOP") return null;
      throw error;
    },
  );
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return null;
    if (stats.size > maxSizeBytes) return { kind: "too-large", sizeBytes: stats.size };
    const bytes = await file.readFile();
    return bytes.length > maxSizeBytes
      ? { kind: "too-large", sizeBytes: bytes.length }
      : { kind: "bytes", bytes };
  } finally {
    await file.close();
  }
}
