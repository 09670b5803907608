/**
 * A repository of any size as git-sync publishes it: made by `git fast-import`, and flipped by renaming a
 * link. The objects of the old revision are deleted after each flip. Nothing is checked out, because the
 * agent reads no files of a worktree.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { article } from "./article.ts";

const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

export interface PublicationOptions {
  readonly files: number;
  /** Most files a folder; folders lie below `posts/`. */
  readonly filesPerFolder: number;
  readonly articleBytes: number;
}

export class Publication {
  /** The link that a consumer follows. */
  readonly link: string;
  readonly gitDir: string;
  readonly #root: string;
  readonly #options: PublicationOptions;
  #revision = "";
  #edition = 0;
  /** The prepared revision, and the objects that only the one before it has. */
  #next: { readonly revision: string; readonly stale: readonly string[] } | null = null;

  private constructor(root: string, options: PublicationOptions) {
    this.#root = root;
    this.#options = options;
    this.link = join(root, "repo");
    this.gitDir = join(root, ".git");
  }

  static async create(root: string, options: PublicationOptions): Promise<Publication> {
    const publication = new Publication(root, options);
    mkdirSync(root, { recursive: true });
    publication.#git("init", "-q", "-b", "main", root);
    publication.#git("config", "core.compression", "1");
    await publication.#importFirst();
    publication.#publish(publication.#head());
    return publication;
  }

  path(number: number): string {
    return `posts/${String(Math.floor(number / this.#options.filesPerFolder)).padStart(4, "0")}/article-${number}.md`;
  }

  /** Writes a revision in which these articles differ; `flip` publishes it. */
  async prepare(numbers: readonly number[]): Promise<void> {
    this.#edition++;
    const tree = this.#git("--git-dir", this.gitDir, "rev-parse", "refs/heads/main^{tree}");
    await this.#import(tree, numbers);
    const revision = this.#head();
    const stale = this.#replaced(this.#revision, revision);
    this.#addWorktree(revision);
    symlinkSync(join(".worktrees", revision), join(this.#root, "tmp-link"));
    this.#next = { revision, stale };
  }

  /** @returns When the link was flipped: nanoseconds of the machine's monotonic clock. */
  flip(): bigint {
    const flippedAt = process.hrtime.bigint();
    renameSync(join(this.#root, "tmp-link"), this.link);
    return flippedAt;
  }

  /** Deletes the old worktree and the objects that only it had, as git-sync does after a flip. */
  sweep(): void {
    if (this.#next === null) return;
    rmSync(join(this.#root, ".worktrees", this.#revision), { recursive: true, force: true });
    rmSync(join(this.gitDir, "worktrees", this.#revision), { recursive: true, force: true });
    for (const id of this.#next.stale) {
      rmSync(join(this.gitDir, "objects", id.slice(0, 2), id.slice(2)), { force: true });
    }
    this.#revision = this.#next.revision;
    this.#next = null;
  }

  #publish(revision: string): void {
    this.#addWorktree(revision);
    symlinkSync(join(".worktrees", revision), this.link);
    this.#revision = revision;
  }

  #addWorktree(revision: string): void {
    const worktree = join(this.#root, ".worktrees", revision);
    const gitDir = join(this.gitDir, "worktrees", revision);
    mkdirSync(worktree, { recursive: true });
    mkdirSync(gitDir, { recursive: true });
    writeFileSync(join(worktree, ".git"), `gitdir: ../../.git/worktrees/${revision}\n`);
    writeFileSync(join(gitDir, "HEAD"), `${revision}\n`);
    writeFileSync(join(gitDir, "commondir"), "../..\n");
    writeFileSync(join(gitDir, "gitdir"), `${join(worktree, ".git")}\n`);
  }

  #importFirst(): Promise<void> {
    const { files } = this.#options;
    return this.#import(null, {
      *[Symbol.iterator]() {
        for (let number = 0; number < files; number++) yield number;
      },
    });
  }

  /** One commit without a parent, as in a shallow clone. @param tree What it begins with. */
  async #import(tree: string | null, numbers: Iterable<number>): Promise<void> {
    const git = spawn("git", ["--git-dir", this.gitDir, "fast-import", "--quiet", "--force", "--depth=0"], {
      stdio: ["pipe", "ignore", "inherit"],
      env: ENVIRONMENT,
    });
    const ended = new Promise<number | null>((done) => git.on("close", done));
    const write = async (text: string): Promise<void> => {
      if (!git.stdin.write(text)) await new Promise<void>((drained) => git.stdin.once("drain", drained));
    };
    const when = 1_700_000_000 + this.#edition;
    await write(`commit refs/heads/main\ncommitter Bench <bench@example.org> ${when} +0000\ndata 0\n\n`);
    if (tree !== null) await write(`M 040000 ${tree} \n`);
    let pending: string[] = [];
    for (const number of numbers) {
      const text = article(number, this.#edition, this.#options.articleBytes);
      pending.push(`M 100644 inline ${this.path(number)}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
      if (pending.length < 500) continue;
      await write(pending.join(""));
      pending = [];
    }
    git.stdin.end(`${pending.join("")}\n`);
    const code = await ended;
    if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  }

  /** Ids of the objects that one revision has and the next does not: commit, trees, files. */
  #replaced(before: string, now: string): string[] {
    const words = ["diff-tree", "-r", "-t", "--raw", "--no-abbrev", "--no-renames", before, now];
    const raw = this.#git("--git-dir", this.gitDir, ...words);
    const root = this.#git("--git-dir", this.gitDir, "rev-parse", `${before}^{tree}`);
    return [before, root, ...raw.split("\n").map((line) => line.split(" ")[2] ?? "")];
  }

  #head(): string {
    return this.#git("--git-dir", this.gitDir, "rev-parse", "refs/heads/main");
  }

  #git(...words: string[]): string {
    const where = words[0] === "config" ? ["--git-dir", this.gitDir] : [];
    return execFileSync("git", [...where, ...words], { encoding: "utf8", env: ENVIRONMENT }).trim();
  }
}
