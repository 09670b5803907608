import type { BlobId, Change, Entry } from "../../src/sync/model.ts";
import { compareBytes } from "../../src/sync/rules.ts";
import { type Config, type Node, type Parser, read } from "./content.ts";

export type Tree = ReadonlyMap<string, Node>;

/** A commit. Its name is its id; a history may publish it more than once. */
export interface Commit {
  readonly name: string;
  readonly tree: Tree;
}

/** A file that wants an id in some publication. */
export interface Candidate {
  readonly path: string;
  readonly digest: string;
  readonly publishAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** Needs patience: until then another file may have the id. */
  readonly isSlow: boolean;
}

/** Whether a file wants its id at some times only. */
export function isTimed({ publishAtMs, expiresAtMs }: Candidate): boolean {
  return publishAtMs !== null || expiresAtMs !== null;
}

/**
 * Whether a file wants its id at a time, epoch milliseconds.
 *
 * @param entry Says which date of the article has come already, though the clock may have been set back since.
 */
export function isDue(
  { publishAtMs, expiresAtMs }: Candidate,
  entry: Pick<Entry, "appearedMs"> | null | undefined,
  nowMs: number,
): boolean {
  const untilMs = Math.max(nowMs, entry?.appearedMs ?? nowMs);
  return (publishAtMs === null || publishAtMs <= untilMs) && (expiresAtMs === null || expiresAtMs > nowMs);
}

/**
 * The file that has an id: the one that holds it at the inserter, else, where it is unknown which does, one with the
 * digest listed there, else the first.
 *
 * @param files Those that want it, by path.
 */
export function preferred<One extends Pick<Candidate, "path" | "digest">>(
  files: readonly One[],
  entry: Pick<Entry, "path" | "acknowledged"> | null | undefined,
): One | undefined {
  const at = entry?.path ?? null;
  const digest = at === null ? (entry?.acknowledged?.digest ?? null) : null;
  return files.find((one) => (at === null ? one.digest === digest : one.path === at)) ?? files[0];
}

/** One state of the world that the agent is to follow: a commit under a configuration, from some time on. */
export interface Publication {
  readonly commit: Commit;
  readonly config: Config;
  /** Time of day when it was published, epoch milliseconds. */
  readonly wallMs: number;
  /** Files that want an id, by id, each list in byte order of paths. */
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  /** Files that cannot be published as they are: path to the id that can be read in it, if any. */
  readonly unreadable: ReadonlyMap<string, string | null>;
  /** Files without front matter: such a path cannot be published as it is either, if it was an article before. */
  readonly bare: ReadonlySet<string>;
}

/** How long the objects of a commit stay after it is no longer the published one; null: for ever. */
export type Sweep = (() => number) | null;

/** A repository as a reader sees it: a link that flips, and objects that come and go. */
export class Repository {
  readonly publications: Publication[] = [];
  readonly #parser: Parser;
  readonly #gone = new Set<string>();
  /** Blobs that are not there although their commit is, as in a partial clone. */
  readonly missing = new Set<BlobId>();
  /** When the last of them turned up again, virtual time. */
  completeMs = Number.NEGATIVE_INFINITY;
  /** Reads fail altogether. */
  isBroken = false;
  /** The link is not there. */
  isAway = false;
  #commits = 0;

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** What is published now; null before the first commit. */
  get current(): Publication | null {
    return this.publications.at(-1) ?? null;
  }

  commit(tree: Tree): Commit {
    return { name: `r${this.#commits++}`, tree };
  }

  /** @returns Where it stands in the order of publications. */
  publish(commit: Commit, config: Config, wallMs: number): number {
    const candidates = new Map<string, Candidate[]>();
    const unreadable = new Map<string, string | null>();
    const bare = new Set<string>();
    for (const path of [...commit.tree.keys()].sort(compareBytes)) {
      if (!config.selects(path)) continue;
      const verdict = this.#parser.verdict(config, path, commit.tree.get(path) as Node);
      if (verdict.kind === "rejected" || verdict.kind === "held") unreadable.set(path, verdict.id);
      if (verdict.kind === "none" && verdict.why === "no-front-matter") bare.add(path);
      if (verdict.kind !== "article") continue;
      const { id, digest, publishAtMs, expiresAtMs } = verdict;
      const times = { publishAtMs, expiresAtMs };
      const isSlow = read((commit.tree.get(path) as Node).blob).kind === "slow";
      const list = candidates.get(id);
      if (list === undefined) candidates.set(id, [{ path, digest, ...times, isSlow }]);
      else list.push({ path, digest, ...times, isSlow });
    }
    this.#gone.delete(commit.name);
    return this.publications.push({ commit, config, wallMs, candidates, unreadable, bare }) - 1;
  }

  /** Sweeps away the objects of a commit, unless it is published again by now. */
  sweep(commit: Commit): void {
    if (this.current?.commit.name !== commit.name) this.#gone.add(commit.name);
  }

  isGone(name: string): boolean {
    return this.#gone.has(name);
  }

  commitNamed(name: string): Commit | null {
    return this.publications.findLast(({ commit }) => commit.name === name)?.commit ?? null;
  }

  /** The last publication of a commit under a configuration, as a place in their order; -1 if there is none. */
  orderOf(name: string, config: Config): number {
    return this.publications.findLastIndex(
      ({ commit, config: its }) => commit.name === name && its.name === config.name,
    );
  }

  has(blob: BlobId): boolean {
    if (this.missing.has(blob)) return false;
    for (const { commit } of this.publications) {
      if (this.#gone.has(commit.name)) continue;
      for (const node of commit.tree.values()) if (node.blob === blob) return true;
    }
    return false;
  }
}

/** Candidate paths in byte order: all of them, or with `from` those that differ. */
export function compareTrees(from: Tree | null, to: Tree, config: Config): Change[] {
  const changes: Change[] = [];
  const paths = new Set(to.keys());
  for (const path of from?.keys() ?? []) paths.add(path);
  for (const path of [...paths].sort(compareBytes)) {
    if (!config.selects(path)) continue;
    const before = from?.get(path);
    const now = to.get(path);
    if (now === undefined) changes.push({ path, blob: null, mode: "file" });
    else if (before?.blob !== now.blob || before.mode !== now.mode) changes.push({ path, ...now });
  }
  return changes;
}
