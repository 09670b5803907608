import type { Agent } from "node:http";
import type { Got } from "got";
import type { InserterSettings } from "../../config/settings.ts";
import { Connections } from "./agent.ts";
import { type Ask, Exchange } from "./exchange.ts";
import { proxyFor } from "./proxy.ts";

/** One more than the requests in flight, so that an inventory need not wait for a free connection. */
const spareConnections = 1;

/** Sends requests to one inserter. What it needs is loaded with the first of them. */
export class Transport {
  /** Host and port, and the proxy if there is one, for messages. */
  readonly at: string;
  readonly #url: URL;
  readonly #connections: Connections;
  #got: Promise<Got> | null = null;
  #agent: Agent | undefined;

  /** @throws {UsageError} If the environment names a proxy that cannot be one. */
  constructor(
    settings: Pick<InserterSettings, "url" | "tls" | "concurrency">,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#url = new URL(settings.url);
    const proxy = proxyFor(this.#url, environment);
    this.at = `${this.#url.host}${proxy === null ? "" : ` (through the proxy ${proxy.host})`}`;
    this.#connections = new Connections({
      url: this.#url,
      proxy,
      tls: settings.tls,
      connectionsMax: settings.concurrency + spareConnections,
    });
  }

  /**
   * Sends a request. See {@link Exchange} for the limits.
   *
   * @throws {CertificateUnusable}
   */
  async begin(ask: Ask, limitMs: number, signal: AbortSignal): Promise<Exchange> {
    this.#got ??= this.#load();
    const got = await this.#got;
    this.#agent = await this.#connections.agent();
    signal.throwIfAborted();
    return new Exchange(got, ask, this.at, limitMs, signal);
  }

  /** Closes the connections that no request uses. */
  dropIdle(): void {
    this.#connections.dropIdle();
  }

  /** Closes all connections; what is in flight breaks. */
  close(): void {
    this.#connections.close();
  }

  async #load(): Promise<Got> {
    const { default: got } = await import("got");
    const secure = this.#url.protocol === "https:";
    const { request } = secure ? await import("node:https") : await import("node:http");
    const { hostname, port } = this.#url;
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return got.extend({
      // Retries and redirects are for the core to judge.
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      // Just the options that matter here, which spares a fifth of what got costs a request.
      request: (url, { method, headers }) =>
        request({ host, port, path: url.pathname, method, headers, agent: this.#agent }),
    });
  }
}
