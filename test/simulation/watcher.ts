import type { Agent } from "../../src/sync/agent.ts";
import type { SyncEvent } from "../../src/sync/events.ts";
import type { Entry } from "../../src/sync/model.ts";
import type { LogLevel } from "../../src/sync/ports.ts";
import type { Config } from "./content.ts";
import type { SinkWatcher } from "./sink.ts";

/** What a process reports besides its requests. */
export interface ProcessWatcher extends SinkWatcher {
  attach(agent: Agent, config: Config): void;
  /** `before`: the entry until then. */
  begun(entry: Entry, before: Entry | null): void;
  /** The manifest says this of an id now, durably. */
  written(id: string, entry: Entry | null): void;
  /** Something happened that a log of this level shows. */
  reported(level: LogLevel, event: SyncEvent): void;
  stateFailed(): void;
  fail(kind: string, message: string): void;
  ended(): void;
}

/** The first promise that was seen broken. */
export interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly atMs: number;
}

/** How often things happened. */
export interface Tally {
  requests: number;
  inventories: number;
  looks: number;
  lines: number;
}
