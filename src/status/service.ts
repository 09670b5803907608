/** Answers how the agent is: observes its events and calls, and takes snapshots of it. */
import { flipTimeMs, Journal } from "../report/journal.ts";
import { type Metrics, openMetrics } from "../report/metrics.ts";
import { Watchdog } from "../report/watchdog.ts";
import type { ArticlesStatus, FoundStatus, StatusSnapshot, Verdict } from "../status.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { Clock, Log, Revision, World } from "../sync/ports.ts";
import { findArticles, withWarnings } from "./articles.ts";
import { type Commit, readArticles, readable, type Subject, takeSnapshot, viewOf } from "./snapshot.ts";
import { healthUnattached } from "./verdicts.ts";
import type { ArticleWarnings, Warnings } from "./warnings.ts";

export interface StatusOptions {
  /** Version of the agent. */
  readonly version: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  /** Strikes secrets out; applied to every text that leaves. */
  readonly redact: (text: string) => string;
  readonly clock: Pick<Clock, "nowMs" | "elapsedMs">;
}

/** An agent, and what is asked about its commits and warnings. */
export interface Attached extends Subject {
  readonly source: { describe(revision: Revision): Promise<Commit | null> };
  readonly warnings: Warnings;
}

/** Reading a large manifest takes time that delivery would like to have: at most one part in this many. */
const IDLE_PARTS = 20;
/** Probes come often and have no time: a manifest that was read within this time is good enough for them. */
const PROBE_AGE_MS_MAX = 30_000;
/** Warnings are left out rather than waited for any longer: git may hang. */
const WARNINGS_MS_MAX = 1_000;

/** One for the life of the process; agents are attached and detached with their configurations. */
export class StatusService {
  readonly #options: StatusOptions;
  /** Null while nobody can ask for them. */
  #metrics: Metrics | null = null;
  readonly #journal: Journal;
  readonly #watchdog: Watchdog;
  #attached: Attached | null = null;
  /** Of the revision that was asked for last; null while it is not known. */
  #commit: { readonly revision: Revision; readonly value: Commit | null } | null = null;
  /** Of the agent that was attached last. */
  #config: Attached["config"] = { isValid: true };
  /** Since when no agent is attached, elapsed milliseconds; of no meaning while one is. */
  #detachedMs: number;
  /** The manifest as it was last read, when, and how long that took. */
  #articles: {
    readonly value: ArticlesStatus | null;
    readonly atMs: number;
    readonly tookMs: number;
  } | null = null;

  constructor(options: StatusOptions) {
    const { clock } = options;
    this.#options = options;
    this.#journal = new Journal(clock.nowMs());
    this.#watchdog = new Watchdog(
      () => clock.elapsedMs(),
      (note) => this.#metrics?.observeRequest(note),
    );
    this.#detachedMs = clock.elapsedMs();
  }

  /** From now on somebody may ask over HTTP: metrics are counted, and commits looked up in time. */
  async publish(): Promise<void> {
    this.#metrics ??= await openMetrics(this.#options);
  }

  /** The same log, its messages counted. */
  countMessages(log: Log): Log {
    return {
      emit: (level, ...record) => {
        this.#metrics?.countMessage(level);
        log.emit(level, ...record);
      },
    };
  }

  /** The same world, its calls watched. For the agent that is attached next. */
  observeWorld(world: World): World {
    return this.#watchdog.watch(world);
  }

  /** From now on this agent is the one that is asked about. */
  attach(attached: Attached): void {
    this.#attached = attached;
    this.#config = attached.config;
    this.#articles = null;
    this.#journal.beginAgain();
  }

  /** Its state is about to be closed: nothing is known until another one is attached. */
  detach(): void {
    if (this.#attached === null) return;
    this.#attached = null;
    this.#detachedMs = this.#options.clock.elapsedMs();
  }

  close(): void {
    this.detach();
    this.#metrics?.close();
  }

  /** Counts and remembers what happens. */
  observe(event: SyncEvent): void {
    const flippedMs = (): number | null =>
      this.#attached === null ? null : flipTimeMs(this.#attached.settings.repo);
    // Asked for at once, so that the commit is known by the time of the next look.
    if (event.kind === "revision.seen" && this.#metrics !== null) this.#commitOf(event.revision);
    const delivery = this.#journal.observe(event, this.#options.clock.nowMs(), flippedMs);
    this.#metrics?.observe(event, delivery?.liveMs ?? null);
  }

  /** The commit as far as it is known; asks for it where it is not, without waiting. */
  #commitOf(revision: Revision): Commit | null {
    if (this.#commit?.revision === revision || this.#attached === null) return this.#commit?.value ?? null;
    const asked: { readonly revision: Revision; value: Commit | null } = { revision, value: null };
    this.#commit = asked;
    this.#attached.source
      .describe(revision)
      .then((commit) => {
        asked.value = commit;
      })
      .catch(() => {})
      .finally(() => {
        // Asked for again by the next look.
        if (asked.value === null && this.#commit === asked) this.#commit = null;
      });
    return null;
  }

  /**
   * How the agent is; null where none is attached.
   *
   * @param ageMsMax How old the manifest's part may be. It is older where reading the manifest takes long.
   * @param doubtful Warnings, where they are wanted.
   */
  snapshot(ageMsMax = 0, doubtful: readonly ArticleWarnings[] = []): StatusSnapshot | null {
    const attached = this.#attached;
    if (attached === null) return null;
    const { version, redact } = this.#options;
    const context = {
      version,
      commitOf: (revision: Revision) => this.#commitOf(revision),
      journal: this.#journal,
      watchdog: this.#watchdog,
      doubtful,
    };
    return redacted(takeSnapshot(attached, context, this.#articlesOf(attached, ageMsMax)), redact);
  }

  #articlesOf(attached: Attached, ageMsMax: number): ArticlesStatus | null {
    const { clock } = this.#options;
    const atMs = clock.elapsedMs();
    const last = this.#articles;
    const isFresh = last !== null && atMs - last.atMs < Math.max(ageMsMax, last.tookMs * IDLE_PARTS);
    // A manifest that could not be read is tried again at once. And however long reading takes, what was in
    // step a moment ago does not pass for being so now.
    if (isFresh && last.value !== null && hasPending(attached) === last.value.pending.total > 0)
      return last.value;
    const value = readArticles(attached);
    this.#articles = { value, atMs, tookMs: clock.elapsedMs() - atMs };
    return value;
  }

  /** Verdict of `/healthz`. */
  health(): Verdict {
    const forMs = this.#options.clock.elapsedMs() - this.#detachedMs;
    return this.snapshot(PROBE_AGE_MS_MAX)?.health ?? healthUnattached(forMs);
  }

  /** Verdict of `/readyz`. */
  readiness(): Verdict {
    return this.snapshot(PROBE_AGE_MS_MAX)?.ready ?? STARTING;
  }

  /** Where the articles are that a text names, with their warnings. */
  async find(text: string): Promise<readonly FoundStatus[]> {
    const attached = this.#attached;
    if (attached === null || text === "") return [];
    const found = readable(() => findArticles(text, viewOf(attached))) ?? [];
    const all = await within(WARNINGS_MS_MAX, withWarnings(found, attached.warnings), found);
    return redacted(all, this.#options.redact);
  }

  /** A snapshot with the warnings about the articles delivered last. */
  async snapshotWithWarnings(): Promise<StatusSnapshot | null> {
    if (this.#attached === null) return null;
    return this.snapshot(0, await within(WARNINGS_MS_MAX, this.#attached.warnings.current(), []));
  }

  /** What Prometheus reads, and its media type. */
  async exposition(): Promise<{ readonly text: string; readonly type: string }> {
    const metrics = this.#metrics;
    if (metrics === null) return { text: "", type: "text/plain" };
    const text = await metrics.render({
      snapshot: this.snapshot(),
      isHealthy: this.health().ok,
      isConfigValid: this.#config.isValid,
      lastTurnMs: this.#attached?.daemon.status.lastTurnMs ?? null,
    });
    return { text: this.#options.redact(text), type: metrics.contentType };
  }
}

const STARTING: Verdict = {
  ok: false,
  reasons: [{ code: "starting", message: "The agent is starting", hint: "", since: null }],
};

/** The result of the work; `less` when it takes longer or fails. */
async function within<T>(ms: number, work: Promise<T>, less: T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.resolve(less), ms);
  try {
    return await Promise.race([work, late.promise]);
  } catch {
    return less;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether anything is pending, which is quickly found out; null when the state cannot be read. */
function hasPending({ state }: Attached): boolean | null {
  return readable(() => state.pending(null, 1).length > 0);
}

/** The same value with every text redacted. */
function redacted<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((inner) => redacted(inner, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redacted(inner, redact)])) as T;
}
