/**
 * Starting git, through zx, in an environment in which no repository can make it run a program, reach the
 * network or write. One place knows what zx needs to be byte-safe, to work with a busybox `sh`, and to keep
 * nothing of what a long-lived child prints.
 */
import type { Readable, Writable } from "node:stream";
import { $ } from "zx/core";

/** Blobs above this are streamed by git instead of unpacked in its memory, whatever the repository sets. */
const BIG_FILE_THRESHOLD_BYTES = 1_048_576;

/**
 * How much of the packs git maps at once, and in pieces of which size. It would map all that it ever read, and
 * an idle sidecar hold a whole repository in memory.
 */
const MAPPED_BYTES_MAX = 16_777_216;
const WINDOW_BYTES = 1_048_576;

/** Configuration of the command scope: it beats the repository's own. */
const CONFIG: readonly (readonly [key: string, value: string])[] = [
  // The repository belongs to git-sync's user, and its path changes at each flip: only `*` fits both.
  ["safe.directory", "*"],
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.sshCommand", "false"],
  ["core.pager", "cat"],
  ["core.askPass", "false"],
  ["credential.helper", ""],
  ["protocol.allow", "never"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["core.bigFileThreshold", String(BIG_FILE_THRESHOLD_BYTES)],
  ["core.packedGitLimit", String(MAPPED_BYTES_MAX)],
  ["core.packedGitWindowSize", String(WINDOW_BYTES)],
];

/**
 * Environment for a git child, made from nothing: only `PATH` is inherited, so no `GIT_*` of a hook that
 * started us, no `HOME` and no `LD_*`.
 *
 * `GIT_WORK_TREE` is `/` because a `core.worktree` in the repository (submodules have one) that is not
 * there on this mount makes git give up; no command used here looks at a work tree.
 *
 * @param path Value of `PATH`; where it is undefined, the shell's own default applies.
 * @see gitenvironment in git(1); gitprotocol in git-config(1), `protocol.allow`
 */
export function gitEnvironment(path: string | undefined = process.env["PATH"]): Record<string, string> {
  const environment: Record<string, string> = {
    ...(path === undefined ? {} : { PATH: path }),
    LC_ALL: "C",
    HOME: "/nonexistent",
    GIT_WORK_TREE: "/",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    // A missing object of a partial clone makes git fetch it. Older gits know only the second way to forbid it.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_CONFIG_COUNT: String(CONFIG.length),
  };
  for (const [index, [key, value]] of CONFIG.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}

/** For how long git may run. */
export interface GitLimits {
  readonly silenceMsMax: number;
  readonly signal?: AbortSignal;
}

/** Enough for git's last words before it gives up. */
const COMPLAINT_LENGTH_MAX = 4_096;

/** A git that runs. */
export interface GitRun {
  readonly stdin: Writable;
  /**
   * Its raw output, to be read once; git waits while its reader is busy, and is ended when its reader stops. A
   * git that gives no byte for too long, while its reader waits and it `isAsked` something, is ended too.
   * Never throws: see how git `ended`.
   */
  output(isAsked?: () => boolean): AsyncGenerator<Buffer, void, undefined>;
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
  /** How long it had been silent when it was ended for that, milliseconds; null when it was not. */
  readonly silentMs: number | null;
}

/** Git, or the repository as a whole, does not work just now. `hint` says how to fix it. */
export class GitFailed extends Error {
  override readonly name = "GitFailed";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Keeps a word whole in any POSIX shell; zx's own quoting is bash's. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Where zx collects a child's output unless given something that drops it. */
function nothingKept(): { stdout: string[]; stderr: string[]; stdall: string[] } {
  const dropping = () => Object.assign([] as string[], { push: () => 0 });
  return { stdout: dropping(), stderr: dropping(), stdall: dropping() };
}

/**
 * Starts `git --git-dir=<gitDir> <words>`. It runs in `/`, for a folder in the repository may vanish under it.
 * A git that cannot be started shows in `ended`.
 *
 * @param limits.silenceMsMax How long it may be asked something without giving a byte.
 * @param limits.signal Ends it at once.
 */
export function startGit(
  gitDir: string,
  words: readonly string[],
  { silenceMsMax, signal }: GitLimits,
): GitRun {
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
  let silentMs: number | null = null;
  const { stdin, stdout, stderr } = child;
  // A stopped one too: no other signal reaches it.
  const kill = (): void => void child.kill("SIGKILL");
  if (signal?.aborted) kill();
  signal?.addEventListener("abort", kill, { once: true });
  stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-COMPLAINT_LENGTH_MAX);
  });
  // A git that died shows in `ended`; the broken pipe to it is no news.
  stdin.on("error", () => {});

  return {
    stdin,
    output: (isAsked = () => true) =>
      read(stdout, isAsked, silenceMsMax, (isSilent) => {
        if (isSilent) silentMs = silenceMsMax;
        kill();
      }),
    ended: run.then(({ exitCode, cause }) => {
      signal?.removeEventListener("abort", kill);
      return {
        exitCode: cause instanceof Error ? null : exitCode,
        complaint: cause instanceof Error ? cause.message : complaint.trim(),
        silentMs,
      };
    }),
    kill,
  };
}

/** @param end Called when git was silent for too long, and when its output is not read to the end. */
async function* read(
  stdout: Readable,
  isAsked: () => boolean,
  silenceMsMax: number,
  end: (isSilent: boolean) => void,
): AsyncGenerator<Buffer, void, undefined> {
  // In quarters, so that a program which was itself too busy to listen does not blame git.
  let quarters = 0;
  let isAwaited = true;
  const timer = setInterval(() => {
    quarters = isAwaited && isAsked() ? quarters + 1 : 0;
    if (quarters > 4) end(true);
  }, silenceMsMax / 4);
  timer.unref();
  // Not `for await`: when its reader stops, that destroys the stream, which is an error to Deno 2.5.
  const chunks: AsyncIterator<Buffer, undefined> = stdout[Symbol.asyncIterator]();
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      isWhole = done === true;
      if (done) return;
      quarters = 0;
      isAwaited = false;
      yield value;
      isAwaited = true;
    }
  } catch {
    // A stream cut short.
  } finally {
    clearInterval(timer);
    if (!isWhole) end(false);
  }
}

/** Characters of an answer in a few words. */
const ANSWER_LENGTH_MAX = 65_536;

/** Runs a git that answers in a few words, and reads them. Never throws: see how it `ended`. */
export async function askGit(
  gitDir: string,
  words: readonly string[],
  limits: GitLimits,
): Promise<GitEnd & { readonly answer: string }> {
  const run = startGit(gitDir, words, limits);
  run.stdin.end();
  let answer = "";
  for await (const chunk of run.output()) {
    answer += chunk.toString("utf8");
    if (answer.length > ANSWER_LENGTH_MAX) break;
  }
  return { ...(await run.ended), answer: answer.trim() };
}

/**
 * Frees the memory of a chunk of output that is not needed any more. Left to the garbage collector, what git
 * prints is most of what there is to collect, and brings on full collections.
 */
export function release(chunk: Uint8Array): void {
  const { buffer } = chunk;
  // What shares its memory with others is not ours to free: the runtime cuts small ones out of a pool.
  if (chunk.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** What the end of a git that should have gone on (or ended well) means. */
export function failureOf(end: GitEnd, gitDir: string): GitFailed {
  if (end.silentMs !== null) {
    return new GitFailed(
      `git did not answer for ${Math.round(end.silentMs / 1000)} s while reading ${gitDir}`,
      "Is the volume (NFS?) that holds the repository reachable?",
    );
  }
  const complaint = complaintOf(end);
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

/** What git found wrong, in one line; empty where it said nothing. */
export function complaintOf({ complaint }: GitEnd): string {
  return /^(?:fatal|error): (.*)$/m.exec(complaint)?.[1] ?? complaint.split("\n")[0] ?? "";
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
