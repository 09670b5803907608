/** Which configuration files that were found, not named, may be used: a configuration is code. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { UsageError } from "../errors.ts";

/** Extensions of configurations that are run, not parsed. */
const CODE = [".ts", ".mts", ".js", ".mjs"];

/** Who runs the program, and what was named on its command line. */
export interface Asker {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the repository that the command line names; null where it names none. */
  readonly repo: string | null;
  /** User id of the process; null where it is not to be had. */
  readonly uid: number | null;
}

/** User id of this process; null on Windows, and on Deno without `--allow-sys=uid`. */
export function processUid(): number | null {
  // Deno would ask on a terminal, and throw elsewhere.
  const deno = (globalThis as { Deno?: { permissions: { querySync(of: object): { state: string } } } }).Deno;
  if (deno !== undefined && deno.permissions.querySync({ name: "sys", kind: "uid" }).state !== "granted") {
    return null;
  }
  return process.getuid?.() ?? null;
}

/**
 * Refuses a found file that somebody else may have put there: it has to belong to the user who runs the
 * program, to root, to the user behind `sudo`, or to the owner of the repository that was named; or lie in a
 * folder that only root can write, as a file mounted into an image does. Where the user is unknown only the
 * working directory counts. Not checked on Windows.
 *
 * @param file Absolute path.
 * @throws {UsageError} When it must not be used.
 */
export function requireOwnConfig(file: string, { cwd, env, repo, uid }: Asker): void {
  if (process.platform === "win32") return;
  if (uid === null) {
    if (dirname(file) === cwd) return;
    throw new UsageError((words) => words.configAbove(file, cwd));
  }
  const owner = statSync(file, { throwIfNoEntry: false })?.uid;
  const sudo = uid === 0 && env["SUDO_UID"] !== undefined ? [Number(env["SUDO_UID"])] : [];
  const named = repo === null ? undefined : statSync(repo, { throwIfNoEntry: false })?.uid;
  // What is not there any more is reported by its reader.
  if (owner === undefined || [uid, 0, ...sudo, named].includes(owner)) return;
  const folder = statSync(dirname(file));
  if (folder.uid === 0 && (folder.mode & 0o022) === 0) return;
  throw new UsageError((words) => words.foreignConfig(file, owner));
}

/**
 * Refuses found code in commands that only look (`check`, `plan`, `explain`, `status`), unless this user's
 * `init`, `run` or `once` used that very content before: a pull must not run code by being looked at.
 *
 * @param folder Where used contents are remembered; null where there is no such place.
 * @throws {UsageError} When it was not used before.
 */
export function requireUsedConfig(file: string, folder: string | null): void {
  if (!isCode(file)) return;
  const record = folder === null ? null : recordOf(file, folder);
  if (record === null || !existsSync(record)) throw new UsageError((words) => words.unusedConfig(file));
}

/** Remembers that this user has used the file with the content it has now; does nothing where it cannot. */
export function rememberConfig(file: string, folder: string | null): void {
  if (folder === null || !isCode(file)) return;
  try {
    const record = recordOf(file, folder);
    if (existsSync(record)) return;
    mkdirSync(dirname(record), { recursive: true, mode: 0o700 });
    writeFileSync(record, "", { mode: 0o600 });
  } catch {
    // A read-only file system, or Deno without the permission: the file has to be named then.
  }
}

function isCode(file: string): boolean {
  return CODE.includes(extname(file));
}

/** The path that stands for this file with the content it has now. */
function recordOf(file: string, folder: string): string {
  const hash = createHash("sha256").update(`${file}\0`).update(readFileSync(file)).digest("hex");
  return join(folder, "used-configs", hash);
}
