/** `run --worktree`: an author at a desk, who wants to see files as they are on disk, at once. */

import type { Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { findingOf, prettyFinding } from "../messages/finding.ts";
import type { Lang } from "../messages/language.ts";
import { findWorktree } from "../source/worktree.ts";
import type { Log, LogLevel } from "../sync/ports.ts";
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
  const found = await findWorktree(repo);
  if (found.kind === "worktree") return found.root;
  throw new UsageError((words) => words.cannotReadArticles(found.reason, found.hint));
}

/** How an author is told. */
export interface Telling {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly lang: Lang;
}

/** A log that shows an author all that is wrong with an article, or doubtful, the line marked, in place of one line. */
export class DeskLog implements Log {
  readonly #log: Log;
  readonly #telling: Telling;

  constructor(log: Log, telling: Telling) {
    this.#log = log;
    this.#telling = telling;
  }

  emit: Log["emit"] = (level, event, message, fields) => {
    const { path, problems } = fields ?? {};
    const { write, colour, lang } = this.#telling;
    if (isTold(event) && typeof path === "string" && isProblems(problems)) {
      for (const problem of problems) {
        write(`\n${prettyFinding(findingOf(problem, path, lang), colour, lang)}`);
      }
    } else {
      // Of what goes well an author wants to know which file it was, and no more.
      this.#log.emit(event === "pass.done" ? "debug" : level, event, message, brief(event, fields));
    }
  };
}

const isTold = (event: string): boolean => event === "article.rejected" || event === "article.doubtful";

function brief(event: string, fields: Parameters<Log["emit"]>[3]): Parameters<Log["emit"]>[3] {
  return /^article\.(upserted|deleted)$/.test(event) ? { path: fields?.["path"] } : fields;
}
