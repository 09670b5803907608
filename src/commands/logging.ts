import type { Settings } from "../config/settings.ts";
import { createRedactor } from "../lib/redact.ts";
import { createLog, wantsColour } from "../log/log.ts";
import { type SummingLog, sumTrouble } from "../log/summing.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";
import type { Flags, Io } from "./cli.ts";
import { languageFor } from "./language.ts";
import { wordProblems } from "./wording.ts";

/** Troubles that end with each recovery: the next one is news again. */
const RECOVERIES = {
  "inserter.recovered": ["inserter.trouble", "article.retry", "inventory.unknown"],
  "inserter.found": ["inserter.waiting", "inventory.unknown"],
  "repository.found": ["repository.waiting"],
  "state.recovered": ["state.unavailable"],
  "brake.off": ["brake.on"],
} as const;

/** Quiet time after a trouble was told, milliseconds; doubles up to the second. */
const QUIET_MS = 10_000;
const QUIET_MS_MAX = 600_000;

/**
 * The log of a command: on stderr, redacted, repeated trouble summed up.
 *
 * @param secrets What must never be shown, asked at each line.
 */
export function openLog(
  io: Io,
  settings: Settings["log"],
  flags: Pick<Flags, "lang">,
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
  const isRead = settings.format === "pretty" || (settings.format === "auto" && io.isTTY.stderr);
  const lang = languageFor(isRead ? "people" : "programs", flags, io);
  return sumTrouble(wordProblems(log, lang), {
    nowMs: Date.now,
    // What concerns one article is its own trouble; retries of many are one.
    keyOf: (event, fields) => (event === "article.retry" ? "" : String(fields["path"] ?? fields["id"] ?? "")),
    recoveries: RECOVERIES,
    quietMs: QUIET_MS,
    quietMsMax: QUIET_MS_MAX,
  });
}

/** The first line of `run` and `once`: what is done with what; without a configuration file also that. */
export function announce({ repo, inserter, state, file }: Settings, log: Log): void {
  const from = file === null ? "no configuration file: " : "";
  log.emit("info", "agent.started", `sync-agent ${version}: ${from}${repo} → ${inserter.url}`, {
    version,
    config: file,
    repo,
    inserter: inserter.url,
    state,
  });
}
