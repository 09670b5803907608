/** Keeps watch over an agent: takes in what it logs and calls, and answers whoever asks how it is. */
import { acceptedLanguage } from "../messages/accepted-language.ts";
import { Journal } from "../report/journal.ts";
import { type Metrics, openMetrics } from "../report/metrics.ts";
import { observeLog, observeWorld } from "../report/observe.ts";
import { Pulse } from "../report/pulse.ts";
import type { ArticlesStatus, FoundStatus, StatusSnapshot, Verdict } from "../status.ts";
import type { World } from "../sync/agent.ts";
import type { Log, LogLevel, Revision } from "../sync/ports.ts";
import type { Doubtful, DoubtsView } from "./doubts.ts";
import { readable } from "./facts.ts";
import { flipTimeMs } from "./flip.ts";
import { healthUnattached } from "./health.ts";
import { type Describe, findArticles, withDoubts } from "./manifest.ts";
import type { Search } from "./page/find.ts";
import { pagePolicy, statusPage } from "./page/page.ts";
import { createReader } from "./page/reader.ts";
import { iconOf, levelOf } from "./page/verdict.ts";
import { type Commit, readArticles, type Subject, takeSnapshot, viewOf } from "./take.ts";

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

export interface WatchOptions {
  /** Version of the agent. */
  readonly version: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly describe: Describe;
  /** Strikes secrets out; applied to every text that leaves. */
  readonly redact: (text: string) => string;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Milliseconds that never run backwards. */
  readonly elapsedMs: () => number;
}

/** An agent to watch, and who tells of its commits and of what is doubtful. */
export interface Watched extends Subject {
  readonly source: { describe(revision: Revision): Promise<Commit | null> };
  readonly doubts: DoubtsView;
}

/** Reading a large manifest takes time that delivery would like to have: at most one part in this many. */
const IDLE_PARTS = 20;
/** Probes come often and have no time: they judge by what somebody else read, if that is not too old. */
const PROBE_AGE_MS_MAX = 30_000;
const COMMITS_MAX = 8;
/** What is doubtful is left out rather than waited for any longer: git may hang. */
const DOUBTS_MS_MAX = 1_000;
const FIND_LENGTH_MAX = 300;

/** @see Watch */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  return new Watch(options, await openMetrics(options));
}

/** One for the life of the process; agents come and go with their configurations. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #metrics: Metrics;
  readonly #journal: Journal;
  readonly #pulse: Pulse;
  readonly #commits = new Map<Revision, Commit | null>();
  #watched: Watched | null = null;
  /** Since when no agent is attached, elapsed milliseconds; of no meaning while one is. */
  #unattachedMs: number;
  /** The manifest as it was last read, when, and how long that took. */
  #articles: {
    readonly value: ArticlesStatus | null;
    readonly atMs: number;
    readonly tookMs: number;
  } | null = null;

  constructor(options: WatchOptions, metrics: Metrics) {
    this.#options = options;
    this.#metrics = metrics;
    this.#journal = new Journal(options.nowMs());
    this.#pulse = new Pulse(options.elapsedMs);
    this.#unattachedMs = options.elapsedMs();
  }

  /** The same log, listened to. */
  observeLog(log: Log): Log {
    return observeLog(log, (level, event, fields) => this.#onEvent(level, event, fields));
  }

  /** The same world, its calls watched. For the agent that is attached next. */
  observeWorld(world: World): World {
    return observeWorld(world, this.#pulse, (note) => this.#metrics.observeRequest(note));
  }

  /** From now on this agent is told of. */
  attach(watched: Watched): void {
    this.#watched = watched;
    this.#articles = null;
    this.#journal.beginAgain();
  }

  /** Its state is about to be closed: nothing is known until another one is attached. */
  detach(): void {
    if (this.#watched === null) return;
    this.#watched = null;
    this.#unattachedMs = this.#options.elapsedMs();
  }

  close(): void {
    this.detach();
    this.#metrics.close();
  }

  #onEvent(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#options.nowMs();
    const flippedMs = (): number | null =>
      this.#watched === null ? null : flipTimeMs(this.#watched.settings.repo);
    // Asked for at once, so that whoever looks a moment later reads what the commit is about.
    if (event === "revision.seen") this.#commitOf(String(fields["revision"]));
    const delivery = this.#journal.observe(event, fields, nowMs, flippedMs);
    this.#metrics.observe(level, event, fields, delivery);
  }

  /** The commit as far as it is known; asks for it where it is not, without waiting. */
  #commitOf(revision: Revision): Commit | null {
    const known = this.#commits.get(revision);
    if (known !== undefined || this.#watched === null) return known ?? null;
    this.#commits.set(revision, null);
    const [oldest] = this.#commits.keys();
    if (this.#commits.size > COMMITS_MAX && oldest !== undefined) this.#commits.delete(oldest);
    this.#watched.source.describe(revision).then(
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
   * @param ageMsMax How old what is told of the articles may be. It is older where reading it takes long.
   * @param doubtful What is doubtful, where somebody wants to know.
   */
  snapshot(ageMsMax = 0, doubtful: readonly Doubtful[] = []): StatusSnapshot | null {
    const watched = this.#watched;
    if (watched === null) return null;
    const { version, describe, redact } = this.#options;
    const around = {
      version,
      describe,
      commitOf: (revision: Revision) => this.#commitOf(revision),
      journal: this.#journal,
      pulse: this.#pulse,
      doubtful,
    };
    return redacted(takeSnapshot(watched, around, this.#articlesOf(watched, ageMsMax)), redact);
  }

  #articlesOf(watched: Watched, ageMsMax: number): ArticlesStatus | null {
    const { describe, elapsedMs } = this.#options;
    const atMs = elapsedMs();
    const last = this.#articles;
    const isFresh = last !== null && atMs - last.atMs < Math.max(ageMsMax, last.tookMs * IDLE_PARTS);
    // One that could not be read is tried again by whoever comes next. And none is so dear that what was
    // in step a moment ago may pass for being so now.
    if (isFresh && last.value !== null && owes(watched) === last.value.pending.total > 0) return last.value;
    const value = readArticles(watched, describe);
    this.#articles = { value, atMs, tookMs: elapsedMs() - atMs };
    return value;
  }

  async #find(text: string): Promise<readonly FoundStatus[]> {
    const watched = this.#watched;
    if (watched === null || text === "") return [];
    const { describe, redact } = this.#options;
    const found = readable(() => findArticles(text, viewOf(watched, describe))) ?? [];
    const { doubts } = watched;
    const told = await within(DOUBTS_MS_MAX, withDoubts(found, doubts, describe), found);
    return redacted(told, redact);
  }

  async #doubtful(): Promise<readonly Doubtful[]> {
    return within(DOUBTS_MS_MAX, this.#watched?.doubts.listing(), []);
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
    const forMs = this.#options.elapsedMs() - this.#unattachedMs;
    return this.snapshot(PROBE_AGE_MS_MAX)?.health ?? healthUnattached(forMs);
  }

  async #exposition(): Promise<Reply> {
    const turnMs = this.#watched?.daemon.status.lastTurnMs ?? null;
    const text = await this.#metrics.render(this.snapshot(), this.#health().ok, turnMs);
    return { status: 200, type: this.#metrics.contentType, text: this.#options.redact(text) };
  }

  async #statusJson(text: string): Promise<Reply> {
    const [found, doubtful] = await Promise.all([this.#find(text), this.#doubtful()]);
    const snapshot = this.snapshot(0, doubtful);
    if (snapshot === null) return NOT_YET;
    return json(200, { ...snapshot, ...(text === "" ? {} : { find: text, found }) });
  }

  async #page(text: string, language: string): Promise<Reply> {
    const [found, doubtful] = await Promise.all([this.#find(text), this.#doubtful()]);
    const snapshot = this.snapshot(0, doubtful);
    if (snapshot === null) return NOT_YET;
    const search: Search | null = text === "" ? null : { text, found };
    const { describe } = this.#options;
    const reader = createReader(acceptedLanguage(language), Date.parse(snapshot.time), describe);
    const headers = { "content-security-policy": pagePolicy, vary: "accept-language" };
    return { status: 200, type: "text/html", text: statusPage(snapshot, search, reader), headers };
  }
}

/** What comes of it in time; else, or when it fails, something less. */
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
function owes({ state }: Watched): boolean | null {
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

/** A line for each reason, for whoever looks at a probe by hand. */
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
