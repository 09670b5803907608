/**
 * What kubernetes/git-sync does to a disk, with plain git: fetch, a worktree named after the revision, a
 * link flipped in one step, and the old revision deleted at once. For tests and for the demonstration.
 */
import { execFile } from "node:child_process";
import { renameSync } from "node:fs";
import { access, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where a generation of git-sync publishes, and what it keeps. */
const STYLES = {
  v4: { folder: (sha: string) => join(".worktrees", sha), depth: 1, gc: "always" },
  v3: { folder: (sha: string) => sha, depth: 0, gc: "auto" },
  "v3.1": { folder: (sha: string) => `rev-${sha}`, depth: 0, gc: "auto" },
} as const;

export interface GitSyncOptions {
  /** Path of the repository that authors push to. */
  readonly upstream: string;
  /** Its root volume: holds `.git`, the worktrees and the link. */
  readonly root: string;
  /** Name of the link in it; `repo` by default. */
  readonly link?: string;
  readonly style?: keyof typeof STYLES;
  readonly ref?: string;
  /** 0 fetches the whole history. By default as that generation does. */
  readonly depth?: number;
  readonly gc?: "always" | "auto" | "off";
}

/** One sync: `flippedAtMs` is epoch milliseconds with a fraction, null where the revision was there already. */
export interface SyncResult {
  readonly revision: string;
  readonly flippedAtMs: number | null;
}

/** A sidecar that syncs on command. */
export class GitSync {
  /** Absolute path of the published link: what a consumer follows. */
  readonly link: string;
  readonly root: string;
  readonly #upstream: string;
  readonly #ref: string;
  readonly #folder: (sha: string) => string;
  readonly #depth: number;
  readonly #gc: "always" | "auto" | "off";

  constructor(options: GitSyncOptions) {
    const style = STYLES[options.style ?? "v4"];
    this.#upstream = options.upstream;
    this.root = options.root;
    this.link = join(options.root, options.link ?? "repo");
    this.#ref = options.ref ?? "HEAD";
    this.#folder = style.folder;
    this.#depth = options.depth ?? style.depth;
    this.#gc = options.gc ?? style.gc;
  }

  /** One period: resolves when the old revision is deleted, long after the flip. */
  async sync(): Promise<SyncResult> {
    await this.#init();
    const depth = this.#depth > 0 ? [`--depth=${this.#depth}`] : [];
    await this.#git("fetch", "-q", "--no-auto-gc", "--prune", ...depth, this.#upstream, this.#ref);
    const revision = await this.#git("rev-parse", "FETCH_HEAD^{commit}");
    const target = this.#folder(revision);
    const published = await readlink(this.link).catch(() => null);
    if (published === target) return { revision, flippedAtMs: null };

    await this.#checkOut(revision, join(this.root, target));
    const temporary = join(this.root, "tmp-link");
    await symlink(target, temporary);
    // Before the flip and without a pause: the flip is seen after this.
    const flippedAtMs = performance.timeOrigin + performance.now();
    renameSync(temporary, this.link);
    await this.#sweep(published === null ? null : join(this.root, published), target);
    return { revision, flippedAtMs };
  }

  /** Deletes everything, as git-sync does when it finds its root damaged. */
  async wipe(): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      await rm(join(this.root, name), { recursive: true, force: true });
    }
  }

  async #init(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    const exists = await access(join(this.root, ".git")).then(
      () => true,
      () => false,
    );
    if (exists) return;
    const format = await this.#git("-C", this.#upstream, "rev-parse", "--show-object-format");
    await this.#git("init", "-q", "-b", "git-sync", `--object-format=${format}`);
    await this.#git("remote", "add", "origin", this.#upstream);
    await this.#git("config", "gc.pruneExpire", "now");
    await this.#git("config", "gc.autoDetach", "false");
  }

  async #checkOut(revision: string, worktree: string): Promise<void> {
    await rm(worktree, { recursive: true, force: true });
    await this.#git("worktree", "prune");
    await this.#git("worktree", "add", "-q", "--force", "--detach", "--no-checkout", worktree, revision);
    // Relative, so that it holds on another mount of the volume too.
    const pointer = join(worktree, ".git");
    const name = basename((await readFile(pointer, "utf8")).trim());
    await writeFile(pointer, `gitdir: ${relative(worktree, join(this.root, ".git", "worktrees", name))}\n`);
    await this.#git("-C", worktree, "reset", "-q", "--hard", revision, "--");
  }

  async #sweep(old: string | null, target: string): Promise<void> {
    if (old !== null && old !== join(this.root, target)) await rm(old, { recursive: true, force: true });
    await this.#git("worktree", "prune");
    await this.#git("reflog", "expire", "--expire-unreachable=all", "--all");
    if (this.#gc !== "off") await this.#git("gc", "-q", ...(this.#gc === "auto" ? ["--auto"] : []));
  }

  async #git(...words: string[]): Promise<string> {
    const { stdout } = await run("git", words, {
      cwd: this.root,
      maxBuffer: 1 << 26,
      env: {
        PATH: process.env["PATH"],
        HOME: "/nonexistent",
        LC_ALL: "C",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "safe.directory",
        GIT_CONFIG_VALUE_0: "*",
      },
    });
    return stdout.trim();
  }
}
