import { readFileSync, statSync } from "node:fs";

/** How long a file is taken to be unchanged before it is looked at again. */
const trustMs = 1_000;

/**
 * A small file that others replace while we run: a token, a certificate. Kubernetes mounts these through
 * symlinks that are switched, so the path is followed anew at each look.
 */
export class WatchedFile {
  readonly path: string;
  readonly #nowMs: () => number;
  #text: string | null = null;
  /** Identifies what was read last: time, inode and size. */
  #mark = "";
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs A clock that never goes back. */
  constructor(path: string, nowMs: () => number = () => performance.now()) {
    this.path = path;
    this.#nowMs = nowMs;
  }

  /**
   * The text, read again when the file changed; it is looked at no more than once a second.
   *
   * @throws What `node:fs` throws when the file cannot be read, also after it could be read before.
   */
  read(): string {
    const nowMs = this.#nowMs();
    if (this.#text !== null && nowMs - this.#lookedMs < trustMs) return this.#text;
    const { mtimeMs, ctimeMs, ino, size } = statSync(this.path);
    const mark = `${mtimeMs} ${ctimeMs} ${ino} ${size}`;
    if (this.#text === null || mark !== this.#mark) this.#text = readFileSync(this.path, "utf8");
    this.#mark = mark;
    this.#lookedMs = nowMs;
    return this.#text;
  }

  /** Makes the next {@link read} read, whatever the file looks like. */
  forget(): void {
    this.#text = null;
  }
}

/** What an error of `node:fs` says, without the path and the call: `no such file`. */
export function describeFileError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "EISDIR") return "it is a directory";
  return message;
}
