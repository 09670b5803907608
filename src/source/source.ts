/** The `Source` port over real Git, read only. */
import type { Change, ComparisonChoice } from "../sync/model.ts";
import {
  type BlobId,
  type Comparison,
  type Content,
  type Head,
  type Log,
  ObjectsGone,
  type Revision,
  type RevisionHead,
  type Source,
  type TreeMemory,
} from "../sync/ports.ts";
import type { BatchAnswer } from "./batch.ts";
import { type CommitSummary, parseCommit } from "./commit.ts";
import { diffTrees } from "./diff-tree.ts";
import { GitFailed } from "./git.ts";
import { type InvalidPaths, invalidPaths } from "./invalid-paths.ts";
import { ObjectReader, TREE_SIZE_MAX } from "./objects.ts";
import { findPlace, type Place } from "./place.ts";
import { Presence } from "./presence.ts";
import { RecentTrees } from "./recent-trees.ts";
import { nameIn, unreadable, whyNoCommit } from "./ref.ts";
import { MalformedTree } from "./tree.ts";
import { TreeNotes } from "./trees.ts";
import { type Selection, walkTrees } from "./walk.ts";

export interface SourceOptions {
  /** Absolute path of a clone, a bare repository, a linked worktree, or git-sync's link. */
  readonly repo: string;
  /** What to follow: `HEAD`, a branch, a tag, or whatever `git rev-parse` takes. */
  readonly ref: string;
  /** Whether a file at this path can be an article. */
  selects(path: string): boolean;
  /** Whether a folder, named `a/b/`, can hold one. Never asked for the root. */
  mayContain(dir: string): boolean;
  readonly maxSizeBytes: number;
  /** Where trees are remembered; null to remember none. */
  readonly trees: TreeMemory | null;
  readonly log: Log;
  /** A git that owes an answer and gives no byte for this long is ended; 30 s unless told. */
  readonly silenceMsMax?: number;
}

/** A repository being followed. */
export interface GitSource extends Source {
  /** First line of a commit's message and when it was authored; null when the commit is not to be had. */
  describe(revision: Revision): Promise<CommitSummary | null>;
  /**
   * Those of these paths, from the root, at which a file or folder stands, in the revision that `head` told
   * last; all of them where that cannot be found out.
   */
  standing(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ends git. What is being read then fails with {@link ObjectsGone}. */
  close(): Promise<void>;
}

/** Where a walk starts from: remembered trees, and the revision they equal. */
interface Before {
  readonly revision: Revision;
  readonly root: string;
  readonly trees: TreeMemory;
}

const SILENCE_MS_MAX = 30_000;
/** A flip between two looks at the link is common; three in a row are no flips. */
const LOOKS_MAX = 3;

/**
 * Opens a repository, which need not be there yet. Starts nothing before it is asked something.
 *
 * Everything is read from objects, by way of the git dir; no work tree or index is looked at, and nothing
 * is ever written there.
 */
export function openSource(options: SourceOptions): GitSource {
  return new OpenSource(options);
}

class OpenSource implements GitSource {
  readonly #options: SourceOptions;
  readonly #silenceMsMax: number;
  readonly #objects: ObjectReader;
  readonly #presence = new Presence();
  #recent = new RecentTrees();
  #place: Place | null = null;
  #last: RevisionHead | null = null;
  /** A revision that git turned out not to be able to compare with: parts of it are pruned. */
  #incomparable: Revision | null = null;
  /** A revision whose remembered trees turned out to be of no use. */
  #unwalkable: Revision | null = null;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#silenceMsMax = options.silenceMsMax ?? SILENCE_MS_MAX;
    this.#objects = new ObjectReader({
      silenceMsMax: this.#silenceMsMax,
      nowMs: () => performance.now(),
    });
  }

  async head(): Promise<Head> {
    for (let looks = 1; ; looks++) {
      const place = await findPlace(this.#options.repo);
      if (place.kind === "place") return this.#headAt(place);
      if (!place.flipped || looks === LOOKS_MAX) {
        return { kind: "waiting", reason: place.reason, hint: place.hint };
      }
    }
  }

  async #headAt(place: Place): Promise<Head> {
    const { ref } = this.#options;
    const same = this.#place?.commonDir === place.commonDir && this.#place.identity === place.identity;
    this.#place = place;
    this.#objects.use(place.commonDir, place.identity);
    const named = ref === "HEAD" ? place.named : null;
    if (named !== null && same && named === this.#last?.revision) return this.#last;
    if (named !== null) this.#objects.turn();
    try {
      const name = `${named ?? nameIn(place, ref)}^{commit}`;
      let answer = await this.#objects.ask(name, TREE_SIZE_MAX);
      if (answer.kind !== "object" && this.#last !== null) {
        this.#objects.turn();
        this.#last = null;
        answer = await this.#objects.ask(name, TREE_SIZE_MAX);
      }
      if (answer.kind !== "object") return await whyNoCommit(place, ref, named);
      if (named === null && answer.id !== this.#last?.revision) this.#objects.turn();
      this.#last = { kind: "revision", revision: answer.id, tree: parseCommit(answer.bytes).tree };
      return this.#last;
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      this.#last = null;
      return (await unreadable(place)) ?? { kind: "waiting", reason: error.message, hint: error.hint };
    }
  }

  async compare(from: Revision | null, to: RevisionHead): Promise<Comparison> {
    const choice = await this.#choose(from);
    const { trees, log } = this.#options;
    if (from !== null && choice.way === "diff-tree") {
      const pages = this.#diff(this.#place?.commonDir ?? "", from, to.revision);
      return { ...choice, pages, remember: () => {} };
    }
    if (from !== null && trees !== null && choice.way === "walk") {
      const before = { revision: from, root: rootOf(trees, from) ?? "", trees };
      return this.#compare(choice, before, to, new TreeNotes(trees, log));
    }
    // Trees that are remembered already need not be written again at each resync.
    const writes = trees !== null && rootOf(trees, to.revision) === null;
    const notes = writes ? new TreeNotes(trees, log) : null;
    notes?.drop("");
    return this.#compare(choice, null, to, notes);
  }

  /** How to compare with a revision: the one place that decides it. */
  async #choose(from: Revision | null): Promise<ComparisonChoice> {
    const { trees } = this.#options;
    if (from === null) return { way: "list", why: "no-old-revision" };
    if (trees !== null && from !== this.#unwalkable && rootOf(trees, from) !== null)
      return { way: "walk", why: "trees-remembered" };
    if (from === this.#incomparable) return { way: "list", why: "old-commit-incomplete" };
    try {
      const commit = await this.#objects.ask(from, TREE_SIZE_MAX, true);
      return commit.kind === "object" && commit.type === "commit"
        ? { way: "diff-tree", why: "old-commit-at-hand" }
        : { way: "list", why: "old-commit-gone" };
    } catch (error) {
      throw this.#gone(`revision ${from}`, error);
    }
  }

  async read(blob: BlobId): Promise<Content> {
    let answer: BatchAnswer;
    try {
      answer = await this.#objects.ask(blob, this.#options.maxSizeBytes);
    } catch (error) {
      throw this.#gone(`blob ${blob}`, error);
    }
    if (answer.kind === "missing" || answer.type !== "blob") return { kind: "missing" };
    if (answer.kind === "too-large") return { kind: "too-large", sizeBytes: answer.sizeBytes };
    return { kind: "bytes", bytes: answer.bytes };
  }

  async describe(revision: Revision): Promise<CommitSummary | null> {
    try {
      const answer = await this.#objects.ask(`${revision}^{commit}`, TREE_SIZE_MAX, true);
      return answer.kind === "object" ? parseCommit(answer.bytes) : null;
    } catch (error) {
      if (error instanceof GitFailed) return null;
      throw error;
    }
  }

  async standing(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const revision = this.#last?.revision;
    if (revision === undefined) return new Set(paths);
    try {
      return await this.#presence.standing(revision, paths, async (folder) => {
        const answer = await this.#objects.ask(`${revision}:${folder}`, TREE_SIZE_MAX);
        return answer.kind === "object" && answer.type === "tree" ? answer.bytes : null;
      });
    } catch (error) {
      if (!(error instanceof GitFailed || error instanceof MalformedTree)) throw error;
      return new Set(paths);
    }
  }

  async close(): Promise<void> {
    await this.#objects.close();
  }

  /** Walks from what is remembered; with nothing before, lists. */
  #compare(
    choice: ComparisonChoice,
    before: Before | null,
    to: RevisionHead,
    notes: TreeNotes | null,
  ): Comparison {
    let complete = false;
    const walk = this.#walk(before, to, notes);
    const pages = async function* (): AsyncGenerator<Change[], void, undefined> {
      yield* walk;
      complete = true;
    };
    return {
      ...choice,
      pages: pages(),
      remember: () => {
        if (complete) notes?.commit(to.revision);
      },
    };
  }

  async *#walk(
    before: Before | null,
    to: RevisionHead,
    notes: TreeNotes | null,
  ): AsyncGenerator<Change[], void, undefined> {
    const invalid = invalidPaths();
    const recent = new RecentTrees();
    try {
      yield* walkTrees({
        ...this.#selection(invalid),
        before: before?.root ?? null,
        now: to.tree,
        readBefore: (dir, tree) => {
          const known = this.#recent.get(tree);
          if (known !== undefined) return known;
          const kept = before && remembered(before.trees, dir);
          if (kept?.tree === tree) return kept.bytes;
          throw new MalformedTree(`the remembered tree of "${dir}" is not the one of its revision`);
        },
        readNow: async (tree) => {
          const bytes = await this.#readTree(tree);
          if (before !== null) recent.add(tree, bytes);
          return bytes;
        },
        onFolder: (dir, tree, bytes) => notes?.put(dir, tree, bytes),
        onFolderGone: (dir) => notes?.drop(dir),
      });
    } catch (error) {
      if (!(error instanceof MalformedTree)) throw error;
      this.#unwalkable = before?.revision ?? null;
      throw new ObjectsGone(error.message, { cause: error });
    }
    this.#recent = recent;
    invalid.report(this.#options.log, to.revision);
  }

  async *#diff(gitDir: string, from: Revision, to: Revision): AsyncGenerator<Change[], void, undefined> {
    const invalid = invalidPaths();
    try {
      yield* diffTrees(gitDir, from, to, this.#selection(invalid), this.#silenceMsMax);
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      // Its commit was there, so part of its trees is not: next time, list.
      this.#incomparable = from;
      throw this.#gone(`revision ${from}`, error);
    }
    invalid.report(this.#options.log, to);
  }

  #selection(invalid: InvalidPaths): Selection {
    const { selects, mayContain } = this.#options;
    return { selects, mayContain, onInvalidPath: (path) => invalid.add(path) };
  }

  async #readTree(tree: string): Promise<Uint8Array> {
    let answer: BatchAnswer;
    try {
      answer = await this.#objects.ask(tree, TREE_SIZE_MAX);
    } catch (error) {
      throw this.#gone(`tree ${tree}`, error);
    }
    if (answer.kind === "object" && answer.type === "tree") return answer.bytes;
    this.#last = null;
    throw new ObjectsGone(`tree ${tree} is not in the repository any more`);
  }

  /** A git that fails while reading ends the pass; whether there is a revision at all is asked anew. */
  #gone(what: string, error: unknown): unknown {
    if (!(error instanceof GitFailed)) return error;
    this.#last = null;
    return new ObjectsGone(`cannot read ${what}: ${error.message}`, { cause: error });
  }
}

/** A remembered tree; null where it is not kept. A memory that fails remembers nothing. */
function remembered(trees: TreeMemory, dir: string): ReturnType<TreeMemory["get"]> {
  try {
    return trees.get(dir);
  } catch {
    return null;
  }
}

/** Tree id of the root, when what is remembered equals `revision`. */
function rootOf(trees: TreeMemory, revision: Revision): string | null {
  try {
    return trees.at() === revision ? (trees.get("")?.tree ?? null) : null;
  } catch {
    return null;
  }
}
