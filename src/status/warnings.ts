/**
 * Warnings about the articles that were delivered last. They are no part of the manifest: they depend on other
 * files and on the clock, and a million articles must not be read twice. So a few are linted, each once, while
 * nothing else is to be done; whether a warning still holds is decided when it is asked for.
 */
import type { ArticleDoubtful } from "../report/describe.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { BlobId, Cause, FileRow, Problem } from "../sync/model.ts";
import type { Log, State } from "../sync/ports.ts";

/** A published article and its warnings. */
export interface ArticleWarnings {
  readonly path: string;
  readonly id: string;
  /** In the order of the file; at least one. */
  readonly problems: readonly Problem[];
}

/** Finds warnings. `Notes` is what it keeps of one file, some kilobytes at most. */
export interface Linter<Notes> {
  /** What may be wrong with one file; null where it cannot be read, or nothing is known about it. */
  lint(path: string, blob: BlobId): Promise<Notes | null>;
  /** What of it holds now, file by file. */
  confirm(files: readonly Notes[]): Promise<readonly (readonly Problem[])[]>;
}

/** An agent whose articles are linted. */
export interface LintedAgent<Notes> {
  readonly state: Pick<State, "file" | "entry">;
  readonly linter: Linter<Notes>;
  readonly log: Log;
  readonly report: (event: ArticleDoubtful) => void;
  /** Whether no pass is under way. */
  isIdle(): boolean;
  /** Whether the log reports warnings about what the first pass delivers. */
  readonly isStartNews: boolean;
}

/** What {@link WarningLog} answers. */
export interface Warnings {
  /** Articles with warnings among those delivered last, newest first. */
  current(): Promise<readonly ArticleWarnings[]>;
  /** Warnings about one file, if it is among those delivered last: a question never has a file examined. */
  of(path: string): Promise<readonly Problem[]>;
}

export interface WarningLogOptions {
  /** Milliseconds that never run backwards. */
  readonly elapsedMs: () => number;
  /** How long no delivery may have come before any article is linted. */
  readonly quietMs?: number;
}

/** What was found in one version of a file. */
interface Lint<Notes> {
  readonly blob: BlobId;
  readonly atMs: number;
  readonly notes: Notes | null;
}

/** As many deliveries as the status shows. */
const DELIVERED_MAX = 50;
/** So many deliveries in one go are a first sync, or another branch: the log does not report each. */
const NEWS_MAX = 50;
const QUIET_MS = 200;
/** A date far in the future comes nearer: an older lint is made anew. */
const LINT_AGE_MS_MAX = 86_400_000;
/** Causes that an author is behind. */
const BY_AN_AUTHOR: ReadonlySet<Cause> = new Set<Cause>(["new", "changed", "moved"]);

/** One for the life of the process; agents are attached and detached with their configurations. */
export class WarningLog<Notes> implements Warnings {
  readonly #elapsedMs: () => number;
  readonly #quietMs: number;
  /** By path; delivered last, last. `isNews`: the log is to report its warnings. */
  readonly #delivered = new Map<string, { isNews: boolean }>();
  /** By path; linted last, last. */
  readonly #lints = new Map<string, Lint<Notes>>();
  #agent: LintedAgent<Notes> | null = null;
  /** End of the agent's first pass, elapsed milliseconds; infinite before. */
  #startedMs = Number.POSITIVE_INFINITY;
  /** Deliveries since all was quiet, and when the last one came. */
  #burst = 0;
  #deliveredMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ elapsedMs, quietMs = QUIET_MS }: WarningLogOptions) {
    this.#elapsedMs = elapsedMs;
    this.#quietMs = quietMs;
  }

  /** From now on the articles of this agent are linted; what was found under other settings no longer counts. */
  attach(agent: LintedAgent<Notes>): void {
    this.#agent = agent;
    this.#startedMs = Number.POSITIVE_INFINITY;
    this.#lints.clear();
    if (this.#delivered.size > 0) this.#arm();
  }

  /** Its state is about to be closed. */
  detach(): void {
    this.#agent = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Notes deliveries. */
  observe(event: SyncEvent): void {
    if (event.kind === "pass.done") this.#startedMs = Math.min(this.#startedMs, this.#elapsedMs());
    if (event.kind !== "article.upserted") return;
    const { path, cause, waitedMs } = event;
    this.#burst++;
    this.#deliveredMs = this.#elapsedMs();
    const isOfStart = this.#deliveredMs - Math.max(0, waitedMs) <= this.#startedMs;
    const isNews = BY_AN_AUTHOR.has(cause) && (!isOfStart || this.#agent?.isStartNews === true);
    putLast(this.#delivered, path, { isNews }, DELIVERED_MAX);
    this.#arm();
  }

  async current(): Promise<readonly ArticleWarnings[]> {
    const agent = this.#agent;
    if (agent === null) return [];
    if (this.#due(agent).length > 0) this.#arm();
    return (await this.#confirmed(agent)).toReversed();
  }

  async of(path: string): Promise<readonly Problem[]> {
    const agent = this.#agent;
    const row = agent?.state.file(path) ?? null;
    if (agent === null || row === null) return [];
    const notes = this.#lintOf(row)?.notes ?? null;
    if (notes === null) return [];
    const [problems = []] = await agent.linter.confirm([notes]);
    return problems;
  }

  #arm(): void {
    if (this.#agent === null) return;
    this.#timer ??= setTimeout(() => void this.#turn(), this.#quietMs).unref();
  }

  /** Lints what is due, if nothing else is to be done; else later. */
  async #turn(): Promise<void> {
    const agent = this.#agent;
    if (agent === null) return;
    let isDone = false;
    try {
      isDone = this.#isQuiet(agent) && (await this.#work(agent));
    } catch (error) {
      // Warnings are extra: errors are reported when the file is read to be published.
      const { message } = error as Error;
      agent.log.emit("debug", "article.unjudged", `Cannot find the warnings: ${message}`);
    }
    if (this.#agent !== agent) return;
    this.#timer = undefined;
    // What was delivered meanwhile found the timer set.
    if (!isDone || this.#burst > 0) this.#arm();
  }

  #isQuiet(agent: LintedAgent<Notes>): boolean {
    const isQuiet = this.#elapsedMs() - this.#deliveredMs >= this.#quietMs;
    return this.#agent === agent && isQuiet && agent.isIdle();
  }

  /** @returns Whether it came to an end, undisturbed. */
  async #work(agent: LintedAgent<Notes>): Promise<boolean> {
    if (this.#burst > NEWS_MAX) for (const one of this.#delivered.values()) one.isNews = false;
    this.#burst = 0;
    for (const row of this.#due(agent)) {
      if (!this.#isQuiet(agent)) return false;
      await this.#lint(agent, row);
    }
    const news = [...this.#delivered.values()].filter(({ isNews }) => isNews);
    if (news.length === 0) return true;
    const confirmed = await this.#confirmed(agent);
    if (this.#agent !== agent) return false;
    for (const { path, problems } of confirmed) {
      const one = this.#delivered.get(path);
      if (one !== undefined && news.includes(one)) agent.report({ kind: "article.doubtful", path, problems });
    }
    for (const one of news) one.isNews = false;
    return true;
  }

  /** Delivered articles with warnings that hold now, delivered last, last. */
  async #confirmed(agent: LintedAgent<Notes>): Promise<readonly ArticleWarnings[]> {
    const files = this.#published(agent).flatMap(({ row, id }) => {
      const notes = this.#lintOf(row)?.notes ?? null;
      return notes === null ? [] : { path: row.path, id, notes };
    });
    const confirmed = await agent.linter.confirm(files.map(({ notes }) => notes));
    return files.flatMap(({ path, id }, index) => {
      const problems = confirmed[index] ?? [];
      return problems.length === 0 ? [] : { path, id, problems };
    });
  }

  /** Files to be linted. */
  #due(agent: LintedAgent<Notes>): readonly FileRow[] {
    return this.#published(agent).flatMap(({ row }) => (this.#lintOf(row) === null ? row : []));
  }

  /** The files delivered last that still are articles, and whose ids are theirs. */
  #published({ state }: LintedAgent<Notes>): readonly { readonly row: FileRow; readonly id: string }[] {
    return [...this.#delivered.keys()].flatMap((path) => {
      const row = state.file(path);
      if (row?.verdict.kind !== "article") return [];
      const { id } = row.verdict;
      return state.entry(id)?.path === path ? { row, id } : [];
    });
  }

  /** What was found in this version of the file, not long ago; null where it has to be linted. */
  #lintOf({ path, blob }: FileRow): Lint<Notes> | null {
    const lint = this.#lints.get(path);
    return lint?.blob === blob && this.#elapsedMs() - lint.atMs < LINT_AGE_MS_MAX ? lint : null;
  }

  async #lint(agent: LintedAgent<Notes>, { path, blob }: FileRow): Promise<void> {
    const notes = await agent.linter.lint(path, blob).catch(() => null);
    if (this.#agent !== agent) return;
    putLast(this.#lints, path, { blob, atMs: this.#elapsedMs(), notes }, DELIVERED_MAX);
  }
}

/** Puts an entry at the end of a map, and drops the first one where there are more than `max`. */
function putLast<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
