/** What the demonstration plays on: an upstream, a git-sync, an inserter and the agent, all temporary. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { artefact, type LogLine, type Running } from "../../test/support/artefact.ts";
import { GitSync } from "../../test/support/git-sync.ts";
import { testGitEnvironment } from "../../test/support/repository.ts";
import { waitFor } from "../../test/support/wait.ts";

/** How long a change may take before the demonstration calls it lost. */
const ARRIVAL_MS_MAX = 20_000;

/** Runs git in a folder, untouched by the configuration of whoever watches. */
export function git(dir: string, ...words: string[]): string {
  const output = execFileSync("git", ["-C", dir, ...words], {
    env: testGitEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
  return output.toString("utf8").trim();
}

/** A temporary folder with all that takes part; `close` ends and removes everything. */
export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), "sync-agent-demo-"));
  /** Where authors push to; a bare repository. */
  readonly upstream = join(this.dir, "upstream.git");
  /** The author's clone. */
  readonly desk = join(this.dir, "desk");
  readonly sidecar: GitSync;
  readonly #running: Running[] = [];
  /** Address of the inserter API, and of its page; empty until `start`. */
  inserterUrl = "";
  pageUrl = "";
  #agent: Running | null = null;

  constructor() {
    this.sidecar = new GitSync({
      upstream: this.upstream,
      root: join(this.dir, "git"),
      ref: "refs/heads/main",
    });
  }

  /** Begins with an empty upstream. */
  makeUpstream(): void {
    mkdirSync(this.upstream, { recursive: true });
    git(this.upstream, "init", "-q", "--bare", "-b", "main");
    git(this.dir, "clone", "-q", this.upstream, this.desk);
    git(this.desk, "checkout", "-q", "-B", "main");
  }

  /** Writes, moves and removes files at the author's desk; null removes. */
  edit(files: Readonly<Record<string, string | null>>): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.desk, path);
      mkdirSync(dirname(file), { recursive: true });
      if (text === null) rmSync(file);
      else writeFileSync(file, text);
    }
  }

  push(message: string): void {
    git(this.desk, "add", "-A");
    git(this.desk, "commit", "-q", "-m", message);
    git(this.desk, "push", "-q", "origin", "main");
  }

  /** Starts inserter and agent from the bundle. @param config Arguments that choose the configuration. */
  async start(config: readonly string[]): Promise<void> {
    const program = artefact();
    const inserter = program.spawn(
      [
        "inserter",
        "--db",
        join(this.dir, "articles.sqlite"),
        "--listen",
        "127.0.0.1:0",
        "--log-format",
        "json",
      ],
      { cwd: this.dir },
    );
    this.#running.push(inserter);
    const serving = await inserter.waitForEvent("inserter.serving");
    this.inserterUrl = String(serving["url"]);
    this.pageUrl = String(serving["pageUrl"]);
    const state = join(this.dir, "state", "state.sqlite");
    const agent = program.spawn(
      [
        "run",
        ...config,
        "--repo",
        this.sidecar.link,
        "--inserter",
        this.inserterUrl,
        "--state",
        state,
        "--log-level",
        "debug",
      ],
      { cwd: this.dir },
    );
    this.#running.push(agent);
    this.#agent = agent;
  }

  get agent(): Running {
    if (this.#agent === null) throw new Error("The agent was not started");
    return this.#agent;
  }

  /**
   * Publishes what was pushed, as git-sync does, and waits until the agent is through with it.
   *
   * @returns The agent's log lines about it, and when the link flipped, epoch milliseconds.
   */
  async publish(): Promise<{ readonly flippedAtMs: number; readonly lines: readonly LogLine[] }> {
    const from = this.agent.log.length;
    const { revision, flippedAtMs } = await this.sidecar.sync();
    const passed = (line: LogLine): boolean => line.event === "pass.done" && line["revision"] === revision;
    const lines = (): readonly LogLine[] => this.agent.log.slice(from);
    await waitFor(() => lines().some(passed), `the pass over ${revision}`, ARRIVAL_MS_MAX * 6);
    const begun = (): number =>
      lines()
        .filter(passed)
        .reduce((sum, line) => sum + Number(line["begun"]), 0);
    const ended = (): number => lines().filter(({ event }) => ENDED.has(event)).length;
    await waitFor(() => ended() >= begun(), `${begun()} operations`, ARRIVAL_MS_MAX * 6);
    return { flippedAtMs: flippedAtMs ?? Date.now(), lines: lines() };
  }

  /** An article as the inserter has it now; null when it has none. */
  async article(id: string): Promise<Record<string, unknown> | null> {
    const answer = await fetch(`${this.inserterUrl}/${encodeURIComponent(id)}`);
    if (answer.status === 404) return null;
    return (await answer.json()) as Record<string, unknown>;
  }

  /** How many articles the inserter holds. */
  async count(): Promise<number> {
    const answer = await fetch(this.inserterUrl, { headers: { accept: "application/x-ndjson" } });
    return (await answer.text()).trim().split("\n").length - 2;
  }

  async close(): Promise<void> {
    for (const running of this.#running.reverse()) await running.stop("SIGTERM");
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Events that end an operation. */
const ENDED: ReadonlySet<string> = new Set([
  "article.upserted",
  "article.deleted",
  "article.refused",
  "article.undeletable",
]);
