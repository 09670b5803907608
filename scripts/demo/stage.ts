/** The deployment of the demonstration: an upstream, a git-sync, an inserter and the agent, all temporary. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { artefact, type LogLine, type Running } from "../../test/support/artefact.ts";
import { GitSync } from "../../test/support/git-sync.ts";
import { git } from "../../test/support/repository.ts";
import { inventoryOf } from "../../test/support/scene.ts";
import { waitFor } from "../../test/support/wait.ts";

/** A change that takes longer has failed. */
const ARRIVAL_MS_MAX = 120_000;

/** A temporary folder with everything in it; `close` ends all programs and removes it. */
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
    const db = join(this.dir, "articles.sqlite");
    const inserter = program.spawn(
      ["inserter", "--db", db, "--listen", "127.0.0.1:0", "--log-format", "json"],
      { cwd: this.dir },
    );
    this.#running.push(inserter);
    const serving = await inserter.waitForEvent("inserter.serving");
    this.inserterUrl = String(serving["url"]);
    this.pageUrl = String(serving["pageUrl"]);
    const state = join(this.dir, "state", "state.sqlite");
    const flags = ["--repo", this.sidecar.link, "--inserter", this.inserterUrl, "--state", state];
    this.#agent = program.spawn(["run", ...config, ...flags, "--log-level", "debug"], { cwd: this.dir });
    this.#running.push(this.#agent);
  }

  /**
   * Publishes what was pushed, as git-sync does, and waits until the agent has delivered it.
   *
   * @returns The agent's log lines about it, and when the link flipped, epoch milliseconds.
   */
  async publish(): Promise<{ readonly flippedAtMs: number; readonly lines: readonly LogLine[] }> {
    const agent = this.#agent;
    if (agent === null) throw new Error("The agent was not started");
    const from = agent.log.length;
    const { revision, flippedAtMs } = await this.sidecar.sync();
    const passed = (line: LogLine): boolean => line.event === "pass.done" && line["revision"] === revision;
    const lines = (): readonly LogLine[] => agent.log.slice(from);
    await waitFor(() => lines().some(passed), `the pass over ${revision}`, ARRIVAL_MS_MAX);
    const begun = (): number =>
      lines()
        .filter(passed)
        .reduce((sum, line) => sum + Number(line["begun"]), 0);
    const ended = (): number => lines().filter(({ event }) => ENDED.has(event)).length;
    await waitFor(() => ended() >= begun(), `${begun()} operations`, ARRIVAL_MS_MAX);
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
    return (await inventoryOf(this.inserterUrl)).size;
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
