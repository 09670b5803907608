/**
 * Hints that what is published may have changed, within milliseconds. Hints only: the truth is read anew after
 * each, and the poll finds everything without them.
 */
import { stat } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { watch as chokidarWatch, type FSWatcher } from "chokidar";
import type { Log } from "../sync/ports.ts";
import { findRepository, followLinks, publishedRevision, refFiles } from "./repository.ts";
import type { Selector } from "./tree.ts";

export interface WatchOptions {
  /** Something may have changed. Called often rather than seldom; never after `close` was called. */
  readonly onHint: () => void;
  readonly log: Log;
  /** Stands in for chokidar's, in tests of what cannot be provoked. */
  readonly watch?: typeof chokidarWatch;
}

/** Watches until it is closed. */
export interface Watcher {
  /**
   * Looks whether what is watched is still what should be: folders come late, are replaced, HEAD moves to
   * another branch. Cheap when nothing changed; to be called at each poll. Never rejects.
   */
  rearm(): Promise<void>;
  /** Whether hints are to be expected; false where there is nothing to watch, or the system refuses. */
  alive(): boolean;
  close(): Promise<void>;
}

/** What is to be watched. Folders are watched, never links: those lead to the old target. */
interface Target {
  readonly folders: readonly string[];
  /** Levels of folders below them. */
  readonly depth: number;
  /** Tells it from another target, and a folder from another one at the same path. */
  readonly identity: string;
  isIgnored(path: string, isFolder: boolean): boolean;
}

/** Editors write in several steps; a hint comes when it has been quiet for so long, milliseconds. */
const EDIT_QUIET_MS = 40;

/**
 * Watches where the followed ref shows in the file system, from now on.
 *
 * @param options.repo Absolute path of the repository, or of git-sync's link to it. It need not be there yet.
 * @param options.ref What is followed.
 */
export function watchRepository(
  options: WatchOptions & { readonly repo: string; readonly ref: string },
): Watcher {
  const { repo, ref } = options;
  return new FolderWatcher(repo, 0, options, async () => {
    const files = await filesOf(repo, ref);
    const folders = new Set(files.map(dirname));
    const identity = await identify(folders);
    const watched = new Set([...folders, ...files]);
    return {
      folders: [...folders],
      depth: 0,
      identity: identity && [identity, ...files].join("\n"),
      isIgnored: (path) => !watched.has(path),
    };
  });
}

/**
 * Watches the folders of a work tree, from now on.
 *
 * @param options.root Absolute path of its root.
 */
export function watchWorktree(
  options: WatchOptions & Pick<Selector, "mayContain"> & { readonly root: string },
): Watcher {
  const { root, mayContain } = options;
  return new FolderWatcher(root, EDIT_QUIET_MS, options, async () => ({
    folders: [root],
    depth: Number.POSITIVE_INFINITY,
    identity: await identify(new Set([root])),
    isIgnored: (path, isFolder) =>
      path !== root && (basename(path) === ".git" || (isFolder && !mayContain(`${relative(root, path)}/`))),
  }));
}

class FolderWatcher implements Watcher {
  readonly #name: string;
  readonly #quietMs: number;
  readonly #options: WatchOptions;
  readonly #findTarget: () => Promise<Target>;
  #watcher: FSWatcher | null = null;
  /** Identity of what is watched; empty when nothing is, or the watcher went deaf. */
  #armed = "";
  #arming: Promise<void> | null = null;
  #hinting: NodeJS.Timeout | undefined;
  #isFailureReported = false;
  #isClosed = false;

  /**
   * @param name Of what is watched, in the log.
   * @param quietMs A hint waits until no other came for so long.
   */
  constructor(name: string, quietMs: number, options: WatchOptions, findTarget: () => Promise<Target>) {
    this.#name = name;
    this.#quietMs = quietMs;
    this.#options = options;
    this.#findTarget = findTarget;
    void this.rearm();
  }

  rearm(): Promise<void> {
    this.#arming ??= this.#arm()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#arming = null;
      });
    return this.#arming;
  }

  alive(): boolean {
    return this.#armed !== "";
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#armed = "";
    clearTimeout(this.#hinting);
    await this.#arming;
    await this.#watcher?.close();
    this.#watcher = null;
  }

  async #arm(): Promise<void> {
    const target = await this.#findTarget();
    if (target.identity === this.#armed || this.#isClosed) return;
    await this.#watcher?.close();
    this.#watcher = null;
    this.#armed = target.identity;
    if (target.identity !== "") await this.#watch(target);
  }

  /** Resolves when events are listened for. */
  async #watch({ folders, depth, identity, isIgnored }: Target): Promise<void> {
    const watcher = (this.#options.watch ?? chokidarWatch)([...folders], {
      followSymlinks: false,
      depth,
      ignored: (path, stats) => isIgnored(path, stats?.isDirectory() === true),
      ignoreInitial: true,
      // Its pause before it reports a removal is for editors that save in two steps.
      atomic: false,
    });
    this.#watcher = watcher;
    watcher.on("all", (event, path) => {
      // A folder that went takes its watch with it: the next look must not be fooled by its successor.
      if (event === "unlinkDir" && folders.includes(path)) this.#armed = "";
      this.#hint();
    });
    watcher.on("error", (error) => this.#fail(error));
    await new Promise<void>((ready) => {
      watcher.once("ready", ready);
      watcher.once("error", () => ready());
    });
    if (this.#armed !== identity) return;
    if (this.#isFailureReported) {
      this.#isFailureReported = false;
      this.#options.log.emit("info", "watch.recovered", "The repository is watched again");
    }
    // What happened before it listened was not heard.
    this.#hint();
  }

  #hint(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#hinting);
    if (this.#quietMs === 0) this.#options.onHint();
    else this.#hinting = setTimeout(this.#options.onHint, this.#quietMs);
  }

  /** Out of watches or of files: reported once; the poll goes on, and each of its looks tries again. */
  #fail(error: unknown): void {
    const watcher = this.#watcher;
    this.#watcher = null;
    this.#armed = "";
    void watcher?.close();
    if (this.#isFailureReported || this.#isClosed) return;
    this.#isFailureReported = true;
    const { code, message } = error as NodeJS.ErrnoException;
    const hint =
      code === "ENOSPC"
        ? "Raise the sysctl fs.inotify.max_user_watches."
        : code === "EMFILE"
          ? "Raise the sysctl fs.inotify.max_user_instances, or the limit of open files."
          : "The poll finds every change all the same, a little later.";
    this.#options.log.emit("warn", "watch.failed", `Cannot watch ${this.#name}: ${message}`, { hint });
  }
}

/** Files and links of which one is written when the followed ref moves. */
async function filesOf(repo: string, ref: string): Promise<readonly string[]> {
  const { links, end } = await followLinks(repo);
  // A published folder never moves: a new revision is a new link.
  if (links.length > 0 && publishedRevision(end) !== null && ref === "HEAD") return links;
  const repository = await findRepository(repo);
  const files = repository.kind === "waiting" ? [repo] : await refFiles(repository, ref);
  return [...links, ...files];
}

/** Tells the folders from others at the same paths; empty when none is there. Drops those that are not. */
async function identify(folders: Set<string>): Promise<string> {
  const words: string[] = [];
  for (const folder of [...folders]) {
    try {
      const { dev, ino, birthtimeMs } = await stat(folder);
      words.push([folder, dev, ino, birthtimeMs].join(" "));
    } catch {
      folders.delete(folder);
    }
  }
  return words.join("\n");
}
