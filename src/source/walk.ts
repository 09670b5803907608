/** Comparison of two trees by descending only where they differ. */
import { isUtf8 } from "node:buffer";
import type { Change } from "../sync/model.ts";
import { type Difference, differences } from "./tree.ts";

/** Most changes in a page. */
export const PAGE_LENGTH_MAX = 256;
/** Entries looked at ahead of the one in hand, and folders read ahead among them. */
const ENTRIES_AHEAD = 256;
const FOLDERS_AHEAD = 16;
const SLASH = 0x2f;

/** Which paths can be articles. */
export interface Selector {
  selects(path: string): boolean;
  /** Whether a folder, named `a/b/`, can hold one. Never asked for the root. */
  mayContain(dir: string): boolean;
}

/** Which files a comparison is about. */
export interface Selection extends Selector {
  /** Called with each path that would be selected, were it UTF-8. It has U+FFFD for what cannot be read. */
  onInvalidPath(path: string): void;
}

/** Two trees, and where their bytes come from. A side that is absent is null. */
export interface Walk extends Selection {
  readonly before: string | null;
  readonly now: string;
  /** Raw bytes of a folder's tree before. */
  readBefore(dir: string, tree: string): Uint8Array;
  /** Raw bytes of a tree now. */
  readNow(tree: string): Promise<Uint8Array>;
  /** Called with each folder that is new or differs, before what is in it. */
  onFolder(dir: string, tree: string, bytes: Uint8Array): void;
  /** Called with each folder that is gone, after what was in it. */
  onFolderGone(dir: string): void;
}

/** An entry that differs and is asked for. */
interface Step {
  readonly difference: Difference;
  /** Its path; a folder's ends with a slash. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Raw bytes of the folder now; null for what is no folder (any more). */
  readonly reading: Promise<Uint8Array> | null;
}

/**
 * Changes from one tree to the other, in pages, in byte order of the paths; with nothing before, all
 * selected files. Holds a page and a few trees at a time, whatever the size of the repository.
 */
export async function* walkTrees(walk: Walk): AsyncGenerator<Change[], void, undefined> {
  const page: Change[] = [];
  const { before, now } = walk;
  if (before !== now) yield* walkFolder(walk, "", before, now, readAhead(walk, now), page);
  if (page.length > 0) yield page;
}

/** @param page Filled, and yielded when it is full; the rest is left in it. */
async function* walkFolder(
  walk: Walk,
  dir: string,
  before: string | null,
  now: string | null,
  reading: Promise<Uint8Array> | null,
  page: Change[],
): AsyncGenerator<Change[], void, undefined> {
  const old = before === null ? null : walk.readBefore(dir, before);
  const young = await reading;
  if (now !== null && young !== null) walk.onFolder(dir, now, young);
  const idBytes = (now ?? before ?? "").length / 2;
  for (const step of steps(walk, dir, differences(old, young, idBytes))) {
    const { difference, path } = step;
    if (step.isFolder) {
      const [was, is] = [difference.before?.id ?? null, difference.now?.id ?? null];
      yield* walkFolder(walk, path, was, is, step.reading, page);
    } else if (page.push(changeAt(path, difference)) === PAGE_LENGTH_MAX) yield page.splice(0);
  }
  if (now === null) walk.onFolderGone(dir);
}

/** Entries of a folder, with the next ones and their folders coming. */
function* steps(walk: Walk, dir: string, entries: Iterable<Difference>): Generator<Step, void, undefined> {
  const ahead: Step[] = [];
  let foldersAhead = 0;
  for (const difference of entries) {
    const path = pathOf(walk, dir, difference);
    if (path === null) continue;
    const { before, now } = difference;
    const isFolder = (now ?? before)?.kind === "folder";
    const reading = isFolder && now !== null ? readAhead(walk, now.id) : null;
    if (reading !== null) foldersAhead += 1;
    ahead.push({ difference, path, isFolder, reading });
    while (ahead.length === ENTRIES_AHEAD || foldersAhead === FOLDERS_AHEAD) {
      const step = ahead.shift() as Step;
      if (step.reading !== null) foldersAhead -= 1;
      yield step;
    }
  }
  yield* ahead;
}

/** It fails where it is awaited; a walk that was given up must not bring the program down. */
function readAhead(walk: Walk, tree: string): Promise<Uint8Array> {
  const reading = walk.readNow(tree);
  reading.catch(() => {});
  return reading;
}

/** Full path of what differs, a folder's with its slash; null when it is not asked for. */
function pathOf(walk: Walk, dir: string, { before, now }: Difference): string | null {
  const entry = now ?? before;
  if (entry === null) return null;
  const path = dir + entry.name.toString("utf8") + (entry.kind === "folder" ? "/" : "");
  const wanted = entry.kind === "folder" ? walk.mayContain(path) : walk.selects(path);
  if (!wanted) return null;
  if (isUtf8(entry.name) && !entry.name.includes(SLASH)) return path;
  if (now !== null) walk.onInvalidPath(path);
  return null;
}

function changeAt(path: string, { before, now }: Difference): Change {
  const kind = (now ?? before)?.kind ?? "file";
  return { path, blob: now?.id ?? null, mode: kind === "folder" ? "file" : kind };
}
