/** The `Source` port over files as they are on disk, for an author who looks at what is not committed yet. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { BlobId, Change, Revision } from "../sync/model.ts";
import { type Comparison, type Content, type Head, ObjectsGone, type RevisionHead } from "../sync/ports.ts";
import { findPlace } from "./place.ts";
import type { GitSource, SourceOptions } from "./source.ts";
import { readWorktreeFile, worktreePaths } from "./worktree.ts";

/** Changes given to the core in one go. */
const PAGE = 1_000;

/** A file as it was when it was read last. */
interface Known {
  readonly blob: BlobId;
  /** Size, times and inode: while they are the same, so is the content. */
  readonly stamp: string;
}

/** What stands in the work tree, and the name made up for it. */
interface Snapshot {
  readonly revision: Revision;
  readonly changes: readonly Change[];
}

/**
 * Opens the work tree of a repository. Its revision is a digest of what is there, so that it changes with
 * each edit; a blob's id is the one that Git would give it. Nothing is written, and git itself not run.
 */
export function openWorktreeSource(
  options: Pick<SourceOptions, "repo" | "selects" | "mayContain" | "maxSizeBytes">,
): GitSource {
  return new WorktreeSource(options);
}

class WorktreeSource implements GitSource {
  readonly #options: Parameters<typeof openWorktreeSource>[0];
  #files = new Map<string, Known>();
  /** Where each content was seen; any path will do, as the bytes are compared when they are read. */
  #pathOf = new Map<BlobId, string>();
  /** Root of the work tree, once it was looked at. */
  #folder: string | null = null;
  #snapshot: Snapshot = { revision: "", changes: [] };

  constructor(options: Parameters<typeof openWorktreeSource>[0]) {
    this.#options = options;
  }

  async head(): Promise<Head> {
    const place = await findPlace(this.#options.repo);
    if (place.kind === "waiting") return { kind: "waiting", reason: place.reason, hint: place.hint };
    if (place.gitDir === place.folder) {
      const reason = `${place.folder} is a bare repository: it has no files on disk`;
      return { kind: "waiting", reason, hint: "Leave out --worktree, or name a clone with --repo." };
    }
    try {
      this.#folder = place.folder;
      this.#snapshot = await this.#look(place.folder);
    } catch (error) {
      // A folder that vanishes under the reader, or that this user may not read.
      const { message } = error as Error;
      return { kind: "waiting", reason: `cannot read the files: ${message}`, hint: "It is tried again." };
    }
    const { revision } = this.#snapshot;
    return { kind: "revision", revision, tree: revision };
  }

  /** Always lists: comparing with the manifest costs no reading here. */
  async compare(from: Revision | null, to: RevisionHead): Promise<Comparison> {
    const pages = this.#pages(to.revision);
    const why = from === null ? "no-old-revision" : "old-commit-gone";
    return { way: "list", why, pages, remember: () => {} };
  }

  async *#pages(revision: Revision): AsyncGenerator<readonly Change[], void, undefined> {
    const { changes } = this.#snapshot;
    for (let start = 0; start < changes.length; start += PAGE) {
      if (this.#snapshot.revision !== revision) throw new ObjectsGone("the files on disk have changed");
      yield changes.slice(start, start + PAGE);
    }
  }

  async read(blob: BlobId): Promise<Content> {
    const path = this.#pathOf.get(blob);
    const content = path === undefined ? null : await this.#read(path);
    // Edited since it was listed: the next look at the head tells.
    return content !== null && blobOf(content) === blob ? content : { kind: "missing" };
  }

  async describe(): Promise<null> {
    return null;
  }

  async standing(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const folder = this.#folder;
    return new Set(paths.filter((path) => folder === null || existsSync(join(folder, path))));
  }

  async close(): Promise<void> {}

  async #look(folder: string): Promise<Snapshot> {
    const files = new Map<string, Known>();
    const changes: Change[] = [];
    const digest = createHash("sha1");
    for await (const { path, mode } of worktreePaths({ ...this.#options, root: folder })) {
      const absolute = join(folder, path);
      const known = mode === "file" ? await this.#know(path, absolute) : null;
      if (mode === "file" && known === null) continue;
      if (known !== null) files.set(path, known);
      const blob = known?.blob ?? createHash("sha1").update(mode).digest("hex");
      changes.push({ path, blob, mode });
      digest.update(`${mode} ${blob} ${path}\0`);
    }
    this.#files = files;
    this.#pathOf = new Map([...files].map(([path, { blob }]) => [blob, join(folder, path)]));
    return { revision: digest.digest("hex"), changes };
  }

  /** Null when it is gone, or is no regular file any more. */
  async #know(path: string, absolute: string): Promise<Known | null> {
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

/** Git's id of a content; of one that is too large to be read, one that tells its size. */
function blobOf(content: Content): BlobId {
  const hash = createHash("sha1");
  if (content.kind === "bytes") hash.update(`blob ${content.bytes.length}\0`).update(content.bytes);
  else hash.update(content.kind === "too-large" ? `too large ${content.sizeBytes}` : "missing");
  return hash.digest("hex");
}
