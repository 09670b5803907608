import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Io } from "../../cli/argv.ts";
import { denoFlags } from "../../cli/deno-permissions.ts";
import type { Settings } from "../../config/settings.ts";
import { UsageError } from "../../errors.ts";
import type { SecretReference } from "../../index.ts";
import { proxyFor } from "../../inserter/client/proxy.ts";
import { findRepository } from "../../source/repository.ts";

/**
 * The least permissions with which `run`, `once` and `plan` work on Deno under these settings, as flags of
 * `deno run`.
 *
 * @throws {UsageError} For a path that such a flag cannot carry.
 */
export async function denoFlagsFor(settings: Settings, env: Io["env"]): Promise<string[]> {
  const { file, repo, state, inserter, store } = settings;
  const references = [inserter.token, ...Object.values(inserter.headers), store?.auth ?? null].filter(
    isReference,
  );
  const { ca, cert, key } = inserter.tls;
  const ofStore = store === null ? [] : [store.mapping, ...Object.values(store.tls)];
  const secretFiles = references.flatMap((one) => ("file" in one ? [one.file] : []));
  const read = [...(await foldersOf(repo)), file && dirname(file), ...secretFiles, ca, cert, key, ...ofStore];
  const flags = denoFlags({
    read: read.filter((path) => path !== null),
    write: state === ":memory:" ? [] : [dirname(state)],
    net: hostsOf(settings, env),
    env: references.flatMap((one) => ("env" in one ? [one.env] : [])),
  });
  const [torn] = [...read, dirname(state)].filter((path) => path?.includes(","));
  if (torn) {
    throw new UsageError((words) => words.commaInPath(torn));
  }
  return flags;
}

/** What is read of a repository. Git, which is a program of its own, reads the objects. */
async function foldersOf(repo: string): Promise<string[]> {
  const isClone = await lstat(repo).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  // Links are watched from the folder that holds them, and so is what is not there yet.
  const top = isClone ? repo : dirname(repo);
  const found = await findRepository(repo);
  const parts = found.kind === "repository" ? [found.folder, found.gitDir, found.commonDir] : [];
  return [top, ...parts.filter((part) => part !== top && !part.startsWith(`${top}/`))];
}

function hostsOf({ inserter, store, status }: Settings, env: Io["env"]): string[] {
  const listening = status === null ? [] : [authority(status.host, status.port)];
  // Its port is another one when that is in use.
  const hosts = (store?.urls ?? []).map((url) => hostOf(new URL(url), env));
  if (inserter.url === "embedded") return ["127.0.0.1", ...hosts, ...listening];
  return [hostOf(new URL(inserter.url), env), ...listening];
}

function hostOf(url: URL, env: Io["env"]): string {
  const { protocol, hostname, port } = proxyFor(url, env) ?? url;
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

const authority = (host: string, port: number): string =>
  `${host.includes(":") ? `[${host}]` : host}${port === 0 ? "" : `:${port}`}`;

const isReference = (value: string | SecretReference | null): value is SecretReference =>
  typeof value === "object" && value !== null;
