/**
 * The repository at a path, which may be git-sync's link: where its folders are, what the followed ref is
 * called there, and why there may be nothing to read yet. Reads files and links, runs nothing.
 */
import { createHash } from "node:crypto";
import { lstat, readlink, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Head, Revision } from "../sync/ports.ts";
import { readRegularFile } from "./file.ts";

/** Why there is nothing to read yet. */
export type Waiting = Extract<Head, { kind: "waiting" }>;

/** A repository that was found. */
export interface Repository {
  readonly kind: "repository";
  /** The folder that the configured path leads to, links followed. */
  readonly folder: string;
  /** Tells the links that led there from those of another flip. */
  readonly stamp: string;
  /** Revision that git-sync named the link's target after; null where there is no such link. */
  readonly named: Revision | null;
  /** Where refs and objects are: the same for every worktree, so it survives a flip. */
  readonly commonDir: string;
  /** The worktree's own part of it; equals `commonDir` but for linked worktrees. */
  readonly gitDir: string;
  /** Changes when another repository takes its place at the same path. */
  readonly identity: string;
}

/** What git-sync calls a published folder; v3.1 had the prefix. */
const PUBLISHED = /^(?:rev-)?([0-9a-f]{40}|[0-9a-f]{64})$/;
const LINKS_MAX = 16;
/** A link that has flipped under the reader is followed again; one that never holds still is given up. */
const LOOKS_MAX = 10;
/** What git keeps in one line, or in a few: a larger file is none of git's. */
const TEXT_BYTES_MAX = 1_048_576;
/** Names that each worktree has for itself. */
const OWN_NAME = /^(?:[A-Z][A-Z_]*HEAD|HEAD|refs\/(?:bisect|worktree|rewritten)\/)/;

const ABSENT_HINT = "Waiting for git-sync's first sync, or for a clone to appear; else fix --repo.";
const LINK_HINT = "git-sync may be starting over, see its log; else fix --repo.";
const REPOSITORY_HINT = "Point --repo at a clone, a bare repository or git-sync's link.";
const PART_HINT = "Mount the whole of git-sync's root (or the main clone), not the work tree alone.";
export const ACCESS_HINT =
  "Run the agent as the user or group that owns the repository (git-sync: uid 65533, --group-write).";
const VOLUME_HINT = "Is the volume mounted and healthy?";
export const REGULAR_HINT = "Git keeps a regular file there: restore it, or clone again.";

/** There is nothing yet, which is nobody's fault. */
export function absent(reason: string, hint: string): Waiting {
  return { kind: "waiting", reason, hint, isTrouble: false };
}

/** There is something, and it cannot be read. */
export function unreadable(reason: string, hint: string): Waiting {
  return { kind: "waiting", reason, hint, isTrouble: true };
}

/**
 * Finds the repository at a path: a clone, a bare repository, a `.git` folder, a linked worktree, or a
 * link (git-sync's, of any generation) to one of them.
 *
 * The links are resolved once, so all that is found belongs to one published folder. Should that vanish on
 * the way, because a link has just flipped, it is looked for again.
 */
export async function findRepository(path: string): Promise<Repository | Waiting> {
  for (let looks = 1; ; looks++) {
    const followed = await followLinks(path);
    const found = await repositoryAt(path, followed);
    if (found.kind === "repository" || looks === LOOKS_MAX || !(await hasMoved(path, followed))) return found;
  }
}

/** Whether a link has flipped since it was followed: what it led to may be half deleted by now. */
export async function hasMoved(
  path: string,
  { end, stamp }: Pick<Followed, "end" | "stamp">,
): Promise<boolean> {
  const now = await followLinks(path);
  return now.end !== end || now.stamp !== stamp;
}

async function repositoryAt(path: string, { links, end, stamp }: Followed): Promise<Repository | Waiting> {
  if (links.length === LINKS_MAX) {
    return unreadable(`${path} is a link that leads round in circles`, LINK_HINT);
  }
  try {
    const gitDir = await findGitDir(end);
    if (gitDir === null) return absent(`${end} is not a Git repository: it has no .git`, REPOSITORY_HINT);
    const commonDir = await findCommonDir(gitDir);
    const { dev, ino } = await stat(commonDir);
    const named = links.length > 0 ? publishedRevision(end) : null;
    return { kind: "repository", folder: end, named, stamp, commonDir, gitDir, identity: `${dev}:${ino}` };
  } catch (error) {
    return whyUnreachable(path, end, error as NodeJS.ErrnoException);
  }
}

interface Followed {
  readonly links: readonly string[];
  readonly end: string;
  /** Tells the links from others with the same targets, as after two flips. */
  readonly stamp: string;
}

/**
 * The links that a path leads through, each of which may be flipped, and where the last one leads; nothing
 * may be there. At most 16.
 */
export async function followLinks(path: string): Promise<Followed> {
  const links: string[] = [];
  let end = path;
  let stamp = "";
  try {
    while (links.length < LINKS_MAX) {
      const stats = await lstat(end, { bigint: true });
      if (!stats.isSymbolicLink()) break;
      const target = await readlink(end);
      links.push(end);
      stamp += `${stats.ino} ${stats.ctimeNs}\n`;
      end = resolve(dirname(end), target);
    }
  } catch {
    // What cannot be looked at ends the way.
  }
  return { links, end, stamp };
}

/** Revision that a link's target is named after, as git-sync names what it publishes; null for any other. */
export function publishedRevision(target: string): Revision | null {
  return PUBLISHED.exec(basename(target))?.[1] ?? null;
}

function whyUnreachable(path: string, end: string, error: NodeJS.ErrnoException): Waiting {
  const at = error.path ?? end;
  switch (error.code) {
    case "ENOENT":
      if (at === path) return absent(`there is nothing at ${path} yet`, ABSENT_HINT);
      if (at === end) return absent(`${path} is a link to ${end}, which is not there`, LINK_HINT);
      return absent(`${end} belongs to a repository at ${at}, which is not there`, PART_HINT);
    case "ENOTDIR":
      return unreadable(`${end} is not a folder`, REPOSITORY_HINT);
    case "EACCES":
    case "EPERM":
      return unreadable(`cannot read ${at}: permission denied`, ACCESS_HINT);
    default:
      if (error instanceof IrregularFile) return unreadable(error.message, REGULAR_HINT);
      return unreadable(`cannot read ${at}: ${error.message}`, VOLUME_HINT);
  }
}

/** The git dir of a work tree, or the folder itself when it is one; null when it is neither. */
async function findGitDir(folder: string): Promise<string | null> {
  const dotGit = join(folder, ".git");
  const kind = await kindOf(dotGit);
  if (kind === "folder") return dotGit;
  if (kind === "other") throw new IrregularFile(`${dotGit} is no regular file`);
  if (kind === "file") {
    const pointer = /^gitdir: (.+?)\r?\n?$/s.exec((await readText(dotGit)) ?? "")?.[1];
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
  const pointer = await readText(join(gitDir, "commondir"));
  if (pointer === null) return gitDir;
  const commonDir = resolve(gitDir, pointer.trim());
  return gitDir === join(commonDir, "worktrees", basename(gitDir)) ? commonDir : gitDir;
}

async function kindOf(path: string): Promise<"file" | "folder" | "other" | null> {
  const stats = await stat(path).catch(nullIfAbsent);
  if (stats === null) return null;
  return stats.isDirectory() ? "folder" : stats.isFile() ? "file" : "other";
}

/** What should be a file with a line of text is something else. */
class IrregularFile extends Error {
  override readonly name = "IrregularFile";
}

/**
 * Reads a file of a repository: the one place that does. Null when it is not there.
 *
 * @throws {IrregularFile} For a pipe, on which a reader would wait for ever, and whatever else is not a file of
 *   a bounded size. Errors of the file system too.
 */
export async function readText(path: string): Promise<string | null> {
  const content = await readRegularFile(path, TEXT_BYTES_MAX);
  if (content === null) return null;
  if (content.kind === "bytes") return content.bytes.toString("utf8");
  const why = content.kind === "other" ? "no regular file" : `too large: ${content.sizeBytes} bytes`;
  throw new IrregularFile(`${path} is ${why}`);
}

function nullIfAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

/**
 * What a name of the user's is called from the git dir that all worktrees share.
 *
 * @see git-worktree(1), "REFS"
 */
export function nameIn({ gitDir, commonDir }: Repository, ref: string): string {
  const name = ref === "@" || /^@[~^]/.test(ref) ? `HEAD${ref.slice(1)}` : ref;
  return gitDir !== commonDir && OWN_NAME.test(name) ? `worktrees/${basename(gitDir)}/${name}` : name;
}

/** What `HEAD` holds: the full name of a branch, as `ref`, or else what is written there. */
export async function readHead({
  gitDir,
}: Repository): Promise<{ readonly ref: string | null; readonly text: string }> {
  const text = (await readText(join(gitDir, "HEAD")).catch(() => null))?.trim() ?? "";
  return { ref: /^ref: (\S+)/.exec(text)?.[1] ?? null, text };
}

/** Files of which one is written when a ref moves, with either of git's ways to store refs. */
export async function refFiles(repository: Repository, ref: string): Promise<string[]> {
  const { gitDir, commonDir } = repository;
  const head = (await readHead(repository)).ref;
  const names =
    ref === "HEAD" || ref === "@"
      ? [head].filter((name) => name !== null)
      : ref.startsWith("refs/")
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/remotes/${ref}`];
  return [
    join(gitDir, "HEAD"),
    join(commonDir, "packed-refs"),
    join(commonDir, "reftable", "tables.list"),
    ...names.map((name) => join(commonDir, name)),
  ];
}

/**
 * Where authors push: the URL of the remote `origin`, without credentials. Read from the repository's own
 * configuration, without git.
 *
 * @param path Absolute path of the repository or of a link to it.
 * @returns An http(s), ssh or scp-like address; null where there is none, or it is a path of this machine.
 */
export async function originOf(path: string): Promise<string | null> {
  const url = await configuredOrigin(path);
  if (url === null || SCP_LIKE.test(url)) return url;
  const parsed = /^(https?|ssh):\/\//.test(url) ? URL.parse(url) : null;
  if (parsed === null) return null;
  parsed.password = "";
  // The user's name is a credential with HTTP, and a part of the address with SSH.
  if (parsed.protocol !== "ssh:") parsed.username = "";
  return parsed.href;
}

/** `git@host:path` */
const SCP_LIKE = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/;

/** The URL of the remote `origin` as it is written; null where there is no repository, or no such remote. */
async function configuredOrigin(path: string): Promise<string | null> {
  const repository = await findRepository(path);
  if (repository.kind !== "repository") return null;
  const config = (await readText(join(repository.commonDir, "config")).catch(() => null)) ?? "";
  const [, section = ""] = /^\[remote "origin"\][ \t]*\n((?:[ \t]+.*\n?)*)/m.exec(config) ?? [];
  const [, url = null] = /^\s*url\s*=\s*(\S.*?)\s*$/m.exec(section) ?? [];
  return url;
}

/**
 * Whose articles those of a repository are, where the configuration does not say: the name of the repository
 * at its origin, and a hash of where that is. All spellings of one origin (https, ssh, `git@host:path`, with
 * or without `.git`, user, password and port) give the same owner.
 *
 * @param path Absolute path of the repository or of a link to it.
 * @returns `<name>-<12 hex digits of the SHA-256 of host/path>`; null where there is no origin.
 */
export async function derivedOwner(path: string): Promise<string | null> {
  const url = await configuredOrigin(path);
  return url === null ? null : ownerOf(url, path);
}

/** @param base What a relative path is relative to. */
export function ownerOf(origin: string, base: string): string {
  const place = placeOf(origin, base);
  const hash = createHash("sha256").update(place).digest("hex").slice(0, 12);
  return `${ownerName(place)}-${hash}`;
}

/**
 * A name that may begin an owner: of the last part of a path, what an owner may have.
 *
 * @returns At most 40 characters.
 */
export function ownerName(path: string): string {
  const name = basename(path)
    .replace(/[^\w.-]+/g, "-")
    .slice(0, 40);
  return /^[A-Za-z0-9]/.test(name) ? name : `repo${name}`.slice(0, 40);
}

/** `host/path` of an origin; of one on this machine, its absolute path. */
function placeOf(origin: string, base: string): string {
  const [, scpHost, scpPath] = SCP_LIKE.exec(origin) ?? [];
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(origin) ? URL.parse(origin) : null;
  // git takes other schemes than URL knows hosts of.
  const [host, path] =
    url !== null
      ? [url.hostname.toLowerCase(), decoded(url.pathname)]
      : scpHost !== undefined && scpPath !== undefined
        ? [scpHost.toLowerCase(), scpPath]
        : ["", resolve(base, origin)];
  const bare = path
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .replace(/\/+$/, "");
  return host === "" ? bare : `${host}/${bare.replace(/^\/+/, "")}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
