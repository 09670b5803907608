import { SortedMap } from "../support/sorted-map.ts";

/** What an inserter can do besides taking articles. */
export interface Abilities {
  /** Lists what it holds. `bare`: without versions and owners. */
  readonly inventory: "full" | "bare" | "none";
  /** Most operations a batch; 0: it knows no batches. */
  readonly batch: number;
  /** Keeps the highest version of each id and answers an older write with 412. */
  readonly honoursVersions: boolean;
  /** `405`, `403`: the status with which it declines to delete. */
  readonly deletes: "yes" | 405 | 403;
  /** It lists some ids with another digest than they were sent with: it stores what it makes of a payload. */
  readonly alters: boolean;
  /** Its answer to the deletion of what it has not. */
  readonly absent: 204 | 404;
}

/** An article at the inserter. */
export interface Stored {
  readonly digest: string;
  readonly version: number;
  readonly owner: string;
}

/** An operation as it arrives. */
export interface Arriving {
  readonly kind: "upsert" | "delete";
  readonly id: string;
  readonly version: number;
  readonly digest: string | null;
}

/** By how much its version is above each that is sent, where an id is answered with 412 for ever. */
const NEWER = 1_000;
/** Ids that one alters which does. */
const ALTERED = /[24]$/;

/** Everything an inserter keeps, as a backup would hold it. */
interface Contents {
  readonly articles: ReadonlyMap<string, Stored>;
  readonly kept: ReadonlyMap<string, number>;
}

/** How it answers while something is wrong with it as a whole. */
export type Weather = "fine" | "unreachable" | "silent" | 500 | 503 | 429 | 401 | 403 | 404 | 302;

/** The store behind the API, without the network. */
export class Inserter {
  readonly abilities: Abilities;
  readonly articles = new SortedMap<Stored>();
  /** Highest version seen of each id, deleted ones too. */
  #kept = new Map<string, number>();
  /** Payloads that are not taken, by id: the status that says so. */
  readonly refusing = new Map<string, number>();
  weather: Weather = "fine";
  /** It never answers when it is asked for its inventory. */
  isMute = false;
  retryAfterMs: number | null = null;
  /** Changes with the contents, and comes back with them. */
  etag = 0;
  #etags = 0;
  #backup: (Contents & { etag: number }) | null = null;

  constructor(abilities: Abilities) {
    this.abilities = abilities;
  }

  /** @returns The status, and with 412 the version kept. */
  apply({ kind, id, version, digest }: Arriving, owner: string): { status: number; kept: number | null } {
    if (kind === "delete" && this.abilities.deletes !== "yes") {
      return { status: this.abilities.deletes, kept: null };
    }
    const kept = this.#kept.get(id);
    if (this.abilities.honoursVersions && kept !== undefined && kept > version) return { status: 412, kept };
    const refused = this.refusing.get(id);
    if (kind === "upsert" && refused !== undefined) {
      return { status: refused, kept: refused === 412 ? version + NEWER : null };
    }
    const wasThere = this.articles.get(id) !== undefined;
    this.#kept.set(id, version);
    this.etag = ++this.#etags;
    if (kind === "upsert") {
      this.articles.set(id, { digest: digest ?? "", version, owner });
      return { status: 200, kept: null };
    }
    this.articles.delete(id);
    return { status: wasThere ? 204 : this.abilities.absent, kept: null };
  }

  /** Whether the id is listed with another digest than it was sent with. */
  isAltered(id: string): boolean {
    return this.abilities.alters && ALTERED.test(id);
  }

  /** Somebody else writes an article of theirs. */
  putForeign(id: string): void {
    this.etag = ++this.#etags;
    this.articles.set(id, { digest: `foreign~${id}`, version: 1, owner: "someone" });
  }

  wipe(): void {
    this.etag = ++this.#etags;
    this.articles.clear();
    this.#kept = new Map();
  }

  backUp(): void {
    const articles = new Map([...this.articles.keys()].map((id) => [id, this.articles.get(id) as Stored]));
    this.#backup = { articles, kept: new Map(this.#kept), etag: this.etag };
  }

  /** @returns Whether there was a backup. */
  restore(): boolean {
    if (this.#backup === null) return false;
    this.articles.clear();
    for (const [id, stored] of this.#backup.articles) this.articles.set(id, stored);
    this.#kept = new Map(this.#backup.kept);
    this.etag = this.#backup.etag;
    return true;
  }
}
