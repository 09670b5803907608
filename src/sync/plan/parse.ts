import type { Change, FileRow, ParsedFile } from "../model.ts";
import { ObjectsGone, type RevisionHead, type World } from "../ports.ts";
import { recordFile } from "./manifest.ts";

/** Files of the first slice, at most: something is to leave soon. */
const FIRST_SLICE = 8;
/** Factor on the time for a held article that is tried again alone. */
const PATIENCE = 10;

/** A path that differs, and what it turned out to be; null when it is gone. */
export interface ParsedChange {
  readonly change: Change;
  readonly parsed: ParsedFile | null;
}

/**
 * Parses what differs slice by slice, one slice ahead of what is recorded.
 *
 * @param files Most files a slice: bounds what is in memory when all of them are large.
 * @throws {ObjectsGone} When the repository has moved on, and has lost what was to be read.
 */
export async function* parseSlices(
  world: World,
  head: RevisionHead,
  pages: AsyncIterable<readonly Change[]>,
  files: number,
): AsyncIterable<readonly ParsedChange[]> {
  let ahead: Promise<ParsedChange[]> | null = null;
  let size = Math.min(FIRST_SLICE, files);
  for await (const page of pages) {
    for (let i = 0; i < page.length; ) {
      const slice = page.slice(i, i + size);
      i += size;
      size = Math.min(size * 2, files);
      const next = Promise.all(
        slice.map(async (change) => ({ change, parsed: await parseOne(world, head, change) })),
      );
      // When the reader stops early it is never awaited, and its error concerns no one.
      next.catch(() => {});
      if (ahead !== null) yield await ahead;
      ahead = next;
    }
  }
  if (ahead !== null) yield await ahead;
}

async function parseOne(world: World, head: RevisionHead, change: Change): Promise<ParsedFile | null> {
  const { path, blob, mode } = change;
  if (blob === null) return null;
  if (mode !== "file") return { verdict: { kind: "none", why: mode }, body: null };
  const content = await world.source.read(blob);
  // Pruned under the reader, or missing for good: only a look at the head can decide.
  if (content.kind === "missing") {
    const now = await world.source.head();
    if (now.kind !== "revision" || now.revision !== head.revision)
      throw new ObjectsGone("the revision moved");
  }
  return world.articles.parse(path, blob, content, 1);
}

/** Articles that took too long: tried once more alone, and again at each resync. */
export class HeldFiles {
  readonly #world: World;
  /** Those that had their longer try in vain: blob and path. */
  readonly #tried = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Forgets which had their longer try, so that they get another. */
  forget(): void {
    this.#tried.clear();
  }

  /**
   * Tries them again, one after the other, with ten times the time.
   *
   * @returns Whether any of them came out differently: then a pass has something to plan.
   * @throws {StateUnavailable}
   */
  async retry(signal: AbortSignal): Promise<boolean> {
    const { state, articles } = this.#world;
    let changed = false;
    let after: string | null = null;
    for (;;) {
      const [row] = state.filesOfKind("held", after, 1);
      if (row === undefined || signal.aborted) return changed;
      after = row.path;
      const key = `${row.blob} ${row.path}`;
      if (this.#tried.has(key)) continue;
      const parsed = await this.#parse(row);
      if (parsed === null) continue;
      if (parsed.verdict.kind === "held") {
        this.#tried.add(key);
        continue;
      }
      const now = state.file(row.path);
      if (now?.blob !== row.blob || now.verdict.kind !== "held") continue;
      state.transaction(() => state.touch(recordFile(state, row, parsed.verdict, articles.fingerprint).ids));
      changed = true;
    }
  }

  /** Null when its contents are not to be had just now. */
  async #parse({ path, blob }: FileRow): Promise<ParsedFile | null> {
    const { source, articles } = this.#world;
    try {
      const content = await source.read(blob);
      return content.kind === "missing" ? null : await articles.parse(path, blob, content, PATIENCE);
    } catch (error) {
      if (error instanceof ObjectsGone) return null;
      throw error;
    }
  }
}
