import { parseArgs } from "node:util";
import { shown } from "../config/kinds.ts";
import { UsageError } from "../errors.ts";
import { nearest } from "../messages/nearest.ts";
import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  type Flags,
  OPTION_LIST,
  type Option,
  type OptionName,
} from "./options.ts";

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
  /** `explain`, `status`: a path. `once --full`: ids. `help`: none, or the command that it is asked about. */
  readonly args: readonly string[];
  readonly flags: Flags;
}

/** Options as they were given, by name. */
type Given = ReadonlyMap<OptionName, unknown>;

/**
 * Reads a command line.
 *
 * @param argv Arguments after the program's own name.
 * @throws {UsageError} For an unknown command or option, naming the nearest known one, and for a value that
 *   its option does not take.
 */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const { tokens } = parseArgs({ args: [...argv], options: PARSED, strict: false, tokens: true });
  const given = new Map<OptionName, unknown>();
  const words: string[] = [];
  let afterTerminator = false;
  for (const token of tokens) {
    if (token.kind === "option-terminator") afterTerminator = true;
    else if (token.kind === "positional") words.push(token.value);
    else {
      const [name, option] =
        OPTION_LIST.find(([, { long }]) => long === token.name) ?? unknown(token.rawName);
      given.set(name, readValue(option, token.rawName, token.value, token.inlineValue === true));
    }
  }
  const flags = flagsOf(given);
  const first = afterTerminator && argv[0] === "--" ? undefined : words[0];
  if (given.has("help")) return { command: "help", args: words.slice(0, first === undefined ? 0 : 1), flags };
  if (given.has("version")) return { command: "version", args: [], flags };
  if (first === "help") return { command: "help", args: words.slice(1), flags };
  const command = first === undefined ? "run" : commandNamed(first);
  const args = first === undefined ? words : words.slice(1);
  checkOptions(command, given);
  checkArguments(command, args, given);
  return { command, args, flags };
}

/** The command of this name. @throws {UsageError} Naming the nearest one. */
export function commandNamed(name: string): CommandName {
  const known = COMMAND_NAMES.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new UsageError((words) => words.unknownCommand(name, nearest(name, COMMAND_NAMES), COMMAND_NAMES));
}

/** The options as Node's parser wants them. */
const PARSED = Object.fromEntries(
  OPTION_LIST.map(([, { long, short, kind }]) => [
    long,
    { type: kind === undefined ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
  ]),
);

function unknown(rawName: string): never {
  const names = OPTION_LIST.map(([, { long }]) => long);
  const near = rawName.startsWith("--") ? nearest(rawName.slice(2), names) : null;
  throw new UsageError((words) => words.unknownOption(rawName, near));
}

function readValue(option: Option, rawName: string, value: string | undefined, isInline: boolean): unknown {
  const { kind, long } = option;
  if (kind === undefined) {
    if (value === undefined) return true;
    throw new UsageError((words) => words.takesNoValue(rawName, value));
  }
  // An option that follows is no value: the value was forgotten.
  if (value === undefined || (!isInline && value.length > 1 && value.startsWith("-"))) {
    const joined = value === undefined ? null : `--${long}=${value}`;
    throw new UsageError((words) => words.needsValue(rawName, option.value ?? "", joined));
  }
  if (value === "") throw new UsageError((words) => words.emptyValue(rawName));
  const read = kind.read(value);
  if ("value" in read) return read.value;
  const allowed = read.allowed ?? kind.allowed;
  throw new UsageError((words) => words.wrongValue(rawName, shown(value)(words), allowed(words)));
}

function flagsOf(given: Given): Flags {
  const values = OPTION_LIST.map(([name, { kind, byDefault }]) => {
    const absent = kind === undefined ? false : (byDefault ?? null);
    return [name, given.get(name) ?? absent];
  });
  const { help, version, ...flags } = Object.fromEntries(values);
  return flags.json && !given.has("format") ? { ...flags, format: "json" } : flags;
}

function checkOptions(command: CommandName, given: Given): void {
  for (const [name, { long, of }] of OPTION_LIST) {
    if (!given.has(name) || of.includes(command)) continue;
    throw new UsageError((words) => words.otherCommand(`--${long}`, command, of));
  }
  const among = (...names: readonly OptionName[]): OptionName | undefined =>
    names.find((name) => given.has(name));
  const contradict = (one: string, other: string): never => {
    throw new UsageError((words) => words.contradiction(one, other));
  };
  const elsewhere = among("inserter", "state");
  if (command === "run" && given.has("worktree") && elsewhere !== undefined) {
    throw new UsageError((words) => words.worktreeElsewhere(`--${elsewhere}`));
  }
  if (given.has("config") && given.has("noConfig")) contradict("--config", "--no-config");
  if (given.has("kubernetes") && given.has("deno")) contradict("--kubernetes", "--deno");
  const idle = among("config", "repo", "inserter", "state");
  if (command === "init" && among("kubernetes", "deno") === undefined && idle !== undefined) {
    throw new UsageError((words) => words.idleOption(`--${idle}`));
  }
  const format = given.get("format") ?? "json";
  if (given.has("json") && format !== "json") contradict("--json", `--format ${format}`);
}

function checkArguments(command: CommandName, args: readonly string[], given: Given): void {
  if (command === "once" && args.length > 0 && !given.has("full")) {
    throw new UsageError((words) => words.idsWithoutFull(args));
  }
  const usage = `sync-agent ${COMMANDS[command].usage}`;
  const [min, max] = COMMANDS[command].args;
  if (args.length < min) throw new UsageError((words) => words.argumentMissing(command, usage));
  if (args.length > max) throw new UsageError((words) => words.tooManyArguments(command, max, args, usage));
}
