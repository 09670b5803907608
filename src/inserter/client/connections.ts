import type { Agent, AgentOptions } from "node:http";
import type { SecureContextOptions } from "node:tls";
import type { Got } from "got";
import type { InserterSettings } from "../../config/settings.ts";
import { Exchange, type OutgoingRequest } from "./exchange.ts";
import { Fault } from "./fault.ts";
import { proxyFor } from "./proxy.ts";
import { describeFileError, WatchedFile } from "./watched-file.ts";

/** Idle connections are closed after this, sooner than load balancers forget them silently. */
const idleMs = 30_000;
/** One more than the requests in flight, so that an inventory need not wait for a free connection. */
const spareConnections = 1;

/**
 * The connections to one inserter: kept alive, counted, and made anew when the certificates change.
 * What they need is loaded with the first request.
 */
export class Connections {
  /** Host and port, and the proxy if there is one, for messages. */
  readonly at: string;
  readonly #url: URL;
  readonly #proxy: URL | null;
  readonly #connectionsMax: number;
  readonly #files: readonly (readonly [name: "ca" | "cert" | "key", file: WatchedFile])[];
  #got: Promise<Got> | null = null;
  #agent: Agent | null = null;
  /** Texts of the files that the agent was made with. */
  #material: readonly string[] = [];

  /** @throws {UsageError} If the environment names a proxy that cannot be one. */
  constructor(
    { url, tls, concurrency }: Pick<InserterSettings, "url" | "tls" | "concurrency">,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#url = new URL(url);
    this.#proxy = proxyFor(this.#url, environment);
    this.#connectionsMax = concurrency + spareConnections;
    this.at = `${this.#url.host}${this.#proxy === null ? "" : ` (through the proxy ${this.#proxy.host})`}`;
    this.#files = (["ca", "cert", "key"] as const).flatMap((name) => {
      const path = tls[name];
      return path === null ? [] : [[name, new WatchedFile(path)] as const];
    });
  }

  /**
   * Sends a request. See {@link Exchange} for the limits.
   *
   * @throws {Fault} If a file of `inserter.tls` cannot be used: nothing was sent.
   */
  async begin(request: OutgoingRequest, limitMs: number, signal: AbortSignal): Promise<Exchange> {
    this.#got ??= this.#load();
    const got = await this.#got;
    await this.#prepareAgent();
    signal.throwIfAborted();
    return new Exchange(got, request, { at: this.at, limitMs, signal });
  }

  /** Closes the connections that no request uses. */
  dropIdle(): void {
    const free = this.#agent?.freeSockets ?? {};
    for (const socket of Object.values(free).flat()) socket?.destroy();
  }

  /** Closes all connections; what is in flight breaks. */
  close(): void {
    this.#agent?.destroy();
  }

  async #load(): Promise<Got> {
    const { default: got } = await import("got");
    const via = this.#plainProxy();
    const { hostname, port, protocol } = via ?? this.#url;
    const { request } = protocol === "https:" ? await import("node:https") : await import("node:http");
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const proxyHeaders = via === null ? {} : { host: this.#url.host, ...credentialsFor(via) };
    return got.extend({
      // Retries and redirects are for the core to judge.
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      // Just the options that matter here, which spares a fifth of what got costs a request.
      request: (url, { method, headers }) =>
        request({
          host,
          port,
          path: via === null ? url.pathname + url.search : url.href,
          method,
          headers: { ...headers, ...proxyHeaders },
          agent: this.#agent ?? undefined,
        }),
    });
  }

  /**
   * The proxy that takes requests for plain HTTP itself, in absolute form; null where there is none, or where
   * TLS goes through its tunnel. @see RFC 9112 section 3.2.2
   */
  #plainProxy(): URL | null {
    return this.#url.protocol === "http:" ? this.#proxy : null;
  }

  /** Makes the agent for the next request, unless the one there is was made with the same files. */
  async #prepareAgent(): Promise<void> {
    const material = this.#files.map(([name, file]) => readPem(name, file));
    if (this.#agent !== null && material.every((text, index) => text === this.#material[index])) return;
    const agent = await this.#createAgent(material);
    // Requests of the old agent may end, but none of its connections is used again.
    this.dropIdle();
    if (this.#agent !== null) this.#agent.maxFreeSockets = 0;
    this.#material = material;
    this.#agent = agent;
  }

  async #createAgent(material: readonly string[]): Promise<Agent> {
    const { host, protocol } = this.#url;
    const proxy = this.#proxy;
    const options: AgentOptions = {
      keepAlive: true,
      maxSockets: this.#connectionsMax,
      maxFreeSockets: this.#connectionsMax,
      timeout: idleMs,
    };
    let agent: Agent;
    if (protocol === "https:") {
      const secure = { ...options, secureContext: await this.#secureContext(material) };
      if (proxy === null) agent = new (await import("node:https")).Agent(secure);
      else agent = new (await import("hpagent")).HttpsProxyAgent({ ...secure, proxy });
    } else if (proxy?.protocol === "https:") agent = new (await import("node:https")).Agent(options);
    else agent = new (await import("node:http")).Agent(options);
    // All connections lead to one place: no need to spell out its address for each request.
    agent.getName = () => host;
    return agent;
  }

  /** Made once, since a bundle of certificates takes longer to read than a request. */
  async #secureContext(material: readonly string[]) {
    const { createSecureContext } = await import("node:tls");
    const options: SecureContextOptions = { minVersion: "TLSv1.2" };
    for (const [index, [name]] of this.#files.entries()) options[name] = material[index];
    try {
      return createSecureContext(options);
    } catch (error) {
      const files = this.#files.map(([name, file]) => `${name} ${file.path}`).join(", ");
      const message = `inserter.tls: cannot use ${files}: ${(error as Error).message}`;
      throw new Fault("connect", message, { cause: error });
    }
  }
}

function credentialsFor({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function readPem(name: string, file: WatchedFile): string {
  let text: string;
  try {
    text = file.read();
  } catch (error) {
    const why = describeFileError(error);
    const message = `inserter.tls.${name}: cannot read ${file.path}: ${why}; it is used as soon as it is there`;
    throw new Fault("connect", message, { cause: error });
  }
  if (text.includes("-----BEGIN ")) return text;
  throw new Fault("connect", `inserter.tls.${name}: ${file.path} is not a PEM file`);
}
