import { ConfigChanges } from "../config/changes.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../lib/usage-error.ts";
import type { SummingLog } from "../log/summing.ts";
import { watchLink } from "../source/watch.ts";
import { openState } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import type { Watch } from "../status/watch.ts";
import { Daemon } from "../sync/daemon.ts";
import type { Log } from "../sync/ports.ts";
import { type Assembly, assemble } from "./assemble.ts";
import type { Invocation, Io } from "./cli.ts";
import { KnownSecrets } from "./known-secrets.ts";
import { announce, openLog } from "./logging.ts";
import { Reloader } from "./reloader.ts";
import { StatusListener } from "./status-listener.ts";

/** What is in flight when the daemon is told to end gets this long, milliseconds. */
const GRACE_MS = 5_000;

/** Settings to run, and what the first pass under them is for. */
interface Turn {
  readonly settings: Settings;
  readonly first: "start" | "reload" | "resync";
}

/** `sync-agent run`: follows the repository until SIGTERM or SIGINT. */
export async function run({ flags }: Invocation, io: Io): Promise<number> {
  const secrets = new KnownSecrets(io.env);
  const load = async (config: string | null): Promise<Settings> => {
    const settings = await loadSettings({ flags: { ...flags, config }, cwd: io.cwd, env: io.env });
    secrets.learn(settings.inserter);
    return settings;
  };
  const settings = await load(flags.config);
  const { file } = settings;
  // From here on that very file: without it, settings that nobody wrote would take over.
  const reloader = new Reloader(() => load(file), new ConfigChanges(file));
  const forgetHangup = io.onHangup(() => reloader.hangUp());
  const running = new Running(io, reloader, secrets, (log) => openLog(io, log, flags, secrets.all));
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
  readonly #reloader: Reloader;
  readonly #status: StatusListener;
  readonly #openLog: (settings: Settings["log"]) => SummingLog;
  #log: SummingLog | null = null;
  #state: { readonly path: string; readonly opened: SqliteState } | null = null;

  constructor(
    io: Io,
    reloader: Reloader,
    secrets: KnownSecrets,
    open: (settings: Settings["log"]) => SummingLog,
  ) {
    this.#io = io;
    this.#reloader = reloader;
    this.#status = new StatusListener(secrets.all);
    this.#openLog = open;
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
    this.#log = this.#openLog(log);
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
    const watch = await this.#status.serve(settings.status, stderr);
    const log = watch?.observeLog(stderr) ?? stderr;
    const assembly = await assemble(settings, state, log, this.#io, watching(watch));
    let next: Turn | null = null;
    try {
      const daemon = new Daemon(assembly.agent, first);
      watch?.attach({ agent: assembly.agent, daemon, state, settings, source: assembly.source });
      const watcher = watchLink({ repo: settings.repo, ref: settings.ref, onHint: () => daemon.hint(), log });
      daemon.onPoll = () => {
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
      watch?.detach();
      await assembly.close();
    }
    return next;
  }
}

function watching(watch: Watch | null): Parameters<typeof assemble>[4] {
  return watch === null ? {} : { observe: (world) => watch.observeWorld(world) };
}

function sayWherePageIs({ pageUrl }: Assembly, log: Log): void {
  if (pageUrl === null) return;
  log.emit("info", "inserter.embedded", `The embedded inserter shows its articles at ${pageUrl}`, {
    pageUrl,
  });
}
