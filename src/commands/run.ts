import type { Invocation, Io } from "../cli/argv.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../sync/ports.ts";
import { KnownSecrets } from "../wiring/logging.ts";
import { withFoundPreset } from "../wiring/preset.ts";
import { previewSettings } from "../wiring/preview.ts";
import { Reloader } from "../wiring/reloader.ts";
import { Supervisor } from "../wiring/supervisor.ts";

/** Looking for a preset comes before the log. */
const silent: Log = { emit: () => {} };

/** `sync-agent run`: follows the repository until SIGTERM or SIGINT. */
export async function run({ flags }: Invocation, io: Io): Promise<number> {
  const { cwd, env } = io;
  const secrets = new KnownSecrets();
  let kept: Settings["articles"] | null = null;
  const load = async (config: string | null): Promise<Settings> => {
    const loaded = await loadSettings({
      flags: { ...flags, config },
      cwd,
      env,
      secretsRequired: !flags.worktree,
    });
    const mine = flags.worktree ? previewSettings(loaded, flags.logLevel) : loaded;
    // What was found at start is kept until the end.
    const settings = kept === null ? mine : { ...mine, articles: kept };
    secrets.learn(settings.inserter, env);
    secrets.learnStore(settings.store, env);
    return settings;
  };
  const { settings, found } = await withFoundPreset(await load(flags.config), flags.worktree, silent);
  if (found !== null) kept = settings.articles;
  const { file } = settings;
  // From here on that very file: if it goes away, the defaults must not take over.
  const reloader = new Reloader(() => load(file), file);
  // A preview ends with its terminal.
  const closed = new AbortController();
  const signal = flags.worktree ? AbortSignal.any([io.signal, closed.signal]) : io.signal;
  const ignoreHangup = io.onHangup(() => (flags.worktree ? closed.abort() : reloader.hangUp()));
  const supervisor = new Supervisor({ ...io, signal }, flags, reloader, secrets);
  try {
    await supervisor.run(settings, found);
  } finally {
    ignoreHangup();
    await supervisor.close();
  }
  return 0;
}
