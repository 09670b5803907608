import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Io } from "../../cli/argv.ts";
import { readConfig } from "../../config/read.ts";
import type { InserterSettings, Settings } from "../../config/settings.ts";
import { isLoopback } from "../../http/server.ts";
import { createRedactor } from "../../messages/redact.ts";
import { originOf } from "../../source/repository.ts";
import { KnownSecrets } from "../../wiring/logging.ts";
import { type Deployed, manifest, paths } from "./kubernetes-template.ts";

/** Headers whose values count as secrets, though they stand in the configuration. */
const SECRET_LIKE = /auth|cookie|token|secret|passw|credential|api-?key|^x-.*key$/i;
/** Where authors push, where the repository has no origin. */
const GIT_PLACEHOLDER = "https://github.com/you/blog";
/** A configuration, as far as it is looked into. */
type Written = { readonly inserter?: object; readonly state?: string };
const STATUS_PORT = 9300;
/** Longest object or list that stays on one line of the configuration, characters. */
const INLINE_MAX = 72;

/**
 * Everything that Kubernetes needs to run the agent beside git-sync under these settings, as YAML. What is
 * different in a pod is replaced: paths, the ref (git-sync follows it), secrets (files), the status address.
 * No secret is in it.
 */
export async function kubernetesManifest(settings: Settings, env: Io["env"]): Promise<string> {
  const { file, state, status, inserter } = settings;
  // As it stands in the file, so that times and sizes stay as they were written.
  const written: Written = file === null ? {} : ((await readConfig(file)) as Written);
  const { section, secrets } = inserterInPod(inserter, written.inserter ?? {});
  const { port: statusPort = 0, allowedHosts = [] } = status ?? {};
  const replaced = {
    repo: paths.repo,
    ...(settings.ref === "HEAD" ? {} : { ref: "HEAD" }),
    inserter: section,
    ...(written.state === undefined || state === ":memory:" ? {} : { state: `${paths.state}/state.sqlite` }),
    status: {
      listen: `0.0.0.0:${statusPort || STATUS_PORT}`,
      ...(allowedHosts.length > 0 ? { allowedHosts } : {}),
    },
  };
  const origin = await originOf(settings.repo);
  const deployed: Deployed = {
    files: filesOf(settings, { ...written, ...replaced }, replaced, env),
    secrets,
    gitUrl: origin ?? GIT_PLACEHOLDER,
    isGitKnown: origin !== null,
    ref: settings.ref,
    statusPort: statusPort || STATUS_PORT,
    keepsState: state !== ":memory:",
    inserter: inserter.url === "embedded" ? null : new URL(inserter.url),
    isBeside: inserter.url !== "embedded" && isLoopback(new URL(inserter.url).hostname),
  };
  return manifest(deployed);
}

/** Section `inserter` with each secret in a file, and what these files are. */
function inserterInPod({ url, basic, token, headers, tls }: InserterSettings, written: object) {
  const secrets: { key: string; means: string }[] = [];
  const secret = (name: string, means: string): string => {
    const key = secretKey(name, new Set(secrets.map((one) => one.key)));
    secrets.push({ key, means });
    return `${paths.secrets}/${key}`;
  };
  const shownHeaders = Object.entries(headers).map(([name, value]) => {
    if (typeof value === "string" && !SECRET_LIKE.test(name)) return [name, value];
    return [name, { file: secret(`header-${name.toLowerCase()}`, `value of the header ${name}`) }];
  });
  const means = "Basic and, after a blank, user:password in base64";
  if (basic !== null) shownHeaders.push(["Authorization", { file: secret("header-authorization", means) }]);
  const files = {
    ...(tls.ca === null ? {} : { ca: secret("ca.crt", "authority of the inserter's certificate, PEM") }),
    ...(tls.cert === null ? {} : { cert: secret("tls.crt", "the agent's certificate, PEM") }),
    ...(tls.key === null ? {} : { key: secret("tls.key", "the agent's private key, PEM") }),
  };
  const section = {
    ...written,
    url,
    token: token === null ? undefined : { file: secret("token", "sent as Authorization: Bearer") },
    headers: shownHeaders.length === 0 ? undefined : Object.fromEntries(shownHeaders),
    tls: Object.keys(files).length === 0 ? undefined : files,
  };
  return { section, secrets };
}

/** A key that a Secret can have: names of headers may have more in them than that. */
function secretKey(name: string, taken: ReadonlySet<string>): string {
  const key = name.replace(/[^\w.-]/g, "-");
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? key : `${key}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** The configuration as files. Code cannot be derived from what it does: it goes along as it is. */
function filesOf(
  { file, articles, inserter }: Settings,
  whole: object,
  replaced: object,
  env: Io["env"],
): Deployed["files"] {
  const name = "sync.config.ts";
  const type = 'import type { SyncConfig } from "sync-agent";\n';
  const exported = (text: string): string => `export default ${text} satisfies SyncConfig;\n`;
  const { attributes, schema, map } = articles;
  if (file === null || (attributes === null && schema === null && map === null)) {
    return [{ name, text: `${type}\n${exported(literal(whole))}` }];
  }
  const own = `own-${basename(file)}`;
  const wrapped = exported(literal(replaced, ["...own,"]));
  return [
    { name, text: `${type}import own from "./${own}";\n\n// What is different in the pod.\n${wrapped}` },
    { name: own, text: createRedactor(secretsIn(inserter, env))(readFileSync(file, "utf8")) },
  ];
}

/** Secrets that may stand in the configuration file itself. */
function secretsIn({ token, headers, basic }: InserterSettings, env: Io["env"]): () => Iterable<string> {
  const secret = Object.entries(headers).filter(
    ([name, value]) => typeof value !== "string" || SECRET_LIKE.test(name),
  );
  const known = new KnownSecrets();
  known.learn({ token, basic, headers: Object.fromEntries(secret) }, env);
  return known.all;
}

/**
 * A JSON value as one writes it in TypeScript: names without quotes, short lists and maps on one line, the
 * outermost map on several. What is undefined is left out.
 *
 * @param first Lines to begin the outermost map with, like `...own,`.
 */
function literal(value: object, first: readonly string[] = []): string {
  const lines = [...first, ...members(value, "  ")];
  return `{\n${lines.map((line) => `  ${line}\n`).join("")}}`;
}

function members(value: object, indent: string): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      ([name, member]) =>
        `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${literalOf(member, indent)},`,
    );
}

function literalOf(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const [open, close, lines] = Array.isArray(value)
    ? ["[", "]", value.map((member) => `${literalOf(member, deeper)},`)]
    : ["{", "}", members(value, deeper)];
  if (lines.length === 0) return `${open}${close}`;
  const inline = lines.join(" ").slice(0, -1);
  if (inline.length <= INLINE_MAX && !inline.includes("\n")) {
    return Array.isArray(value) ? `[${inline}]` : `{ ${inline} }`;
  }
  return `${open}\n${lines.map((line) => `${deeper}${line}\n`).join("")}${indent}${close}`;
}
