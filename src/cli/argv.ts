import { parseArgs } from "node:util";
import { parseEndpoint, parseListen } from "../config/endpoint.ts";
import { parseDuration } from "../config/units.ts";
import { UsageError } from "../errors.ts";
import type { Lang } from "../messages/language.ts";
import { nearest } from "../messages/nearest.ts";
import type { LogLevel } from "../sync/ports.ts";
import { type CommandName, commandNames, commands, type Option, options } from "./options.ts";

/** What a command may touch of the process it runs in, so that a test can stand in for it. */
export interface Io {
  /** Writes results, as they are. */
  readonly stdout: (text: string) => void;
  /** Writes log lines and progress, as they are. */
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative arguments start from. */
  readonly cwd: string;
  /** Whether results and log go to a terminal. */
  readonly isTTY: { readonly stdout: boolean; readonly stderr: boolean };
  /** Columns of the terminal behind stderr; 80 where there is none. */
  readonly columns: number;
  /** Aborts at the first SIGTERM or SIGINT; a second one ends the process without asking. */
  readonly signal: AbortSignal;
  /** Calls `listener` at each SIGHUP until the returned function is called. */
  readonly onHangup: (listener: () => void) => () => void;
}

/** What was asked for: a known command, its arguments and its flags, all of them valid. */
export interface Invocation {
  readonly command: CommandName | "help" | "version";
  /** `explain`: one path. `once --full`: ids. `help`: none, or the command to tell about. */
  readonly args: readonly string[];
  readonly flags: Flags;
}

/** Flags after validation; null or false where one was not given. */
export interface Flags {
  /** Configuration file, as given: relative to the working directory. */
  readonly config: string | null;
  /** As given: relative to the working directory. */
  readonly repo: string | null;
  /** `"embedded"` or an http(s) URL, credentials included where it had some. */
  readonly inserter: string | null;
  /** As given: relative to the working directory; or `":memory:"`. */
  readonly state: string | null;
  readonly logLevel: LogLevel | null;
  readonly logFormat: "auto" | "pretty" | "json" | null;
  /** Language of results; null: that of the environment. */
  readonly lang: Lang | null;
  readonly json: boolean;
  /** `once`: longest wait for repository and inserter; 30,000 unless given. */
  readonly waitMs: number;
  readonly full: boolean;
  readonly allowMassDelete: boolean;
  readonly exitCode: boolean;
  readonly worktree: boolean;
  /** `init`: print a manifest, and write nothing. */
  readonly kubernetes: boolean;
  /** `init`: print flags of Deno, and write nothing. */
  readonly deno: boolean;
  readonly format: "pretty" | "json" | "github" | "sarif";
  /** `inserter`: as given; null for memory. */
  readonly db: string | null;
  /** `inserter`: where to listen; 127.0.0.1:8081 unless given. */
  readonly listen: { readonly host: string; readonly port: number };
}

/**
 * Reads a command line.
 *
 * @param argv Arguments after the program's own name.
 * @throws {UsageError} For an unknown command or flag, naming the nearest known one, and for a value that
 *   its flag does not take.
 */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parseArgsOptions(),
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string | true>();
  const words: string[] = [];
  let afterTerminator = false;
  for (const token of tokens) {
    if (token.kind === "option-terminator") afterTerminator = true;
    else if (token.kind === "positional") words.push(token.value);
    else {
      const option = options.find(({ long }) => long === token.name) ?? unknownFlag(token.rawName);
      given.set(option.long, readValue(option, token.rawName, token.value, token.inlineValue));
    }
  }
  const first = afterTerminator && argv[0] === "--" ? undefined : words[0];
  if (given.has("help")) return invocation("help", first === undefined ? [] : words.slice(0, 1), given);
  if (given.has("version")) return invocation("version", [], given);
  if (first === "help") return invocation("help", words.slice(1), given);
  const command = first === undefined ? "run" : commandNamed(first);
  const args = first === undefined ? words : words.slice(1);
  for (const name of given.keys()) checkBelongs(name, command);
  checkArguments(command, args, given);
  return invocation(command, args, given);
}

/** The command of this name. @throws {UsageError} Naming the nearest one. */
export function commandNamed(name: string): CommandName {
  const known = commandNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const near = nearest(name, commandNames);
  throw new UsageError(
    `Unknown command ${JSON.stringify(name)}`,
    near === null
      ? `Commands are ${listed(commandNames)}. "sync-agent --help" tells what each does.`
      : `Did you mean "${near}"? "sync-agent --help" lists all commands.`,
  );
}

function parseArgsOptions(): Record<string, { type: "string" | "boolean"; short?: string }> {
  return Object.fromEntries(
    options.map(({ long, short, value }) => [
      long,
      { type: value === null ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
    ]),
  );
}

function unknownFlag(rawName: string): never {
  const near = rawName.startsWith("--")
    ? nearest(
        rawName.slice(2),
        options.map(({ long }) => long),
      )
    : null;
  throw new UsageError(
    `Unknown option ${rawName}`,
    near === null ? '"sync-agent --help" lists all options.' : `Did you mean --${near}?`,
  );
}

function readValue(option: Option, rawName: string, value: string | undefined, inline: boolean | undefined) {
  if (option.value === null) {
    if (value === undefined) return true;
    throw new UsageError(`${rawName} takes no value, but got ${JSON.stringify(value)}`);
  }
  // A following flag is a forgotten value, not a value that looks like a flag.
  const forgotten = value === undefined || (inline !== true && value.length > 1 && value.startsWith("-"));
  if (forgotten) {
    throw new UsageError(
      `${rawName} needs a value: ${rawName} ${option.value}`,
      value === undefined ? "" : `For a value that begins with "-" write --${option.long}=${value}`,
    );
  }
  if (value === "") throw new UsageError(`${rawName} needs a value, but got an empty one`);
  const problem = problemWith(option, value);
  if (problem !== null)
    throw new UsageError(`${rawName}: found ${problem.found}, allowed: ${problem.allowed}`);
  return value;
}

/** What is wrong with a flag's value, in the words that configuration errors use; null when nothing is. */
function problemWith(option: Option, value: string): { found: string; allowed: string } | null {
  const found = JSON.stringify(value);
  if (option.choices !== null && !option.choices.includes(value)) {
    const near = nearest(value, option.choices);
    return {
      found,
      allowed: `${listed(option.choices)}${near === null ? "" : ` (did you mean "${near}"?)`}`,
    };
  }
  switch (option.long) {
    case "wait":
      return waitMs(value) === null ? { found, allowed: 'a duration like "30s", "5m" or "0s"' } : null;
    case "inserter": {
      const endpoint = parseEndpoint(value);
      return "problem" in endpoint ? { found: endpoint.found, allowed: endpoint.problem } : null;
    }
    case "listen": {
      const listen = parseListen(value);
      return "problem" in listen ? { found, allowed: listen.problem } : null;
    }
    default:
      return null;
  }
}

function checkBelongs(long: string, command: CommandName): void {
  const option = options.find((candidate) => candidate.long === long);
  if (option === undefined || option.commands.includes(command)) return;
  throw new UsageError(
    `--${long} is no option of "${command}"`,
    `It belongs to ${listed(option.commands)}. "sync-agent ${command} --help" lists what "${command}" takes.`,
  );
}

function checkArguments(command: CommandName, args: readonly string[], given: Map<string, unknown>): void {
  const usage = `Usage: sync-agent ${commands[command].usage}`;
  const shown = args.map((arg) => JSON.stringify(arg)).join(" ");
  if (command === "explain") {
    if (args.length === 0) throw new UsageError("explain needs the path of a file", usage);
    if (args.length > 1) throw new UsageError(`explain takes one path, but got ${shown}`, usage);
  } else if (command === "status") {
    if (args.length > 1) throw new UsageError(`status takes one path or id, but got ${shown}`, usage);
  } else if (command === "once") {
    if (args.length > 0 && !given.has("full")) {
      throw new UsageError(
        `once takes no arguments, but got ${shown}`,
        `To send these articles again: sync-agent once --full ${args.join(" ")}`,
      );
    }
  } else if (args.length > 0) {
    throw new UsageError(`${command} takes no arguments, but got ${shown}`, usage);
  }
  const elsewhere = ["inserter", "state"].find((long) => given.has(long));
  if (command === "run" && given.has("worktree") && elsewhere !== undefined) {
    throw new UsageError(
      `--worktree and --${elsewhere} contradict each other`,
      "What is not committed is shown by the embedded inserter only, and nothing is kept of it.",
    );
  }
  if (command === "init") checkInit(given);
  if (given.has("json") && given.has("format") && given.get("format") !== "json") {
    throw new UsageError(`--json and --format ${String(given.get("format"))} contradict each other`);
  }
}

/** Without either of its flags `init` looks at files, not at a configuration. */
function checkInit(given: ReadonlyMap<string, unknown>): void {
  if (given.has("kubernetes") && given.has("deno")) {
    throw new UsageError("--kubernetes and --deno contradict each other", "Ask for one after the other.");
  }
  if (given.has("kubernetes") || given.has("deno")) return;
  const idle = ["config", "repo", "inserter", "state"].find((long) => given.has(long));
  if (idle === undefined) return;
  throw new UsageError(`--${idle} means nothing to "init" alone`, "It goes with --kubernetes or --deno.");
}

function invocation(
  command: Invocation["command"],
  args: readonly string[],
  given: ReadonlyMap<string, string | true>,
): Invocation {
  const text = <T extends string>(long: string): T | null => {
    const value = given.get(long);
    return typeof value === "string" ? (value as T) : null;
  };
  const json = given.has("json");
  const listen = parseListen(text("listen") ?? "127.0.0.1:8081");
  const flags: Flags = {
    config: text("config"),
    repo: text("repo"),
    inserter: text("inserter"),
    state: text("state"),
    logLevel: text("log-level"),
    logFormat: text("log-format"),
    lang: text("lang"),
    json,
    waitMs: waitMs(text("wait") ?? "30s") ?? 0,
    full: given.has("full"),
    allowMassDelete: given.has("allow-mass-delete"),
    exitCode: given.has("exit-code"),
    worktree: given.has("worktree"),
    kubernetes: given.has("kubernetes"),
    deno: given.has("deno"),
    format: text<Flags["format"]>("format") ?? (json ? "json" : "pretty"),
    db: text("db"),
    listen: "problem" in listen ? { host: "127.0.0.1", port: 8081 } : listen,
  };
  return { command, args, flags };
}

/** A bare number on the command line counts milliseconds, as a number in the configuration does. */
function waitMs(text: string): number | null {
  return parseDuration(/^\d+$/.test(text) ? Number(text) : text);
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
