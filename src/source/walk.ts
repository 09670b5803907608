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

/** Which files a comparison is about. */
export interface Selection {
  /** Whether a file at this path can be an article. */
  selects(path: string): boolean;
  /** Whether a folder, named with a slash at its end, can hold one. */
  mayContain(dir: string): boolean;
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

/** A folder being compared. */
interface Frame {
  readonly dir: string;
  readonly gone: boolean;
  readonly entries: Iterator<Difference, void, undefined>;
  /** Entries ahead, with the folders among them being read. */
  readonly ahead: Step[];
  foldersAhead: number;
}

interface Step {
  readonly difference: Difference;
  /** Null when it is not asked for. */
  readonly path: string | null;
  readonly folder: boolean;
  /** Raw bytes of the folder now; null for what is no folder (any more). */
  readonly reading: Promise<Uint8Array> | null;
}

/**
 * Changes from one tree to the other, in pages, in byte order of the paths; with nothing before, all
 * selected files. Holds a page and a few trees at a time, whatever the size of the repository.
 */
export async function* walkTrees(walk: Walk): AsyncGenerator<Change[], void, undefined> {
  let page: Change[] = [];
  const frames: Frame[] = [];
  if (walk.before !== walk.now) frames.push(await openFolder(walk, "", walk.before, walk.now, null));
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const step = nextStep(walk, frame);
    if (step === undefined) {
      if (frame.gone) walk.onFolderGone(frame.dir);
      frames.pop();
      continue;
    }
    const { difference, path } = step;
    if (path === null) continue;
    if (step.folder) {
      const { before, now } = difference;
      frames.push(await openFolder(walk, path, before?.id ?? null, now?.id ?? null, step.reading));
      continue;
    }
    page.push(changeAt(path, difference));
    if (page.length === PAGE_LENGTH_MAX) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

async function openFolder(
  walk: Walk,
  dir: string,
  before: string | null,
  now: string | null,
  reading: Promise<Uint8Array> | null,
): Promise<Frame> {
  const old = before === null ? null : walk.readBefore(dir, before);
  const young = now === null ? null : await (reading ?? walk.readNow(now));
  if (now !== null && young !== null) walk.onFolder(dir, now, young);
  const idBytes = (now ?? before ?? "").length / 2;
  return { dir, gone: now === null, entries: differences(old, young, idBytes), ahead: [], foldersAhead: 0 };
}

/** The next entry of a folder; keeps the ones after it coming. */
function nextStep(walk: Walk, frame: Frame): Step | undefined {
  while (frame.ahead.length < ENTRIES_AHEAD && frame.foldersAhead < FOLDERS_AHEAD) {
    const { done, value } = frame.entries.next();
    if (done) break;
    const path = pathOf(walk, frame.dir, value);
    const folder = (value.now ?? value.before)?.kind === "folder";
    const reading = folder && path !== null && value.now !== null ? walk.readNow(value.now.id) : null;
    // It fails where it is awaited; a walk that was given up must not bring the program down.
    reading?.catch(() => {});
    if (reading !== null) frame.foldersAhead += 1;
    frame.ahead.push({ difference: value, path, folder, reading });
  }
  const step = frame.ahead.shift();
  if (step !== undefined && step.reading !== null) frame.foldersAhead -= 1;
  return step;
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
