import { createSelector } from "../article/candidate.ts";
import type { Invocation, Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import { ConfigChanges } from "../config/changes.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { languageFor } from "../messages/language.ts";
import { type AgentEvent, reportTo } from "../report/describe.ts";
import { wantsColour } from "../report/log.ts";
import { previewTo } from "../report/preview.ts";
import { Progress } from "../report/progress.ts";
import type { SummingLog } from "../report/summing.ts";
import { type Watcher, watchRepository, watchWorktree } from "../source/watch.ts";
import { openState } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import { Doubts } from "../status/doubts.ts";
import type { World } from "../sync/agent.ts";
import { Daemon } from "../sync/daemon.ts";
import type { Log, Report } from "../sync/ports.ts";
import { type Assembly, assemble } from "../wiring/assemble.ts";
import { systemClock } from "../wiring/clock.ts";
import { createDoubter, type Suspicions, UNTOLD_AT_DESK } from "../wiring/doubts.ts";
import { announce, isRead, KnownSecrets, logLanguage, openLog } from "../wiring/logging.ts";
import { MemoryAtRest } from "../wiring/memory.ts";
import { previewSettings, workTreeAt } from "../wiring/preview.ts";
import { Reloader } from "../wiring/reloader.ts";
import { StatusListener } from "../wiring/status-listener.ts";

/** What is in flight when the daemon is told to end gets this long, milliseconds. */
const GRACE_MS = 5_000;

const NONE: ReadonlySet<string> = new Set();

/** Settings to run, and what the first pass under them is for. */
interface Turn {
  readonly settings: Settings;
  readonly first: "start" | "reload" | "resync";
}

/** `sync-agent run`: follows the repository until SIGTERM or SIGINT. */
export async function run({ flags }: Invocation, io: Io): Promise<number> {
  const secrets = new KnownSecrets();
  const load = async (config: string | null): Promise<Settings> => {
    const settings = await loadSettings({
      flags: { ...flags, config },
      cwd: io.cwd,
      env: io.env,
      secretsRequired: !flags.worktree,
    });
    const meant = flags.worktree ? previewSettings(settings, flags.logLevel) : settings;
    secrets.learn(meant.inserter, io.env);
    return meant;
  };
  const settings = await load(flags.config);
  const { file } = settings;
  // From here on that very file: without it, settings that nobody wrote would take over.
  const reloader = new Reloader(() => load(file), new ConfigChanges(file));
  // Whoever closes the terminal at a desk means to end: nobody would see the preview any more.
  const left = new AbortController();
  const signal = flags.worktree ? AbortSignal.any([io.signal, left.signal]) : io.signal;
  const forgetHangup = io.onHangup(() => (flags.worktree ? left.abort() : reloader.hangUp()));
  const running = new Running({ ...io, signal }, flags, reloader, secrets);
  try {
    await running.run(settings);
  } finally {
    forgetHangup();
    await running.close();
  }
  return 0;
}

/** One configuration after the other over one state, one log and one status listener. */
class Running {
  readonly #io: Io;
  readonly #flags: Flags;
  readonly #reloader: Reloader;
  readonly #secrets: KnownSecrets;
  readonly #status: StatusListener;
  readonly #doubts = new Doubts<Suspicions>({ elapsedMs: () => systemClock.elapsedMs() });
  #log: SummingLog | null = null;
  #state: { readonly path: string; readonly opened: SqliteState } | null = null;

  constructor(io: Io, flags: Flags, reloader: Reloader, secrets: KnownSecrets) {
    this.#io = io;
    this.#flags = flags;
    this.#reloader = reloader;
    this.#secrets = secrets;
    this.#status = new StatusListener(secrets.all);
  }

  /** Runs these settings, and those that replace them, until told to end. */
  async run(settings: Settings): Promise<void> {
    let turn: Turn = { settings, first: "start" };
    let before: Settings | null = null;
    let log = this.#logFor(settings);
    announce(settings, log);
    while (!this.#io.signal.aborted) {
      try {
        log = this.#logFor(turn.settings);
        const next: Turn | null = await this.#follow(turn, log);
        if (next === null) return;
        before = turn.settings;
        turn = next;
      } catch (error) {
        if (!(error instanceof UsageError) || before === null) throw error;
        // Valid as a text, but the world has no room for it: a state that is in use, say.
        this.#reloader.sayInvalid(error, log);
        turn = { settings: before, first: "reload" };
        before = null;
      }
    }
  }

  async close(): Promise<void> {
    await this.#status.close();
    this.#log?.flush();
    this.#state?.opened.close();
  }

  #logFor({ log }: Settings): SummingLog {
    this.#log?.flush();
    this.#log = openLog(this.#io, log, this.#flags, this.#secrets.all);
    return this.#log;
  }

  /** The old one is closed only when there is another. */
  #stateFor({ state: path }: Settings, log: Log): SqliteState {
    if (this.#state?.path === path) return this.#state.opened;
    const opened = openState(path, log);
    this.#state?.opened.close();
    this.#state = { path, opened };
    return opened;
  }

  /** Runs one configuration. @returns The next one, when a valid one came; null when told to end. */
  async #follow({ settings, first }: Turn, stderr: Log): Promise<Turn | null> {
    const { signal } = this.#io;
    const state = this.#stateFor(settings, stderr);
    const service = await this.#status.serve(settings.status, stderr);
    const { worktree } = this.#flags;
    const progress = new Progress(
      this.#io,
      first === "start" && isRead(settings.log, this.#io),
      languageFor("people", this.#flags.lang, this.#io.env),
    );
    const log = service?.countMessages(stderr) ?? stderr;
    const toLog = progress.quieten(this.#reportTo(log, settings.log));
    const report: Report = (event) => {
      toLog(event);
      service?.observe(event);
      this.#doubts.observe(event);
    };
    const observe = (world: World): World => progress.observe(service?.observeWorld(world) ?? world);
    const assembly = await assemble(settings, state, log, this.#io, { report, worktree, observe });
    let next: Turn | null = null;
    try {
      const daemon = new Daemon(assembly.agent, first);
      const { agent, source, articles } = assembly;
      const isOver = (): boolean => daemon.status.firstPassDone && state.progress.pending === 0;
      progress.follow(agent, state, isOver);
      const nowMs = (): number => agent.nowMs();
      this.#doubts.attach({
        state,
        log,
        report: toLog,
        doubter: createDoubter({ articles, source, state, nowMs, untold: worktree ? UNTOLD_AT_DESK : NONE }),
        isIdle: () => daemon.status.phase === "following",
        // What was there before an author came is the business of `check`: all at once it would be too much.
        isStartNews: !worktree,
      });
      service?.attach({ ...assembly, daemon, settings, doubts: this.#doubts, config: this.#reloader });
      const watcher = await this.#watch(settings, () => daemon.hint(), log);
      const memory = new MemoryAtRest(agent.deliverer);
      daemon.onPoll = () => {
        memory.poll();
        void watcher.rearm();
        this.#reloader.poll();
      };
      sayWherePageIs(assembly, log);
      const stop = (): void => void daemon.stop(GRACE_MS);
      signal.addEventListener("abort", stop, { once: true });
      const replace = (replacing: Settings, trigger: "reload" | "resync"): void => {
        next = { settings: replacing, first: trigger };
        stop();
      };
      this.#reloader.attach({ settings, log, replace, resync: () => daemon.resync("resync") });
      try {
        if (signal.aborted) stop();
        await daemon.run();
      } finally {
        this.#reloader.detach();
        signal.removeEventListener("abort", stop);
        await watcher.close();
      }
    } finally {
      progress.end();
      this.#doubts.detach();
      service?.detach();
      await assembly.close();
    }
    return next;
  }

  async #watch(settings: Settings, onHint: () => void, log: Log): Promise<Watcher> {
    const { repo, ref } = settings;
    if (!this.#flags.worktree) return watchRepository({ repo, ref, onHint, log });
    const { mayContain } = createSelector(settings.articles);
    return watchWorktree({ root: await workTreeAt(repo), mayContain, onHint, log });
  }

  /** Writes what happens into the log; for an author who reads it, as a preview. */
  #reportTo(log: Log, settings: Settings["log"]): (event: AgentEvent) => void {
    const lang = logLanguage(settings, this.#flags, this.#io);
    if (!this.#flags.worktree || !isRead(settings, this.#io)) return reportTo(log, lang);
    const { stderr: write, env, isTTY } = this.#io;
    return previewTo(log, { write, colour: wantsColour(env, isTTY.stderr), lang });
  }
}

function sayWherePageIs({ pageUrl }: Assembly, log: Log): void {
  if (pageUrl === null) return;
  log.emit("info", "inserter.embedded", `Read the articles at ${pageUrl}`, {
    pageUrl,
  });
}
