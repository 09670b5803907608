/**
 * Hints that the published revision may have moved, within milliseconds of a flip or a commit. Hints only:
 * whoever gets one reads the truth again, and the poll finds everything without them.
 */
import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { watch as chokidarWatch, type FSWatcher } from "chokidar";
import type { Log } from "../sync/ports.ts";
import { findPlace, type Place, publishedRevision } from "./place.ts";

export interface WatchOptions {
  /** Absolute path of the repository, or of git-sync's link to it. It need not be there yet. */
  readonly repo: string;
  /** What is followed; `HEAD` unless told. */
  readonly ref?: string;
  /** The revision may have moved. Called often rather than seldom; never after `close` was called. */
  readonly onHint: () => void;
  readonly log: Log;
  /** Stands in for chokidar's, in tests of what cannot be provoked. */
  readonly watch?: typeof chokidarWatch;
}

/** A watcher of a repository. */
export interface LinkWatch {
  /**
   * Looks whether what is watched is still what should be: folders come late, are replaced, HEAD moves to
   * another branch. Cheap when nothing changed; to be called at each poll. Never rejects.
   */
  rearm(): Promise<void>;
  /** Whether hints are to be expected; false where there is nothing to watch, or the system refuses. */
  alive(): boolean;
  close(): Promise<void>;
}

const LINKS_MAX = 16;

/** Folder → names in it that matter. Folders themselves are watched, never links: those lead to the old target. */
type Spots = Map<string, Set<string>>;

/** Watches a repository from now on. */
export function watchLink(options: WatchOptions): LinkWatch {
  return new Watch(options);
}

class Watch implements LinkWatch {
  readonly #options: WatchOptions;
  #watcher: FSWatcher | null = null;
  /** Identity of the folders that are watched; empty when none is, or the watcher went deaf. */
  #armed = "";
  #arming: Promise<void> | null = null;
  #complained = false;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    void this.rearm();
  }

  rearm(): Promise<void> {
    this.#arming ??= this.#arm()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#arming = null;
      });
    return this.#arming;
  }

  alive(): boolean {
    return this.#armed !== "";
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#armed = "";
    await this.#arming;
    await this.#watcher?.close();
    this.#watcher = null;
  }

  async #arm(): Promise<void> {
    const spots = await spotsOf(this.#options.repo, this.#options.ref ?? "HEAD");
    const identity = await identify(spots);
    if (identity === this.#armed || this.#closed) return;
    await this.#watcher?.close();
    this.#watcher = null;
    this.#armed = identity;
    if (identity !== "") await this.#watch(spots, identity);
  }

  /** Resolves when events are listened for. */
  async #watch(spots: Spots, identity: string): Promise<void> {
    const wanted = new Set<string>();
    for (const [folder, names] of spots) {
      wanted.add(folder);
      for (const name of names) wanted.add(join(folder, name));
    }
    const watcher = (this.#options.watch ?? chokidarWatch)([...spots.keys()], {
      followSymlinks: false,
      depth: 0,
      ignored: (path) => !wanted.has(path),
      ignoreInitial: true,
      // Its pause before it tells of a removal is for editors that save in two steps.
      atomic: false,
    });
    this.#watcher = watcher;
    watcher.on("all", (event, path) => {
      // A folder that went takes its watch with it: the next look must not be fooled by its successor.
      if (event === "unlinkDir" && spots.has(path)) this.#armed = "";
      this.#hint();
    });
    watcher.on("error", (error) => this.#failed(error));
    await new Promise<void>((ready) => {
      watcher.once("ready", ready);
      watcher.once("error", () => ready());
    });
    if (this.#armed !== identity) return;
    if (this.#complained) {
      this.#complained = false;
      this.#options.log.emit("info", "watch.recovered", "The repository is watched again");
    }
    // What happened before it listened was not heard.
    this.#hint();
  }

  #hint(): void {
    if (!this.#closed) this.#options.onHint();
  }

  /** Out of watches or of files: said once; the poll goes on, and each of its looks tries again. */
  #failed(error: unknown): void {
    const watcher = this.#watcher;
    this.#watcher = null;
    this.#armed = "";
    void watcher?.close();
    if (this.#complained || this.#closed) return;
    this.#complained = true;
    const { code, message } = error as NodeJS.ErrnoException;
    const hint =
      code === "ENOSPC"
        ? "Raise the sysctl fs.inotify.max_user_watches."
        : code === "EMFILE"
          ? "Raise the sysctl fs.inotify.max_user_instances, or the limit of open files."
          : "The poll finds new revisions all the same, a little later.";
    this.#options.log.emit("warn", "watch.failed", `Cannot watch ${this.#options.repo}: ${message}`, {
      hint,
    });
  }
}

/** Where a move of the revision shows in the file system. */
async function spotsOf(repo: string, ref: string): Promise<Spots> {
  const spots: Spots = new Map();
  const add = (path: string): void => {
    const folder = dirname(path);
    spots.set(folder, (spots.get(folder) ?? new Set()).add(path.slice(folder.length).replace(/^\//, "")));
  };
  const { links, end } = await linksFrom(repo);
  for (const link of links) add(link);
  // A published folder never moves: a new revision is a new link.
  if (links.length > 0 && publishedRevision(end) !== null && ref === "HEAD") return spots;
  const place = await findPlace(repo);
  if (place.kind !== "place") {
    add(repo);
    return spots;
  }
  for (const file of await refFiles(place, ref)) add(file);
  return spots;
}

/** The links that a path leads through, each of which may be flipped, and where the last one leads. */
async function linksFrom(repo: string): Promise<{ links: readonly string[]; end: string }> {
  const links: string[] = [];
  let path = repo;
  try {
    while (links.length < LINKS_MAX && (await lstat(path)).isSymbolicLink()) {
      links.push(path);
      path = resolve(dirname(path), await readlink(path));
    }
  } catch {
    // The rest is not there; what is, can be watched.
  }
  return { links, end: path };
}

/** Files of which one is written when a ref moves, with either of git's ways to store refs. */
async function refFiles({ gitDir, commonDir }: Place, ref: string): Promise<string[]> {
  const head = await readFile(join(gitDir, "HEAD"), "utf8").catch(() => "");
  const symbolic = /^ref: (\S+)/.exec(head)?.[1];
  const names =
    ref === "HEAD" || ref === "@"
      ? [symbolic]
      : ref.startsWith("refs/")
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/remotes/${ref}`];
  return [
    join(gitDir, "HEAD"),
    join(commonDir, "packed-refs"),
    join(commonDir, "reftable", "tables.list"),
    ...names.filter((name) => name !== undefined).map((name) => join(commonDir, name)),
  ];
}

/** What tells the folders from others at the same paths. Drops those that are not there. */
async function identify(spots: Spots): Promise<string> {
  const words: string[] = [];
  for (const [folder, names] of [...spots]) {
    try {
      const { dev, ino, birthtimeMs } = await stat(folder);
      words.push([folder, dev, ino, birthtimeMs, ...names].join("\0"));
    } catch {
      spots.delete(folder);
    }
  }
  return words.join("\n");
}
