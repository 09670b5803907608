/**
 * What is doubtful about the articles delivered last. Warnings are no part of the manifest: they hang on
 * other files and on the clock, and a million articles must not be looked at twice. So a few are looked at
 * again, each once, while nothing else is to be done; and what is told is judged at that moment.
 */

import type { ArticleDoubtful } from "../report/describe.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { BlobId, Cause, FileRow, Problem } from "../sync/model.ts";
import type { Log, State } from "../sync/ports.ts";

/** An article that is published, and what is doubtful about it. */
export interface Doubtful {
  readonly path: string;
  readonly id: string;
  /** Warnings, in the order of the file; at least one. */
  readonly problems: readonly Problem[];
}

/** Looks for what is doubtful. `Suspicions` is what it notes down of one file, some kilobytes at most. */
export interface Doubter<Suspicions> {
  /** What one file gives reason to suspect; null where it cannot be read, or nothing can be told of it. */
  inspect(path: string, blob: BlobId): Promise<Suspicions | null>;
  /** What of it is so now, file by file. */
  judge(files: readonly Suspicions[]): Promise<readonly (readonly Problem[])[]>;
}

/** An agent whose articles are doubted. */
export interface Doubted<Suspicions> {
  readonly state: Pick<State, "file" | "entry">;
  readonly doubter: Doubter<Suspicions>;
  readonly log: Log;
  readonly report: (event: ArticleDoubtful) => void;
  /** Whether no pass is under way. */
  isIdle(): boolean;
  /** Whether what its first pass delivers is news to whoever reads the log. */
  readonly isStartNews: boolean;
}

/** What those who answer questions need of {@link Doubts}. */
export interface DoubtsView {
  /** The doubtful ones among the articles delivered last, newest first. */
  listing(): Promise<readonly Doubtful[]>;
  /** What is doubtful about one file, whatever has become of it. */
  of(path: string): Promise<readonly Problem[]>;
}

export interface DoubtsOptions {
  /** Milliseconds that never run backwards. */
  readonly elapsedMs: () => number;
  /** How long no delivery may have come before any article is looked at. */
  readonly settleMs?: number;
}

/** One look at a file. */
interface Look<Suspicions> {
  readonly blob: BlobId;
  readonly atMs: number;
  readonly suspicions: Suspicions | null;
}

/** An article delivered not long ago. */
interface Note<Suspicions> {
  /** Whether the log is to tell of it. */
  isNews: boolean;
  look: Look<Suspicions> | null;
}

/** Articles remembered: as many as the status shows deliveries of; and as many that were asked for. */
const REMEMBERED_MAX = 50;
/** So many in one go are a first sync, or another branch: the log does not tell of each. */
const NEWS_MAX = 50;
const SETTLE_MS = 200;
/** Dates come nearer: so old a look counts no more. */
const LOOK_MS_MAX = 86_400_000;
/** Causes that an author is behind. */
const BY_AN_AUTHOR: ReadonlySet<Cause> = new Set<Cause>(["new", "changed", "moved", "scheduled"]);

/** One for the life of the process; agents come and go with their configurations. */
export class Doubts<Suspicions> implements DoubtsView {
  readonly #elapsedMs: () => number;
  readonly #settleMs: number;
  /** By path; delivered last, last. */
  readonly #notes = new Map<string, Note<Suspicions>>();
  /** Looks at what people asked for, by path; asked for last, last. */
  readonly #asked = new Map<string, Look<Suspicions>>();
  #subject: Doubted<Suspicions> | null = null;
  /** End of the agent's first pass, elapsed milliseconds; infinite before. */
  #startedMs = Number.POSITIVE_INFINITY;
  /** Deliveries since all was quiet, and when the last one came. */
  #burst = 0;
  #deliveredMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** One file is looked at at a time. */
  #lane: Promise<unknown> = Promise.resolve();

  constructor({ elapsedMs, settleMs = SETTLE_MS }: DoubtsOptions) {
    this.#elapsedMs = elapsedMs;
    this.#settleMs = settleMs;
  }

  /** Notes deliveries. */
  observe(event: SyncEvent): void {
    if (event.kind === "pass.done") this.#startedMs = Math.min(this.#startedMs, this.#elapsedMs());
    else if (event.kind === "article.upserted") this.#delivered(event);
  }

  /** From now on the articles of this agent are looked at; what was seen under other settings is forgotten. */
  attach(subject: Doubted<Suspicions>): void {
    this.#subject = subject;
    this.#startedMs = Number.POSITIVE_INFINITY;
    this.#asked.clear();
    for (const note of this.#notes.values()) note.look = null;
    if (this.#notes.size > 0) this.#arm();
  }

  /** Its rooms are about to be closed. */
  detach(): void {
    this.#subject = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async listing(): Promise<readonly Doubtful[]> {
    const subject = this.#subject;
    if (subject === null) return [];
    if (this.#due(subject).length > 0) this.#arm();
    return (await this.#judged(subject)).toReversed();
  }

  async of(path: string): Promise<readonly Problem[]> {
    const subject = this.#subject;
    const row = subject?.state.file(path) ?? null;
    if (subject === null || row === null) return [];
    const known = [this.#notes.get(path)?.look, this.#asked.get(path)].find((look) => this.#holds(look, row));
    const look = known ?? (await this.#look(subject, path, row.blob));
    this.#asked.delete(path);
    this.#asked.set(path, look);
    forgetOldest(this.#asked);
    if (look.suspicions === null || this.#subject !== subject) return [];
    const [problems = []] = await subject.doubter.judge([look.suspicions]);
    return problems;
  }

  #delivered({ path, cause, waitedMs }: Extract<SyncEvent, { kind: "article.upserted" }>): void {
    this.#burst++;
    this.#deliveredMs = this.#elapsedMs();
    const isOfStart = this.#deliveredMs - Math.max(0, waitedMs) <= this.#startedMs;
    const isNews = BY_AN_AUTHOR.has(cause) && (!isOfStart || this.#subject?.isStartNews === true);
    const look = this.#notes.get(path)?.look ?? null;
    this.#notes.delete(path);
    this.#notes.set(path, { isNews, look });
    forgetOldest(this.#notes);
    this.#arm();
  }

  #arm(): void {
    if (this.#subject === null) return;
    this.#timer ??= setTimeout(() => void this.#turn(), this.#settleMs).unref();
  }

  /** Looks at what is due, if nothing else is to be done; else later. */
  async #turn(): Promise<void> {
    const subject = this.#subject;
    if (subject === null) return;
    let isDone = false;
    try {
      isDone = this.#isQuiet(subject) && (await this.#work(subject));
    } catch (error) {
      // Doubts are extra: whatever is really wrong is told by those who read the file to publish it.
      const { message } = error as Error;
      subject.log.emit("debug", "article.unjudged", `Cannot tell what is doubtful: ${message}`);
    }
    if (this.#subject !== subject) return;
    this.#timer = undefined;
    // What was delivered meanwhile found the timer set.
    if (!isDone || this.#burst > 0) this.#arm();
  }

  #isQuiet(subject: Doubted<Suspicions>): boolean {
    const isSettled = this.#elapsedMs() - this.#deliveredMs >= this.#settleMs;
    return this.#subject === subject && isSettled && subject.isIdle();
  }

  /** @returns Whether it came to an end, undisturbed. */
  async #work(subject: Doubted<Suspicions>): Promise<boolean> {
    if (this.#burst > NEWS_MAX) for (const note of this.#notes.values()) note.isNews = false;
    this.#burst = 0;
    for (const { path, note, row } of this.#due(subject)) {
      if (!this.#isQuiet(subject)) return false;
      note.look = await this.#look(subject, path, row.blob);
    }
    const news = [...this.#notes.values()].filter(({ isNews }) => isNews);
    if (news.length === 0) return true;
    const judged = await this.#judged(subject);
    if (this.#subject !== subject) return false;
    for (const { path, problems } of judged) {
      const note = this.#notes.get(path);
      if (note === undefined || !news.includes(note)) continue;
      subject.report({ kind: "article.doubtful", path, problems });
    }
    for (const note of news) note.isNews = false;
    return true;
  }

  /** Those whose warnings hold now, delivered last, last. */
  async #judged(subject: Doubted<Suspicions>): Promise<readonly Doubtful[]> {
    const files = this.#published(subject).flatMap(({ path, note, row, id }) => {
      const suspicions = this.#holds(note.look, row) ? note.look.suspicions : null;
      return suspicions === null ? [] : { path, id, suspicions };
    });
    const judged = await subject.doubter.judge(files.map(({ suspicions }) => suspicions));
    return files.flatMap(({ path, id }, index) => {
      const problems = judged[index] ?? [];
      return problems.length === 0 ? [] : { path, id, problems };
    });
  }

  #due(subject: Doubted<Suspicions>) {
    return this.#published(subject).filter(({ note, row }) => !this.#holds(note.look, row));
  }

  /** The remembered ones that still are articles, and the ones to have their ids. */
  #published({ state }: Doubted<Suspicions>) {
    return [...this.#notes].flatMap(([path, note]) => {
      const row = state.file(path);
      if (row?.verdict.kind !== "article") return [];
      const { id } = row.verdict;
      return state.entry(id)?.path === path ? { path, id, note, row } : [];
    });
  }

  #holds(look: Look<Suspicions> | null | undefined, { blob }: FileRow): look is Look<Suspicions> {
    return look?.blob === blob && this.#elapsedMs() - look.atMs < LOOK_MS_MAX;
  }

  #look({ doubter }: Doubted<Suspicions>, path: string, blob: BlobId): Promise<Look<Suspicions>> {
    const looking = this.#lane.then(async () => {
      const suspicions = await doubter.inspect(path, blob).catch(() => null);
      return { blob, atMs: this.#elapsedMs(), suspicions };
    });
    this.#lane = looking;
    return looking;
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > REMEMBERED_MAX && oldest !== undefined) map.delete(oldest);
}
