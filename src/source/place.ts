/**
 * Where a repository is: from the configured path, which may be git-sync's link, to the folder git
 * has to be given. Reads files and links, runs nothing.
 */
import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Head, Revision } from "../sync/ports.ts";

/** Why there is nothing to read yet. */
export type Waiting = Extract<Head, { kind: "waiting" }>;

/** A repository that was found. */
export interface Place {
  readonly kind: "place";
  /** The folder that the configured path leads to, links followed. */
  readonly folder: string;
  /** Revision that git-sync named the link's target after; null where there is no such link. */
  readonly named: Revision | null;
  /** Where refs and objects are: the same for every worktree, so it survives a flip. */
  readonly commonDir: string;
  /** Prefix for `HEAD` and the other names that each worktree has for itself: empty, or `worktrees/<id>/`. */
  readonly own: string;
  /** The worktree's own part of it; equals `commonDir` but for linked worktrees. */
  readonly gitDir: string;
  /** Changes when another repository takes its place at the same path. */
  readonly identity: string;
}

/** What git-sync calls a published folder; v3.1 had the prefix. */
const PUBLISHED = /^(?:rev-)?([0-9a-f]{40}|[0-9a-f]{64})$/;
const LINKS_MAX = 16;

/**
 * Finds the repository at a path: a clone, a bare repository, a `.git` folder, a linked worktree, or a
 * link (git-sync's, of any generation) to one of them.
 *
 * The link is resolved once, so all that follows belongs to one published folder. Should it vanish on
 * the way, because the link has just flipped, the answer is `waiting` with `flipped`: look again.
 */
export async function findPlace(repo: string): Promise<Place | (Waiting & { readonly flipped: boolean })> {
  let folder = repo;
  let links = 0;
  try {
    for (; (await lstat(folder)).isSymbolicLink(); links++) {
      if (links === LINKS_MAX) return waiting(`${repo} is a link that leads round in circles`, LINK_HINT);
      folder = resolve(dirname(folder), await readlink(folder));
    }
    const named = links > 0 ? publishedRevision(folder) : null;
    const gitDir = await findGitDir(folder);
    if (gitDir === null) return waiting(`${folder} is not a Git repository: it has no .git`, REPOSITORY_HINT);
    const commonDir = await findCommonDir(gitDir);
    const { dev, ino } = await stat(commonDir);
    return {
      kind: "place",
      folder,
      named,
      commonDir,
      gitDir,
      own: commonDir === gitDir ? "" : `worktrees/${basename(gitDir)}/`,
      identity: `${dev}:${ino}`,
    };
  } catch (error) {
    return unreachable(repo, folder, links > 0, error as NodeJS.ErrnoException);
  }
}

/** Revision that a link's target is named after, as git-sync names what it publishes; null for any other. */
export function publishedRevision(target: string): Revision | null {
  return PUBLISHED.exec(basename(target))?.[1] ?? null;
}

const ABSENT_HINT = "Waiting for git-sync's first sync, or for a clone to appear; else mend --repo.";
const LINK_HINT = "git-sync may be starting over: its log tells; else mend --repo.";
const REPOSITORY_HINT = "Point --repo at a clone, a bare repository or git-sync's link.";
const PART_HINT = "Mount the whole of git-sync's root (or the main clone), not the work tree alone.";
/** What to do about a repository that may not be read. */
export const ACCESS_HINT =
  "Run the agent as the user or group that owns the repository (git-sync: uid 65533, --group-write).";

function waiting(reason: string, hint: string, flipped = false): Waiting & { readonly flipped: boolean } {
  return { kind: "waiting", reason, hint, flipped };
}

function unreachable(repo: string, folder: string, linked: boolean, error: NodeJS.ErrnoException) {
  const at = error.path ?? folder;
  switch (error.code) {
    case "ENOENT":
      if (at === repo) return waiting(`there is nothing at ${repo} yet`, ABSENT_HINT, true);
      if (at === folder)
        return waiting(`${repo} is a link to ${folder}, which is not there`, LINK_HINT, true);
      return waiting(`${folder} belongs to a repository at ${at}, which is not there`, PART_HINT, linked);
    case "ENOTDIR":
      return waiting(`${folder} is not a folder`, REPOSITORY_HINT);
    case "EACCES":
    case "EPERM":
      return waiting(`cannot read ${at}: permission denied`, ACCESS_HINT);
    default:
      return waiting(`cannot read ${at}: ${error.message}`, "Is the volume mounted and healthy?");
  }
}

/** The git dir of a work tree, or the folder itself when it is one; null when it is neither. */
async function findGitDir(folder: string): Promise<string | null> {
  const dotGit = join(folder, ".git");
  const kind = await kindOf(dotGit);
  if (kind === "folder") return dotGit;
  if (kind === "file") {
    const pointer = /^gitdir: (.+?)\r?\n?$/s.exec(await readFile(dotGit, "utf8"))?.[1];
    return pointer === undefined ? null : resolve(folder, pointer);
  }
  await stat(folder);
  const bare = (await kindOf(join(folder, "HEAD"))) === "file" && (await kindOf(join(folder, "objects")));
  return bare ? folder : null;
}

/**
 * The git dir that a linked worktree shares with the others, named by its `commondir` file; everything else
 * has no such file. One that is not where git puts them is left to git, as it is.
 */
async function findCommonDir(gitDir: string): Promise<string> {
  try {
    const commonDir = resolve(gitDir, (await readFile(join(gitDir, "commondir"), "utf8")).trim());
    return gitDir === join(commonDir, "worktrees", basename(gitDir)) ? commonDir : gitDir;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return gitDir;
    throw error;
  }
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? "folder" : stats.isFile() ? "file" : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Root of the repository that a folder is in, seen without git: the nearest folder upward with a `.git`,
 * or one that is itself a bare repository. Null when there is none.
 */
export async function repositoryRoot(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    try {
      if ((await findGitDir(at)) !== null) return at;
    } catch {
      // A folder that cannot be read cannot be told to be a repository: go on upward.
    }
    if (at === dirname(at)) return null;
  }
}
