/** What the HTTP servers of the program have in common: the reference inserter and the status listener. */
import type { IncomingMessage, Server } from "node:http";
import { type AddressInfo, isIP, type Socket } from "node:net";
import { UsageError } from "../errors.ts";

/** Where a server listens, and which `Host` it answers to. */
export interface Address {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Take any free port where `port` is taken; else that is an error. */
  readonly anyPort?: boolean;
  /** Host names in lower case, without ports, that requests may name besides: see {@link isHostAllowed}. */
  readonly allowedHosts?: readonly string[];
}

/**
 * Begins to listen.
 *
 * @param failure The sentence for the error.
 * @returns The server's URL, one that can be connected to also where it listens on all addresses, like
 *   `http://127.0.0.1:8081/`.
 * @throws {UsageError} If the address cannot be listened on.
 */
export async function listen(
  server: Server,
  { host, port, anyPort = false }: Address,
  failure: "cannotListen" | "cannotServeStatus",
): Promise<string> {
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once("error", resolve);
    server.listen(port, host, () => {
      server.off("error", resolve);
      resolve(null);
    });
  });
  if (error === null) return urlOf(server.address() as AddressInfo);
  const isTaken = error.code === "EADDRINUSE";
  if (isTaken && anyPort && port !== 0) return listen(server, { host, port: 0 }, failure);
  throw new UsageError(
    (words) => words[failure](`${host}:${port}`, isTaken ? words.reasons.inUse : error.message),
    { cause: error },
  );
}

function urlOf({ address, port }: AddressInfo): string {
  const reachable = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}/`;
}

/** How often connections are looked at that may have become idle while the server closes. */
const idleCheckMs = 20;

/** Takes no more requests, and ends those in flight within `graceMs`. */
export function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection whose last answer is under way becomes idle later, and would be kept alive.
    const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
    const grace = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(grace);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/**
 * Whether a server at `host` answers a request with this `Host`. On loopback only loopback names count:
 * a page of another site can make its own name lead to this machine, and would read and write here as if it
 * were our own (DNS rebinding). Elsewhere agents name a service, so any name counts unless `allowedHosts` lists
 * those that do. An address always does there: no site has one for its name, and probes ask for that of a pod.
 *
 * @param named The header, with or without a port; undefined with HTTP/1.0, which no browser speaks.
 */
export function isHostAllowed(
  named: string | undefined,
  { host, allowedHosts = [] }: Pick<Address, "host" | "allowedHosts">,
): boolean {
  if (named === undefined) return true;
  const url = /[/\\?#@]/.test(named) ? null : URL.parse(`http://${named}`);
  const name = url?.hostname.replace(/\.$/, "") ?? "";
  if (isLoopback(name) || allowedHosts.includes(name)) return true;
  if (isLoopback(host)) return false;
  return allowedHosts.length === 0 || isIP(withoutBrackets(name)) !== 0;
}

/** Whether a page of another site sent this, open in the browser of someone who can reach this server. */
export function isForeignOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && origin.replace(/^https?:\/\//, "") !== host;
}

/** Whether a host is this machine: a name, an IPv4 address, or an IPv6 address with or without brackets. */
export function isLoopback(hostname: string): boolean {
  const host = withoutBrackets(hostname);
  if (isIP(host) === 4) return host.startsWith("127.");
  return host === "localhost" || host.endsWith(".localhost") || host === "::1";
}

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

/**
 * Keeps a server from having more than so many connections: the one that has been idle longest gives way.
 * A connection is idle while it has no request, so also before its first one is complete.
 */
export function limitConnections(server: Server, connectionsMax: number): void {
  let open = 0;
  const idle = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open += 1;
    idle.add(socket);
    socket.once("close", () => {
      open -= 1;
      idle.delete(socket);
    });
    const [longest] = idle;
    if (open > connectionsMax) longest?.destroy();
  });
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.once("close", () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
}
