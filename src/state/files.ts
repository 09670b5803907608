/** The state's files beside what SQLite does with them: who may read them, and whether one is known to be damaged. */
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { StateCorrupt, StateUnavailable } from "../sync/ports.ts";

/** What SQLite puts beside a database. It gives them the permissions of the database itself. */
const SIBLINGS = ["-wal", "-shm", "-journal"];
const PRIVATE = 0o600;

/**
 * Makes a database file, where there is none, that its owner alone may read, from its first byte on. One of before
 * is closed to others too, with what stands beside it.
 *
 * @throws {StateUnavailable} For what is no file: a pipe would be waited for.
 */
export function makePrivate(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new StateUnavailable(`${path}: it is no regular file`);
  }
  // For appending: what is there stays.
  closeSync(openSync(path, "a", PRIVATE));
  for (const name of [path, ...SIBLINGS.map((suffix) => path + suffix)]) {
    const stats = statSync(name, { throwIfNoEntry: false });
    if (stats?.isFile() && (stats.mode & 0o077) !== 0) chmodSync(name, PRIVATE);
  }
}

/** Size of a file, bytes; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Removes a database with what stands beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...SIBLINGS]) rmSync(path + suffix, { force: true });
}

const markOf = (path: string): string => `${path}-damaged`;

/**
 * Notes that a file turned out to be damaged while it was used: the check at the next opening may not see it, and
 * the program would fail again and again.
 */
export function markDamaged({ path, message }: StateCorrupt): void {
  if (path === ":memory:") return;
  try {
    writeFileSync(markOf(path), message, { mode: PRIVATE });
  } catch {
    // A full disk: the next time it fails there may be room.
  }
}

/** @throws {StateCorrupt} For a file that was marked. */
export function checkMark(path: string): void {
  if (existsSync(markOf(path))) throw new StateCorrupt(readFileSync(markOf(path), "utf8"), path);
}

/** The file is another one now. */
export function clearMark(path: string): void {
  rmSync(markOf(path), { force: true });
}
