/** Puts the rooms together: what `run`, `once` and `plan` have in common. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import type { ArticleRoom } from "../article/articles.ts";
import type { Selector } from "../article/candidate.ts";
import type { Io } from "../cli/argv.ts";
import { inserterIdentity } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { createSink } from "../inserter/client/client.ts";
import { type Inserter, startInserter } from "../inserter/reference/server.ts";
import { derivedOwner, ownerName } from "../source/repository.ts";
import { type GitSource, openSource } from "../source/source.ts";
import { openWorktreeSource } from "../source/worktree.ts";
import { makePrivate } from "../state/files.ts";
import { readablePath } from "../state/older.ts";
import type { SqliteState } from "../state/sqlite.ts";
import { Agent } from "../sync/agent.ts";
import type { Identity, Log, Report, World } from "../sync/ports.ts";
import { version } from "../version.ts";
import { followArticles } from "./preset.ts";
import { systemClock } from "./runtime.ts";
import { openStore } from "./store.ts";

/** Git gets so long after the signal before it is ended, milliseconds: what it is asked for then is seldom more. */
const GIT_GRACE_MS = 2_000;

/** Port of the embedded inserter where it is free: what a person finds in the documentation. */
const EMBEDDED_PORT = 8081;

/** An agent with its rooms. */
export interface Assembly {
  readonly agent: Agent;
  readonly state: SqliteState;
  readonly source: GitSource;
  readonly articles: ArticleRoom;
  /** Which files are candidates just now. */
  readonly selector: Selector;
  /** Page of the embedded inserter; null where there is none. */
  readonly pageUrl: string | null;
  /** Ends what was opened here; the state stays open. */
  close(): Promise<void>;
}

/**
 * @param options.report Takes what happens in the core.
 * @param options.readOnly The embedded inserter is only looked at: for `plan`.
 * @param options.worktree Files as they are on disk are the source, not a revision.
 * @param options.observe Wraps what the core is given, to look over its shoulder.
 */
export async function assemble(
  settings: Settings,
  state: SqliteState,
  log: Log,
  io: Pick<Io, "env" | "signal">,
  options: {
    readonly report: Report;
    readonly readOnly?: boolean;
    readonly worktree?: boolean;
    readonly observe?: (world: World) => World;
  },
): Promise<Assembly> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const { repo, ref } = settings;
    const tree = { repo, ref, isWorktree: options.worktree === true, log };
    const { articles, selector } = await followArticles(tree, {
      settings: settings.articles,
      agentVersion: version,
    });
    const trees = options.readOnly === true ? null : state.trees;
    const source = sourceOf(settings, tree.isWorktree, boundTo(selector), trees, log);
    closers.push(
      () => source.close(),
      endingWith(io.signal, source),
      () => articles.close(),
    );
    const embedded =
      settings.inserter.url === "embedded"
        ? await embed(settings, log, io.env, options.readOnly === true)
        : null;
    if (embedded !== null) closers.push(() => embedded.close());
    const identity = identityOf(settings, log);
    const sink = createSink({
      settings: { ...settings.inserter, url: embedded?.url ?? settings.inserter.url },
      identity,
      agentVersion: version,
      log,
      environment: io.env,
    });
    closers.push(() => sink.close());
    const isKept = settings.state !== ":memory:" && options.readOnly !== true;
    // A state that is not kept is new each time.
    const report: Report = (event) => {
      if (isKept || event.kind !== "state.adopted") options.report(event);
    };
    const world = {
      identity,
      state,
      source,
      sink,
      articles,
      report,
      clock: systemClock,
      random: Math.random,
    };
    // What the state remembers of the inserter is where the articles are.
    const url = inserterIdentity(settings.inserter.url, settings.store);
    const known = { ...settings, inserter: { ...settings.inserter, url } };
    const agent = new Agent(known, options.observe?.(world) ?? world);
    return { agent, state, source, articles, selector, pageUrl: embedded?.pageUrl ?? null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Files of a revision, or as they are on disk. */
function sourceOf(
  { repo, ref, articles }: Settings,
  isWorktree: boolean,
  selector: Pick<Selector, "selects" | "mayContain">,
  trees: SqliteState["trees"] | null,
  log: Log,
): GitSource {
  const { maxSizeBytes } = articles;
  return isWorktree
    ? openWorktreeSource({ repo, ...selector, maxSizeBytes })
    : openSource({ repo, ref, ...selector, maxSizeBytes, trees, log });
}

/** What is selected may change from pass to pass. */
function boundTo(selector: Selector): Pick<Selector, "selects" | "mayContain"> {
  return {
    selects: (path) => selector.selects(path),
    mayContain: (folder) => selector.mayContain(folder),
  };
}

/** Ends git a while after the signal, should it hang. @returns What undoes that. */
function endingWith(signal: AbortSignal, source: GitSource): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => void source.close(), GIT_GRACE_MS);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return async () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}

/** Whose articles these are, where neither the settings nor the state says. */
function identityOf({ owner, repo, state }: Settings, log: Log): Identity {
  return {
    owner,
    async derive() {
      const derived = await derivedOwner(repo);
      if (derived !== null) return derived;
      if (state !== ":memory:") return `${ownerName(repo)}-${randomUUID().slice(-12)}`;
      log.emit("warn", "owner.default", `${repo} has no origin: its articles have the owner "sync-agent"`, {
        hint: 'Set "owner" in the configuration, or a state file: two such repositories at one inserter would take each other\'s articles for their own.',
      });
      return "sync-agent";
    },
  };
}

/** The reference inserter inside this process, its articles beside the state or in the store of the settings. */
async function embed(settings: Settings, log: Log, env: Io["env"], readOnly: boolean): Promise<Inserter> {
  const memory = settings.state === ":memory:";
  const state = readOnly ? readablePath(settings.state, settings.olderState) : settings.state;
  const db = memory ? ":memory:" : state.replace(/(\.sqlite)?$/, "-articles.sqlite");
  // One of before may be open to others.
  if (!memory && settings.store === null && existsSync(db)) makePrivate(db);
  const store = openStore({ db, store: settings.store }, log, env, { readOnly, holdsCopies: !readOnly });
  const { allowedHosts } = settings.inserter;
  const address = { host: "127.0.0.1", port: readOnly ? 0 : EMBEDDED_PORT, anyPort: true, allowedHosts };
  return startInserter({ store, ...address, log });
}
