import { statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import type { Log } from "../sync/ports.ts";

/** A daemon that runs settings which may be replaced. */
export interface Reloadable {
  readonly settings: Settings;
  readonly log: Log;
  /** Runs these instead; the first pass is for what is named. Called once at most. */
  replace(settings: Settings, first: "reload" | "resync"): void;
  /** Compares everything now, under the settings that it has. */
  resync(): void;
}

/**
 * Gives a configuration that was changed to the daemon that runs an older one. A SIGHUP asks for more than a
 * changed file does: everything is compared then, whether or not the configuration is another one.
 */
export class Reloader {
  readonly #load: () => Promise<Settings>;
  readonly #file: string | null;
  #mark: string;
  #daemon: Reloadable | null = null;
  #hungUp = false;
  #changed = false;
  #isLooking = false;
  #fault: { readonly message: string; readonly sinceMs: number } | null = null;

  /**
   * @param load Reads the configuration again; when it throws {@link UsageError}, that is logged.
   * @param file Absolute path; null without one: then only a SIGHUP reads it again.
   */
  constructor(load: () => Promise<Settings>, file: string | null) {
    this.#load = load;
    this.#file = file;
    this.#mark = markOf(file);
  }

  /** Whether the configuration, when last read, could be used. */
  get isValid(): boolean {
    return this.#fault === null;
  }

  /** Why it cannot be used, and since when, epoch milliseconds; null where it can. */
  get fault(): { readonly message: string; readonly sinceMs: number } | null {
    return this.#fault;
  }

  /** From now on this daemon gets what changes. */
  attach(daemon: Reloadable): void {
    this.#daemon = daemon;
    void this.#look();
  }

  detach(): void {
    this.#daemon = null;
  }

  /** A SIGHUP came. */
  hangUp(): void {
    this.#hungUp = true;
    void this.#look();
  }

  /** Looks whether the file was changed; to be called at each poll. */
  poll(): void {
    const before = this.#mark;
    this.#mark = markOf(this.#file);
    this.#changed ||= this.#mark !== before;
    void this.#look();
  }

  /** Logs that settings cannot be used, and that the older ones stay. */
  logInvalid(error: UsageError, log: Log): void {
    const sinceMs = this.#fault?.sinceMs ?? Date.now();
    this.#fault = { message: error.message, sinceMs };
    log.emit("error", "config.invalid", `The configuration stays as it was: ${error.message}`, {
      fault: error.message,
      hint: error.hint,
    });
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#daemon !== null && (this.#hungUp || this.#changed)) await this.#reload(this.#daemon);
    } finally {
      this.#isLooking = false;
    }
  }

  async #reload(daemon: Reloadable): Promise<void> {
    const hungUp = this.#hungUp;
    this.#hungUp = false;
    this.#changed = false;
    const settings = await this.#read(daemon.log);
    if (this.#daemon !== daemon) {
      // Replaced or ended meanwhile: the next one has to look again.
      this.#hungUp ||= hungUp;
      this.#changed = true;
    } else if (settings === null || isDeepStrictEqual(settings, daemon.settings)) {
      if (hungUp) daemon.resync();
    } else {
      this.detach();
      daemon.replace(settings, hungUp ? "resync" : "reload");
    }
  }

  /** Null when what is there is invalid. Functions are never the same twice, so that hooks count as changed. */
  async #read(log: Log): Promise<Settings | null> {
    try {
      const settings = await this.#load();
      const again =
        this.#fault !== null ? "The configuration is valid again" : "The configuration was read again";
      log.emit("info", "config.reloaded", again, { config: settings.file });
      this.#fault = null;
      return settings;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.logInvalid(error, log);
      return null;
    }
  }
}

/**
 * Differs whenever a file was written again, replaced, removed, or was exchanged together with the folder that
 * its link leads through, as Kubernetes does with a ConfigMap. Cheap enough for every poll.
 */
function markOf(file: string | null): string {
  if (file === null) return "";
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
