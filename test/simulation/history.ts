import type { Node } from "./content.ts";
import type { Abilities, Weather } from "./inserter.ts";

/** How the agent is set up; durations in milliseconds. */
export interface Setup {
  readonly mode: "daemon" | "once";
  readonly startup: "verify" | "full" | "resume";
  readonly scope: "owned" | "all" | "none";
  readonly maxFraction: number;
  readonly pollMs: number;
  readonly driftMs: number;
  readonly resyncMs: number;
  readonly retry: { readonly minMs: number; readonly maxMs: number };
  readonly concurrency: number;
  readonly ratePerSecond: number;
  readonly batch: "auto" | false | number;
  readonly bodiesBytes: number;
  readonly sizes: { readonly ids: number; readonly files: number };
  /** Chance that the watcher notices a flip. */
  readonly hints: number;
  /** Whether the source remembers trees, so that it can walk from the last revision. */
  readonly remembers: boolean;
  /** Objects of an old commit vanish soon after the flip. */
  readonly sweeps: boolean;
}

/** Chances of what may happen to one request, one by one; 0 switches a fault off. */
export interface Faults {
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly late: number;
  readonly error: number;
  /** The operation is applied, and then answered with 500. */
  readonly errorApplied: number;
  readonly busy: number;
  /** A line of a batch fails, or has no answer. */
  readonly badLine: number;
  readonly staleInventory: number;
  readonly cutInventory: number;
  /** A write of the state fails. */
  readonly stateWrite: number;
  /** A git that fails while an object is read. */
  readonly brokenRead: number;
}

/**
 * What becomes of the state file when the process dies. `lost` is what the core sees of a corrupt one too:
 * it is put aside when it is opened. `torn`: the disk had not kept what it said it had, the last transaction.
 */
export type Survival = "kept" | "lost" | "rolled-back" | "torn";

/** One thing that happens. */
export type Happening =
  | { readonly do: "commit"; readonly changes: readonly (readonly [string, Node | null])[] }
  | { readonly do: "replace"; readonly files: readonly (readonly [string, Node])[] }
  /** An earlier commit is published again: the branch was moved back. */
  | { readonly do: "rewind"; readonly back: number }
  | { readonly do: "away"; readonly forMs: number }
  | { readonly do: "broken"; readonly forMs: number }
  | { readonly do: "missing"; readonly path: string; readonly forMs: number }
  | {
      readonly do: "weather";
      readonly weather: Weather;
      readonly forMs: number;
      readonly retryAfterMs: number | null;
    }
  | { readonly do: "refuse"; readonly id: string; readonly status: number; readonly forMs: number }
  | { readonly do: "wipe" }
  | { readonly do: "back-up" }
  | { readonly do: "restore" }
  | { readonly do: "foreign"; readonly id: string }
  /** Dies at the given call to one of its ports, counted from now. */
  | { readonly do: "crash"; readonly calls: number; readonly downMs: number; readonly state: Survival }
  | { readonly do: "restart"; readonly downMs: number; readonly config: number | null }
  /** Settings replace others within the process, or the same ones are to be run again: SIGHUP. */
  | { readonly do: "reload"; readonly config: number | null; readonly first: "reload" | "resync" }
  | { readonly do: "save-state" }
  | { readonly do: "clock"; readonly byMs: number }
  | { readonly do: "disk-full"; readonly forMs: number; readonly reads: boolean }
  | { readonly do: "hint" }
  | { readonly do: "resync" }
  | { readonly do: "approve" };

/** So long after the one before. */
export interface Event {
  readonly afterMs: number;
  readonly what: Happening;
}

/** Everything that is decided beforehand. What is left is drawn from `seed` while it runs. */
export interface History {
  readonly seed: number;
  readonly setup: Setup;
  readonly abilities: Abilities;
  readonly faults: Faults;
  readonly config: number;
  /** Ids that somebody else holds at the inserter from the start. */
  readonly foreign: readonly string[];
  readonly files: readonly (readonly [string, Node])[];
  readonly events: readonly Event[];
  /** Commits made one by one when all faults are over, each followed to the end. */
  readonly walk: readonly Happening[];
  /** The inserter is out of order for an hour at the end, with articles pending; null: it is not. */
  readonly siege: Weather | null;
  /** Articles that the inserter does not take, and one that it does, edited among them; null: there are none. */
  readonly poison: Poison | null;
}

/** What becomes of single ids, for as long as they are there. */
export interface Poison {
  /** How many. */
  readonly count: number;
  /** What they are answered with, in turn. */
  readonly statuses: readonly number[];
  /** Whether the agent starts again while they are pending. */
  readonly restarts: boolean;
  /** Whether the inserter never answers meanwhile when it is asked for its inventory. */
  readonly isMute: boolean;
}
