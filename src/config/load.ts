import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Phrase } from "../messages/words.ts";
import { findConfig, repositoryAround } from "./find.ts";
import { isMap } from "./kinds.ts";
import { readConfig, reasonOf } from "./read.ts";
import { type Config, SCHEMA } from "./schema.ts";
import type { Settings, StoreSettings } from "./settings.ts";
import { processUid, rememberConfig, requireOwnConfig, requireUsedConfig } from "./trust.ts";
import { validate } from "./validate.ts";

/** Flags that beat the configuration file; null where one was not given. Paths relative to `cwd`. */
export interface SettingFlags {
  readonly config: string | null;
  /** Look for no configuration file. */
  readonly noConfig?: boolean;
  readonly repo: string | null;
  readonly inserter: string | null;
  readonly state: string | null;
  readonly logLevel: Settings["log"]["level"] | null;
  readonly logFormat: Settings["log"]["format"] | null;
}

/** Where settings come from. */
export interface LoadInput {
  readonly flags: SettingFlags;
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * What a found file is loaded for: to act on it, which remembers its content, or only to look, which takes
   * code that was acted on before; "use" by default. A named file is always loaded.
   */
  readonly purpose?: "use" | "look";
  /** Whether secrets, and the files of `inserter.tls`, must be there; true by default. */
  readonly secretsRequired?: boolean;
}

/**
 * Settings from flags, configuration file and defaults, in that order. Reads the file again at each call.
 *
 * Without a configuration file: the repository around `cwd` and the embedded inserter, unless flags say
 * otherwise; `file` is null then.
 *
 * @throws {UsageError} Naming everything that is wrong at once.
 */
export async function loadSettings(input: LoadInput): Promise<Settings> {
  const { flags, cwd } = input;
  const file = flags.config === null ? await foundConfig(input) : resolve(cwd, flags.config);
  const written = file === null ? withoutFile(input) : await readConfig(file);
  const validated = validate(withFlags(written, input));
  if ("faults" in validated) throw invalid(file, validated.faults);
  const settings = settingsOf(validated.config, file, input, keysOfArticles(written));
  const contradictions = [
    ...contradictionsIn(settings),
    ...contradictionsOfStore(settings, validated.config),
  ];
  if (contradictions.length > 0) throw invalid(file, contradictions);
  const missing = input.secretsRequired === false ? [] : missingSecrets(settings, input.env);
  if (missing.length > 0) throw invalid(file, missing);
  return settings;
}

/** The file that is found and may be used; null where there is none, or none is to be looked for. */
async function foundConfig({ flags, cwd, env, purpose = "use" }: LoadInput): Promise<string | null> {
  const file = flags.noConfig === true ? null : await findConfig(cwd);
  if (file === null) return null;
  const repo = flags.repo === null ? null : resolve(cwd, flags.repo);
  requireOwnConfig(file, { cwd, env, repo, uid: processUid() });
  if (purpose === "look") requireUsedConfig(file, stateDirectory(env));
  else rememberConfig(file, stateDirectory(env));
  return file;
}

function withoutFile({ flags, cwd }: LoadInput): unknown {
  const repo = flags.repo ?? repositoryAround(cwd);
  if (repo === null) throw new UsageError((words) => words.nothingHere(cwd));
  return { repo, inserter: { url: "embedded" } };
}

/** What was written, with the keys replaced that flags beat. What is no map is left for the validation to reject. */
function withFlags(written: unknown, { flags, cwd }: LoadInput): unknown {
  if (!isMap(written)) return written;
  // So that a missing section is reported as the key in it that is required.
  const merged: Record<string, unknown> = { ...written, inserter: written["inserter"] ?? {} };
  const beat = (section: string, key: string, value: string | null): void => {
    const before = merged[section] ?? {};
    if (value !== null && isMap(before)) merged[section] = { ...before, [key]: value };
  };
  if (flags.repo !== null) merged["repo"] = resolve(cwd, flags.repo);
  if (flags.state !== null) merged["state"] = statePath(cwd, flags.state);
  beat("inserter", "url", flags.inserter);
  beat("log", "level", flags.logLevel);
  beat("log", "format", flags.logFormat);
  return merged;
}

function settingsOf(
  config: Config,
  file: string | null,
  { cwd, env }: LoadInput,
  written: readonly string[],
): Settings {
  const base = file === null ? cwd : dirname(file);
  const absolute = (path: string | null): string | null => (path === null ? null : resolve(base, path));
  const located = <Value>(value: Value): Value | { readonly file: string } =>
    isMap(value) && typeof value["file"] === "string" ? { file: resolve(base, value["file"]) } : value;
  const { maxSize, preset, ...articles } = config.articles;
  const isData = articles.format === "data";
  const { url, token, headers, tls, timeout, rate, retry, store, ...inserter } = config.inserter;
  const { poll, drift, resync, state, ...others } = config;
  const repo = resolve(base, config.repo);
  const engine = storeOf(store.elasticsearch, absolute, located);
  const identity = inserterIdentity(url.url, engine);
  return {
    ...others,
    file,
    repo,
    articles: {
      ...articles,
      ...(isData && !written.includes("include") ? { include: RECORDS } : {}),
      ...(isData && !written.includes("exclude") ? { exclude: NO_RECORDS } : {}),
      maxSizeBytes: maxSize,
      // Without a file the preset is found out too.
      preset: preset === null && file !== null ? null : { name: preset, written, site: null },
    },
    inserter: {
      ...inserter,
      ...url,
      token: located(token),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, located(value)])),
      tls: { ca: absolute(tls.ca), cert: absolute(tls.cert), key: absolute(tls.key) },
      timeoutMs: timeout,
      ratePerSecond: rate,
      retry: { minMs: retry.min, maxMs: retry.max },
    },
    store: engine,
    pollMs: poll,
    driftMs: drift,
    resyncMs: resync,
    state: state === null ? defaultStatePath(env, identity, repo) : statePath(base, state),
    olderState: state === null ? olderStatePath(env, config.owner, url.url, repo) : null,
  };
}

type Located = <Value>(value: Value) => Value | { readonly file: string };

/** Null where no URL is given. */
function storeOf(
  config: Config["inserter"]["store"]["elasticsearch"],
  absolute: (path: string | null) => string | null,
  located: Located,
): StoreSettings | null {
  const { url, index, auth, tls, timeout, mapping } = config;
  if (url === null) return null;
  return {
    ...url,
    index,
    auth: located(auth),
    tls: { ca: absolute(tls.ca), cert: absolute(tls.cert), key: absolute(tls.key) },
    timeoutMs: timeout,
    mapping: absolute(mapping),
  };
}

/** What a state remembers of the inserter that it was made for. */
export function inserterIdentity(url: string, store: StoreSettings | null): string {
  return store === null ? url : `${url} ${[...store.urls].sort().join(" ")} ${store.index}`;
}

/** Where records are, and what is configuration of tools instead. */
const RECORDS = ["**/*.{yaml,yml,json,toml}"];
const NO_RECORDS = [
  "**/node_modules/**",
  "**/{package,package-lock,tsconfig,deno,biome,composer,manifest}.json",
  "**/{pnpm-lock,_config,mkdocs,docker-compose,compose}.{yaml,yml}",
  "**/{Cargo,pyproject,hugo,netlify}.toml",
  "**/sync.config.{yaml,yml,json}",
];

/** What the configuration has of its own in `articles`. */
function keysOfArticles(written: unknown): string[] {
  const articles = isMap(written) ? written["articles"] : null;
  return isMap(articles) ? Object.keys(articles).filter((name) => articles[name] !== undefined) : [];
}

const statePath = (base: string, path: string): string => (path === ":memory:" ? path : resolve(base, path));

/**
 * The state file where none is configured: `sync-agent-<hash of inserter URL and repository>.sqlite` in
 * `$STATE_DIRECTORY` (the first, if systemd gives several), else `$XDG_STATE_HOME/sync-agent`, else
 * `~/.local/state/sync-agent`.
 *
 * @param inserterUrl Without credentials, or `"embedded"`.
 * @param repo Absolute path.
 * @throws {UsageError} When there is not even a home directory.
 */
export function defaultStatePath(env: LoadInput["env"], inserterUrl: string, repo: string): string {
  return stateFile(env, "sync-agent", `${inserterUrl} ${repo}`);
}

/** Where the state was until version 0.1: named after the owner and a hash of the inserter. */
export function olderStatePath(
  env: LoadInput["env"],
  owner: string | null,
  inserterUrl: string,
  repo: string,
): string {
  const identity = inserterUrl === "embedded" ? `embedded ${repo}` : inserterUrl;
  return stateFile(env, owner ?? "sync-agent", identity);
}

function stateFile(env: LoadInput["env"], name: string, identity: string): string {
  const folder = stateDirectory(env);
  if (folder === null) throw new UsageError((words) => words.noStateFolder);
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 12);
  return join(folder, `${name}-${hash}.sqlite`);
}

/** Null when there is not even a home directory. */
export function stateDirectory(env: LoadInput["env"]): string | null {
  const given = env["STATE_DIRECTORY"]?.split(":")[0];
  if (given) return given;
  const { XDG_STATE_HOME: xdg, HOME: home } = env;
  // Relative ones are to be ignored, says the XDG Base Directory Specification.
  if (xdg?.startsWith("/")) return join(xdg, "sync-agent");
  if (home) return join(home, ".local", "state", "sync-agent");
  return null;
}

/** Values that are right one by one, but not together. */
function contradictionsIn({ inserter }: Settings): Phrase[] {
  const { retry, tls, token, basic, headers } = inserter;
  const faults: Phrase[] = [];
  if (retry.minMs > retry.maxMs) faults.push(({ key }) => key.retryOrder(retry.minMs, retry.maxMs));
  if ((tls.cert === null) !== (tls.key === null)) faults.push(({ key }) => key.tlsPair);
  const authorizations: Phrase[] = [
    ...(token === null ? [] : [() => "inserter.token"]),
    ...(basic === null ? [] : [({ key }: Parameters<Phrase>[0]) => key.urlCredentials]),
    ...Object.keys(headers)
      .filter((name) => name.toLowerCase() === "authorization")
      .map((name) => () => `inserter.headers.${name}`),
  ];
  if (authorizations.length > 1) {
    faults.push((words) => words.key.authorizations(authorizations.map((one) => one(words))));
  }
  return faults;
}

/** Values of `inserter.store` that are right one by one, but not together. */
function contradictionsOfStore({ inserter, store }: Settings, config: Config): Phrase[] {
  const at = "inserter.store.elasticsearch";
  const { auth, mapping, tls, index } = config.inserter.store.elasticsearch;
  if (store === null) {
    const isMeant = auth !== null || mapping !== null || tls.ca !== null || tls.cert !== null;
    const isNamed = index !== SCHEMA.inserter.store.elasticsearch.index.byDefault;
    return isMeant || isNamed ? [(words) => words.key.missing(`${at}.url`, words.allowed.storeUrls)] : [];
  }
  const faults: Phrase[] = [];
  if (inserter.url !== "embedded") faults.push(({ key }) => key.storeElsewhere);
  if ((tls.cert === null) !== (tls.key === null)) faults.push(({ key }) => key.storeTlsPair);
  if (store.auth !== null && store.basic !== null) {
    faults.push((words) => words.key.authorizations([`${at}.auth`, words.key.storeUrlCredentials]));
  }
  return faults;
}

/** Secrets, certificates and other files that are not there. */
function missingSecrets({ inserter, store }: Settings, env: LoadInput["env"]): Phrase[] {
  const missing: Phrase[] = [];
  const require = (name: string, reference: unknown): void => {
    if (!isMap(reference)) return;
    const { env: variable, file } = reference as { readonly env?: string; readonly file?: string };
    if (file !== undefined) requireFile(name, file);
    else if (variable !== undefined && !env[variable])
      missing.push(({ key }) => key.unsetVariable(name, variable));
  };
  const requireFile = (name: string, path: string): void => {
    try {
      // Not accessSync: on Deno that asks for the user, which takes a permission of its own.
      closeSync(openSync(path, "r"));
    } catch (error) {
      missing.push((words) => words.key.unreadable(name, path, reasonOf(error)(words)));
    }
  };
  require("inserter.token", inserter.token);
  for (const [name, value] of Object.entries(inserter.headers)) require(`inserter.headers.${name}`, value);
  for (const [name, path] of Object.entries(inserter.tls)) {
    if (path !== null) requireFile(`inserter.tls.${name}`, path);
  }
  if (store !== null) {
    const at = "inserter.store.elasticsearch";
    require(`${at}.auth`, store.auth);
    for (const [name, path] of Object.entries(store.tls)) {
      if (path !== null) requireFile(`${at}.tls.${name}`, path);
    }
  }
  return missing;
}

function invalid(file: string | null, faults: readonly Phrase[]): UsageError {
  return new UsageError((words) =>
    words.invalid(
      file,
      faults.map((one) => one(words)),
    ),
  );
}
