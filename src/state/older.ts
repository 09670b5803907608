/** State files of before version 0.2, whose names carried the owner. */
import { existsSync, renameSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { Database, isBusy } from "./database.ts";

/** What stands beside a state file: the articles of an embedded inserter, and what can be made anew. */
const SIBLINGS = [
  (path: string) => path.replace(/(\.sqlite)?$/, "-articles.sqlite"),
  (path: string) => `${path}-cache`,
];

/**
 * The file to read: the state's, or the older one as long as no writer has renamed it.
 *
 * @param path Absolute, or `":memory:"`.
 * @param older Where it was before; null for a path that was configured.
 */
export function readablePath(path: string, older: string | null): string {
  return older !== null && !existsSync(path) && existsSync(older) ? older : path;
}

/**
 * Gives an older state file, with what stands beside it, the name of today. The state itself goes last, so
 * that a crash in between is made up for by the next start.
 *
 * @throws {UsageError} When an agent of before still writes it.
 */
export function renameOlder(path: string, older: string | null): void {
  // The embedded inserter's state has the same name as before.
  if (older === null || older === path || readablePath(path, older) !== older) return;
  for (const name of [...SIBLINGS.map((of) => of(older)), older]) {
    if (existsSync(name)) checkpoint(name, older);
  }
  for (const of of SIBLINGS) if (existsSync(of(older))) renameSync(of(older), of(path));
  renameSync(older, path);
}

/** Moves what is in the write-ahead log into the file itself, which is renamed alone. */
function checkpoint(file: string, older: string): void {
  try {
    new Database(`${older}.lock`, { setup: "PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;" }).close();
    new Database(file, { setup: "PRAGMA busy_timeout = 2000; PRAGMA wal_checkpoint(TRUNCATE);" }).close();
  } catch (error) {
    if (isBusy(error)) throw new UsageError((words) => words.stateInUse(older));
    // One that cannot be read is found corrupt under its new name.
  }
}
