import type { Agent, AgentOptions } from "node:http";
import type { SecureContextOptions } from "node:tls";
import type { InserterSettings } from "../../config/settings.ts";
import { fileTrouble, WatchedFile } from "./watched-file.ts";

/** Idle connections are closed after this, sooner than load balancers forget them silently. */
const idleMs = 30_000;

/** A certificate or key cannot be used: nothing can be sent until someone mends it. */
export class CertificateUnusable extends Error {
  override readonly name = "CertificateUnusable";
}

/** Where connections lead, and how. */
export interface Route {
  /** The inserter. */
  readonly url: URL;
  readonly proxy: URL | null;
  readonly tls: InserterSettings["tls"];
  /** Most connections at a time. */
  readonly connectionsMax: number;
}

/** The connections to one inserter: kept alive, counted, and made anew when the certificates change. */
export class Connections {
  readonly #route: Route;
  readonly #files: readonly (readonly [name: "ca" | "cert" | "key", file: WatchedFile])[];
  #material: readonly string[] = [];
  #agent: Agent | null = null;

  constructor(route: Route) {
    this.#route = route;
    this.#files = (["ca", "cert", "key"] as const).flatMap((name) => {
      const path = route.tls[name];
      return path === null ? [] : [[name, new WatchedFile(path)] as const];
    });
  }

  /**
   * The agent for the next request.
   *
   * @throws {CertificateUnusable} If a file of `inserter.tls` cannot be read, or is not what it should be.
   */
  async agent(): Promise<Agent> {
    const material = this.#files.map(([name, file]) => read(name, file));
    if (this.#agent !== null && material.every((text, index) => text === this.#material[index])) {
      return this.#agent;
    }
    const agent = await this.#create(material);
    this.#retire();
    this.#material = material;
    this.#agent = agent;
    return agent;
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

  /** Requests of the old agent may end, but none of its connections is used again. */
  #retire(): void {
    this.dropIdle();
    if (this.#agent !== null) this.#agent.maxFreeSockets = 0;
  }

  async #create(material: readonly string[]): Promise<Agent> {
    const { url, proxy, connectionsMax } = this.#route;
    const common: AgentOptions = {
      keepAlive: true,
      maxSockets: connectionsMax,
      maxFreeSockets: connectionsMax,
      timeout: idleMs,
    };
    let agent: Agent;
    if (url.protocol === "https:") {
      const options = { ...common, secureContext: await this.#secureContext(material) };
      if (proxy === null) agent = new (await import("node:https")).Agent(options);
      else agent = new (await import("hpagent")).HttpsProxyAgent({ ...options, proxy });
    } else if (proxy === null) agent = new (await import("node:http")).Agent(common);
    else agent = new (await import("hpagent")).HttpProxyAgent({ ...common, proxy });
    // All connections lead to one place: no need to spell out its address for each request.
    agent.getName = () => url.host;
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
      throw new CertificateUnusable(`inserter.tls: cannot use ${files}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

function read(name: string, file: WatchedFile): string {
  let text: string;
  try {
    text = file.read();
  } catch (error) {
    throw new CertificateUnusable(
      `inserter.tls.${name}: cannot read ${file.path}: ${fileTrouble(error)}; it is used as soon as it is there`,
      { cause: error },
    );
  }
  if (!text.includes("-----BEGIN ")) {
    throw new CertificateUnusable(`inserter.tls.${name}: ${file.path} is not a PEM file`);
  }
  return text;
}
