/** Files as they are on disk: for checking and looking at what is not committed yet. */
import { createHash } from "node:crypto";
import { type Dirent, existsSync, lstatSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BlobId, Change, FileMode, Revision } from "../sync/model.ts";
import { type Comparison, type Content, type Head, ObjectsGone, type RevisionHead } from "../sync/ports.ts";
import { compareBytes } from "../sync/rules.ts";
import { readRegularFileNow } from "./file.ts";
import { findRepository, unreadable, type Waiting } from "./repository.ts";
import type { GitSource, SourceOptions } from "./source.ts";
import type { Selector } from "./tree.ts";
import { unignoredPaths } from "./unignored.ts";

/** Changes given to the core in one go. */
const PAGE_LENGTH = 1_000;

/** A path that may be a candidate, and what is there. */
export interface WorktreeFile {
  readonly path: string;
  readonly mode: FileMode;
}

/** Absolute path of the root of the work tree of a repository, or why there is none to be read. */
export async function findWorktree(
  repo: string,
): Promise<Waiting | { readonly kind: "worktree"; readonly root: string }> {
  const repository = await findRepository(repo);
  if (repository.kind === "waiting") return repository;
  const { folder, gitDir } = repository;
  if (gitDir !== folder) return { kind: "worktree", root: folder };
  return unreadable(
    `${folder} is a bare repository: it has no files on disk`,
    "Leave out --worktree, or name a clone with --repo.",
  );
}

/**
 * Candidate files of a work tree, in byte order of their paths, tracked or not; what Git ignores is not among
 * them. Links are not followed; a repository within the repository (a submodule, a stray clone) is not
 * entered. A name that is not UTF-8 is passed over. No content is read.
 *
 * @param root Absolute path of the root of a work tree.
 * @throws {Error} Of the file system, with its `code` and `path`, from the iteration.
 */
export async function* worktreeFiles(
  root: string,
  selector: Selector,
): AsyncGenerator<WorktreeFile, void, undefined> {
  const repository = await findRepository(root);
  const paths = repository.kind === "waiting" ? null : await unignoredPaths(root, repository.gitDir);
  if (paths === null) {
    yield* walk(root, selector, "");
    return;
  }
  const selected = [...paths].flatMap((given) => {
    const path = given.replace(/\/$/, "");
    return foldersOf(path).every((folder) => selector.mayContain(folder)) && selector.selects(path)
      ? [path]
      : [];
  });
  for (const path of selected.sort(compareBytes)) {
    const mode = modeAt(join(root, path));
    if (mode !== null) yield { path, mode };
  }
}

/** `a/`, `a/b/` of `a/b/c.md`. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
    folders.push(path.slice(0, at + 1));
  return folders;
}

/** Null for what is gone, and what is nothing that Git keeps. A folder is a repository within the repository. */
function modeAt(file: string): FileMode | null {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.isDirectory()) return "submodule";
  if (stats.isSymbolicLink()) return "symlink";
  return stats.isFile() ? "file" : null;
}

/** The same without git's help: where there is none, nothing is known to be ignored. */
async function* walk(root: string, selector: Selector, dir: string): AsyncGenerator<WorktreeFile> {
  for (const entry of await entriesOf(join(root, dir))) {
    const path = dir + entry.name;
    if (entry.isDirectory()) {
      if (entry.name === ".git" || !selector.mayContain(`${path}/`)) continue;
      const nested = await lstat(join(root, path, ".git")).catch(() => null);
      if (nested === null) yield* walk(root, selector, `${path}/`);
      else if (selector.selects(path)) yield { path, mode: "submodule" };
    } else if (selector.selects(path)) {
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

/**
 * Content of a file by its absolute path; null when it is gone, or is no regular file any more. Reads at once:
 * of tens of thousands of small files most time would go into waiting for each.
 */
export async function readWorktreeFile(path: string, maxSizeBytes: number): Promise<Content | null> {
  const content = readRegularFileNow(path, maxSizeBytes);
  return content === null || content.kind === "other" ? null : content;
}

/**
 * Opens the work tree of a repository as a source. Its revision is a digest of what is there, so that it
 * changes with each edit; a blob's id is the one that Git would give it. Nothing is written.
 */
export function openWorktreeSource(
  options: Selector & Pick<SourceOptions, "repo" | "maxSizeBytes">,
): GitSource {
  return new WorktreeSource(options);
}

/** A file as it was when it was read last. */
interface KnownFile {
  readonly blob: BlobId;
  /** Size, times and inode: while they are the same, so is the content. */
  readonly stamp: string;
}

class WorktreeSource implements GitSource {
  readonly #options: Parameters<typeof openWorktreeSource>[0];
  /** Root of the work tree, once it was looked at. */
  #root: string | null = null;
  #files = new Map<string, KnownFile>();
  /** Where each content was seen; any path will do, as the bytes are compared when they are read. */
  #pathOf = new Map<BlobId, string>();
  /** What is in the work tree, and the name made up for it. */
  #revision: Revision = "";
  #changes: readonly Change[] = [];

  constructor(options: Parameters<typeof openWorktreeSource>[0]) {
    this.#options = options;
  }

  async head(): Promise<Head> {
    const found = await findWorktree(this.#options.repo);
    if (found.kind === "waiting") return found;
    try {
      this.#root = found.root;
      await this.#look(found.root);
    } catch (error) {
      // A folder that vanishes under the reader, or that this user may not read.
      const { message } = error as Error;
      return unreadable(`cannot read the files: ${message}`, "It is tried again.");
    }
    return { kind: "revision", revision: this.#revision, tree: this.#revision };
  }

  /** Always lists: comparing with the manifest costs no reading here. */
  async compare(from: Revision | null, to: RevisionHead): Promise<Comparison> {
    const why = from === null ? "no-old-revision" : "old-commit-gone";
    return { way: "list", why, pages: this.#pages(to.revision), remember: () => {} };
  }

  async *#pages(revision: Revision): AsyncGenerator<readonly Change[], void, undefined> {
    const changes = this.#changes;
    for (let start = 0; start < changes.length; start += PAGE_LENGTH) {
      if (this.#revision !== revision) throw new ObjectsGone("the files on disk have changed");
      yield changes.slice(start, start + PAGE_LENGTH);
    }
  }

  async read(blob: BlobId): Promise<Content> {
    const path = this.#pathOf.get(blob);
    const content = path === undefined ? null : await this.#read(path);
    // Edited since it was listed: the next look at the head shows it.
    return content !== null && blobOf(content) === blob ? content : { kind: "missing" };
  }

  async describe(): Promise<null> {
    return null;
  }

  async existing(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const root = this.#root;
    return new Set(paths.filter((path) => root === null || existsSync(join(root, path))));
  }

  async close(): Promise<void> {}

  async #look(root: string): Promise<void> {
    const files = new Map<string, KnownFile>();
    const changes: Change[] = [];
    const digest = createHash("sha1");
    for await (const { path, mode } of worktreeFiles(root, this.#options)) {
      const known = mode === "file" ? await this.#know(path, join(root, path)) : null;
      if (mode === "file" && known === null) continue;
      if (known !== null) files.set(path, known);
      const blob = known?.blob ?? createHash("sha1").update(mode).digest("hex");
      changes.push({ path, blob, mode });
      digest.update(`${mode} ${blob} ${path}\0`);
    }
    this.#files = files;
    this.#pathOf = new Map([...files].map(([path, { blob }]) => [blob, join(root, path)]));
    this.#revision = digest.digest("hex");
    this.#changes = changes;
  }

  /** Null when it is gone, or is no regular file any more. */
  async #know(path: string, absolute: string): Promise<KnownFile | null> {
    const stats = await lstat(absolute, { bigint: true }).catch(() => null);
    if (stats === null) return null;
    const stamp = [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(" ");
    const known = this.#files.get(path);
    if (known?.stamp === stamp) return known;
    const content = await this.#read(absolute);
    return content === null ? null : { blob: blobOf(content), stamp };
  }

  #read(absolute: string): Promise<Content | null> {
    return readWorktreeFile(absolute, this.#options.maxSizeBytes);
  }
}

/** Git's id of a content; of one that is too large to be read, one made from its size. */
function blobOf(content: Content): BlobId {
  const hash = createHash("sha1");
  if (content.kind === "bytes") hash.update(`blob ${content.bytes.length}\0`).update(content.bytes);
  else hash.update(content.kind === "too-large" ? `too large ${content.sizeBytes}` : "missing");
  return hash.digest("hex");
}
