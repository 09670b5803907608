/** Answers how the agent is: takes in what it logs and calls, and serves pages, probes and metrics. */
import { acceptedLanguage } from "../messages/language.ts";
import { flipTimeMs, Journal } from "../report/journal.ts";
import { type Metrics, openMetrics } from "../report/metrics.ts";
import { Watchdog } from "../report/watchdog.ts";
import type { ArticlesStatus, FoundStatus, StatusSnapshot, Verdict } from "../status.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { Clock, Log, Revision, World } from "../sync/ports.ts";
import { findArticles, withWarnings } from "./articles.ts";
import type { Search } from "./page/articles.ts";
import { createReader } from "./page/html.ts";
import { pagePolicy, statusPage } from "./page/page.ts";
import { iconOf, levelOf } from "./page/summary.ts";
import { type Commit, readArticles, readable, type Subject, takeSnapshot, viewOf } from "./snapshot.ts";
import { healthUnattached } from "./verdicts.ts";
import type { ArticleWarnings, Warnings } from "./warnings.ts";

/** What is answered, ready to be sent. */
export interface Reply {
  readonly status: number;
  /** Media type; of a text without its charset. */
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What comes with a request besides its path. */
export interface Asked {
  /** `Accept-Language`; "" where there was none. */
  readonly language: string;
  readonly query: URLSearchParams | null;
}

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
  /** Whether the configuration was valid when it was last read. */
  readonly config: { readonly isValid: boolean };
}

/** Reading a large manifest takes time that delivery would like to have: at most one part in this many. */
const IDLE_PARTS = 20;
/** Probes come often and have no time: a manifest that was read within this time is good enough for them. */
const PROBE_AGE_MS_MAX = 30_000;
const COMMITS_MAX = 8;
/** Warnings are left out rather than waited for any longer: git may hang. */
const WARNINGS_MS_MAX = 1_000;
const FIND_LENGTH_MAX = 300;

/** One for the life of the process; agents are attached and detached with their configurations. */
export class StatusService {
  readonly #options: StatusOptions;
  readonly #metrics: Metrics;
  readonly #journal: Journal;
  readonly #watchdog: Watchdog;
  readonly #commits = new Map<Revision, Commit | null>();
  #attached: Attached | null = null;
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

  static async open(options: StatusOptions): Promise<StatusService> {
    return new StatusService(options, await openMetrics(options));
  }

  private constructor(options: StatusOptions, metrics: Metrics) {
    const { clock } = options;
    this.#options = options;
    this.#metrics = metrics;
    this.#journal = new Journal(clock.nowMs());
    this.#watchdog = new Watchdog(
      () => clock.elapsedMs(),
      (note) => metrics.observeRequest(note),
    );
    this.#detachedMs = clock.elapsedMs();
  }

  /** The same log, its messages counted. */
  countMessages(log: Log): Log {
    return {
      emit: (level, ...record) => {
        this.#metrics.countMessage(level);
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
    this.#metrics.close();
  }

  /** Counts and remembers what happens. */
  observe(event: SyncEvent): void {
    const flippedMs = (): number | null =>
      this.#attached === null ? null : flipTimeMs(this.#attached.settings.repo);
    // Asked for at once, so that the commit is known by the time that somebody looks.
    if (event.kind === "revision.seen") this.#commitOf(event.revision);
    const delivery = this.#journal.observe(event, this.#options.clock.nowMs(), flippedMs);
    this.#metrics.observe(event, delivery?.liveMs ?? null);
  }

  /** The commit as far as it is known; asks for it where it is not, without waiting. */
  #commitOf(revision: Revision): Commit | null {
    const known = this.#commits.get(revision);
    if (known !== undefined || this.#attached === null) return known ?? null;
    this.#commits.set(revision, null);
    const [oldest] = this.#commits.keys();
    if (this.#commits.size > COMMITS_MAX && oldest !== undefined) this.#commits.delete(oldest);
    this.#attached.source.describe(revision).then(
      (commit) => {
        if (commit === null) this.#commits.delete(revision);
        else this.#commits.set(revision, commit);
      },
      () => this.#commits.delete(revision),
    );
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

  async #find(text: string): Promise<readonly FoundStatus[]> {
    const attached = this.#attached;
    if (attached === null || text === "") return [];
    const found = readable(() => findArticles(text, viewOf(attached))) ?? [];
    const all = await within(WARNINGS_MS_MAX, withWarnings(found, attached.warnings), found);
    return redacted(all, this.#options.redact);
  }

  async #warnings(): Promise<readonly ArticleWarnings[]> {
    return within(WARNINGS_MS_MAX, this.#attached?.warnings.current(), []);
  }

  /** Answers a GET. */
  async reply(path: string, { language, query }: Asked): Promise<Reply> {
    const text = (query?.get("find") ?? "").trim().slice(0, FIND_LENGTH_MAX);
    switch (path) {
      case "/healthz":
        return probe(this.#health());
      case "/readyz":
        return probe(this.snapshot(PROBE_AGE_MS_MAX)?.ready ?? STARTING);
      case "/metrics":
        return this.#exposition();
      case "/status":
        return this.#statusJson(text);
      case "/":
        return this.#page(text, query?.get("lang") ?? language);
      case "/icon.svg":
        return icon(this.snapshot(), query?.get("level") ?? "");
      default:
        return {
          status: 404,
          type: "text/plain",
          text: "There are /, /status, /metrics, /healthz and /readyz\n",
        };
    }
  }

  #health(): Verdict {
    const forMs = this.#options.clock.elapsedMs() - this.#detachedMs;
    return this.snapshot(PROBE_AGE_MS_MAX)?.health ?? healthUnattached(forMs);
  }

  async #exposition(): Promise<Reply> {
    const text = await this.#metrics.render({
      snapshot: this.snapshot(),
      isHealthy: this.#health().ok,
      isConfigValid: this.#config.isValid,
      lastTurnMs: this.#attached?.daemon.status.lastTurnMs ?? null,
    });
    return { status: 200, type: this.#metrics.contentType, text: this.#options.redact(text) };
  }

  async #statusJson(text: string): Promise<Reply> {
    const [found, doubtful] = await Promise.all([this.#find(text), this.#warnings()]);
    const snapshot = this.snapshot(0, doubtful);
    if (snapshot === null) return NOT_YET;
    return json(200, { ...snapshot, ...(text === "" ? {} : { find: text, found }) });
  }

  async #page(text: string, language: string): Promise<Reply> {
    const [found, doubtful] = await Promise.all([this.#find(text), this.#warnings()]);
    const snapshot = this.snapshot(0, doubtful);
    if (snapshot === null) return NOT_YET;
    const search: Search | null = text === "" ? null : { text, found };
    const reader = createReader(acceptedLanguage(language), Date.parse(snapshot.time));
    const headers = { "content-security-policy": pagePolicy, vary: "accept-language" };
    return { status: 200, type: "text/html", text: statusPage(snapshot, search, reader), headers };
  }
}

/** The result of the work; `less` when it takes longer or fails. */
function within<T>(ms: number, work: Promise<T> | undefined, less: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(less), ms);
    (work ?? Promise.resolve(less))
      .catch(() => less)
      .then((result) => {
        clearTimeout(timer);
        resolve(result);
      });
  });
}

/** Whether anything is pending, which is quickly found out; null when the state cannot be read. */
function hasPending({ state }: Attached): boolean | null {
  return readable(() => state.pending(null, 1).length > 0);
}

const STARTING: Verdict = {
  ok: false,
  reasons: [{ code: "starting", message: "The agent is starting", hint: "", since: null }],
};

const NOT_YET: Reply = {
  status: 503,
  type: "text/plain",
  text: "The agent is starting\n",
  headers: { "retry-after": "1" },
};

function json(status: number, value: unknown): Reply {
  return { status, type: "application/json", text: `${JSON.stringify(value, null, 2)}\n` };
}

/** A line for each reason, for a person who looks at a probe by hand. */
function probe({ ok, reasons }: Verdict): Reply {
  if (ok) return { status: 200, type: "text/plain", text: "ok\n" };
  const lines = reasons.map(({ code, message }) => `${code}: ${message}\n`);
  return { status: 503, type: "text/plain", text: lines.join("") };
}

function icon(snapshot: StatusSnapshot | null, asked: string): Reply {
  const level = asked === "ok" || asked === "working" || asked === "trouble" ? asked : null;
  const text = iconOf(level ?? (snapshot === null ? "working" : levelOf(snapshot)));
  return { status: 200, type: "image/svg+xml", text };
}

/** The same value with every text redacted. */
function redacted<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((inner) => redacted(inner, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redacted(inner, redact)])) as T;
}
