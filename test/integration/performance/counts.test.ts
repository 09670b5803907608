/**
 * What a poll and a flip cost, in things that do not shake: processes, requests, transactions, statements,
 * objects and bytes read. The same for a repository ten times the size.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Publication } from "../../../scripts/bench/publication.ts";
import { createArticles } from "../../../src/article/articles.ts";
import { ObjectReader } from "../../../src/source/objects.ts";
import { type GitSource, openSource } from "../../../src/source/source.ts";
import { Database } from "../../../src/state/database.ts";
import { openState } from "../../../src/state/open.ts";
import type { SqliteState } from "../../../src/state/sqlite.ts";
import { Agent } from "../../../src/sync/agent.ts";
import { Daemon } from "../../../src/sync/daemon.ts";
import type { Log, Outgoing, Reply, Report, Sink } from "../../../src/sync/ports.ts";
import { systemClock } from "../../../src/wiring/runtime.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { waitFor } from "../../support/wait.ts";

const performance = suite("what a poll and a flip cost");

/** Small folders, so that the bytes of changed trees do not hide others. */
const FILES_PER_FOLDER = 50;
const POLL_MS = 40;

interface Counts {
  processes: number;
  requests: number;
  /** Of the manifest, each of them synced to disk; not of the cache. */
  transactions: number;
  statements: number;
  objects: number;
  bytes: number;
}

const counts: Counts = { processes: 0, requests: 0, transactions: 0, statements: 0, objects: 0, bytes: 0 };
/** File to which each git that starts adds a line. */
let startedLog = "";

/** Puts a git before the real one that notes that it was started, and takes its place. */
function countProcesses(folder: string): void {
  startedLog = join(folder, "started");
  const path = process.env["PATH"] ?? "";
  const real = path.split(delimiter).find((dir) => existsSync(join(dir, "git"))) ?? "/usr/bin";
  const shim = join(folder, "git");
  writeFileSync(shim, `#!/bin/sh\necho "$*" >>'${startedLog}'\nexec '${join(real, "git")}' "$@"\n`);
  chmodSync(shim, 0o755);
  process.env["PATH"] = `${folder}${delimiter}${path}`;
}

function processesStarted(): number {
  return existsSync(startedLog) ? readFileSync(startedLog, "utf8").split("\n").length - 1 : 0;
}

function countDatabase(): void {
  const { prototype } = Database;
  for (const name of ["run", "row", "rows", "transaction"] as const) {
    const original = prototype[name] as (this: Database, ...args: unknown[]) => unknown;
    Object.defineProperty(prototype, name, {
      value(this: Database, ...args: unknown[]) {
        if (!this.path.endsWith("-cache")) counts[name === "transaction" ? "transactions" : "statements"]++;
        return original.apply(this, args);
      },
    });
  }
}

function countObjects(): void {
  const { ask } = ObjectReader.prototype;
  ObjectReader.prototype.ask = async function (...args) {
    const answer = await ask.apply(this, args);
    counts.objects++;
    if (answer.kind === "object") counts.bytes += answer.bytes.length;
    return answer;
  };
}

class CountingSink implements Sink {
  readonly ids: string[] = [];

  async inventory(): Promise<{ kind: "none" }> {
    return { kind: "none" };
  }

  async send({ id }: Outgoing): Promise<Reply> {
    counts.requests++;
    this.ids.push(id);
    return { kind: "answer", status: 204, retryAfterMs: null, version: null, location: null, excerpt: "" };
  }

  async sendBatch(): Promise<never> {
    throw new Error("no batch was offered");
  }
}

/** Everything real but the inserter. */
class Following {
  readonly sink = new CountingSink();
  readonly daemon: Daemon;
  polls = 0;
  passes = 0;
  readonly #state: SqliteState;
  readonly #source: GitSource;
  readonly #articles: ReturnType<typeof createArticles>;
  readonly #running: Promise<void>;

  constructor(repo: string, folder: string) {
    const log: Log = { emit: () => {} };
    const report: Report = ({ kind }) => {
      if (kind === "pass.done") this.passes++;
    };
    this.#state = openState(join(folder, "state.sqlite"), log);
    this.#source = openSource({
      repo,
      ref: "HEAD",
      selects: (path) => path.endsWith(".md"),
      mayContain: () => true,
      maxSizeBytes: 2 ** 20,
      trees: this.#state.trees,
      log,
    });
    this.#articles = createArticles({
      settings: {
        include: ["**/*.md"],
        exclude: [],
        maxSizeBytes: 2 ** 20,
        html: "safe",
        future: "publish",
        keys: { draft: null },
        links: { article: null, asset: null },
        timezone: "UTC",
      } as unknown as Parameters<typeof createArticles>[0]["settings"],
      agentVersion: "0",
    });
    const world = {
      identity: { owner: null, derive: () => Promise.reject(new Error("known")) },
      state: this.#state,
      source: this.#source,
      articles: this.#articles,
      sink: this.sink,
      clock: systemClock,
      random: () => 0.5,
      report,
    };
    const hour = 3_600_000;
    const retry = { minMs: 10, maxMs: 100 };
    const inserter = {
      concurrency: 8,
      ratePerSecond: 0,
      batch: false,
      retry,
      url: "http://inserter.test/post",
    } as const;
    const agent = new Agent(
      {
        owner: "sync-agent",
        inserter,
        startup: "verify",
        prune: { scope: "owned", maxFraction: 0.5 },
        pollMs: POLL_MS,
        driftMs: hour,
        resyncMs: hour,
      },
      world,
    );
    this.daemon = new Daemon(agent);
    this.daemon.onPoll = () => {
      this.polls++;
    };
    this.#running = this.daemon.run();
  }

  /** Nothing is owed, and a whole poll went by without anything to do. */
  async rest(): Promise<void> {
    await waitFor(() => this.#state.pending(null, 1).length === 0, "nothing to be owed", 60_000);
    const { polls } = this;
    await waitFor(() => this.polls > polls + 1, "a poll", 60_000);
  }

  async close(): Promise<void> {
    await this.daemon.stop(0);
    await this.#running;
    await this.#articles.close();
    await this.#source.close();
    this.#state.close();
  }
}

/** What some work costs. */
async function costOf(work: () => Promise<void>): Promise<Counts> {
  const before = { ...counts, processes: processesStarted() };
  await work();
  return costSince(before);
}

function costSince(before: Counts): Counts {
  const after = { ...counts, processes: processesStarted() };
  return {
    processes: after.processes - before.processes,
    requests: after.requests - before.requests,
    transactions: after.transactions - before.transactions,
    statements: after.statements - before.statements,
    objects: after.objects - before.objects,
    bytes: after.bytes - before.bytes,
  };
}

const folder = temporaryFolder("performance");
performance.before(() => {
  countProcesses(folder.path);
  countDatabase();
  countObjects();
});
performance.after(() => folder.remove());

/** Costs of a first sync, of ten polls, and of one flip after each other. */
async function measure(files: number): Promise<{ first: Counts; polls: Counts; flips: Counts[] }> {
  const root = join(folder.path, String(files));
  const shape = { files, filesPerFolder: FILES_PER_FOLDER, articleBytes: 600 };
  const publication = await Publication.create(root, shape);
  const before = { ...counts, processes: processesStarted() };
  const following = new Following(publication.link, root);
  try {
    await waitFor(() => following.sink.ids.length >= files, "the first sync", 60_000);
    await following.rest();
    const first = costSince(before);
    const polls = await costOf(async () => {
      const { polls: before } = following;
      await waitFor(() => following.polls >= before + 10, "ten polls", 60_000);
    });
    const flips: Counts[] = [];
    for (const number of [3, files - 1, 3]) {
      await publication.prepare([number]);
      const { passes } = following;
      // Made by git for the publication, not by the agent.
      const flip = await costOf(async () => {
        publication.flip();
        following.daemon.hint();
        await waitFor(() => following.passes > passes, "the pass", 60_000);
        await following.rest();
      });
      assert.is(following.sink.ids.at(-1), `article-${number}`);
      publication.sweep();
      flips.push(flip);
    }
    return { first, polls, flips };
  } finally {
    await following.close();
  }
}

performance("does not grow with the repository", async () => {
  const small = await measure(200);
  const large = await measure(2_000);
  for (const [files, { first, polls, flips }] of [
    [200, small],
    [2_000, large],
  ] as const) {
    // The long-lived git. Its shell is replaced by it.
    assert.is(first.processes, 1);
    assert.is(first.requests, files);
    // Each file, each tree, the commit; none of them twice.
    assert.is(first.objects, files + Math.ceil(files / FILES_PER_FOLDER) + 3);
    assert.ok(first.bytes < files * 1_000, `${first.bytes} bytes`);
    // Files are recorded by slices of up to 64; answers are gathered while they come.
    assert.ok(first.transactions < 10 + files / 8, `${first.transactions} transactions`);
    // Recorded, begun, sent, acknowledged; and what polls ask meanwhile.
    assert.ok(first.statements < 400 + files * 12, `${first.statements} statements`);
    assert.is(polls.processes, 0);
    assert.is(polls.requests, 0);
    assert.is(polls.transactions, 0);
    assert.is(polls.objects, 0);
    for (const flip of flips) {
      assert.is(flip.processes, 0);
      assert.is(flip.requests, 1);
      // What is begun, the checkpoint, the acknowledgement.
      assert.is(flip.transactions, 3);
      // The commit, the trees from its root to the file, the file.
      assert.is(flip.objects, 5);
      // With those of the polls meanwhile.
      assert.ok(flip.statements < 120, `${flip.statements} statements`);
      assert.ok(flip.bytes < 8_000, `${flip.bytes} bytes`);
    }
  }
});

performance.run();
