import { BlockList, isIP } from "node:net";
import { UsageError } from "../../errors.ts";
import { isLoopback } from "../../http/server.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment wants for an inserter: `HTTPS_PROXY` or `HTTP_PROXY` by the URL's scheme,
 * unless `NO_PROXY` names its host. The lower-case names win, as they do with curl. A loopback address is
 * always reached directly, so that a sidecar or the embedded inserter needs no exception.
 *
 * `NO_PROXY` is a list of host names (their subdomains included, with or without a leading dot), addresses,
 * networks like `10.0.0.0/8`, each with a `:port` if wanted, or `*`.
 *
 * @returns An http(s) URL, or null for none.
 * @throws {UsageError} If the variable holds no such URL.
 */
export function proxyFor(url: URL, environment: Environment): URL | null {
  const scheme = url.protocol === "https:" ? "https" : "http";
  const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find(
    (key) => environment[key] !== undefined,
  );
  const value = name === undefined ? "" : (environment[name] ?? "").trim();
  if (name === undefined || value === "" || isLoopback(url.hostname)) return null;
  const exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? "";
  if (isExcepted(url, exceptions)) return null;
  const text = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy === null || (proxy.protocol !== "http:" && proxy.protocol !== "https:")) {
    throw new UsageError((words) => words.wrongProxy(name));
  }
  return proxy;
}

function isExcepted(url: URL, exceptions: string): boolean {
  const host = unbracketed(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return exceptions
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, named, wantedPort] = /^(.+?):(\d+)$/.exec(isIP(entry) === 6 ? "" : entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      return names(unbracketed((named ?? entry).toLowerCase()), host);
    });
}

function names(entry: string, host: string): boolean {
  const [network = "", prefix] = entry.split("/");
  if (prefix !== undefined) return contains(network, Number(prefix), host);
  if (isIP(host) !== 0) return entry === host;
  const name = entry.replace(/^\*?\./, "");
  return host === name || host.endsWith(`.${name}`);
}

function contains(network: string, prefix: number, host: string): boolean {
  const family = isIP(network);
  if (family === 0 || family !== isIP(host)) return false;
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");
