import type { BlobId, Change, ComparisonChoice } from "../../src/sync/model.ts";
import {
  type Comparison,
  type Content,
  type Head,
  ObjectsGone,
  type RevisionHead,
  type Source,
} from "../../src/sync/ports.ts";
import type { Config } from "./content.ts";
import type { Dice } from "./dice.ts";
import { compareTrees, type Repository, type Tree } from "./repository.ts";

/** Trees that a source remembers between passes, and between processes. */
export interface TreeNotes {
  at: string | null;
  tree: Tree | null;
}

const BYTES: Content = { kind: "bytes", bytes: new Uint8Array() };

/** What a process needs of the simulation around it: every call to the outside goes through here. */
export interface Outside {
  readonly dice: Dice;
  /** Counts a call, takes some time, and answers; or never, when the process has died meanwhile. */
  call<T>(answer: () => T, slownessMs?: number): Promise<T>;
}

/** The `Source` port over a simulated repository. */
export class SimulatedSource implements Source {
  readonly #repository: Repository;
  readonly #outside: Outside;
  readonly #config: Config;
  /** Null for a source that remembers nothing. */
  readonly #notes: TreeNotes | null;
  readonly #brokenRead: () => number;

  constructor(options: {
    repository: Repository;
    outside: Outside;
    config: Config;
    notes: TreeNotes | null;
    brokenRead: () => number;
  }) {
    this.#repository = options.repository;
    this.#outside = options.outside;
    this.#config = options.config;
    this.#notes = options.notes;
    this.#brokenRead = options.brokenRead;
  }

  head(): Promise<Head> {
    return this.#outside.call((): Head => {
      const { current, isAway, isBroken } = this.#repository;
      if (isAway || isBroken || current === null) {
        const reason = isBroken ? "git fails" : isAway ? "no link" : "no commit";
        return { kind: "waiting", reason, hint: "Wait." };
      }
      const { name } = current.commit;
      return { kind: "revision", revision: name, tree: name };
    });
  }

  async compare(from: string | null, to: RevisionHead): Promise<Comparison> {
    if (from === null) return this.#compare({ way: "list", why: "no-old-revision" }, null, to);
    return this.#outside.call(() => {
      this.#mayFail(from);
      if (this.#notes !== null && this.#notes.at === from && this.#notes.tree !== null) {
        return this.#compare({ way: "walk", why: "trees-remembered" }, this.#notes.tree, to);
      }
      const commit = this.#repository.commitNamed(from);
      if (commit === null || this.#repository.isGone(from))
        return this.#compare({ way: "list", why: "old-commit-gone" }, null, to);
      return this.#compare({ way: "diff-tree", why: "old-commit-at-hand" }, commit.tree, to);
    });
  }

  read(blob: BlobId): Promise<Content> {
    return this.#outside.call(() => {
      this.#mayFail(blob);
      return this.#repository.has(blob) ? BYTES : { kind: "missing" };
    });
  }

  #mayFail(what: string): void {
    if (this.#repository.isBroken || this.#outside.dice.chance(this.#brokenRead())) {
      throw new ObjectsGone(`git fails at ${what}`);
    }
  }

  #compare(choice: ComparisonChoice, from: Tree | null, to: RevisionHead): Comparison {
    let isRead = false;
    const pages = async function* (this: SimulatedSource): AsyncGenerator<readonly Change[]> {
      const commit = await this.#outside.call(() => this.#readable(to.revision));
      const changes = compareTrees(from, commit.tree, this.#config);
      const size = this.#outside.dice.chance(0.5) ? changes.length : this.#outside.dice.between(1, 4);
      for (let i = 0; i < changes.length; i += size) {
        if (i > 0) await this.#outside.call(() => this.#readable(to.revision));
        yield changes.slice(i, i + size);
      }
      isRead = true;
    };
    return {
      ...choice,
      pages: pages.call(this),
      remember: () => {
        if (this.#notes === null || !isRead || choice.way === "diff-tree") return;
        this.#notes.at = to.revision;
        this.#notes.tree = this.#repository.commitNamed(to.revision)?.tree ?? null;
      },
    };
  }

  #readable(name: string) {
    this.#mayFail(name);
    const commit = this.#repository.commitNamed(name);
    if (commit === null || this.#repository.isGone(name)) throw new ObjectsGone(`commit ${name} is gone`);
    return commit;
  }
}
