import { createHash } from "node:crypto";
import { join } from "node:path";
import { UsageError } from "../errors.ts";

/** What decides where the state is kept, when nobody says. */
export interface StatePathInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly owner: string;
  /** URL without credentials, or `"embedded"`. */
  readonly inserterUrl: string;
  /** Absolute path of the repository. */
  readonly repo: string;
}

/**
 * The state file where none is configured: `<owner>-<hash of the inserter's URL>.sqlite` in
 * `$STATE_DIRECTORY` (the first, if systemd gives several), else `$XDG_STATE_HOME/sync-agent`, else
 * `~/.local/state/sync-agent`. Embedded inserters differ by repository, as each keeps its own articles.
 *
 * @throws {UsageError} When there is not even a home directory.
 */
export function defaultStatePath({ env, owner, inserterUrl, repo }: StatePathInput): string {
  const identity = inserterUrl === "embedded" ? `embedded ${repo}` : inserterUrl;
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 12);
  return join(stateDirectory(env), `${owner}-${hash}.sqlite`);
}

function stateDirectory(env: StatePathInput["env"]): string {
  const given = env["STATE_DIRECTORY"]?.split(":")[0];
  if (given) return given;
  const { XDG_STATE_HOME: xdg, HOME: home } = env;
  // The specification of these directories has relative ones ignored.
  if (xdg?.startsWith("/")) return join(xdg, "sync-agent");
  if (home) return join(home, ".local", "state", "sync-agent");
  throw new UsageError(
    "No place to keep the state: neither $STATE_DIRECTORY nor $XDG_STATE_HOME nor $HOME is set",
    "Set one of them, or `state` in the configuration, or --state FILE.",
  );
}
