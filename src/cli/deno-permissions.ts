/**
 * What the agent needs of Deno. `init --deno` and the README show these flags, the end-to-end tests run with
 * them, and the compiled form has them built in. Never `--allow-all`.
 */

/** Environment variables by name; any other one reads as absent. */
export const ENVIRONMENT = [
  "PATH",
  "PWD",
  "HOME",
  "STATE_DIRECTORY",
  "XDG_STATE_HOME",
  ...["NO_COLOR", "FORCE_COLOR", "TERM"],
  ...["LANG", "LC_ALL", "LC_MESSAGES"],
  ...["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"],
  // Deno itself asks for it whenever a child process starts.
  "NODE_V8_COVERAGE",
];

/** Paths and hosts that one use of the agent touches. Empty lists allow nothing. */
export interface Needs {
  /** Files and folders to read: the folder that holds the repository's link, the config file, secrets. */
  readonly read: readonly string[];
  /** Folders to write: the state's. */
  readonly write: readonly string[];
  /** `host:port` of the inserter, and of `status.listen`. */
  readonly net: readonly string[];
  /** Further environment variables: those of `token: { env }`. */
  readonly env: readonly string[];
}

/** Flags of `deno run` for these needs. Git is started through `/bin/sh`, so nothing else may be run. */
export function denoFlags({ read, write, net, env }: Needs): string[] {
  const list = (flag: string, values: readonly string[]): string[] =>
    values.length > 0 ? [`--allow-${flag}=${[...new Set(values)].join(",")}`] : [];
  return [
    "--no-prompt",
    ...list("read", [...read, ...write]),
    ...list("write", write),
    ...list("net", net),
    ...list("run", ["/bin/sh"]),
    ...list("env", [...ENVIRONMENT, ...env]),
  ];
}
