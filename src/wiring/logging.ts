import type { FoundPreset } from "../article/presets/find.ts";
import type { Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import type { InserterSettings, Settings, StoreSettings } from "../config/settings.ts";
import { Secrets } from "../inserter/client/secrets.ts";
import { type Lang, languageFor } from "../messages/language.ts";
import { createRedactor } from "../messages/redact.ts";
import { WORDS } from "../messages/words.ts";
import { createLog, wantsColour } from "../report/log.ts";
import { SummingLog } from "../report/summing.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";

/** Quiet time after a trouble was logged, milliseconds; doubles up to the second. */
const QUIET_MS = 10_000;
const QUIET_MS_MAX = 600_000;

/** What must never be shown, in whatever a command writes. */
export class KnownSecrets {
  readonly #sources: Secrets[] = [];

  /** From now on the secrets of these settings count too; those of earlier ones stay secret. */
  learn(settings: Pick<InserterSettings, "token" | "headers" | "basic">, env: Io["env"]): void {
    this.#sources.push(new Secrets(settings, env));
  }

  /** Those of a store count too. */
  learnStore(store: Pick<StoreSettings, "auth" | "basic"> | null, env: Io["env"]): void {
    if (store !== null) this.learn({ token: store.auth, headers: {}, basic: store.basic }, env);
  }

  /** As they are now, rotated files included, and as they were. */
  readonly all = (): Iterable<string> => this.#sources.flatMap((source) => [...source.current()]);
}

/** Whether the log is written for people and not for programs. */
export function isRead({ format }: Settings["log"], { isTTY }: Pick<Io, "isTTY">): boolean {
  return format === "pretty" || (format === "auto" && isTTY.stderr);
}

/** The language of what the log says about articles; all else is English. */
export function logLanguage(settings: Settings["log"], { lang }: Pick<Flags, "lang">, io: Io): Lang {
  return languageFor(isRead(settings, io) ? "people" : "programs", lang, io.env);
}

/**
 * The log of a command: on stderr, redacted, repeated trouble summed up, except in a preview (`--worktree`).
 *
 * @param secrets What must never be shown, asked at each line.
 */
export function openLog(
  io: Io,
  settings: Settings["log"],
  flags: Pick<Flags, "worktree">,
  secrets: () => Iterable<string> = () => [],
): SummingLog {
  const log = createLog({
    level: settings.level,
    format: settings.format,
    isTTY: io.isTTY.stderr,
    colour: wantsColour(io.env, io.isTTY.stderr),
    // A line of progress may stand where the next line goes.
    write: io.isTTY.stderr ? (line) => io.stderr(`\r\x1b[K${line}`) : io.stderr,
    redact: createRedactor(secrets),
    nowMs: Date.now,
  });
  return new SummingLog(log, {
    nowMs: () => performance.now(),
    quietMs: flags.worktree ? 0 : QUIET_MS,
    quietMsMax: QUIET_MS_MAX,
  });
}

/** The first line of `run` and `once`: what is synced into what; and that there is no configuration file. */
export function announce(
  { repo, inserter, state, file }: Settings,
  log: Log,
  found: FoundPreset | null = null,
): void {
  const { url } = inserter;
  const message =
    file === null
      ? WORDS.en.commands.plan.noConfig(repo, url, found)
      : `sync-agent ${version}: syncing ${repo} into ${url === "embedded" ? "the embedded inserter" : url}`;
  log.emit("info", "agent.started", message, {
    version,
    config: file,
    repo,
    inserter: url,
    state,
    ...(found === null ? {} : { preset: found.name }),
  });
}
