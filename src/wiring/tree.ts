/** Files of a repository as they stand, at its revision or on disk: what presets are found and set up by. */
import { join } from "node:path";
import { openSource } from "../source/source.ts";
import { findWorktree, readWorktreeFile, worktreeFiles } from "../source/worktree.ts";
import type { BlobId, Revision } from "../sync/model.ts";
import type { Content, Log, RevisionHead } from "../sync/ports.ts";

/** Which repository, and whether its files on disk count instead of a revision. */
export interface TreeOptions {
  readonly repo: string;
  readonly ref: string;
  readonly isWorktree: boolean;
  readonly log: Log;
}

interface Selector {
  selects(path: string): boolean;
  mayContain(folder: string): boolean;
}

/** All but other people's files. */
export const EVERYTHING: Selector = {
  selects: () => true,
  mayContain: (folder) => !/(?:^|\/)(?:node_modules|\.git)\/$/.test(folder),
};

/** Larger files are no configuration, and no sample. */
const SIZE_BYTES_MAX = 1_048_576;

/** Files that were selected, and a way to read them. */
export interface Listing {
  readonly paths: readonly string[];
  read(path: string): Promise<string | null>;
}

/** Files of a folder on disk, with what Git ignores left out where there is Git. */
export async function treeAt(root: string, selector: Selector = EVERYTHING): Promise<Listing> {
  const paths: string[] = [];
  for await (const { path, mode } of worktreeFiles(root, selector)) if (mode === "file") paths.push(path);
  const read = async (path: string): Promise<string | null> =>
    textOf(await readWorktreeFile(join(root, path), SIZE_BYTES_MAX));
  return { paths, read };
}

/**
 * Lists files, and reads of them what is asked for.
 *
 * @param look Works with the listing, which ends with it.
 * @returns Null while there is no revision, or no work tree.
 */
export async function withListing<Result>(
  options: TreeOptions,
  selector: Selector,
  look: (listing: Listing) => Promise<Result>,
): Promise<Result | null> {
  const { repo, ref, log } = options;
  if (options.isWorktree) {
    const found = await findWorktree(repo);
    if (found.kind === "waiting") return null;
    return look(await treeAt(found.root, selector));
  }
  const source = openSource({ repo, ref, ...selector, maxSizeBytes: SIZE_BYTES_MAX, trees: null, log });
  try {
    const head = await source.head();
    if (head.kind === "waiting") return null;
    const blobs = new Map<string, BlobId>();
    for await (const page of (await source.compare(null, head)).pages) {
      for (const { path, blob, mode } of page) if (mode === "file" && blob !== null) blobs.set(path, blob);
    }
    return await look({
      paths: [...blobs.keys()],
      async read(path) {
        const blob = blobs.get(path);
        return blob === undefined ? null : textOf(await source.read(blob));
      },
    });
  } finally {
    await source.close();
  }
}

/** The texts of some files, from revision to revision: only what differs is looked for again. */
export class FollowedFiles {
  readonly #options: TreeOptions;
  readonly #selector: Selector;
  #at: Revision | null = null;
  #texts = new Map<string, { readonly blob: BlobId; readonly text: string }>();

  constructor(options: TreeOptions, selector: Selector) {
    this.#options = options;
    this.#selector = selector;
  }

  /** @throws {ObjectsGone} When the repository cannot be read just now. */
  async at(head: RevisionHead): Promise<ReadonlyMap<string, string>> {
    if (this.#options.isWorktree) return this.#onDisk();
    if (this.#at !== head.revision) await this.#follow(head);
    return new Map([...this.#texts].map(([path, { text }]) => [path, text]));
  }

  async #onDisk(): Promise<ReadonlyMap<string, string>> {
    const read = await withListing(this.#options, this.#selector, async (listing) => {
      const texts = new Map<string, string>();
      for (const path of listing.paths) texts.set(path, (await listing.read(path)) ?? "");
      return texts;
    });
    return read ?? new Map();
  }

  async #follow(head: RevisionHead): Promise<void> {
    const { repo, ref, log } = this.#options;
    const options = { repo, ref, ...this.#selector, maxSizeBytes: SIZE_BYTES_MAX, trees: null, log };
    const source = openSource(options);
    try {
      await source.head();
      const comparison = await source.compare(this.#at, head);
      const before = this.#texts;
      const texts =
        comparison.way === "list" ? new Map<string, { blob: BlobId; text: string }>() : new Map(before);
      for await (const page of comparison.pages) {
        for (const { path, blob, mode } of page) {
          const known = before.get(path);
          if (blob === null || mode !== "file") texts.delete(path);
          else if (known?.blob === blob) texts.set(path, known);
          else texts.set(path, { blob, text: textOf(await source.read(blob)) ?? "" });
        }
      }
      this.#texts = texts;
      this.#at = head.revision;
    } finally {
      await source.close();
    }
  }
}

function textOf(content: Content | null): string | null {
  return content?.kind === "bytes" ? new TextDecoder().decode(content.bytes) : null;
}
