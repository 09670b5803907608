/** The `Source` port over real Git, read only. */
import { posix } from "node:path";
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
import { diffTrees } from "./diff-tree.ts";
import { GitFailed, type GitLimits } from "./git.ts";
import {
  type AskOptions,
  type BatchAnswer,
  type CommitSummary,
  ObjectReader,
  parseCommit,
} from "./objects.ts";
import { findRepository, hasMoved, nameIn, type Repository, unreadable } from "./repository.ts";
import { differences, MalformedTree, type Selection, type Selector, walkTrees } from "./tree.ts";
import { rememberedRoot, rememberedTree, TreeNotes } from "./tree-memory.ts";
import { DAMAGE_HINT, faultOf, whyNoCommit, whyUnreadable } from "./trouble.ts";

export interface SourceOptions extends Selector {
  /** Absolute path of a clone, a bare repository, a linked worktree, or git-sync's link. */
  readonly repo: string;
  /** What to follow: `HEAD`, a branch, a tag, or whatever `git rev-parse` takes. */
  readonly ref: string;
  readonly maxSizeBytes: number;
  /** Where trees are remembered; null to remember none. */
  readonly trees: TreeMemory | null;
  readonly log: Log;
  /** A git that is to answer and gives no byte for this long is ended; by default 30 s. */
  readonly silenceMsMax?: number;
}

/** A repository being followed. */
export interface GitSource extends Source {
  /** First line of a commit's message and when it was authored; null when the commit is not to be had. */
  describe(revision: Revision): Promise<CommitSummary | null>;
  /**
   * Those of these paths, from the root, at which there is a file or folder, in the revision that `head` gave
   * last; all of them where that cannot be found out.
   */
  existing(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ends git. What is being read then fails with {@link ObjectsGone}. */
  close(): Promise<void>;
}

const SILENCE_MS_MAX = 30_000;
/** A link that flips each time it is followed is given up. */
const LOOKS_MAX = 10;
/** Paths of which it is remembered whether they exist. */
const EXISTENCE_KNOWN_MAX = 10_000;
/** Invalid paths that are named in one message. */
const INVALID_SHOWN_MAX = 5;

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
  readonly #objects: ObjectReader;
  readonly #closing = new AbortController();
  readonly #limits: GitLimits;
  #last: RevisionHead | null = null;
  /** What git needs before any object was there, and could be read. */
  #isSound = false;
  /** Trees that the last walk read, by their ids: pushes often change a folder again and again. */
  #recentTrees: ReadonlyMap<string, Uint8Array> = new Map();
  /** A revision that git turned out not to be able to compare with: parts of it are pruned. */
  #incomparable: Revision | null = null;
  /** A revision whose remembered trees turned out to be of no use. */
  #unwalkable: Revision | null = null;
  /** What was asked before: pages ask the same again every few seconds. */
  #existence = { revision: "", known: new Map<string, boolean>() };

  constructor(options: SourceOptions) {
    this.#options = options;
    const { silenceMsMax = SILENCE_MS_MAX } = options;
    this.#limits = { silenceMsMax, signal: this.#closing.signal };
    this.#objects = new ObjectReader(silenceMsMax);
  }

  async head(): Promise<Head> {
    const { repo } = this.#options;
    for (let looks = 1; ; looks++) {
      const repository = await findRepository(repo);
      if (repository.kind === "waiting") return repository;
      const head = await this.#headIn(repository);
      // What git does not find may be of a revision that was replaced, and swept away, meanwhile.
      if (head.kind === "revision" || looks === LOOKS_MAX) return head;
      if (!(await hasMoved(repo, { end: repository.folder, stamp: repository.stamp }))) return head;
    }
  }

  async #headIn(repository: Repository): Promise<Head> {
    const { ref } = this.#options;
    if (this.#objects.use(repository.commonDir, repository.identity)) {
      this.#last = null;
      this.#isSound = false;
    }
    // Not each time: a git that has started needs none of those files again.
    const why = this.#isSound ? null : await whyUnreadable(repository, ref);
    if (why !== null) return why;
    this.#isSound = true;
    const named = ref === "HEAD" ? repository.named : null;
    if (named !== null && named === this.#last?.revision) return this.#last;
    if (named !== null) this.#objects.newRevision();
    try {
      const name = `${named ?? nameIn(repository, ref)}^{commit}`;
      let answer = await this.#objects.ask(name);
      if (answer.kind !== "object" && this.#last !== null) {
        this.#objects.newRevision();
        this.#last = null;
        answer = await this.#objects.ask(name);
      }
      if (answer.kind !== "object") return await whyNoCommit(repository, ref, this.#limits);
      if (named === null && answer.id !== this.#last?.revision) this.#objects.newRevision();
      const commit = parseCommit(answer.bytes);
      if (commit === null) return unreadable(`${answer.id} is a commit without a tree`, DAMAGE_HINT);
      this.#last = { kind: "revision", revision: answer.id, tree: commit.tree };
      return this.#last;
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      this.#last = null;
      this.#isSound = false;
      return (await whyUnreadable(repository, ref)) ?? unreadable(error.message, error.hint);
    }
  }

  async compare(from: Revision | null, to: RevisionHead): Promise<Comparison> {
    const { trees, log } = this.#options;
    const root =
      trees === null || from === null || from === this.#unwalkable ? null : rememberedRoot(trees, from);
    const choice = await this.#choose(from, root);
    if (from !== null && choice.way === "diff-tree") {
      return { ...choice, pages: this.#diff(from, to.revision), remember: () => {} };
    }
    // At a resync, trees that are remembered already need not be written again.
    const isKept = choice.way === "list" && trees !== null && rememberedRoot(trees, to.revision) !== null;
    const notes = trees === null || isKept ? null : new TreeNotes(trees, log);
    if (choice.way === "list") notes?.drop("");
    return {
      ...choice,
      pages: this.#walk(from, root, to, notes),
      remember: () => notes?.commit(to.revision),
    };
  }

  /** How to compare with a revision: the one place that decides it. */
  async #choose(from: Revision | null, rememberedRoot: string | null): Promise<ComparisonChoice> {
    if (from === null) return { way: "list", why: "no-old-revision" };
    if (rememberedRoot !== null) return { way: "walk", why: "trees-remembered" };
    if (from === this.#incomparable) return { way: "list", why: "old-commit-incomplete" };
    const commit = await this.#ask(`revision ${from}`, from, { trusting: true });
    return commit.kind === "object" && commit.type === "commit"
      ? { way: "diff-tree", why: "old-commit-at-hand" }
      : { way: "list", why: "old-commit-gone" };
  }

  async read(blob: BlobId): Promise<Content> {
    const answer = await this.#ask(`blob ${blob}`, blob, { sizeBytesMax: this.#options.maxSizeBytes });
    if (answer.kind === "missing" || answer.type !== "blob") return { kind: "missing" };
    if (answer.kind === "too-large") return { kind: "too-large", sizeBytes: answer.sizeBytes };
    return { kind: "bytes", bytes: answer.bytes };
  }

  async describe(revision: Revision): Promise<CommitSummary | null> {
    try {
      const answer = await this.#objects.ask(`${revision}^{commit}`, { trusting: true });
      return answer.kind === "object" ? parseCommit(answer.bytes) : null;
    } catch (error) {
      if (error instanceof GitFailed) return null;
      throw error;
    }
  }

  async existing(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const revision = this.#last?.revision;
    if (revision === undefined) return new Set(paths);
    if (this.#existence.revision !== revision || this.#existence.known.size > EXISTENCE_KNOWN_MAX) {
      this.#existence = { revision, known: new Map() };
    }
    // A call for a newer revision, meanwhile, has a map of its own.
    const { known } = this.#existence;
    const unknown = paths.filter((path) => !known.has(path));
    try {
      for (const [folder, members] of Map.groupBy(unknown, (path) => posix.dirname(path))) {
        const names = await this.#namesIn(revision, folder);
        for (const path of members) known.set(path, names.has(posix.basename(path)));
      }
    } catch (error) {
      if (!(error instanceof GitFailed || error instanceof MalformedTree)) throw error;
      return new Set(paths);
    }
    return new Set(paths.filter((path) => known.get(path) === true));
  }

  /** Names in a folder, itself as `.` among them; none where there is no such folder. */
  async #namesIn(revision: Revision, folder: string): Promise<ReadonlySet<string>> {
    if (folder === ".." || folder.startsWith("../")) return new Set();
    const name = `${revision}:${folder === "." ? "" : folder}`;
    const answer = await this.#objects.ask(name);
    if (answer.kind !== "object" || answer.type !== "tree") return new Set();
    const names = new Set(["."]);
    for (const { now } of differences(null, answer.bytes, revision.length / 2)) names.add(String(now?.name));
    return names;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#objects.close();
  }

  /** Walks from a remembered tree; without one, lists. */
  async *#walk(
    from: Revision | null,
    root: string | null,
    to: RevisionHead,
    notes: TreeNotes | null,
  ): AsyncGenerator<Change[], void, undefined> {
    const { trees, log } = this.#options;
    const invalid = new InvalidPaths();
    try {
      yield* walkTrees({
        ...this.#selection(invalid),
        before: root,
        now: to.tree,
        readBefore: (dir, tree) => {
          const bytes = this.#recentTrees.get(tree) ?? (trees && rememberedTree(trees, dir, tree));
          if (bytes !== null) return bytes;
          throw new MalformedTree(`the remembered tree of "${dir}" is not the one of its revision`);
        },
        readNow: (tree, dir) => this.#readTree(tree, dir),
        onFolder: (dir, tree, bytes) => notes?.put(dir, tree, bytes),
        onFolderGone: (dir) => notes?.drop(dir),
      });
    } catch (error) {
      if (!(error instanceof MalformedTree)) throw error;
      this.#unwalkable = from;
      throw new ObjectsGone(error.message, { cause: error, hint: DAMAGE_HINT });
    }
    const read = notes?.finish();
    if (root !== null && read !== undefined) this.#recentTrees = read;
    invalid.report(log, to.revision);
  }

  async *#diff(from: Revision, to: Revision): AsyncGenerator<Change[], void, undefined> {
    const invalid = new InvalidPaths();
    try {
      yield* diffTrees(this.#objects.gitDir, from, to, this.#selection(invalid), this.#limits);
    } catch (error) {
      // Its commit was there, so part of its trees is not: next time, list.
      if (error instanceof GitFailed) this.#incomparable = from;
      throw this.#gone(`revision ${from}`, error);
    }
    invalid.report(this.#options.log, to);
  }

  #selection(invalid: InvalidPaths): Selection {
    const { selects, mayContain } = this.#options;
    return { selects, mayContain, onInvalidPath: (path) => invalid.add(path) };
  }

  /** @param dir Where it stands: its path with a slash at the end, or empty. */
  async #readTree(tree: string, dir: string): Promise<Uint8Array> {
    const answer = await this.#ask(`tree ${tree}`, tree);
    if (answer.kind === "object" && answer.type === "tree") return answer.bytes;
    this.#last = null;
    const fault = await faultOf(this.#objects.gitDir, tree, this.#limits, "tree");
    const folder = dir === "" ? "the root folder" : dir;
    throw new ObjectsGone(`the tree of ${folder}, ${tree}, ${fault}`, { hint: DAMAGE_HINT });
  }

  /** @throws {ObjectsGone} When git fails. */
  async #ask(what: string, name: string, options?: AskOptions): Promise<BatchAnswer> {
    try {
      return await this.#objects.ask(name, options);
    } catch (error) {
      throw this.#gone(what, error);
    }
  }

  /** A git that fails while reading ends the pass; whether there is a revision at all is asked anew. */
  #gone(what: string, error: unknown): unknown {
    if (!(error instanceof GitFailed)) return error;
    this.#last = null;
    return new ObjectsGone(`cannot read ${what}: ${error.message}`, { cause: error, hint: error.hint });
  }
}

/** Paths of one pass that are not UTF-8, for one message. */
class InvalidPaths {
  readonly #shown: string[] = [];
  #count = 0;

  add(path: string): void {
    this.#count += 1;
    if (this.#shown.length < INVALID_SHOWN_MAX) this.#shown.push(path);
  }

  report(log: Log, revision: Revision): void {
    if (this.#count === 0) return;
    const what = this.#count === 1 ? "1 path that is" : `${this.#count} paths that are`;
    log.emit("warn", "path.invalid", `Skipped ${what} not valid UTF-8: rename to publish`, {
      revision,
      count: this.#count,
      paths: this.#shown,
    });
  }
}
