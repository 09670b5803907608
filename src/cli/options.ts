/** Every command, in the order that help lists them. */
export const commandNames = [
  "run",
  "once",
  "plan",
  "check",
  "explain",
  "status",
  "init",
  "inserter",
] as const;

/** The name of a command. */
export type CommandName = (typeof commandNames)[number];

/** What help and parser know of a command. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** After `sync-agent`: command, arguments, flags of its own. */
  readonly usage: string;
}

/** What help and parser know of each command. */
export const commands: Readonly<Record<CommandName, Command>> = {
  run: { summary: "follow the repository and keep the inserter in step (default)", usage: "run [options]" },
  once: {
    summary: "bring the inserter in step once, print a summary, exit",
    usage: "once [--full [ID...]] [options]",
  },
  plan: { summary: "show what once would do and why, change nothing", usage: "plan [options]" },
  check: { summary: "validate the configuration and every article", usage: "check [options]" },
  explain: { summary: "tell why a file is or is not published", usage: "explain PATH [options]" },
  status: { summary: "show what the daemon, or else its state, knows", usage: "status [PATH] [options]" },
  init: {
    summary: "write a commented sync.config.ts here",
    usage: "init [--kubernetes | --deno] [options]",
  },
  inserter: {
    summary: "serve the reference inserter (SQLite, full-text search)",
    usage: "inserter [--db FILE] [--listen HOST:PORT] [options]",
  },
};

/** What help and parser know of an option. */
export interface Option {
  readonly long: string;
  readonly short: string | null;
  /** Name of its value in help; null for a flag that takes none. */
  readonly value: string | null;
  /** All values it takes, where they can be listed. */
  readonly choices: readonly string[] | null;
  readonly means: string;
  readonly commands: readonly CommandName[];
}

const configured: readonly CommandName[] = ["run", "once", "plan", "check", "explain", "status"];
const derived: readonly CommandName[] = [...configured, "init"];
const logging: readonly CommandName[] = [...configured, "inserter"];

/** Every option, in the order that help lists them. */
export const options: readonly Option[] = [
  option("wait", "DURATION", ["once"], "longest wait for repository and inserter (30s)"),
  option("full", null, ["once"], "send everything again, or just the articles with the ids given"),
  option("allow-mass-delete", null, ["once"], "release the brake on deletes for the current revision"),
  option("exit-code", null, ["plan", "status"], "exit 3 if there is something to do"),
  option("worktree", null, ["run", "check"], "take the files as they are on disk, not the committed ones"),
  choice(
    "format",
    "FORMAT",
    ["pretty", "json", "github", "sarif"],
    ["check"],
    "pretty, json, github or sarif (pretty)",
  ),
  option("db", "FILE", ["inserter"], "SQLite file to keep the articles in (default: in memory)"),
  option("listen", "HOST:PORT", ["inserter"], "where to listen (127.0.0.1:8081)"),
  option("kubernetes", null, ["init"], "print a manifest for the configuration, write nothing"),
  option("deno", null, ["init"], "print the flags of deno run for the configuration, write nothing"),
  option("config", "FILE", derived, "configuration file (default: sync.config.* here or above)", "c"),
  option("repo", "DIR", derived, "Git repository, or git-sync's link to it", "r"),
  option("inserter", "URL", derived, 'inserter to keep in step, or "embedded"', "i"),
  option("state", "FILE", derived, 'state file, or ":memory:"', "s"),
  option("json", null, ["once", "plan", "check", "explain", "status"], "print the result as JSON"),
  choice(
    "log-level",
    "LEVEL",
    ["debug", "info", "warn", "error"],
    logging,
    "debug, info, warn or error (info)",
  ),
  choice("log-format", "FORMAT", ["auto", "pretty", "json"], logging, "auto, pretty or json (auto)"),
  choice(
    "lang",
    "LANG",
    ["en", "ja"],
    [...configured, "init"],
    "language of the result: en or ja (that of $LANG)",
  ),
  option("help", null, commandNames, "show help", "h"),
  option("version", null, commandNames, "show version and revision", "V"),
];

function option(
  long: string,
  value: string | null,
  commands: readonly CommandName[],
  means: string,
  short: string | null = null,
): Option {
  return { long, short, value, choices: null, means, commands };
}

function choice(
  long: string,
  value: string,
  choices: readonly string[],
  commands: readonly CommandName[],
  means: string,
): Option {
  return { long, short: null, value, choices, means, commands };
}
