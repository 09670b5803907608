import type { Settings } from "../config/settings.ts";
import { createRedactor } from "../messages/redact.ts";
import { type Listener, listen } from "../status/listener.ts";
import { StatusService } from "../status/service.ts";
import type { Log } from "../sync/ports.ts";
import { runtime, version } from "../version.ts";
import { systemClock } from "./runtime.ts";

/** The daemon's status listener: one for the life of the process, wherever the configuration wants it. */
export class StatusListener {
  /** What the agent does, whether or not it is served. */
  readonly service: StatusService;
  #listener: Listener | null = null;
  #at = "";
  #allowedHosts: readonly string[] = [];

  /** @param secrets What must never be shown, asked at each answer. */
  constructor(secrets: () => Iterable<string> = () => []) {
    const redact = createRedactor(secrets);
    this.service = new StatusService({ version, runtime: runtime(), redact, clock: systemClock });
  }

  /**
   * Serves where the configuration wants it, or nowhere.
   *
   * @throws {UsageError} When the first address cannot be listened on. For a later one that is
   *   logged, and the old one stays.
   */
  async serve(wanted: Settings["status"], log: Log): Promise<void> {
    if (wanted === null) return this.#stop();
    await this.service.publish();
    this.#allowedHosts = wanted.allowedHosts ?? [];
    const at = `${wanted.host}:${wanted.port}`;
    if (at === this.#at) return;
    const before = this.#listener;
    try {
      this.#listener = await listen(this.service, {
        ...wanted,
        allowedHosts: () => this.#allowedHosts,
        log,
      });
    } catch (error) {
      if (before === null) throw error;
      log.emit("error", "status.unavailable", `${(error as Error).message}: it stays where it was`);
      return;
    }
    await before?.close();
    this.#at = at;
    log.emit("info", "status.listening", `Status at ${this.#listener.url}`, { url: this.#listener.url });
  }

  async #stop(): Promise<void> {
    await this.#listener?.close();
    this.#listener = null;
    this.#at = "";
  }

  async close(): Promise<void> {
    await this.#stop();
    this.service.close();
  }
}
