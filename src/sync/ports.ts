/**
 * What the core needs of the world. The other rooms implement these; `wiring/` puts them together.
 * The core itself has no clock, no randomness and no I/O, so a simulation can stand in for each.
 */
import type { SyncEvent } from "./events.ts";
import type {
  BlobId,
  Braked,
  Change,
  Claim,
  ComparisonChoice,
  Entry,
  FileRow,
  Listed,
  ListingComparison,
  ParsedFile,
  Revision,
  Version,
} from "./model.ts";

/** The revision that is published, or why there is none to be had yet. */
export type Head =
  | { readonly kind: "revision"; readonly revision: Revision; readonly tree: string }
  | {
      readonly kind: "waiting";
      readonly reason: string;
      readonly hint: string;
      /** Something is there and cannot be read: for that nobody need only wait. */
      readonly isTrouble?: boolean;
      /** All is there but the first commit. */
      readonly isUnborn?: boolean;
    };

/** Head of a repository that has a revision. */
export type RevisionHead = Extract<Head, { kind: "revision" }>;

/** Pages of paths in byte order. With way `list`, every candidate of the tree; else only what differs. */
export type Comparison = ComparisonChoice & {
  readonly pages: AsyncIterable<readonly Change[]>;
  /** Keep the trees read, so that the next comparison can walk from here. Call after the pass is recorded. */
  remember(): void;
};

/** Contents of one blob. `missing`: not in the object store (pruned, or a partial clone). */
export type Content =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large"; readonly sizeBytes: number }
  | { readonly kind: "missing" };

/** A Git repository, read only, from its objects. */
export interface Source {
  /** Never throws for a repository that is not there yet: that is `waiting`. */
  head(): Promise<Head>;
  /**
   * What differs between two revisions, or every candidate path where that cannot be found out.
   *
   * @param from Null to list every candidate path.
   * @throws {ObjectsGone} When the repository cannot be read just now; also from the pages, when objects
   * vanish under the reader.
   */
  compare(from: Revision | null, to: RevisionHead): Promise<Comparison>;
  /** @throws {ObjectsGone} When the repository cannot be read just now. */
  read(blob: BlobId): Promise<Content>;
}

/**
 * The trees of the last recorded revision, so that the next one can be compared without git's old objects,
 * which git-sync prunes at once. Raw tree objects by folder: named by its path with a slash at the end, the
 * root by `""`.
 *
 * A cache: to lose it costs time, never correctness, as long as {@link TreeMemory.at} is true. Every method
 * may throw when the disk does not allow it.
 */
export interface TreeMemory {
  /** Revision that what is kept equals; null from `begin` until `commit`, and when nothing is kept. */
  at(): Revision | null;
  /** Id and bytes of a folder's tree object; null when it is not kept. */
  get(dir: string): { readonly tree: string; readonly bytes: Uint8Array } | null;
  /** What is kept is about to change: `at` is null from here, also after a crash. */
  begin(): void;
  put(dir: string, tree: string, bytes: Uint8Array): void;
  /** Forgets a folder and all below it; `""` forgets everything. */
  drop(dirPrefix: string): void;
  /** What is kept equals this revision. */
  commit(revision: Revision): void;
}

/**
 * Objects of the revision being read are gone: drop the pass, begin again at the new revision. Where there is no
 * newer one, the repository is damaged: `hint` says how to fix it.
 */
export class ObjectsGone extends Error {
  override readonly name = "ObjectsGone";
  readonly hint: string;

  constructor(message: string, options: ErrorOptions & { readonly hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint ?? "";
  }
}

/** Turns file contents into verdicts and payloads. */
export interface Articles {
  /** Changes whenever the configuration or the agent's version may change a payload. */
  readonly fingerprint: string;
  /**
   * Called at the beginning of each pass: how files are read may depend on the revision, and the fingerprint
   * with it.
   *
   * @throws {ObjectsGone} When the repository cannot be read just now, or does not say how.
   */
  prepare?(head: RevisionHead): Promise<void>;
  /** Never throws and never takes longer than its deadline. `patience` multiplies the deadline; 0: held if it is not quick. */
  parse(path: string, blob: BlobId, content: Content, patience: number): Promise<ParsedFile>;
}

/** What a request came to, before anyone judges it. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Parsed `Retry-After`, in milliseconds from now; null where absent. */
      readonly retryAfterMs: number | null;
      /** `Sync-Version` of the answer; null where absent. */
      readonly version: Version | null;
      readonly location: string | null;
      /** First 1 KiB of the body, redacted. */
      readonly excerpt: string;
    }
  | {
      readonly kind: "failure";
      /** `connect`: nothing was sent. The others: it may have arrived. */
      readonly why: "connect" | "timeout" | "broken";
      readonly message: string;
    };

/** One operation as it leaves. `body` is null for a delete. */
export interface Outgoing {
  readonly kind: "upsert" | "delete";
  readonly id: string;
  readonly version: Version;
  readonly digest: string | null;
  readonly body: Uint8Array | null;
}

/** Answer to a batch: the reply to the whole, and on 200 one status a line; null = not acknowledged. */
export interface BatchReply {
  readonly whole: Reply;
  readonly lines: readonly (Extract<Reply, { kind: "answer" }> | null)[];
}

export type InventoryReply =
  /** The inserter has no inventory. */
  | { readonly kind: "none" }
  /** 304: as it was at `etag`. */
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "listing";
      readonly etag: string | null;
      /** Most operations a batch; 0 = none. */
      readonly batch: number;
      /** Throws if the listing is cut short, or its count is wrong: then nothing of it counts. */
      readonly pages: AsyncIterable<readonly Listed[]>;
    }
  /** Could not be found out; never taken for empty. */
  | { readonly kind: "unknown"; readonly reply: Reply };

/** The inserter API. Methods resolve; they reject only when `signal` aborts, or for a bug. */
export interface Sink {
  inventory(etag: string | null, signal: AbortSignal): Promise<InventoryReply>;
  send(operation: Outgoing, signal: AbortSignal): Promise<Reply>;
  sendBatch(operations: readonly Outgoing[], signal: AbortSignal): Promise<BatchReply>;
}

/** Time of day, time that passes, and waiting. */
export interface Clock {
  /** Milliseconds since the epoch, as people have it: may be set back or forth at any moment. */
  nowMs(): number;
  /** Milliseconds since some start; never runs backwards. For everything that becomes due. */
  elapsedMs(): number;
  /** Resolves after `ms` (`Infinity`: never), or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Draws from [0, 1). */
export type Random = () => number;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Takes what happens in the core: for the log, the metrics, the progress line and the status. Must not throw. */
export type Report = (event: SyncEvent) => void;

/** The log of the other rooms. `event` names are stable (`src/status/README.md` lists them); `fields` are JSON values. */
export interface Log {
  emit(level: LogLevel, event: string, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Counts for status, metrics and exit codes; each is a count of articles or files. */
export interface Counts {
  readonly published: number;
  readonly pending: number;
  /** Waiting for their time. */
  readonly scheduled: number;
  /** Drafts and the like, and articles that have expired. */
  readonly withdrawn: number;
  readonly held: number;
  /** Malformed files and losers of a duplicate id. */
  readonly rejected: number;
  readonly refused: number;
  readonly undeletable: number;
}

/** One value of the manifest that is not a row. */
export type MetaKey =
  /** Revision that the file rows equal; empty while a pass is under way. */
  | "checkpoint"
  | "fingerprint"
  /** URL of the inserter without credentials. */
  | "inserter"
  | "owner"
  /** Last version given, as decimal digits. */
  | "version"
  /** Time that the last pass judged dates by, ms. */
  | "now"
  /** How many articles were owned before the passes that have not come to their checkpoint yet. */
  | "baseline"
  /** What looks like the cause of what the brake holds. */
  | "brake-cause"
  /** "inventory" | "none": what the inserter was last seen to have. */
  | "capability"
  /** Where the entries equal what the inserter listed: as of which listing. Gone as soon as one changes. */
  | "listing"
  /** Set when the state was made anew and earlier deletions may be unknown: when, ms. */
  | "started-over";

/**
 * The manifest: what the inserter is known to hold and what each file turned out to be.
 * Synchronous; every call may throw {@link StateUnavailable}, and then nothing of the transaction is kept.
 * All orders are byte order of UTF-8.
 */
export interface State {
  /** All or nothing, durable when it returns. Not nested. */
  transaction<T>(work: () => T): T;

  meta(key: MetaKey): string | null;
  setMeta(key: MetaKey, value: string | null): void;

  file(path: string): FileRow | null;
  /** Up to `limit` rows with a path after `after` (null: from the first). */
  files(after: string | null, limit: number): readonly FileRow[];
  /** Rows of one kind, by path. */
  filesOfKind(kind: FileRow["verdict"]["kind"], after: string | null, limit: number): readonly FileRow[];
  putFile(row: FileRow): void;
  dropFile(path: string): void;
  /** First path, in byte order, of a rejected or held file in which this id could be read; null if none. */
  keeperNaming(id: string): string | null;
  /** Whether any file is rejected or held, or loses a duplicate id. */
  anyKeeper(nowMs: number): boolean;
  /** Ids of articles whose time to appear or to expire lies in (afterMs, untilMs]. */
  idsScheduled(afterMs: number, untilMs: number): readonly string[];
  /** The earliest time after `afterMs` at which an article appears or expires; null if none. */
  nextScheduledMs(afterMs: number): number | null;
  /** Losers of duplicate ids among the files published now, by path: `path` loses `id` to `winner`. */
  duplicates(
    nowMs: number,
  ): Iterable<{ readonly path: string; readonly id: string; readonly winner: string }>;

  entry(id: string): Entry | null;
  putEntry(entry: Entry): void;
  dropEntry(id: string): void;
  /** Drops every entry, and forgets the brake: another inserter, or another owner. */
  clearEntries(): void;
  /** Ids of the entries whose path this is. */
  idsAtPath(path: string): readonly string[];
  /** Ids of the entries that stand at the path of any file naming this id: what is planned for them may depend on it. */
  idsRelated(id: string): readonly string[];
  /** Entries with something pending, by id, after `after`. */
  pending(after: string | null, limit: number): readonly Entry[];
  /** Just the ids of those. */
  pendingIds(after: string | null, limit: number): readonly string[];
  /**
   * Entries of ours (no other owner's) under which something may stand at the inserter, and that are not
   * pending a delete: what a brake is measured against.
   */
  countOwned(): number;
  /** Whether another owner holds any id, as the last inventory said. */
  anyForeign(): boolean;

  /** Ids whose delete the brake holds, by id. */
  braked(): readonly Braked[];
  anyBraked(): boolean;
  /** Whether a person has approved deletes that are still held. */
  anyApproved(): boolean;
  putBraked(rows: Iterable<Braked>): void;
  dropBraked(ids: Iterable<string>): void;
  /** Approves all deletes that are held and asked for now. @returns The ids that were not approved before, by id. */
  approveBraked(): readonly string[];

  claim(id: string, nowMs: number): Claim;
  /** A page of claims over all ids known from files or entries, by id, after `after`. */
  claims(after: string | null, limit: number, nowMs: number): readonly Claim[];
  /**
   * Those of `claims` that are not plainly at rest, and marked ids that neither a file nor an entry has any more. At rest is an
   * id, unmarked, that one file alone names, published now, and whose entry is in step with that file.
   */
  unsettled(after: string | null, limit: number, nowMs: number): readonly Claim[];

  /** Marks ids to be looked at again by the next plan; survives a crash. */
  touch(ids: Iterable<string>): void;
  /** Ids marked, by id, after `after`. */
  touched(after: string | null, limit: number): readonly string[];
  untouch(ids: Iterable<string>): void;

  /** Lines of the inventory being read; emptied by `clearListing`, not durable, no transaction needed. */
  clearListing(): void;
  stageListing(lines: readonly Listed[]): void;
  /** What is staged under an id; null when nothing is. */
  listed(id: string): Listed | null;
  /**
   * A page of ids over entries and staged lines, each with both sides, by id, after `after`: those that do not
   * `matchesListing`.
   *
   * @param owner Whose articles count as ours; null where all do.
   */
  compareListing(after: string | null, limit: number, owner: string | null): readonly ListingComparison[];

  counts(nowMs: number): Counts;
}

/** Whose articles these are at the inserter. */
export interface Identity {
  /** Null until it is known; set once, by the agent. */
  owner: string | null;
  /** Asked when there is a repository, and neither the settings nor the state says. */
  derive(): Promise<string>;
}

/** Everything outside the core. */
export interface World {
  readonly identity: Identity;
  readonly state: State;
  readonly source: Source;
  readonly sink: Sink;
  readonly articles: Articles;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
}

/** The state cannot be read or written just now (disk full, read-only): hold, and try again. */
export class StateUnavailable extends Error {
  override readonly name = "StateUnavailable";
}

/** The state is damaged: nothing that it says can be relied on. Ends the agent; the next one makes it anew. */
export class StateCorrupt extends Error {
  override readonly name = "StateCorrupt";
  /** Of the damaged file. */
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

export type { BlobId, Revision } from "./model.ts";
