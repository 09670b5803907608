/** Hints that files of a work tree have changed. Hints only: the poll finds everything without them. */
import { basename, relative } from "node:path";
import { watch as chokidarWatch, type FSWatcher } from "chokidar";
import type { Log } from "../sync/ports.ts";
import type { LinkWatch } from "./watch.ts";

export interface WorktreeWatchOptions {
  /** Absolute path of the root of a work tree. */
  readonly root: string;
  /** Whether a folder, named `a/b/`, can hold an article. Never asked for the root. */
  mayContain(dir: string): boolean;
  readonly onHint: () => void;
  readonly log: Log;
}

/** Editors write in several steps; a hint comes when it has been quiet for so long, milliseconds. */
const QUIET_MS = 40;

/** Watches the folders of a work tree from now on. */
export function watchWorktree(options: WorktreeWatchOptions): LinkWatch {
  return new WorktreeWatch(options);
}

class WorktreeWatch implements LinkWatch {
  readonly #options: WorktreeWatchOptions;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #complained = false;
  #closed = false;

  constructor(options: WorktreeWatchOptions) {
    this.#options = options;
    void this.rearm();
  }

  /** Watches again after the system refused. */
  async rearm(): Promise<void> {
    if (this.#watcher !== null || this.#closed) return;
    const { root, mayContain } = this.#options;
    const watcher = chokidarWatch(root, {
      followSymlinks: false,
      ignoreInitial: true,
      atomic: false,
      ignored: (path, stats) => {
        if (path === root) return false;
        if (basename(path) === ".git") return true;
        return stats?.isDirectory() === true && !mayContain(`${relative(root, path)}/`);
      },
    });
    this.#watcher = watcher;
    watcher.on("all", () => this.#soon());
    // What happened before it listened was not heard.
    watcher.once("ready", () => this.#soon());
    watcher.on("error", (error) => this.#failed(watcher, error));
  }

  alive(): boolean {
    return this.#watcher !== null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#watcher?.close();
    this.#watcher = null;
  }

  #soon(): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#options.onHint(), QUIET_MS);
  }

  #failed(watcher: FSWatcher, error: unknown): void {
    void watcher.close();
    if (this.#watcher === watcher) this.#watcher = null;
    if (this.#complained || this.#closed) return;
    this.#complained = true;
    const { code, message } = error as NodeJS.ErrnoException;
    const hint =
      code === "ENOSPC"
        ? "Raise the sysctl fs.inotify.max_user_watches."
        : "Edits are found by the poll all the same, a little later.";
    this.#options.log.emit("warn", "watch.failed", `Cannot watch ${this.#options.root}: ${message}`, {
      hint,
    });
  }
}
