/** A real agent with its status listener, over doubles that a test can break: repository, articles, inserter. */
import { createHash } from "node:crypto";
import type { Settings } from "../../src/config/settings.ts";
import { reportTo } from "../../src/report/describe.ts";
import { openMemoryState } from "../../src/state/open.ts";
import { type Listener, listen } from "../../src/status/listener.ts";
import { StatusService } from "../../src/status/service.ts";
import { WarningLog } from "../../src/status/warnings.ts";
import type { FoundStatus, StatusSnapshot } from "../../src/status.ts";
import { Agent } from "../../src/sync/agent.ts";
import { Daemon } from "../../src/sync/daemon.ts";
import type { Change, Problem, Verdict } from "../../src/sync/model.ts";
import type {
  Articles,
  Clock,
  Head,
  InventoryReply,
  Outgoing,
  Reply,
  Sink,
  Source,
  World,
} from "../../src/sync/ports.ts";
import { systemClock } from "../../src/wiring/runtime.ts";
import { inserterSettings } from "./sink.ts";
import { waitFor } from "./wait.ts";

const sha = (text: string): string => createHash("sha1").update(text).digest("hex");

/** An answer of the inserter. */
export function answer(status: number, excerpt = ""): Reply {
  return { kind: "answer", status, retryAfterMs: null, version: null, location: null, excerpt };
}

export const refusedConnection: Reply = {
  kind: "failure",
  why: "connect",
  message: "connection refused by 127.0.0.1:9",
};

export const settings: Settings = {
  file: null,
  repo: "/nowhere/repo",
  ref: "HEAD",
  owner: "tester",
  olderState: null,
  store: null,
  articles: {
    include: ["**/*.md"],
    exclude: ["**/README.md"],
    maxSizeBytes: 1_000_000,
    markdown: "commonmark",
    math: false,
    containers: false,
    html: "safe",
    links: { article: null, asset: null },
    future: "schedule",
    keys: { draft: null },
    timezone: "UTC",
    attributes: null,
    schema: null,
    map: null,
  },
  inserter: inserterSettings({ batch: false, retry: { minMs: 20, maxMs: 50 } }),
  pollMs: 50,
  driftMs: 60_000,
  resyncMs: 3_600_000,
  startup: "verify",
  prune: { scope: "owned", maxFraction: 0.5 },
  state: ":memory:",
  status: { host: "127.0.0.1", port: 0 },
  log: { level: "info", format: "auto" },
};

export interface StatusSceneOptions {
  readonly clock?: Clock;
  /** Struck out of all that leaves. */
  readonly secret?: string;
  readonly version?: string;
}

/**
 * Files are what they say: `article ID`, `draft ID`, `scheduled ID ISO-TIME`, `rejected ID`, `held ID`,
 * anything else is no article.
 */
export class StatusScene {
  readonly state = openMemoryState();
  readonly service: StatusService;
  readonly agent: Agent;
  readonly daemon: Daemon;
  readonly #listener: Listener;
  readonly #running: Promise<void>;
  readonly files = new Map<string, string>();
  /** Each may be replaced by a test. */
  head: () => Promise<Head> = async () => ({
    kind: "revision",
    revision: this.revision,
    tree: this.revision,
  });
  parse: (path: string) => Promise<void> = async () => {};
  lint: (path: string) => Promise<void> = async () => {};
  send: (operation: Outgoing) => Promise<Reply> = async () => answer(201);
  inventory: () => Promise<InventoryReply> = async () => ({ kind: "none" });
  /** Problems of rejected files. */
  problems: readonly Problem[] = [
    {
      code: "not-list-text",
      severity: "error",
      line: 5,
      column: 7,
      length: 7,
      params: { key: "tags", value: "go, k8s", list: "go, k8s" },
      excerpt: "tags: go, k8s",
    },
  ];
  /** Warnings about files that are published, by path. */
  readonly warnings = new Map<string, readonly Problem[]>();
  readonly #warningLog = new WarningLog<string>({ elapsedMs: () => systemClock.elapsedMs(), quietMs: 20 });
  subject = "A commit";
  revision = sha("0");

  static async open(
    files: Readonly<Record<string, string>> = {},
    options: StatusSceneOptions & { readonly prepare?: (scene: StatusScene) => void } = {},
  ): Promise<StatusScene> {
    const clock = options.clock ?? systemClock;
    const service = new StatusService({
      version: options.version ?? "9.8.7",
      runtime: "test 1",
      redact: (text) => (options.secret === undefined ? text : text.replaceAll(options.secret, "[redacted]")),
      clock,
    });
    await service.publish();
    const log = { emit: () => {} };
    const listener = await listen(service, { host: "127.0.0.1", port: 0, log });
    return new StatusScene(service, listener, clock, files, options.prepare ?? (() => {}));
  }

  private constructor(
    service: StatusService,
    listener: Listener,
    clock: Clock,
    files: Readonly<Record<string, string>>,
    prepare: (scene: StatusScene) => void,
  ) {
    this.service = service;
    this.#listener = listener;
    this.change(files);
    prepare(this);
    const log = service.countMessages({ emit: () => {} });
    const report = reportTo(log, "en");
    const world: World = {
      identity: { owner: null, derive: () => Promise.reject(new Error("known")) },
      state: this.state,
      source: this.#source(),
      articles: this.#articles(),
      sink: this.#sink(),
      clock,
      random: () => 0.5,
      report: (event) => {
        report(event);
        service.observe(event);
        this.#warningLog.observe(event);
      },
    };
    this.agent = new Agent(settings, service.observeWorld(world));
    this.daemon = new Daemon(this.agent);
    const source = { describe: async () => ({ subject: this.subject, authorTimeMs: 1_700_000_000_000 }) };
    this.#warningLog.attach({
      state: this.state,
      linter: {
        lint: async (path) => {
          await this.lint(path);
          return path;
        },
        confirm: async (paths) => paths.map((path) => this.warnings.get(path) ?? []),
      },
      log,
      report,
      isIdle: () => this.daemon.status.phase === "following",
      isStartNews: true,
    });
    const { agent, daemon, state } = this;
    service.attach({
      agent,
      daemon,
      state,
      settings,
      source,
      warnings: this.#warningLog,
      config: { isValid: true },
    });
    this.#running = this.daemon.run();
  }

  get url(): string {
    return this.#listener.url;
  }

  /** A commit: these files are as said here, `""` for gone. */
  change(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      if (text === "") this.files.delete(path);
      else this.files.set(path, text);
    }
    this.revision = sha(JSON.stringify([...this.files, this.revision]));
  }

  async get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, this.url), init);
  }

  async status(): Promise<StatusSnapshot> {
    return (await (await this.get("status")).json()) as StatusSnapshot;
  }

  async find(text: string): Promise<readonly FoundStatus[]> {
    const answered = await this.get(`status?find=${encodeURIComponent(text)}`);
    const { found } = (await answered.json()) as { found: readonly FoundStatus[] };
    return found;
  }

  /** Waits until the status is so. */
  async until(what: string, holds: (status: StatusSnapshot) => boolean): Promise<StatusSnapshot> {
    let last = await this.status();
    try {
      await waitFor(async () => {
        last = await this.status();
        return holds(last);
      }, what);
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${JSON.stringify(last, null, 1)}`, { cause: error });
    }
    return last;
  }

  async close(): Promise<void> {
    await this.daemon.stop(0);
    await this.#running;
    await this.#listener.close();
    this.#warningLog.detach();
    this.service.close();
    this.state.close();
  }

  #source(): Source {
    const changes = async function* (this: StatusScene): AsyncGenerator<readonly Change[]> {
      const listed = [...this.files].map(([path, text]) => ({
        path,
        blob: sha(text),
        mode: "file" as const,
      }));
      yield listed.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
    };
    return {
      head: () => this.head(),
      compare: async () => ({
        way: "list",
        why: "no-old-revision",
        pages: changes.call(this),
        remember: () => {},
      }),
      read: async (blob) => {
        const text = [...this.files.values()].find((one) => sha(one) === blob);
        return text === undefined ? { kind: "missing" } : { kind: "bytes", bytes: Buffer.from(text) };
      },
    };
  }

  #articles(): Articles {
    return {
      fingerprint: "test",
      parse: async (path, _blob, content) => {
        await this.parse(path);
        const text = content.kind === "bytes" ? Buffer.from(content.bytes).toString() : "";
        const verdict = this.#verdictOf(text);
        return { verdict, body: verdict.kind === "article" ? Buffer.from(text) : null };
      },
    };
  }

  #verdictOf(text: string): Verdict {
    const [kind = "", id = "", time = ""] = text.split(" ");
    const digest = createHash("sha256").update(text).digest("hex");
    if (kind === "article") return { kind: "article", id, digest, publishAtMs: null, expiresAtMs: null };
    if (kind === "scheduled")
      return { kind: "article", id, digest, publishAtMs: Date.parse(time), expiresAtMs: null };
    if (kind === "draft") return { kind: "withdrawn", id, why: "draft" };
    if (kind === "rejected") return { kind: "rejected", id: id || null, problems: this.problems };
    if (kind === "held") return { kind: "held", id, reason: "Rendering took more than 2 s" };
    return { kind: "none", why: "no-front-matter" };
  }

  #sink(): Sink {
    return {
      inventory: () => this.inventory(),
      send: (operation) => this.send(operation),
      sendBatch: async () => ({ whole: answer(404), lines: [] }),
    };
  }
}
