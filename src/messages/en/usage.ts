/** What is wrong with a command line, a configuration or a place to keep things, and how to fix it. */

/** @param hint May have several lines; empty where the message says it all. */
export const fault = (message: string, hint = "") => ({ message, hint });

const quoted = (text: string): string => JSON.stringify(text);
const listed = (names: readonly string[]): string => names.map(quoted).join(", ");

export const USAGE = {
  // Command line
  unknownCommand: (name: string, near: string | null, all: readonly string[]) =>
    fault(
      `Unknown command ${quoted(name)}`,
      near === null
        ? `Commands are ${listed(all)}. "sync-agent --help" describes them.`
        : `Did you mean "${near}"? "sync-agent --help" lists all commands.`,
    ),
  unknownShell: (name: string, near: string | null, all: readonly string[]) =>
    fault(
      `Unknown shell ${quoted(name)}`,
      near === null ? `Shells are ${listed(all)}.` : `Did you mean "${near}"?`,
    ),
  unknownOption: (option: string, near: string | null) =>
    fault(
      `Unknown option ${option}`,
      near === null ? '"sync-agent --help" lists all options.' : `Did you mean --${near}?`,
    ),
  takesNoValue: (option: string, value: string) =>
    fault(`${option} takes no value, but got ${quoted(value)}`),
  needsValue: (option: string, value: string, joined: string | null) =>
    fault(
      `${option} needs a value: ${option} ${value}`,
      joined === null ? "" : `For a value that begins with "-" write ${joined}`,
    ),
  emptyValue: (option: string) => fault(`${option} needs a value, but got an empty one`),
  wrongValue: (option: string, found: string, allowed: string) =>
    fault(`${option}: found ${found}, allowed: ${allowed}`),
  otherCommand: (option: string, command: string, owners: readonly string[]) =>
    fault(
      `${option} is no option of "${command}"`,
      `It belongs to ${listed(owners)}. "sync-agent ${command} --help" lists the options of "${command}".`,
    ),
  argumentMissing: (command: string, usage: string) =>
    fault(
      `${command} needs ${command === "completion" ? "the name of a shell" : "the path of a file"}`,
      `Usage: ${usage}`,
    ),
  tooManyArguments: (command: string, most: number, found: readonly string[], usage: string) =>
    fault(
      `${command} takes ${most === 0 ? "no arguments" : "one argument"}, but got ${found.map(quoted).join(" ")}`,
      `Usage: ${usage}`,
    ),
  idsWithoutFull: (ids: readonly string[]) =>
    fault(
      `once takes no arguments, but got ${ids.map(quoted).join(" ")}`,
      `To send these articles again: sync-agent once --full ${ids.join(" ")}`,
    ),
  contradiction: (one: string, other: string) => fault(`${one} and ${other} contradict each other`),
  worktreeElsewhere: (other: string) =>
    fault(
      `--worktree and ${other} contradict each other`,
      "Uncommitted files are shown by the embedded inserter only, and nothing of them is stored.",
    ),
  idleOption: (option: string) =>
    fault(`${option} means nothing to "init" alone`, "It goes with --kubernetes or --deno."),

  // The end of the program
  error: "error",
  bug: (message: string, stack: string) => fault(`This is a bug in sync-agent: ${message}`, stack),
  notPermitted: (needed: string, advice: string) =>
    fault(`Deno does not permit what this needs: ${needed}`, advice),

  // Configuration: where it is, what stands in it
  cannotSearch: (folder: string, reason: string) =>
    fault(
      `Cannot look for a configuration file in ${folder}: ${reason}`,
      "Fix that, or name the configuration file: --config FILE",
    ),
  nothingHere: (folder: string) =>
    fault(
      `Neither a configuration file nor a Git repository in ${folder} or above it`,
      'Name the repository: --repo DIR. "sync-agent init" writes a configuration file.',
    ),
  foreignConfig: (path: string, uid: number) =>
    fault(
      `${path} belongs to another user (uid ${uid}) and is not used`,
      `A configuration is code. If you trust it: --config ${path}. To go without: --no-config`,
    ),
  configAbove: (path: string, folder: string) =>
    fault(
      `${path} is not in the working directory ${folder} and is not used`,
      `A configuration is code, and Deno does not say who runs it. If you trust it: --config ${path}. To go without: --no-config`,
    ),
  unusedConfig: (path: string) =>
    fault(
      `${path} is code that you have not run as it is now, so it is not loaded to look at articles`,
      `If you trust it: --config ${path}. "run" and "once" remember what they used. To go without: --no-config`,
    ),
  cannotReadConfig: (path: string, reason: string) =>
    fault(`Cannot read the configuration file ${path}: ${reason}`),
  emptyConfig: (path: string) => fault(`${path} is empty`, '"sync-agent init" writes one to start from.'),
  wrongExtension: (path: string, extension: string, all: readonly string[]) =>
    fault(
      `Cannot load ${path}: found ${extension === "" ? "a name without extension" : `the extension "${extension}"`}, allowed: ${listed(all)}`,
    ),
  cannotLoad: (place: string, reason: string, hint = "") => fault(`Cannot load ${place}: ${reason}`, hint),
  noDefault: (path: string, exported: readonly string[]) =>
    fault(
      `${path} exports ${exported.length === 0 ? "nothing" : `${exported.join(", ")}, but no default`}`,
      "Write `export default { ... }`.",
    ),
  invalid: (file: string | null, faults: readonly string[]) =>
    fault(
      [
        `${file ?? "The settings"}: not valid${faults.length === 1 ? "" : ` (${faults.length} faults)`}`,
        ...faults.map((line) => `  ${line}`),
      ].join("\n"),
    ),
  noStateFolder: fault(
    "No place to keep the state: neither $STATE_DIRECTORY nor $XDG_STATE_HOME nor $HOME is set",
    "Set one of them, or `state` in the configuration, or --state FILE.",
  ),

  /** Faults of one key; each is a line of `invalid`. */
  key: {
    wrong: (key: string, found: string, allowed: string) => `${key}: found ${found}, allowed: ${allowed}`,
    wrongWhole: (found: string, allowed: string) => `found ${found}, allowed: ${allowed}`,
    missing: (key: string, allowed: string) => `${key}: missing, allowed: ${allowed}`,
    unknownNear: (key: string, near: readonly string[]) =>
      `${key}: unknown key, did you mean ${near.join(" or ")}?`,
    unknown: (key: string, known: readonly string[]) => `${key}: unknown key, allowed: ${known.join(", ")}`,
    hiddenText: "a text (not shown)",
    hiddenList: "a list (not shown)",
    hiddenMap: (keys: readonly string[]) => `a map of ${keys.join(", ") || "nothing"} (values not shown)`,
    aFunction: "a function",
    aDate: "a date",
    retryOrder: (min: number, max: number) =>
      `inserter.retry: found min ${min} ms, max ${max} ms, allowed: min at most max`,
    tlsPair: "inserter.tls: found one of cert and key, allowed: both or neither",
    authorizations: (found: readonly string[]) =>
      `inserter: found ${found.join(" and ")}, allowed: one way to authorize`,
    storeElsewhere:
      'inserter.store: found beside a URL of an inserter, allowed: only with inserter.url "embedded"',
    storeTlsPair: "inserter.store.elasticsearch.tls: found one of cert and key, allowed: both or neither",
    storeUrlCredentials: "credentials in its url",
    urlCredentials: "credentials in inserter.url",
    unsetVariable: (key: string, name: string) => `${key}: environment variable ${name} is not set, or empty`,
    unreadable: (key: string, path: string, reason: string) => `${key}: cannot read ${path}: ${reason}`,
  },

  /** What keys and options take. */
  allowed: {
    path: "a path",
    owner: 'a name of at most 64 letters, digits, ".", "_", "-", beginning with a letter or digit',
    ref: 'a branch, tag or commit like "HEAD", "main", "refs/tags/v1"',
    timezone: 'an IANA time zone like "UTC" or "Asia/Tokyo"',
    glob: "a glob",
    noNegation: (glob: string) => `globs without "!"; write ${quoted(glob)} into articles.exclude`,
    noLeadingSlash: (glob: string) =>
      `globs on paths in the repository, without a leading "/", "./" or "../" as in ${quoted(glob)}`,
    include: 'a list of globs like ["**/*.md"], at least one',
    exclude: 'a list of globs like ["**/README.md"]',
    linkPlace:
      'an address with {path} or {name} in it like "/posts/{name}" or "https://cdn.example/{path}" (also: {dir}), or a function (path) => address',
    keyNames: 'a list of keys in front matter like ["draft", "private"]',
    keySources:
      'a list of keys in front matter like ["date", "created"], with "heading", "file", "path", { all: ["topics", "tags"] } or { literal: "1970-01-01" } in it',
    item: (list: string, number: number) => `${list}; item ${number} is not`,
    url: 'a URL like "http://localhost:8081/post", or "embedded"',
    urlWithoutQuery: 'a URL without "?" and "#", because ids are appended to it: URL/ID',
    secret: '{ env: "NAME" } or { file: "/path" }, never the secret itself',
    headers: 'a map of header names to texts, or to { env: "NAME" } or { file: "/path" }',
    headerName: (name: string) => `header names of letters, digits and "-", unlike ${quoted(name)}`,
    ownHeader: (name: string) => `headers that the agent does not set itself, unlike ${quoted(name)}`,
    headerValue: (name: string) =>
      `one line of text, { env: "NAME" } or { file: "/path" } for ${quoted(name)}`,
    batch: '"auto", false, or a whole number from 1 to 10000',
    status: 'false, or { listen: "HOST:PORT" } like { listen: "0.0.0.0:9300" }, with allowedHosts or without',
    hostNames: 'a list of host names without port, like ["blog.example"]',
    storeUrls: 'a URL like "http://elasticsearch:9200", or a list of such',
    indexName: 'lower-case letters, digits, ".", "_" and "-", like "articles"',
    storeUrlsListed: 'URLs like "http://elasticsearch:9200", with commas between them',
    hostNamesListed: "host names without port, with commas between them, like blog.example,10.0.0.7",
    listen: 'HOST:PORT like "0.0.0.0:9300" or "[::]:9300"',
    standardSchema: "a Standard Schema (zod, valibot, arktype ...)",
    attributes: "a function ({ path, attributes, body }) => attributes",
    map: "a function (article) => payload or null",
    section: (key: string) => `a map of keys like { ${key} }`,
    settings: "an object of settings",
    choice: (choices: string, near: string | null) =>
      near === null ? choices : `${choices} (did you mean "${near}"?)`,
    duration: (min: string, max: string) =>
      `a duration like "250ms", "5s", "1h" or a number of milliseconds, ${min} to ${max}`,
    size: (min: number, max: number) => `a size like "512KiB", "1MiB" or a number of bytes, ${min} to ${max}`,
    number: (min: number, max: number, isWhole: boolean) =>
      `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`,
  },

  /** Why a file cannot be read or written. */
  reasons: {
    missing: "it does not exist",
    isFolder: "it is a directory",
    denied: "permission denied",
    unwritable: "the directory cannot be written",
    inUse: "the address is in use",
  },

  /** How to fix code of a configuration. */
  code: {
    erasedOnly: "Types are erased, not compiled: no enums, namespaces or parameter properties.",
    install: (name: string) =>
      `Install it beside the configuration file: npm install ${name}. Types are best imported with \`import type\`.`,
    compiled:
      "This build runs no configuration code: write it as JSON or YAML, or run sync-agent.mjs with Deno or Node.",
    denied: "Deno denied it: allow it on the command line.",
    threw: (what: string) => `threw ${what}`,
  },

  // Commands
  allHere: (config: string, types: string) =>
    fault(`${config} and ${types} exist already, and were left as they are`),
  cannotWrite: (path: string, reason: string) => fault(`Cannot write ${path}: ${reason}`),
  commaInPath: (path: string) =>
    fault(`Deno cannot be given ${path}: it takes a comma for the end of a path`),
  unknownPath: (path: string, revision: string, near: string | null) =>
    fault(
      `There is no ${path} at revision ${revision}, nor on disk`,
      near === null ? "Give a path from the repository's root, or from here." : `Did you mean ${near}?`,
    ),
  damagedState: (path: string, reason: string) =>
    fault(
      `The state ${path} is damaged: ${reason}`,
      "The next start makes it anew. Where that comes again, check the disk, or give another place with --state.",
    ),
  cannotPrint: (reason: string) =>
    fault(`Cannot write to standard output: ${reason}`, "Is the disk full that it is redirected to?"),
  unreadableSite: (path: string, line: number) =>
    fault(
      `${path}:${line} does not parse`,
      "The preset reads in it what is private. Fix it, or set another preset in the configuration.",
    ),
  cannotReadArticles: (reason: string, hint: string) => fault(`Cannot read the articles: ${reason}`, hint),

  // Places to keep things, and addresses
  cannotReadState: (path: string, reason: string) =>
    fault(`Cannot read the state ${path}: ${reason}`, "Name another one with --state FILE."),
  cannotOpenState: (path: string, reason: string) =>
    fault(
      `Cannot open the state ${path}: ${reason}`,
      "Give it a directory that this user can write, with --state or STATE_DIRECTORY; or --state :memory:, which forgets at each restart.",
    ),
  stateInUse: (path: string) =>
    fault(
      `The state ${path} is in use by another sync-agent`,
      "Stop that one first, or give this one its own --state. Look at it with: sync-agent status.",
    ),
  newerState: (path: string, found: number, known: number) =>
    fault(
      `The state ${path} was written by a newer sync-agent (schema ${found})`,
      `This one knows schema ${known}. Run the newer one, or give this one its own --state.`,
    ),
  newerDatabase: (path: string, found: number, known: number) =>
    fault(
      `Cannot use ${path}: a newer sync-agent made it (schema ${found}, known here: ${known})`,
      "Use that version, or another file: the agent fills it again.",
    ),
  foreignDatabase: (path: string) =>
    fault(
      `Cannot use ${path}: it is a database of another program`,
      "Name a file that does not exist yet, or one that this inserter made.",
    ),
  cannotOpenDatabase: (path: string, reason: string) =>
    fault(
      `Cannot open the inserter's database ${path}: ${reason}`,
      'Name a file in a folder that can be written, or ":memory:".',
    ),
  storeMissing: fault(
    "The options of a store need --store URL",
    "Give the URL of an Elasticsearch or OpenSearch, or leave them out.",
  ),
  twoStores: fault("--db and --store are two stores", "Give one of them."),
  storeKeyPair: fault("--store-cert and --store-key belong together", "Give both or neither."),
  storeTwoAuths: fault("There are credentials in --store and in --store-auth", "Give them in one place."),
  unusableTokenFile: (path: string, reason: string) =>
    fault(`Cannot use the token file ${path}: ${reason}`, "Write the token into it, one word."),
  unusableMapping: (path: string, reason: string) =>
    fault(
      `Cannot use the mapping ${path}: ${reason}`,
      'Write JSON like the body that creates an index: {"settings": {...}, "mappings": {...}}.',
    ),
  cannotListen: (address: string, reason: string) =>
    fault(`Cannot listen on ${address}: ${reason}`, "Give another HOST:PORT; port 0 takes any free one."),
  cannotServeStatus: (address: string, reason: string) =>
    fault(
      `Cannot serve the status on ${address}: ${reason}`,
      'Give status.listen another "HOST:PORT", or stop what listens there.',
    ),
  cannotServeAt: (path: string) =>
    fault(`Cannot serve articles at ${quoted(path)}`, 'Give a path like "/post".'),
  wrongProxy: (variable: string) =>
    fault(
      `The environment variable ${variable} is not the URL of an http proxy`,
      "Set it like http://proxy.example.com:3128, or name the inserter's host in NO_PROXY.",
    ),
};
