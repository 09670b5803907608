/** `run --worktree`: an author at a desk, who wants to see files as they are on disk, at once. */
import type { Lang } from "../article/messages.ts";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../lib/usage-error.ts";
import { findPlace } from "../source/place.ts";
import type { SqliteState } from "../state/sqlite.ts";
import type { Log, LogLevel } from "../sync/ports.ts";
import { findingOf, prettyFinding } from "./diagnostics.ts";
import { isProblems } from "./wording.ts";

/** The same articles, but nothing that reaches beyond the desk: no inserter but the embedded one, no state. */
export function atDesk(settings: Settings, logLevel: LogLevel | null): Settings {
  return {
    ...settings,
    state: ":memory:",
    status: null,
    // Whoever checks out another branch means it.
    prune: { ...settings.prune, maxFraction: 1 },
    log: { ...settings.log, level: logLevel ?? "info" },
    inserter: {
      ...settings.inserter,
      url: "embedded",
      basic: null,
      token: null,
      headers: {},
      tls: { ca: null, cert: null, key: null },
      ratePerSecond: 0,
    },
  };
}

/** Root of the work tree at a path. @throws {UsageError} When there is none. */
export async function workTreeAt(repo: string): Promise<string> {
  const place = await findPlace(repo);
  if (place.kind === "waiting") throw new UsageError(`Cannot read the articles: ${place.reason}`, place.hint);
  if (place.gitDir !== place.folder) return place.folder;
  throw new UsageError(`${repo} is a bare repository: it has no files on disk`, "Leave out --worktree.");
}

/** How an author is told: null for log lines. */
export interface Telling {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly lang: Lang;
}

/**
 * A log that tells an author of each rejected article, those included that lose their id to another file.
 *
 * @param telling Shows all that is wrong with the line marked, in place of one line of log.
 */
export function deskLog(log: Log, state: SqliteState, telling: Telling | null): Log {
  let told = new Set<string>();
  const emit: Log["emit"] = (level, event, message, fields) => {
    const { path, problems } = fields ?? {};
    if (
      telling !== null &&
      event === "article.rejected" &&
      typeof path === "string" &&
      isProblems(problems)
    ) {
      for (const problem of problems) {
        telling.write(`\n${prettyFinding(findingOf(problem, path, telling.lang), telling.colour)}`);
      }
    } else if (telling === null) log.emit(level, event, message, fields);
    // Of what goes well an author wants to know which file it was, and no more.
    else log.emit(event === "pass.done" ? "debug" : level, event, message, brief(event, fields));
    if (event === "pass.done") told = tellLosers(emit, state, told);
  };
  return { emit };
}

function brief(event: string, fields: Parameters<Log["emit"]>[3]): Parameters<Log["emit"]>[3] {
  return /^article\.(upserted|deleted)$/.test(event) ? { path: fields?.["path"] } : fields;
}

/** @param told What was told already, and still is so. @returns The same after this pass. */
function tellLosers(emit: Log["emit"], state: SqliteState, told: ReadonlySet<string>): Set<string> {
  const now = new Set<string>();
  for (const { path, id, winner } of state.duplicates(Date.now())) {
    const key = JSON.stringify([path, id, winner]);
    now.add(key);
    if (told.has(key)) continue;
    const place = { severity: "error", line: 1, column: 1, length: 1 } as const;
    const problem = { ...place, code: "duplicate-id", params: { id, path: winner } };
    emit("warn", "article.rejected", `${path} rejected`, { path, problems: [problem] });
  }
  return now;
}
