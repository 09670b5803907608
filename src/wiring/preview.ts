/** `run --worktree`: a preview for an author, of files as they are on disk. */
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { findWorktree } from "../source/worktree.ts";
import type { LogLevel } from "../sync/ports.ts";

/** The same articles, but nothing that reaches further than this machine: the embedded inserter, no state. */
export function previewSettings(settings: Settings, logLevel: LogLevel | null): Settings {
  return {
    ...settings,
    state: ":memory:",
    olderState: null,
    owner: "preview",
    status: null,
    // An author who checks out another branch means it.
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
