import type { Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import type { Settings } from "../config/settings.ts";
import { languageFor } from "../messages/language.ts";
import { createRedactor } from "../messages/redact.ts";
import { createLog, wantsColour } from "../report/log.ts";
import { type SummingLog, sumTrouble } from "../report/summing.ts";
import { isProblems, wordProblems } from "../report/wording.ts";
import type { Log } from "../sync/ports.ts";
import { version } from "../version.ts";

/** Troubles of one article, which end when the inserter takes it. */
const OF_AN_ARTICLE = ["article.retry", "article.refused", "article.rejected", "article.held"];

/** Troubles that end with each recovery: the next one is news again. */
const RECOVERIES = {
  "article.upserted": OF_AN_ARTICLE,
  "article.deleted": [...OF_AN_ARTICLE, "article.undeletable"],
  "inserter.recovered": ["inserter.trouble", "article.retry", "inventory.unknown"],
  "inserter.found": ["inserter.waiting", "inventory.unknown"],
  "repository.found": ["repository.waiting"],
  "state.recovered": ["state.unavailable"],
  "brake.off": ["brake.on"],
  "config.reloaded": ["config.invalid"],
} as const;

/** Quiet time after a trouble was told, milliseconds; doubles up to the second. */
const QUIET_MS = 10_000;
const QUIET_MS_MAX = 600_000;

/** Whether the log is written for people and not for programs. */
export function isRead({ format }: Settings["log"], { isTTY }: Pick<Io, "isTTY">): boolean {
  return format === "pretty" || (format === "auto" && isTTY.stderr);
}

/**
 * The log of a command: on stderr, redacted, repeated trouble summed up; all of it told to an author who
 * works at the files (`--worktree`).
 *
 * @param secrets What must never be shown, asked at each line.
 */
export function openLog(
  io: Io,
  settings: Settings["log"],
  flags: Pick<Flags, "lang" | "worktree">,
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
  const lang = languageFor(isRead(settings, io) ? "people" : "programs", flags.lang, io.env);
  return sumTrouble(wordProblems(log, lang), {
    nowMs: Date.now,
    keyOf: troubleOf,
    recoveries: RECOVERIES,
    quietMs: flags.worktree ? 0 : QUIET_MS,
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

/** What concerns one article is its own trouble, and another one with each problem; retries of many are one. */
function troubleOf(event: string, { path, id, fault, problems }: Readonly<Record<string, unknown>>): string {
  if (event === "article.retry") return "";
  const about = String(path ?? id ?? fault ?? "");
  if (!isProblems(problems)) return about;
  return JSON.stringify([about, ...problems.map(({ code, line, column }) => [code, line, column])]);
}
