/** Commands and options: the one table that parser, help, completion and man page are made from. */
import {
  duration,
  hostNames,
  indexName,
  inserterUrl,
  type Kind,
  listen,
  oneOf,
  preset,
  storeUrls,
} from "../config/kinds.ts";

/** What a command takes beside its options. */
interface Command {
  /** After `sync-agent`: command, arguments, flags of its own. */
  readonly usage: string;
  /** Fewest and most arguments. */
  readonly args: readonly [min: number, max: number];
}

/** Every command, in the order that help lists them. */
export const COMMANDS = {
  run: { usage: "run [options]", args: [0, 0] },
  once: { usage: "once [--full [ID...]] [options]", args: [0, Number.POSITIVE_INFINITY] },
  plan: { usage: "plan [options]", args: [0, 0] },
  check: { usage: "check [options]", args: [0, 0] },
  explain: { usage: "explain PATH [options]", args: [1, 1] },
  status: { usage: "status [PATH] [options]", args: [0, 1] },
  init: { usage: "init [--preset NAME | --kubernetes | --deno] [options]", args: [0, 0] },
  inserter: { usage: "inserter [--db FILE | --store URL] [options]", args: [0, 0] },
  completion: { usage: "completion bash | zsh | fish", args: [1, 1] },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** An option; without a kind it takes no value, and is true or false. */
export interface Option<Value = unknown> {
  readonly long: string;
  readonly short?: string;
  readonly of: readonly CommandName[];
  /** Name of its value in help. */
  readonly value?: string;
  readonly kind?: Kind<Value>;
  /** Null unless given. */
  readonly byDefault?: Value;
}

const CONFIGURED: readonly CommandName[] = ["run", "once", "plan", "check", "explain", "status"];
const DERIVED: readonly CommandName[] = [...CONFIGURED, "init"];
const LOGGING: readonly CommandName[] = [...CONFIGURED, "inserter"];
const REPORTING: readonly CommandName[] = ["once", "plan", "check", "explain", "status"];

/** Takes any text: paths relative to the working directory. */
const text: Kind<string> = {
  allowed: ({ allowed }) => allowed.path,
  read: (value) => ({ value: String(value) }),
};

/** An inserter's URL as given, credentials included. */
const url: Kind<string> = {
  allowed: inserterUrl.allowed,
  read(value) {
    const read = inserterUrl.read(value);
    return "value" in read ? { value: String(value) } : read;
  },
};

/** Milliseconds. A bare number counts them, as a number in the configuration does. */
const wait: Kind<number> = {
  allowed: duration(0).allowed,
  read: (value) => duration(0).read(/^\d+$/.test(String(value)) ? Number(value) : value),
};

/** Names with commas between them. */
const hosts: Kind<readonly string[]> = {
  allowed: ({ allowed }) => allowed.hostNamesListed,
  read: (value) => hostNames.read(String(value).split(",")),
};

/** URLs with commas between them. */
const stores: Kind<{ readonly urls: readonly string[]; readonly basic: string | null }> = {
  allowed: ({ allowed }) => allowed.storeUrlsListed,
  read: (value) => storeUrls.read(String(value).split(",")),
};

const level = oneOf("debug", "info", "warn", "error");
const logFormat = oneOf("auto", "pretty", "json");
const format = oneOf("pretty", "json", "github", "sarif");
const lang = oneOf("en", "ja");
const address = { host: "127.0.0.1", port: 8081 };

/** Every option by the name of its flag, in the order that help lists them. */
export const OPTIONS = {
  /** Longest wait for repository and inserter. */
  waitMs: { long: "wait", of: ["once"], value: "DURATION", kind: wait, byDefault: 30_000 },
  full: { long: "full", of: ["once"] },
  allowMassDelete: { long: "allow-mass-delete", of: ["once"] },
  exitCode: { long: "exit-code", of: ["plan", "status"] },
  worktree: { long: "worktree", of: ["run", "check"] },
  format: { long: "format", of: ["check"], value: "FORMAT", kind: format, byDefault: "pretty" },
  strict: { long: "strict", of: ["check"] },
  /** In memory unless given. */
  db: { long: "db", of: ["inserter"], value: "FILE", kind: text },
  store: { long: "store", of: ["inserter"], value: "URL,...", kind: stores },
  index: { long: "index", of: ["inserter"], value: "NAME", kind: indexName, byDefault: "articles" },
  storeAuth: { long: "store-auth", of: ["inserter"], value: "FILE", kind: text },
  storeCa: { long: "store-ca", of: ["inserter"], value: "FILE", kind: text },
  storeCert: { long: "store-cert", of: ["inserter"], value: "FILE", kind: text },
  storeKey: { long: "store-key", of: ["inserter"], value: "FILE", kind: text },
  storeTimeoutMs: {
    long: "store-timeout",
    of: ["inserter"],
    value: "DURATION",
    kind: wait,
    byDefault: 10_000,
  },
  mapping: { long: "mapping", of: ["inserter"], value: "FILE", kind: text },
  listen: { long: "listen", of: ["inserter"], value: "HOST:PORT", kind: listen, byDefault: address },
  allowedHosts: { long: "allowed-hosts", of: ["inserter"], value: "NAME,...", kind: hosts, byDefault: [] },
  /** What writers have to show; read again when it changes. */
  tokenFile: { long: "token-file", of: ["inserter"], value: "FILE", kind: text },
  preset: { long: "preset", of: ["init"], value: "NAME", kind: preset },
  kubernetes: { long: "kubernetes", of: ["init"] },
  deno: { long: "deno", of: ["init"] },
  config: { long: "config", short: "c", of: DERIVED, value: "FILE", kind: text },
  noConfig: { long: "no-config", of: DERIVED },
  repo: { long: "repo", short: "r", of: DERIVED, value: "DIR", kind: text },
  inserter: { long: "inserter", short: "i", of: DERIVED, value: "URL", kind: url },
  /** A path, or `":memory:"`. */
  state: { long: "state", short: "s", of: DERIVED, value: "FILE", kind: text },
  json: { long: "json", of: REPORTING },
  logLevel: { long: "log-level", of: LOGGING, value: "LEVEL", kind: level },
  logFormat: { long: "log-format", of: LOGGING, value: "FORMAT", kind: logFormat },
  /** Language of results; that of the environment unless given. */
  lang: { long: "lang", of: DERIVED, value: "LANG", kind: lang },
  help: { long: "help", short: "h", of: COMMAND_NAMES },
  version: { long: "version", short: "V", of: COMMAND_NAMES },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof OPTIONS;

/** The values of all options. */
export type Flags = {
  readonly [Name in Exclude<OptionName, "help" | "version">]: FlagValue<(typeof OPTIONS)[Name]>;
};

type FlagValue<Given> = Given extends { readonly kind: Kind<infer Value> }
  ? Given extends { readonly byDefault: unknown }
    ? Value
    : Value | null
  : boolean;

/** Every option with its name. */
export const OPTION_LIST = Object.entries(OPTIONS) as unknown as readonly (readonly [OptionName, Option])[];
