import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../lib/usage-error.ts";
import { watchLink } from "../source/watch.ts";
import { openState } from "../state/open.ts";
import type { SqliteState } from "../state/sqlite.ts";
import type { Watch } from "../status/watch.ts";
import { Daemon } from "../sync/daemon.ts";
import type { Log } from "../sync/ports.ts";
import { type Assembly, assemble } from "./assemble.ts";
import type { Invocation, Io } from "./cli.ts";
import { announce, openLog } from "./logging.ts";
import { StatusListener } from "./status-listener.ts";

/** What is in flight when the daemon is told to end gets this long, milliseconds. */
const GRACE_MS = 5_000;

/** `sync-agent run`: follows the repository until SIGTERM or SIGINT. */
export async function run({ flags }: Invocation, io: Io): Promise<number> {
  const load = (): Promise<Settings> => loadSettings({ flags, cwd: io.cwd, env: io.env });
  let settings = await load();
  const log = openLog(io, settings.log, flags);
  let state = openState(settings.state, log);
  const status = new StatusListener();
  try {
    announce(settings, log);
    while (!io.signal.aborted) {
      const watch = await status.serve(settings.status, log);
      const next = await follow(settings, state, watch?.observeLog(log) ?? log, watch, io, load);
      if (next === null) break;
      if (next.state !== settings.state) {
        state.close();
        state = openState(next.state, log);
      }
      settings = next;
    }
  } finally {
    await status.close();
    log.flush();
    state.close();
  }
  return 0;
}

/** Runs one configuration. @returns The next one, when a valid one came; null when told to end. */
async function follow(
  settings: Settings,
  state: SqliteState,
  log: Log,
  watch: Watch | null,
  io: Io,
  load: () => Promise<Settings>,
): Promise<Settings | null> {
  const assembly = await assemble(
    settings,
    state,
    log,
    io,
    watch === null ? {} : { observe: (world) => watch.observeWorld(world) },
  );
  let next: Settings | null = null;
  try {
    const daemon = new Daemon(assembly.agent);
    watch?.attach({ agent: assembly.agent, daemon, state, settings, source: assembly.source });
    const watcher = watchLink({ repo: settings.repo, ref: settings.ref, onHint: () => daemon.hint(), log });
    daemon.onPoll = () => watcher.rearm();
    sayWherePageIs(assembly, log);
    const stop = (): void => void daemon.stop(GRACE_MS);
    io.signal.addEventListener("abort", stop, { once: true });
    const forgetHangup = io.onHangup(() => {
      void reload(load, log).then((loaded) => {
        if (loaded === null) return daemon.resync("resync");
        next = loaded;
        stop();
      });
    });
    try {
      if (io.signal.aborted) stop();
      await daemon.run();
    } finally {
      io.signal.removeEventListener("abort", stop);
      forgetHangup();
      await watcher.close();
    }
  } finally {
    watch?.detach();
    await assembly.close();
  }
  return io.signal.aborted ? null : next;
}

function sayWherePageIs({ pageUrl }: Assembly, log: Log): void {
  if (pageUrl === null) return;
  log.emit("info", "inserter.embedded", `The embedded inserter shows its articles at ${pageUrl}`, {
    pageUrl,
  });
}

/** The configuration as it is now; null when it is invalid: the old one goes on. */
async function reload(load: () => Promise<Settings>, log: Log): Promise<Settings | null> {
  try {
    const settings = await load();
    log.emit("info", "config.reloaded", "The configuration was read again");
    return settings;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.emit("error", "config.invalid", `The configuration stays as it was: ${error.message}`, {
      hint: error.hint,
    });
    return null;
  }
}
