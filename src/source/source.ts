/** The `Source` port over real Git, read only. */
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Change } from "../sync/model.ts";
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
} from "../sync/ports.ts";
import type { BatchAnswer } from "./batch.ts";
import { type CommitSummary, parseCommit } from "./commit.ts";
import { diffTrees } from "./diff-tree.ts";
import { GitFailed } from "./git.ts";
import { ObjectReader, TREE_SIZE_MAX } from "./objects.ts";
import { findPlace, type Place, type Waiting } from "./place.ts";
import { type TreeMemory, TreeNotes } from "./trees.ts";
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
  /** Ends git. What is being read then fails with {@link ObjectsGone}. */
  close(): Promise<void>;
}

const SILENCE_MS_MAX = 30_000;
/** A flip between two looks at the link is common; three in a row are no flips. */
const LOOKS_MAX = 3;
/** Names that each worktree has for itself. */
const OWN_NAME = /^(?:[A-Z][A-Z_]*HEAD|HEAD|refs\/(?:bisect|worktree|rewritten)\/)/;
const INVALID_PATHS_SHOWN = 5;

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
  #place: Place | null = null;
  #last: RevisionHead | null = null;
  /** A revision that git turned out not to be able to compare with: parts of it are pruned. */
  #incomparable: Revision | null = null;

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
      if (answer.kind !== "object") return await this.#missingHead(place, named);
      if (named === null && answer.id !== this.#last?.revision) this.#objects.turn();
      this.#last = { kind: "revision", revision: answer.id, tree: parseCommit(answer.bytes).tree };
      return this.#last;
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      return { kind: "waiting", reason: error.message, hint: error.hint };
    }
  }

  /** Why git finds no commit where there should be one. */
  async #missingHead(place: Place, named: Revision | null): Promise<Waiting> {
    const { ref } = this.#options;
    const waiting = (reason: string, hint: string): Waiting => ({ kind: "waiting", reason, hint });
    const objects = join(place.commonDir, "objects");
    try {
      await access(objects, constants.R_OK | constants.X_OK);
    } catch (error) {
      return waiting(
        `cannot read ${objects}: ${(error as NodeJS.ErrnoException).code ?? error}`,
        "Run the agent as the user or group that owns the repository (git-sync: --group-write).",
      );
    }
    if (named !== null) {
      return waiting(
        `revision ${named}, after which ${place.folder} is named, is not in ${place.commonDir}`,
        "git-sync may be starting over: its log tells.",
      );
    }
    if (ref !== "HEAD") {
      return waiting(
        `there is no commit ${JSON.stringify(ref)} in ${place.folder}`,
        'Check "ref" in the configuration; git-sync fetches nothing but its own --ref.',
      );
    }
    const head = (await readFile(join(place.gitDir, "HEAD"), "utf8").catch(() => "")).trim();
    const branch = /^ref: (?:refs\/heads\/)?(.+)$/.exec(head)?.[1];
    return branch === undefined
      ? waiting(
          `HEAD of ${place.folder} is ${head || "unreadable"}, which is not in ${objects}`,
          "The clone may not be finished, or is damaged: `git fsck` tells.",
        )
      : waiting(
          `branch ${branch} of ${place.folder} has no commit yet`,
          'Waiting for the first commit; to follow another branch, set "ref" in the configuration.',
        );
  }

  async changes(from: Revision, to: RevisionHead): Promise<Comparison | null> {
    const { trees } = this.#options;
    const root = trees === null ? null : rootRemembered(trees, from);
    if (trees !== null && root !== null) return this.#walk(trees, root, to);
    if (from === this.#incomparable || this.#place === null) return null;
    try {
      const commit = await this.#objects.ask(from, TREE_SIZE_MAX, true);
      if (commit.kind !== "object" || commit.type !== "commit") return null;
    } catch (error) {
      throw this.#gone(`revision ${from}`, error);
    }
    const pages = this.#diff(this.#place.commonDir, from, to.revision);
    return { way: "diff-tree", pages, remember: () => {} };
  }

  list(head: RevisionHead): Comparison {
    const { trees } = this.#options;
    // Trees that are remembered already need not be written again at each resync.
    const remembers = trees !== null && rootRemembered(trees, head.revision) === null;
    const notes = remembers ? new TreeNotes(trees, this.#options.log) : null;
    notes?.drop("");
    return this.#compare("list", notes, head, null, () => {
      throw new Error("a listing has nothing before it");
    });
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

  async close(): Promise<void> {
    await this.#objects.close();
  }

  #walk(trees: TreeMemory, root: string, to: RevisionHead): Comparison {
    const notes = new TreeNotes(trees, this.#options.log);
    return this.#compare("walk", notes, to, root, (dir, tree) => {
      const kept = trees.get(dir);
      if (kept?.tree === tree) return kept.bytes;
      trees.begin();
      throw new ObjectsGone(`the remembered tree of ${dir || "the root"} is not the one of its revision`);
    });
  }

  #compare(
    way: "walk" | "list",
    notes: TreeNotes | null,
    to: RevisionHead,
    before: string | null,
    readBefore: (dir: string, tree: string) => Uint8Array,
  ): Comparison {
    let complete = false;
    const pages = async function* (this: OpenSource): AsyncGenerator<Change[], void, undefined> {
      const invalid = invalidPaths();
      yield* walkTrees({
        ...this.#selection(invalid),
        before,
        now: to.tree,
        readBefore,
        readNow: (tree) => this.#readTree(tree),
        onFolder: (dir, tree, bytes) => notes?.put(dir, tree, bytes),
        onFolderGone: (dir) => notes?.drop(dir),
      });
      invalid.report(this.#options.log, to.revision);
      complete = true;
    };
    return {
      way,
      pages: pages.call(this),
      remember: () => {
        if (complete) notes?.commit(to.revision);
      },
    };
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

  #selection(invalid: { add(path: string): void }): Selection {
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

/** What a name of the user's is called from the git dir that all worktrees share. */
function nameIn(place: Place, ref: string): string {
  const name = ref === "@" || /^@[~^]/.test(ref) ? `HEAD${ref.slice(1)}` : ref;
  return place.own !== "" && OWN_NAME.test(name) ? place.own + name : name;
}

/** Tree id of the root, when what is remembered equals `revision`. A memory that fails remembers nothing. */
function rootRemembered(trees: TreeMemory, revision: Revision): string | null {
  try {
    return trees.at() === revision ? (trees.get("")?.tree ?? null) : null;
  } catch {
    return null;
  }
}

/** Collects paths that cannot be an article's, for one message a pass. */
function invalidPaths(): { add(path: string): void; report(log: Log, revision: Revision): void } {
  const shown: string[] = [];
  let count = 0;
  return {
    add: (path) => {
      count += 1;
      if (shown.length < INVALID_PATHS_SHOWN) shown.push(path);
    },
    report: (log, revision) => {
      if (count === 0) return;
      const files = count === 1 ? "1 path that is" : `${count} paths that are`;
      log.emit("warn", "path.invalid", `Skipped ${files} not valid UTF-8: rename to publish`, {
        revision,
        count,
        paths: shown,
      });
    },
  };
}
