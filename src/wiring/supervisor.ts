import type { FoundPreset } from "../article/presets/find.ts";
import type { Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { languageFor } from "../messages/language.ts";
import { type AgentEvent, reportTo } from "../report/describe.ts";
import { wantsColour } from "../report/log.ts";
import { previewTo } from "../report/preview.ts";
import { Progress } from "../report/progress.ts";
import type { SummingLog } from "../report/summing.ts";
import { VerdictLog } from "../report/verdict-log.ts";
import { type Watcher, watchRepository, watchWorktree } from "../source/watch.ts";
import { markDamaged } from "../state/files.ts";
import { openState } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import { WarningLog } from "../status/warnings.ts";
import { Daemon } from "../sync/daemon.ts";
import { type Log, type Report, StateCorrupt, type World } from "../sync/ports.ts";
import { type Assembly, assemble } from "./assemble.ts";
import { logUnmatchedGlobs } from "./globs.ts";
import { createLinter, IGNORED_IN_PREVIEW, type LintNotes } from "./linter.ts";
import { announce, isRead, type KnownSecrets, logLanguage, openLog } from "./logging.ts";
import { workTreeAt } from "./preview.ts";
import type { Reloader } from "./reloader.ts";
import { MemoryAtRest, systemClock } from "./runtime.ts";
import { StatusListener } from "./status-listener.ts";

/** What is in flight when the daemon is asked to end gets this long, milliseconds. */
const GRACE_MS = 4_500;

/** A state that is found damaged twice within this time is on a disk that is: no reason to go on. */
const DISCARD_INTERVAL_MS = 600_000;

const NONE: ReadonlySet<string> = new Set();

/** Settings to run, and what the first pass under them is for. */
interface Turn {
  readonly settings: Settings;
  readonly first: "start" | "reload" | "resync";
}

/** Runs one daemon after the other, each with settings of its own, over one state, log and status listener. */
export class Supervisor {
  readonly #io: Io;
  readonly #flags: Flags;
  readonly #reloader: Reloader;
  readonly #secrets: KnownSecrets;
  readonly #status: StatusListener;
  readonly #warnings = new WarningLog<LintNotes>({ elapsedMs: () => systemClock.elapsedMs() });
  #verdicts: VerdictLog | null = null;
  #log: SummingLog | null = null;
  #state: { readonly path: string; readonly opened: SqliteState } | null = null;
  #discardedMs = Number.NEGATIVE_INFINITY;

  constructor(io: Io, flags: Flags, reloader: Reloader, secrets: KnownSecrets) {
    this.#io = io;
    this.#flags = flags;
    this.#reloader = reloader;
    this.#secrets = secrets;
    this.#status = new StatusListener(secrets.all);
  }

  /** Runs these settings, and those that replace them, until the signal. */
  async run(settings: Settings, found: FoundPreset | null = null): Promise<void> {
    let turn: Turn = { settings, first: "start" };
    let before: Settings | null = null;
    let log = this.#logFor(settings);
    announce(settings, log, found);
    while (!this.#io.signal.aborted) {
      try {
        log = this.#logFor(turn.settings);
        const next: Turn | null = await this.#follow(turn, log);
        if (next === null) break;
        before = turn.settings;
        turn = next;
      } catch (error) {
        if (error instanceof StateCorrupt) {
          this.#discardState(error);
          turn = { ...turn, first: "start" };
          continue;
        }
        if (!(error instanceof UsageError) || before === null) throw error;
        // Settings that are valid, but cannot be run: a state that is in use, say.
        this.#reloader.logInvalid(error, log);
        turn = { settings: before, first: "reload" };
        before = null;
      }
    }
    this.#logStopped(log);
  }

  #logStopped(log: Log): void {
    const pending = this.#state?.opened.progress.pending ?? 0;
    const rest = pending === 0 ? "nothing is pending" : `what is pending stays pending: ${pending}`;
    log.emit("info", "agent.stopped", `Stopped; ${rest}`, { pending });
  }

  /** The next turn makes it anew. @throws {StateCorrupt} When that has not helped. */
  #discardState(error: StateCorrupt): void {
    markDamaged(error);
    this.#state?.opened.close();
    this.#state = null;
    const nowMs = systemClock.elapsedMs();
    const isAgain = nowMs - this.#discardedMs < DISCARD_INTERVAL_MS;
    this.#discardedMs = nowMs;
    if (isAgain) throw error;
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
  #stateFor({ state: path, olderState }: Settings, log: Log): SqliteState {
    if (this.#state?.path === path) return this.#state.opened;
    const opened = openState(path, log, olderState);
    this.#state?.opened.close();
    this.#state = { path, opened };
    return opened;
  }

  /** Runs one configuration. @returns The next one, when a valid one came; null at the signal. */
  async #follow({ settings, first }: Turn, stderr: Log): Promise<Turn | null> {
    const { worktree, lang } = this.#flags;
    const state = this.#stateFor(settings, stderr);
    await this.#status.serve(settings.status, stderr);
    const { service } = this.#status;
    const log = service.countMessages(stderr);
    const isShown = first === "start" && isRead(settings.log, this.#io);
    const progress = new Progress(this.#io, isShown, languageFor("people", lang, this.#io.env));
    const toLog = progress.quieten(this.#reportTo(log, settings.log));
    const report: Report = (event) => {
      toLog(event);
      service.observe(event);
      this.#verdicts?.observe(event);
      this.#warnings.observe(event);
      if (
        event.kind === "pass.done" &&
        (event.trigger === "start" || event.trigger === "reload") &&
        !worktree
      ) {
        void logUnmatchedGlobs(settings, log).catch(() => {});
      }
    };
    const observe = (world: World): World => progress.observe(service.observeWorld(world));
    const assembly = await assemble(settings, state, log, this.#io, { report, worktree, observe });
    try {
      const daemon = new Daemon(assembly.agent, first);
      const { agent, source, articles } = assembly;
      progress.follow(agent, state, () => daemon.status.firstPassDone && state.progress.pending === 0);
      const rooms = { articles, source, state, nowMs: () => agent.nowMs() };
      this.#warnings.attach({
        state,
        log,
        report: toLog,
        linter: createLinter({ ...rooms, ignored: worktree ? IGNORED_IN_PREVIEW : NONE }),
        isIdle: () => daemon.status.phase === "following",
        // What was there before the author came is for `check`: all at once it would be too much.
        isStartNews: !worktree,
      });
      service.attach({ ...assembly, daemon, settings, warnings: this.#warnings, config: this.#reloader });
      const judged = {
        snapshot: () => service.snapshot(),
        quiet: () => agent.deliverer.quiet(),
        elapsedMs: () => systemClock.elapsedMs(),
      };
      if (!worktree) this.#verdicts = new VerdictLog(log, judged);
      if (assembly.pageUrl !== null) {
        const { pageUrl } = assembly;
        log.emit("info", "inserter.embedded", `Read the articles at ${pageUrl}`, { pageUrl });
      }
      return await this.#run(daemon, assembly, settings, log);
    } finally {
      progress.end();
      this.#warnings.detach();
      this.#verdicts?.end();
      this.#verdicts = null;
      service.detach();
      await assembly.close();
    }
  }

  /** Runs a daemon until the signal, or until other settings come. @returns Those; null at the signal. */
  async #run(
    daemon: Daemon,
    { agent, selector }: Assembly,
    settings: Settings,
    log: Log,
  ): Promise<Turn | null> {
    const { signal } = this.#io;
    let next: Turn | null = null;
    const watcher = await this.#watch(settings, selector, () => daemon.hint(), log);
    const memory = new MemoryAtRest(agent.deliverer);
    daemon.onPoll = () => {
      memory.poll();
      void watcher.rearm();
      this.#reloader.poll();
    };
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
    return next;
  }

  async #watch(
    { repo, ref }: Settings,
    selector: Assembly["selector"],
    onHint: () => void,
    log: Log,
  ): Promise<Watcher> {
    if (!this.#flags.worktree) return watchRepository({ repo, ref, onHint, log });
    const mayContain = (folder: string): boolean => selector.mayContain(folder);
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
