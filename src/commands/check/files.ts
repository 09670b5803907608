import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { UsageError } from "../../errors.ts";
import { convertedIn } from "../../source/attributes.ts";
import { findRepository } from "../../source/repository.ts";
import { openSource } from "../../source/source.ts";
import { readWorktreeFile, worktreeFiles } from "../../source/worktree.ts";
import type { Change, FileMode } from "../../sync/model.ts";
import type { Content, Log } from "../../sync/ports.ts";
import { workTreeAt } from "../../wiring/preview.ts";

/** Files of a repository that a command looks at, at one revision or as they are on disk. */
export interface Files {
  /** Full commit id; null for the work tree. */
  readonly revision: string | null;
  /** The folder that paths start from; in a bare repository the repository itself. */
  readonly root: string;
  /** Candidates in byte order of their paths. */
  readonly candidates: () => AsyncIterable<Candidate>;
  /** Whether a file or folder has this path; right from the first candidate on. */
  exists(path: string): boolean;
  /** Whether the file of this path is among the candidates; right from the first one on. */
  isCandidate(path: string): boolean;
  /** Which of these files on disk differ from what Git commits of them, and by which attribute. */
  converted(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

/** A path that the globs select. */
export interface Candidate {
  readonly path: string;
  readonly mode: FileMode;
  /** Null for what is never followed. */
  read(): Promise<Content | null>;
}

interface Selector {
  selects(path: string): boolean;
  mayContain(dir: string): boolean;
}

/**
 * Opens the repository for a command that looks at every file.
 *
 * @param from The current revision, or the files as they are on disk.
 * @throws {UsageError} When there is no revision, or no work tree.
 */
export async function openFiles(
  settings: Pick<Settings, "repo" | "ref" | "articles">,
  selector: Selector,
  from: "revision" | "worktree",
  log: Log,
): Promise<Files> {
  return from === "revision" ? committedFiles(settings, selector, log) : filesOnDisk(settings, selector);
}

async function committedFiles(
  { repo, ref, articles }: Pick<Settings, "repo" | "ref" | "articles">,
  selector: Selector,
  log: Log,
): Promise<Files> {
  const { maxSizeBytes } = articles;
  // All paths are listed, not just candidates: links and images lead to the others.
  const all = { selects: () => true, mayContain: () => true };
  const source = openSource({ repo, ref, ...all, maxSizeBytes, trees: null, log });
  const head = await source.head();
  if (head.kind === "waiting") {
    await source.close();
    throw new UsageError((words) => words.cannotReadArticles(head.reason, head.hint));
  }
  const repository = await findRepository(repo);
  const paths = new Set<string>();
  const exists = (path: string): boolean => paths.has(path.replace(/\/$/, ""));
  const entries = async function* (): AsyncIterable<Change> {
    for await (const page of (await source.compare(null, head)).pages) yield* page;
  };
  return {
    revision: head.revision,
    root: repository.kind === "repository" ? repository.folder : repo,
    async *candidates() {
      // Links lead to files below, so that all paths have to be known before the first file is looked at.
      for await (const { path } of entries()) addWithFolders(paths, path);
      for await (const { path, blob, mode } of entries()) {
        if (!selector.selects(path)) continue;
        const read = async () => (mode === "file" && blob !== null ? source.read(blob) : null);
        yield { path, mode, read };
      }
    },
    exists,
    isCandidate: (path) => selector.selects(path) && exists(path),
    converted: async () => new Map(),
    close: () => source.close(),
  };
}

async function filesOnDisk(
  { repo, articles }: Pick<Settings, "repo" | "articles">,
  selector: Selector,
): Promise<Files> {
  const root = await workTreeAt(repo);
  const { maxSizeBytes } = articles;
  return {
    revision: null,
    root,
    async *candidates() {
      for await (const { path, mode } of worktreeFiles(root, selector)) {
        if (mode !== "file") yield { path, mode, read: async () => null };
        else {
          const content = await readWorktreeFile(join(root, path), maxSizeBytes);
          if (content !== null) yield { path, mode, read: async () => content };
        }
      }
    },
    exists: (path) => existsSync(join(root, path)),
    isCandidate: (path) => selector.selects(path) && existsSync(join(root, path)),
    converted: (paths) => convertedIn(root, paths),
    close: async () => {},
  };
}

function addWithFolders(paths: Set<string>, path: string): void {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const prefix = path.slice(0, end);
    if (paths.has(prefix)) return;
    paths.add(prefix);
  }
}
