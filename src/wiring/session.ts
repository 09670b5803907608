import type { Invocation, Io } from "../cli/argv.ts";
import type { FoundPreset } from "../article/presets/find.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { type Lang, languageFor } from "../messages/language.ts";
import { visibleJson } from "../messages/terminal.ts";
import { type CommandWords, WORDS } from "../messages/words.ts";
import { type AgentEvent, reportTo } from "../report/describe.ts";
import { wantsColour } from "../report/log.ts";
import type { SummingLog } from "../report/summing.ts";
import type { LogLevel } from "../sync/ports.ts";
import { withFoundPreset } from "./preset.ts";
import { KnownSecrets, logLanguage, openLog } from "./logging.ts";

/** What a command works with that reads the configuration once: settings, log, and a way to print its result. */
export interface Session {
  readonly settings: Settings;
  /** The preset that was found where there is no configuration; else null. */
  readonly found: FoundPreset | null;
  readonly log: SummingLog;
  /** Logs what happens in the core. */
  readonly report: (event: AgentEvent) => void;
  /** Of the result: that of its reader, English for programs. */
  readonly lang: Lang;
  readonly words: CommandWords;
  /** Whether the result may have colours. */
  readonly colour: boolean;
  /** Prints the result: with `--json` as one line, else the text. */
  print(result: object, text: () => string): void;
}

/**
 * Opens the session of a command.
 *
 * @param options.logLevel Instead of the configuration's, where the result itself says what is wrong.
 * @param options.secretsRequired Whether the inserter is contacted.
 * @throws {UsageError} For a configuration that is not valid.
 */
export async function openSession(
  { command, flags }: Invocation,
  io: Io,
  options: { readonly logLevel?: LogLevel; readonly secretsRequired: boolean },
): Promise<Session> {
  const purpose = command === "once" ? "use" : "look";
  const loaded = await loadSettings({ flags, cwd: io.cwd, env: io.env, purpose, ...options });
  const secrets = new KnownSecrets();
  secrets.learn(loaded.inserter, io.env);
  secrets.learnStore(loaded.store, io.env);
  const level = flags.logLevel ?? options.logLevel ?? loaded.log.level;
  const isForPrograms = flags.format === "json" || flags.format === "sarif";
  const lang = languageFor(isForPrograms ? "programs" : "people", flags.lang, io.env);
  const log = openLog(io, { ...loaded.log, level }, flags, secrets.all);
  const { settings, found } = await withFoundPreset(loaded, flags.worktree, log);
  return {
    settings,
    found,
    log,
    report: reportTo(log, logLanguage(settings.log, flags, io)),
    lang,
    words: WORDS[lang].commands,
    colour: wantsColour(io.env, io.isTTY.stdout),
    print: (result, text) => io.stdout(flags.json ? `${visibleJson(JSON.stringify(result))}\n` : text()),
  };
}
