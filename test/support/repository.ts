/**
 * Git repositories for tests: made through fast-import, without a work tree, so that a commit costs one
 * short process whatever the names of its files are.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** New contents of a path: a file's, none (null), a link's target or a submodule's commit. */
export type Contents =
  | string
  | Uint8Array
  | null
  | { readonly link: string }
  | { readonly submodule: string }
  | { readonly executable: string };

/** Files by path. A path that is not UTF-8 is given as a `Map` with bytes. */
export type Files = Readonly<Record<string, Contents>> | ReadonlyMap<string | Uint8Array, Contents>;

/** Environment of git in tests: nothing of the machine's configuration, a fixed author and date. */
export function testGitEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
    GIT_AUTHOR_DATE: "1700000000 +0000",
    GIT_COMMITTER_DATE: "1700000000 +0000",
  };
}

/** Runs git in a folder. @returns Its output, trimmed. */
export function git(dir: string, ...words: string[]): string {
  return execFileSync("git", ["-C", dir, ...words], {
    env: testGitEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 30,
  })
    .toString("utf8")
    .trim();
}

/** A new folder in the system's temporary one; call `remove` at the end. */
export function temporaryFolder(name = "sync-agent"): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface RepositoryOptions {
  readonly bare?: boolean;
  readonly objectFormat?: "sha1" | "sha256";
  readonly branch?: string;
}

/** A repository whose commits are made without a checkout. */
export class Repository {
  readonly dir: string;
  readonly gitDir: string;
  readonly branch: string;
  #commits = 0;

  /** Makes a new one at `dir`, with no commit in it. */
  constructor(dir: string, options: RepositoryOptions = {}) {
    this.dir = dir;
    this.branch = options.branch ?? "main";
    this.gitDir = options.bare ? dir : join(dir, ".git");
    mkdirSync(dir, { recursive: true });
    const format = options.objectFormat ?? "sha1";
    const bare = options.bare ? ["--bare"] : [];
    git(dir, "init", "-q", "-b", this.branch, `--object-format=${format}`, ...bare);
  }

  git(...words: string[]): string {
    return git(this.dir, ...words);
  }

  /**
   * Commits on top of the branch; other files stay unchanged.
   *
   * @param replace Begin with an empty tree instead.
   * @param orphan Begin a new history, as a force-push does.
   * @returns The full commit id.
   */
  commit(files: Files = {}, options: { message?: string; replace?: boolean; orphan?: boolean } = {}): string {
    const message = Buffer.from(options.message ?? `Commit ${this.#commits + 1}`);
    const ref = `refs/heads/${this.branch}`;
    const begun = this.#commits > 0 && !options.orphan;
    const parts: (string | Uint8Array)[] = [
      `commit refs/heads/fast-import-${this.branch}\n`,
      `committer Ada <ada@example.org> ${1_700_000_000 + this.#commits} +0000\ndata ${message.length}\n`,
      message,
      begun ? `\nfrom ${ref}^0\n` : "\n",
      options.replace ? "deleteall\n" : "",
    ];
    for (const [path, contents] of files instanceof Map ? files : Object.entries(files)) {
      parts.push(...command(path, contents));
    }
    this.#commits += 1;
    this.fastImport(parts);
    const commit = this.git("rev-parse", `refs/heads/fast-import-${this.branch}`);
    this.git("update-ref", ref, commit);
    this.git("update-ref", "-d", `refs/heads/fast-import-${this.branch}`);
    return commit;
  }

  /** Feeds raw commands to git fast-import. */
  fastImport(parts: Iterable<string | Uint8Array>): void {
    execFileSync("git", ["-C", this.dir, "fast-import", "--quiet", "--force"], {
      env: testGitEnvironment(),
      input: Buffer.concat([...parts].map((part) => (typeof part === "string" ? Buffer.from(part) : part))),
      stdio: ["pipe", "ignore", "pipe"],
      maxBuffer: 1 << 30,
    });
  }
}

/** The fast-import commands that put contents at a path. */
function* command(path: string | Uint8Array, contents: Contents): Generator<string | Uint8Array> {
  const name = quoted(path);
  if (contents === null) {
    yield `D ${name}\n`;
    return;
  }
  if (typeof contents === "object" && "submodule" in contents) {
    yield `M 160000 ${contents.submodule} ${name}\n`;
    return;
  }
  const [mode, data] =
    typeof contents === "string" || contents instanceof Uint8Array
      ? ["100644", contents]
      : "link" in contents
        ? ["120000", contents.link]
        : ["100755", contents.executable];
  const bytes = Buffer.from(data as string);
  yield `M ${mode} inline ${name}\ndata ${bytes.length}\n`;
  yield bytes;
  yield "\n";
}

/** A path as fast-import takes it: quoted as in C, every unusual byte in octal. */
function quoted(path: string | Uint8Array): string {
  const bytes = typeof path === "string" ? Buffer.from(path) : path;
  let words = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    words += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${words}"`;
}
