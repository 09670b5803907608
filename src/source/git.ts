/**
 * Starting git, through zx. One place knows what zx needs to be byte-safe, to work with a busybox `sh`,
 * and to keep nothing of what a long-lived child prints.
 */
import type { Readable, Writable } from "node:stream";
import { $ } from "zx/core";
import { gitEnvironment } from "./environment.ts";

/** Enough for what git says last before it gives up. */
const COMPLAINT_LENGTH_MAX = 4_096;

/** A git that runs. */
export interface GitRun {
  readonly stdin: Writable;
  /** Raw bytes; read it with `for await`, which lets git wait while its reader is busy. */
  readonly stdout: Readable;
  /** How it ended. Never rejects. */
  readonly ended: Promise<GitEnd>;
  /** SIGKILL, to git itself: the shell has been replaced by it. It only reads, so nothing is left half done. */
  kill(): void;
}

export interface GitEnd {
  /** Null when a signal ended it, or when it could not be started. */
  readonly exitCode: number | null;
  /** What it wrote to stderr, at most its last 4 Ki characters; or why it could not be started. */
  readonly complaint: string;
}

/** Git, or the repository as a whole, does not work just now. `hint` says how to mend it. */
export class GitFailed extends Error {
  override readonly name = "GitFailed";
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Keeps a word whole in any POSIX shell; zx's own quoting is bash's. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What zx collects of a child's output, were it not told to drop it. */
function nothingKept(): { stdout: string[]; stderr: string[]; stdall: string[] } {
  const dropping = () => Object.assign([] as string[], { push: () => 0 });
  return { stdout: dropping(), stderr: dropping(), stdall: dropping() };
}

/**
 * Starts `git --git-dir=<gitDir> <words>`. It runs in `/`, for a folder in the repository may vanish under it.
 * A git that cannot be started shows in `ended`.
 */
export function startGit(gitDir: string, words: readonly string[]): GitRun {
  const shell = $({
    shell: "/bin/sh",
    prefix: "",
    postfix: "",
    quote,
    cwd: "/",
    env: gitEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
    store: nothingKept(),
    nothrow: true,
    quiet: true,
    verbose: false,
    detached: false,
    preferLocal: false,
    timeout: 0,
  });
  // `exec`: git takes the shell's place, so that a signal reaches git and no shell is left behind.
  const run = shell`exec git --git-dir=${gitDir} ${words}`;
  const { child } = run;
  if (!child?.stdin || !child.stdout || !child.stderr) throw new Error("a child without pipes");

  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-COMPLAINT_LENGTH_MAX);
  });
  // A git that died shows in `ended`; the broken pipe to it is no news.
  child.stdin.on("error", () => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended: run.then(({ exitCode, cause }) => ({
      exitCode: cause instanceof Error ? null : exitCode,
      complaint: cause instanceof Error ? cause.message : complaint.trim(),
    })),
    kill: () => void child.kill("SIGKILL"),
  };
}

/** What the end of a git that should have gone on (or ended well) means to whoever runs it. */
export function failureOf(end: GitEnd, gitDir: string): GitFailed {
  const complaint = /^(?:fatal|error): (.*)$/m.exec(end.complaint)?.[1] ?? end.complaint.split("\n")[0];
  if (end.exitCode === 127 || /exec: git: |: git: not found/.test(end.complaint)) {
    return new GitFailed(
      "git cannot be started: it is not on PATH",
      "Install git, or add its folder to PATH.",
    );
  }
  if (end.exitCode === null && /^spawn /.test(end.complaint)) {
    return new GitFailed(
      `git cannot be started: ${end.complaint}`,
      "git is started through /bin/sh: the image needs a POSIX shell there.",
    );
  }
  const what =
    complaint || (end.exitCode === null ? "ended by a signal" : `ended with exit code ${end.exitCode}`);
  return new GitFailed(`git cannot read ${gitDir}: ${what}`, hintFor(what));
}

function hintFor(complaint: string): string {
  if (/permission denied/i.test(complaint)) {
    return "Run the agent as the user or group that owns the repository (git-sync: --group-write).";
  }
  if (/unknown repository extension|repo version/i.test(complaint)) {
    return "The repository uses a format this git does not know: install a newer git beside the agent.";
  }
  if (/not a git repository/i.test(complaint)) {
    return "Point --repo at a clone, a bare repository or git-sync's link.";
  }
  return "Try `git cat-file -t HEAD` in the repository; the agent goes on by itself once git can read it.";
}
