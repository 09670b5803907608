import { closeSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { UsageError } from "../errors.ts";
import type { SecretReference } from "../index.ts";
import { parseEndpoint } from "./endpoint.ts";
import { findConfig, repositoryAround } from "./find.ts";
import { readConfig } from "./read.ts";
import { faults } from "./report.ts";
import { type Config, configSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { defaultStatePath } from "./state-path.ts";

/** Flags that beat the configuration file; null where one was not given. Paths relative to `cwd`. */
export interface SettingFlags {
  readonly config: string | null;
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
  /** Whether secrets, and the files of `inserter.tls`, must be at hand; true unless given. */
  readonly secretsRequired?: boolean;
}

/**
 * Settings from flags, configuration file and defaults, in that order. Reads the file anew at each call.
 *
 * Without a configuration file: the repository around `cwd` and the embedded inserter, unless flags say
 * otherwise; `file` is null then.
 *
 * @throws {UsageError} Naming everything that is wrong at once.
 */
export async function loadSettings(input: LoadInput): Promise<Settings> {
  const { flags, cwd } = input;
  const file = flags.config === null ? await findConfig(cwd) : resolve(cwd, flags.config);
  const written = file === null ? withoutFile(input) : await readConfig(file);
  const parsed = v.safeParse(configSchema, withFlags(written, input));
  if (!parsed.success) throw invalid(file, faults(parsed.issues));
  const settings = settingsOf(parsed.output, file, input);
  const contradictions = contradictionsIn(settings);
  if (contradictions.length > 0) throw invalid(file, contradictions);
  if (input.secretsRequired !== false) requireSecrets(settings, input.env);
  return settings;
}

function withoutFile({ flags, cwd }: LoadInput): unknown {
  const repo = flags.repo ?? repositoryAround(cwd);
  if (repo === null) {
    throw new UsageError(
      `Neither a configuration file nor a Git repository in ${cwd} or above it`,
      'Name the repository: --repo DIR. "sync-agent init" writes a configuration file.',
    );
  }
  return { repo, inserter: { url: "embedded" } };
}

/** What was written, with the keys that flags beat replaced; whatever is not an object stays to be complained of. */
function withFlags(written: unknown, { flags, cwd }: LoadInput): unknown {
  if (!isSection(written)) return written;
  // A missing section is told as the key in it that is required.
  const merged: Record<string, unknown> = { ...written, inserter: written["inserter"] ?? {} };
  const beat = (section: string, key: string, value: string | null): void => {
    const before = merged[section] ?? {};
    if (value !== null && isSection(before)) merged[section] = { ...before, [key]: value };
  };
  if (flags.repo !== null) merged["repo"] = resolve(cwd, flags.repo);
  if (flags.state !== null) merged["state"] = inMemory(flags.state) ? flags.state : resolve(cwd, flags.state);
  beat("inserter", "url", flags.inserter);
  beat("log", "level", flags.logLevel);
  beat("log", "format", flags.logFormat);
  return merged;
}

function settingsOf(config: Config, file: string | null, { cwd, env }: LoadInput): Settings {
  const base = file === null ? cwd : dirname(file);
  const absolute = (path: string | undefined): string | null =>
    path === undefined ? null : resolve(base, path);
  const endpoint = parseEndpoint(config.inserter.url);
  if ("problem" in endpoint) throw new TypeError(`Validation let an URL through: ${endpoint.found}`);
  const { articles, inserter, state } = config;
  const repo = resolve(base, config.repo);
  const inserterUrl = endpoint.url;
  return {
    file,
    repo,
    ref: config.ref,
    owner: config.owner,
    articles: {
      include: articles.include,
      exclude: articles.exclude,
      maxSizeBytes: articles.maxSize,
      html: articles.html,
      future: articles.future,
      timezone: articles.timezone,
      attributes: articles.attributes ?? null,
      schema: articles.schema ?? null,
      map: articles.map ?? null,
    },
    inserter: {
      ...endpoint,
      token: inserter.token === undefined ? null : fileAbsolute(inserter.token, base),
      headers: Object.fromEntries(
        Object.entries(inserter.headers).map(([name, value]) => [
          name,
          typeof value === "string" ? value : fileAbsolute(value, base),
        ]),
      ),
      tls: {
        ca: absolute(inserter.tls.ca),
        cert: absolute(inserter.tls.cert),
        key: absolute(inserter.tls.key),
      },
      timeoutMs: inserter.timeout,
      concurrency: inserter.concurrency,
      ratePerSecond: inserter.rate,
      batch: inserter.batch,
      retry: { minMs: inserter.retry.min, maxMs: inserter.retry.max },
    },
    pollMs: config.poll,
    driftMs: config.drift,
    resyncMs: config.resync,
    startup: config.startup,
    prune: config.prune,
    state:
      state === undefined
        ? defaultStatePath({ env, owner: config.owner, inserterUrl, repo })
        : inMemory(state)
          ? state
          : resolve(base, state),
    status: config.status,
    log: config.log,
  };
}

/** Values that are right one by one, but not together. */
function contradictionsIn({ inserter }: Settings): string[] {
  const { retry, tls, token, basic, headers } = inserter;
  const faults: string[] = [];
  if (retry.minMs > retry.maxMs) {
    faults.push(
      `inserter.retry: found min ${retry.minMs} ms, max ${retry.maxMs} ms, allowed: min at most max`,
    );
  }
  if ((tls.cert === null) !== (tls.key === null)) {
    faults.push("inserter.tls: found one of cert and key, allowed: both or neither");
  }
  const authorizations = [
    ...(token === null ? [] : ["inserter.token"]),
    ...(basic === null ? [] : ["credentials in inserter.url"]),
    ...Object.keys(headers)
      .filter((name) => name.toLowerCase() === "authorization")
      .map((name) => `inserter.headers.${name}`),
  ];
  if (authorizations.length > 1) {
    faults.push(`inserter: found ${authorizations.join(" and ")}, allowed: one way to authorize`);
  }
  return faults;
}

/** @throws {UsageError} Naming every secret and certificate that is not at hand. */
function requireSecrets({ inserter, file }: Settings, env: LoadInput["env"]): void {
  const missing: string[] = [];
  const require = (key: string, reference: SecretReference): void => {
    if ("file" in reference) requireFile(key, reference.file);
    else if (!env[reference.env])
      missing.push(`${key}: environment variable ${reference.env} is not set, or empty`);
  };
  const requireFile = (key: string, path: string): void => {
    try {
      // Not accessSync: on Deno that asks who we are, which takes a permission of its own.
      closeSync(openSync(path, "r"));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      missing.push(`${key}: cannot read ${path}: ${code === "ENOENT" ? "it does not exist" : message}`);
    }
  };
  if (inserter.token !== null) require("inserter.token", inserter.token);
  for (const [name, value] of Object.entries(inserter.headers)) {
    if (typeof value !== "string") require(`inserter.headers.${name}`, value);
  }
  for (const [name, path] of Object.entries(inserter.tls)) {
    if (path !== null) requireFile(`inserter.tls.${name}`, path);
  }
  if (missing.length > 0) throw invalid(file, missing);
}

function invalid(file: string | null, faults: readonly string[]): UsageError {
  const count = faults.length === 1 ? "" : ` (${faults.length} faults)`;
  return new UsageError(
    [`${file ?? "The settings"}: not valid${count}`, ...faults.map((fault) => `  ${fault}`)].join("\n"),
  );
}

const fileAbsolute = (reference: SecretReference, base: string): SecretReference =>
  "file" in reference ? { file: resolve(base, reference.file) } : reference;

const inMemory = (state: string): boolean => state === ":memory:";

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
