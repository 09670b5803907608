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

/** A path that may be a candidate, and what stands there. */
export interface WorktreePath {
  readonly path: string;
  readonly mode: FileMode;
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
): AsyncGenerator<WorktreeFile, void, undefined> {
  for await (const { path, mode } of worktreePaths(options)) {
    if (mode !== "file") yield { path, mode, content: null };
    else {
      const content = await readWorktreeFile(join(options.root, path), options.maxSizeBytes);
      if (content !== null) yield { path, mode, content };
    }
  }
}

/** The paths of {@link worktreeFiles}, nothing being read. */
export async function* worktreePaths(
  options: Omit<WorktreeOptions, "maxSizeBytes">,
  dir = "",
): AsyncGenerator<WorktreePath, void, undefined> {
  for (const entry of await entriesOf(join(options.root, dir))) {
    const path = dir + entry.name;
    if (entry.isDirectory()) {
      if (entry.name === ".git" || !options.mayContain(`${path}/`)) continue;
      const nested = await lstat(join(options.root, path, ".git")).catch(() => null);
      if (nested === null) yield* worktreePaths(options, `${path}/`);
      else if (options.selects(path)) yield { path, mode: "submodule" };
    } else if (options.selects(path)) {
      if (entry.isSymbolicLink()) yield { path, mode: "symlink" };
      else if (entry.isFile()) yield { path, mode: "file" };
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

/** Content of a file by its absolute path; null when it is gone, or is no regular file any more. */
export async function readWorktreeFile(path: string, maxSizeBytes: number): Promise<Content | null> {
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
