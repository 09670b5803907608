import type { Change, FileRow, ParsedFile, Verdict } from "../model.ts";
import { ObjectsGone, type RevisionHead, type World } from "../ports.ts";
import { recordFile } from "./manifest.ts";

/** Files of the first slice, at most: something is to leave soon. */
const FIRST_SLICE = 8;
/** Factors on the time for a held article that is tried alone: the longer try comes when all had the first. */
const PATIENCE = 1;
const MORE_PATIENCE = 10;
/** In a pass, what takes long goes behind all that does not: it is held at once, and tried alone beside the loop. */
const QUICK = 0;
/** What changed while held articles were tried is planned after so long, though more of them are to be tried. */
const TRYING_MS = 500;

/** A path that differs, and what it turned out to be; null when it is gone. */
export interface ParsedChange {
  readonly change: Change;
  readonly parsed: ParsedFile | null;
}

/**
 * Parses what differs slice by slice, one slice ahead of what is recorded.
 *
 * @param files Most files a slice: bounds what is in memory when all of them are large.
 * @param patience Factor on the time that an article may take; by default what is not quick is held.
 * @throws {ObjectsGone} When the repository has moved on, and has lost what was to be read.
 */
export async function* parseSlices(
  world: World,
  head: RevisionHead,
  pages: AsyncIterable<readonly Change[]>,
  files: number,
  patience = QUICK,
): AsyncIterable<readonly ParsedChange[]> {
  let ahead: Promise<ParsedChange[]> | null = null;
  let size = Math.min(FIRST_SLICE, files);
  for await (const page of pages) {
    for (let i = 0; i < page.length; ) {
      const slice = page.slice(i, i + size);
      i += size;
      size = Math.min(size * 2, files);
      const next = Promise.all(
        slice.map(async (change) => ({ change, parsed: await parseOne(world, head, change, patience) })),
      );
      // When the reader stops early it is never awaited, and its error concerns no one.
      next.catch(() => {});
      if (ahead !== null) yield await ahead;
      ahead = next;
    }
  }
  if (ahead !== null) yield await ahead;
}

async function parseOne(
  world: World,
  head: RevisionHead,
  change: Change,
  patience: number,
): Promise<ParsedFile | null> {
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
  return world.articles.parse(path, blob, content, patience);
}

/** What became of a file that is no article to be published. */
export function reportUnpublished(report: World["report"], path: string, verdict: Verdict): void {
  if (verdict.kind === "rejected") report({ kind: "article.rejected", path, problems: verdict.problems });
  else if (verdict.kind === "held") report({ kind: "article.held", path, reason: verdict.reason });
  else if (verdict.kind === "withdrawn" && verdict.problem !== undefined)
    report({ kind: "article.withdrawn", path, problem: verdict.problem });
  else if (verdict.kind !== "article") report({ kind: "article.skipped", path, why: verdict.why });
}

/** Articles that were not quick: tried alone, those changed last first, and again at each resync. */
export class HeldFiles {
  readonly #world: World;
  /** With how much patience they were tried in vain, by blob and path. */
  readonly #tried = new Map<string, number>();
  /** Paths held by a pass since, the newest last. */
  #fresh: string[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Forgets which had their longer try, so that they get another. */
  forget(): void {
    this.#tried.clear();
  }

  /** A pass has held this file: it is tried before those that were held earlier. */
  note(path: string): void {
    this.#fresh.push(path);
  }

  /**
   * Tries them one after the other, and those that are left once more with ten times the time. Ends when some
   * came out differently, so that those are planned, though more may be left to be tried.
   *
   * @returns Whether any of them came out differently: then a pass has something to plan.
   * @throws {StateUnavailable}
   */
  async retry(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#world;
    const startMs = clock.elapsedMs();
    let changed = false;
    for (const { row, patience } of this.#queue()) {
      if (signal.aborted) break;
      this.#tried.set(keyOf(row), patience);
      const parsed = await this.#parse(row, patience);
      // Not in vain: where the same content comes back later, it is held and tried again.
      if (parsed !== null && parsed.verdict.kind !== "held") this.#tried.delete(keyOf(row));
      if (parsed !== null && this.#record(row, parsed)) changed = true;
      if (changed && clock.elapsedMs() - startMs >= TRYING_MS) return true;
    }
    return changed;
  }

  /** What is to be tried, and how: first what a pass has just held, also when it comes meanwhile. */
  *#queue(): Generator<{ readonly row: FileRow; readonly patience: number }> {
    const { state } = this.#world;
    for (let hadFresh = true; hadFresh; ) {
      hadFresh = false;
      for (const patience of [PATIENCE, MORE_PATIENCE]) {
        for (let after: string | null = null; ; ) {
          for (let row = this.#nextFresh(); row !== null; row = this.#nextFresh()) {
            hadFresh = true;
            yield { row, patience: PATIENCE };
          }
          const [row] = state.filesOfKind("held", after, 1);
          if (row === undefined) break;
          after = row.path;
          if ((this.#tried.get(keyOf(row)) ?? 0) < patience) yield { row, patience };
        }
      }
    }
  }

  #nextFresh(): FileRow | null {
    for (let path = this.#fresh.pop(); path !== undefined; path = this.#fresh.pop()) {
      const row = this.#world.state.file(path);
      if (row?.verdict.kind === "held" && !this.#tried.has(keyOf(row))) return row;
    }
    return null;
  }

  /** Writes down what it is. @returns Whether there is something to plan. */
  #record(row: FileRow, { verdict }: ParsedFile): boolean {
    const { state, articles, report } = this.#world;
    const now = state.file(row.path);
    if (now?.blob !== row.blob || now.verdict.kind !== "held") return false;
    const isHeld = verdict.kind === "held";
    if (isHeld && verdict.id === now.verdict.id && verdict.reason === now.verdict.reason) return false;
    reportUnpublished(report, row.path, verdict);
    state.transaction(() => state.touch(recordFile(state, row, verdict, articles.fingerprint).ids));
    return !isHeld || verdict.id !== now.verdict.id;
  }

  /** Null when its contents are not to be had just now. */
  async #parse({ path, blob }: FileRow, patience: number): Promise<ParsedFile | null> {
    const { source, articles } = this.#world;
    try {
      const content = await source.read(blob);
      return content.kind === "missing" ? null : await articles.parse(path, blob, content, patience);
    } catch (error) {
      if (error instanceof ObjectsGone) return null;
      throw error;
    }
  }
}

const keyOf = ({ blob, path }: FileRow): string => `${blob} ${path}`;
