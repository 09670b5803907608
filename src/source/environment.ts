/**
 * The environment of every git process started here. A repository is other people's input, its
 * configuration included: nothing in it may make git run a program, reach the network or write.
 */

/** Blobs above this are streamed by git instead of unpacked in its memory, whatever the repository says. */
const BIG_FILE_THRESHOLD_BYTES = 1_048_576;

/**
 * How much of the packs git maps at once, and in pieces of which size. It would map all that it ever read, and
 * an idle sidecar hold a whole repository in memory.
 */
const MAPPED_BYTES_MAX = 16_777_216;
const WINDOW_BYTES = 1_048_576;

/** Configuration of the command scope: it beats the repository's own. */
const CONFIG: readonly (readonly [key: string, value: string])[] = [
  // The repository belongs to git-sync's user, and its path changes at each flip: only `*` fits both.
  ["safe.directory", "*"],
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.sshCommand", "false"],
  ["core.pager", "cat"],
  ["core.askPass", "false"],
  ["credential.helper", ""],
  ["protocol.allow", "never"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["core.bigFileThreshold", String(BIG_FILE_THRESHOLD_BYTES)],
  ["core.packedGitLimit", String(MAPPED_BYTES_MAX)],
  ["core.packedGitWindowSize", String(WINDOW_BYTES)],
];

/**
 * Environment for a git child, made from nothing: only `PATH` is inherited, so no `GIT_*` of a hook that
 * started us, no `HOME` and no `LD_*`.
 *
 * `GIT_WORK_TREE` is `/` because a `core.worktree` in the repository (submodules have one) that is not
 * there on this mount makes git give up; no command used here looks at a work tree.
 *
 * @param path Value of `PATH`; where it is undefined, the shell's own default applies.
 * @see gitenvironment in git(1); gitprotocol in git-config(1), `protocol.allow`
 */
export function gitEnvironment(path: string | undefined = process.env["PATH"]): Record<string, string> {
  const environment: Record<string, string> = {
    ...(path === undefined ? {} : { PATH: path }),
    LC_ALL: "C",
    HOME: "/nonexistent",
    GIT_WORK_TREE: "/",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    // A missing object of a partial clone makes git fetch it. Older gits know only the second way to say no.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_CONFIG_COUNT: String(CONFIG.length),
  };
  for (const [index, [key, value]] of CONFIG.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}
