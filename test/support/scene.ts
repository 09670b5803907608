/** A whole deployment on loopback and a temporary folder: authors, git-sync, an inserter and the agent. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startInserter } from "../../src/inserter/reference/server.ts";
import { openSqliteStore } from "../../src/inserter/reference/sqlite/store.ts";
import { ownerOf } from "../../src/source/repository.ts";
import { artefact, type Finished, type Permissions, type Running } from "./artefact.ts";
import { GitSync, type GitSyncOptions } from "./git-sync.ts";
import { CREDENTIALS, searchFiles, searchStatus } from "./planted.ts";
import { type Files, Repository, type RepositoryOptions, temporaryFolder } from "./repository.ts";
import { waitFor } from "./wait.ts";

/** Where authors push, and whose articles those are that come from there. */
export const ORIGIN = "git@example.org:ada/blog.git";
export const OWNER = ownerOf(ORIGIN, "/");

/** An article as text. Front matter `extra` is whole lines. */
export function article(id: string, title = `Title of ${id}`, extra = "", body = `Body of ${id}.\n`): string {
  return `---\nid: ${id}\ntitle: ${title}\ndate: 2026-01-02\n${extra}---\n${body}`;
}

/** An article without a title, but with a misspelled one. */
export const untitled = "---\nid: bad\ntitel: Oops\ndate: 2026-01-02\n---\nText.\n";

/** What an inserter's inventory says of an id. */
export interface Held {
  readonly digest: string;
  readonly version: number;
  readonly owner: string | null;
}

/** Reads an inventory over HTTP. */
export async function inventoryOf(url: string): Promise<Map<string, Held>> {
  const answer = await fetch(url, { headers: { accept: "application/x-ndjson" } });
  const lines = (await answer.text()).trim().split("\n").slice(1, -1);
  return new Map(
    lines.map((line) => {
      const { id, ...held } = JSON.parse(line);
      return [id, held];
    }),
  );
}

export interface SceneOptions {
  /** How the repository is published; `clone`: the agent reads the upstream itself, which is not bare. */
  readonly style?: NonNullable<GitSyncOptions["style"]> | "clone";
  readonly repository?: RepositoryOptions;
  readonly gitSync?: Partial<GitSyncOptions>;
}

export class Scene {
  readonly #folder = temporaryFolder("sync-agent-e2e");
  readonly dir = this.#folder.path;
  readonly upstream: Repository;
  readonly sidecar: GitSync | null;
  /** What the agent follows. */
  readonly repo: string;
  readonly state: string;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #programs: Running[] = [];
  /** URL of the inserter; empty until `startInserter`. */
  inserter = "";

  constructor({ style = "v4", repository = {}, gitSync = {} }: SceneOptions = {}) {
    const isClone = style === "clone";
    this.upstream = new Repository(join(this.dir, "upstream"), { bare: !isClone, ...repository });
    // A clone has an origin, from which the agent derives whose articles these are.
    if (isClone) this.upstream.git("remote", "add", "origin", ORIGIN);
    this.sidecar = isClone
      ? null
      : new GitSync({ upstream: this.upstream.dir, root: join(this.dir, "git"), style, ...gitSync });
    this.repo = this.sidecar?.link ?? this.upstream.dir;
    this.state = join(this.dir, "state", "state.sqlite");
    mkdirSync(join(this.dir, "state"));
  }

  /** The reference inserter, in the test's own process but over real HTTP. */
  async startInserter({
    db = ":memory:",
    token,
    ...options
  }: {
    port?: number;
    db?: string;
    token?: string;
  } = {}): Promise<void> {
    const log = { emit: () => {} };
    const store = openSqliteStore(db, log);
    const inserter = await startInserter({
      store,
      host: "127.0.0.1",
      port: 0,
      log,
      ...options,
      ...(token === undefined ? {} : { token: () => token }),
    });
    this.inserter = inserter.url;
    let closing: Promise<void> | null = null;
    const stop = (): Promise<void> => {
      closing ??= inserter.close();
      return closing;
    };
    this.stopInserter = stop;
    this.#closers.push(stop);
  }

  stopInserter: () => Promise<void> = () => Promise.resolve();

  /** Ends something with the scene. */
  onClose(closer: () => Promise<unknown>): void {
    this.#closers.push(closer);
  }

  /** Commits, and publishes where git-sync does that. @returns The revision. */
  async push(files: Files, options: Parameters<Repository["commit"]>[1] = {}): Promise<string> {
    const revision = this.upstream.commit(files, options);
    await this.sidecar?.sync();
    return revision;
  }

  /** Writes a configuration file beside the state. @returns Its path. */
  config(text: string, name = "sync.config.ts"): string {
    const dir = join(this.dir, "config");
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  }

  /** URL of the inserter with credentials that no output may show. */
  get endpoint(): string {
    return this.inserter.replace("//", `//${CREDENTIALS}@`);
  }

  /** Arguments of every command of this scene. */
  get flags(): string[] {
    return ["--repo", this.repo, "--inserter", this.endpoint, "--state", this.state];
  }

  get permissions(): Permissions {
    return {
      repo: this.repo,
      state: this.state,
      ...(this.inserter === "" ? {} : { inserter: this.inserter }),
    };
  }

  /** Starts a command; by default with the scene's flags. */
  spawn(args: readonly string[], permissions: Permissions = {}, env: Record<string, string> = {}): Running {
    const running = artefact().spawn(args, {
      cwd: this.dir,
      env,
      permissions: { ...this.permissions, ...permissions },
    });
    this.#programs.push(running);
    this.#closers.push(() => running.stop("SIGKILL"));
    return running;
  }

  /** `run`, with all log lines. */
  run(args: readonly string[] = []): Running {
    return this.spawn(["run", ...this.flags, "--log-level", "debug", ...args]);
  }

  once(args: readonly string[] = []): Promise<Finished> {
    return this.command("once", ...this.flags, ...args);
  }

  command(...args: readonly string[]): Promise<Finished> {
    return this.spawn(args).finished;
  }

  held(): Promise<Map<string, Held>> {
    return inventoryOf(this.inserter);
  }

  /** Ids that the inserter holds, sorted. */
  async ids(): Promise<string[]> {
    return [...(await this.held()).keys()].sort();
  }

  /** Waits until the inserter holds exactly these ids. */
  async holds(ids: readonly string[]): Promise<void> {
    const wanted = JSON.stringify([...ids].sort());
    let seen = "";
    await waitFor(async () => {
      seen = JSON.stringify(await this.ids());
      return seen === wanted;
    }, `ids ${wanted}`).catch((error: Error) => {
      throw new Error(`${error.message}; the inserter holds ${seen}`);
    });
  }

  /** A payload as the inserter has it; null when it has none. */
  async payload(id: string): Promise<Record<string, unknown> | null> {
    const answer = await fetch(`${this.inserter}/${encodeURIComponent(id)}`);
    return answer.ok ? ((await answer.json()) as Record<string, unknown>) : null;
  }

  /** Searches the answers of programs that still run for secrets. */
  async #searchAnswers(): Promise<void> {
    for (const running of this.#programs) {
      if (running.hasEnded) continue;
      const listening = running.log.findLast(({ event }) => event === "status.listening");
      // One that a test has stopped, or that has closed its listener, does not answer.
      const isUp = await fetch(`${listening?.["url"]}healthz`).then(
        () => true,
        () => false,
      );
      if (isUp) await searchStatus(String(listening?.["url"]));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#searchAnswers();
    } finally {
      for (const close of this.#closers.reverse()) await close();
    }
    searchFiles(join(this.dir, "state"));
    this.#folder.remove();
  }
}

/** A clone with these files, and the reference inserter. */
export async function sceneWith(files: Readonly<Record<string, string>>): Promise<Scene> {
  const scene = new Scene({ style: "clone" });
  await scene.startInserter();
  scene.upstream.commit(files);
  return scene;
}

/** The result that a command printed: one line of JSON and nothing else. */
export function jsonOf({ stdout }: Finished) {
  if (!/^[^\n]*\n$/.test(stdout)) throw new Error(`No one line of JSON: ${stdout}`);
  return JSON.parse(stdout);
}
