import { describeEvent } from "../../src/report/describe.ts";
import { Agent } from "../../src/sync/agent.ts";
import { Daemon } from "../../src/sync/daemon.ts";
import type { Entry } from "../../src/sync/model.ts";
import { Once, type OnceResult } from "../../src/sync/once.ts";
import { type Articles, type Clock, type Report, StateUnavailable } from "../../src/sync/ports.ts";
import { MemoryState, type StateCall } from "../support/memory-state.ts";
import type { MemoryTables } from "../support/memory-tables.ts";
import type { Config, Parser } from "./content.ts";
import type { Dice } from "./dice.ts";
import type { Setup } from "./history.ts";
import type { Repository } from "./repository.ts";
import { type Network, SimulatedSink } from "./sink.ts";
import { type Outside, SimulatedSource, type TreeNotes } from "./source.ts";
import type { Timeline } from "./timeline.ts";
import type { ProcessWatcher } from "./watcher.ts";

/** Thrown out of a call at which the process dies. */
export class Crashed extends Error {
  override readonly name = "Crashed";
}

/** A promise of a process that is no more: a new one each time, for it keeps alive what awaits it. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/** The disk under the state file. */
export interface Disk {
  isFull: boolean;
  /** Reads fail too. */
  isDead: boolean;
}

/** Everything around a process. It outlives it. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly repository: Repository;
  readonly network: Network;
  readonly parser: Parser;
  readonly disk: Disk;
  /** How far the time of day is off, milliseconds. */
  readonly wall: { nowMs(): number };
  readonly setup: Setup;
  readonly notes: TreeNotes;
  readonly trace: (text: string) => void;
}

/** What the first pass of a daemon is for. */
export type First = "start" | "reload" | "resync";

/** Messages and events of one process that matter to the simulation. */
export interface ProcessOptions {
  readonly config: Config;
  readonly tables: MemoryTables;
  readonly watcher: ProcessWatcher;
  readonly owner: string;
  readonly first: First;
}

/** State that reports each operation that is begun, once it is durable. */
class WatchedState extends MemoryState {
  #begun: [Entry, Entry | null][] = [];
  readonly #changed = new Set<string>();

  constructor(tables: MemoryTables, hook: (call: StateCall) => void, watcher: ProcessWatcher) {
    super(tables, (call) => {
      if (call === "begin") {
        this.#begun = [];
        this.#changed.clear();
      } else if (call === "committed") {
        for (const [entry, before] of this.#begun) watcher.begun(entry, before);
        for (const id of this.#changed) watcher.written(id, tables.entries.get(id) ?? null);
      }
      hook(call);
    });
  }

  override dropEntry(id: string): void {
    super.dropEntry(id);
    this.#changed.add(id);
  }

  override putEntry(entry: Entry): void {
    const before = this.tables.entries.get(entry.id) ?? null;
    super.putEntry(entry);
    this.#changed.add(entry.id);
    if (entry.pending === null || entry.pending.version === before?.pending?.version) return;
    this.#begun.push([entry, before]);
  }
}

/** One life of the agent: the production core over simulated ports, until it is stopped or dies. */
export class Process {
  readonly #around: Surroundings;
  readonly #watcher: ProcessWatcher;
  readonly state: WatchedState;
  readonly agent: Agent;
  readonly daemon: Daemon | null;
  readonly once: Once | null;
  readonly #giveUp = new AbortController();
  readonly #bornMs: number;
  isAlive = true;
  /** It has ended by itself, or as asked. */
  isOver = false;
  result: OnceResult | null = null;
  /** Calls left before it dies; null for a long life. */
  #callsLeft: number | null = null;
  #onDeath: () => void = () => {};

  /** @throws {StateUnavailable} When the state cannot be written at the start. @throws {Crashed} */
  constructor(around: Surroundings, options: ProcessOptions) {
    this.#around = around;
    this.#bornMs = around.timeline.nowMs;
    this.#watcher = options.watcher;
    const { setup, repository, network } = around;
    const { scope, maxFraction, concurrency, ratePerSecond, batch, retry } = setup;
    const outside: Outside = {
      dice: around.dice,
      call: (answer, slownessMs = 8) => this.#call(answer, slownessMs),
    };
    this.state = new WatchedState(options.tables, (call) => this.#onState(call), options.watcher);
    this.agent = new Agent(
      {
        owner: options.owner,
        inserter: { url: "http://inserter/post", concurrency, ratePerSecond, batch, retry },
        startup: setup.startup,
        prune: { scope, maxFraction },
        pollMs: setup.pollMs,
        driftMs: setup.driftMs,
        resyncMs: setup.resyncMs,
      },
      {
        identity: { owner: options.owner, derive: async () => options.owner },
        state: this.state,
        source: new SimulatedSource({
          repository,
          outside,
          config: options.config,
          notes: setup.remembers ? around.notes : null,
          brokenRead: () => network.faults.brokenRead,
        }),
        sink: new SimulatedSink(network, outside, options.owner, options.watcher),
        articles: this.#articles(options.config),
        clock: this.#clock(),
        random: () => around.dice.next(),
        report: this.#report(),
      },
      { ...setup.sizes, bodiesBytes: setup.bodiesBytes },
    );
    options.watcher.attach(this.agent, options.config);
    this.daemon = setup.mode === "daemon" ? new Daemon(this.agent, options.first) : null;
    this.once = setup.mode === "once" ? new Once(this.agent, 30_000, this.#giveUp.signal) : null;
  }

  /** Runs until it is asked to stop, or dies. */
  start(): void {
    const ending: Promise<OnceResult | null> =
      this.daemon === null
        ? (this.once?.run({ full: this.#around.setup.startup === "full" }) ?? never())
        : this.daemon.run().then(() => null);
    ending.then(
      (result) => {
        if (!this.isAlive) return;
        this.result = result;
        this.#end();
      },
      (error: unknown) => {
        if (!this.isAlive || error instanceof Crashed) return;
        if (error instanceof StateUnavailable && this.once !== null) return this.#end();
        this.#watcher.fail("bug", `the agent ended with ${(error as Error).stack}`);
      },
    );
  }

  #end(): void {
    this.isOver = true;
    this.isAlive = false;
    this.#watcher.ended();
  }

  /** Asks it to end, as SIGTERM does. */
  stop(): void {
    if (this.daemon === null) this.#giveUp.abort();
    else void this.daemon.stop(5_000);
  }

  /** It dies at its n-th call from now. */
  crashAt(calls: number, onDeath: () => void): void {
    this.#callsLeft = calls;
    this.#onDeath = onDeath;
  }

  /** Since when all is as its last turn left it, virtual time; null while a turn is due or under way. */
  get restingSinceMs(): number | null {
    if (this.daemon === null) return this.isOver ? this.#bornMs : null;
    const { lastTurnMs, nextTurnMs } = this.daemon.status;
    const nowMs = this.#around.wall.nowMs();
    return nextTurnMs > nowMs ? this.#around.timeline.nowMs - (nowMs - lastTurnMs) : null;
  }

  /** Nothing will kill it any more. */
  spare(): void {
    this.#callsLeft = null;
  }

  #step(what: string): void {
    if (this.isOver) this.#watcher.fail("after the end", `${what} after the agent had ended`);
    if (!this.isAlive) throw new Crashed();
    this.#around.timeline.count();
    if (this.#callsLeft === null) return;
    if (--this.#callsLeft > 0) return;
    this.#callsLeft = null;
    this.isAlive = false;
    this.#around.trace(`crash at ${what}`);
    this.#onDeath();
    throw new Crashed();
  }

  #onState(call: StateCall): void {
    this.#step(`state ${call}`);
    if (call === "committed") return;
    const { disk, network, dice } = this.#around;
    const fails =
      disk.isDead ||
      (call !== "read" && (disk.isFull || (call === "commit" && dice.chance(network.faults.stateWrite))));
    if (!fails) return;
    this.#watcher.stateFailed();
    throw new StateUnavailable("database or disk is full");
  }

  /** A call to the outside: it may take time, and a process that died meanwhile never hears of it. */
  async #call<T>(answer: () => T, slownessMs: number): Promise<T> {
    try {
      this.#step("call");
    } catch (error) {
      if (error instanceof Crashed) return never();
      throw error;
    }
    const { dice, timeline } = this.#around;
    if (slownessMs > 0 && dice.chance(0.4)) {
      const delayMs = dice.next() * slownessMs;
      await new Promise<void>((resolve) => timeline.at(delayMs, resolve));
      if (!this.isAlive) return never();
    }
    return answer();
  }

  #clock(): Clock {
    const { timeline, wall } = this.#around;
    return {
      nowMs: () => wall.nowMs(),
      elapsedMs: () => timeline.nowMs,
      sleep: (ms, signal) => {
        try {
          this.#step("sleep");
        } catch (error) {
          return error instanceof Crashed ? never() : Promise.reject(error);
        }
        if (signal?.aborted === true) return Promise.resolve();
        return new Promise((resolve) => {
          const cancel =
            ms === Number.POSITIVE_INFINITY
              ? null
              : timeline.at(ms, () => {
                  signal?.removeEventListener("abort", wake);
                  if (this.isAlive) resolve();
                });
          const wake = (): void => {
            cancel?.();
            if (this.isAlive) resolve();
          };
          signal?.addEventListener("abort", wake, { once: true });
        });
      },
    };
  }

  #articles(config: Config): Articles {
    const { parser } = this.#around;
    return {
      fingerprint: config.name,
      parse: (path, blob, content, patience) =>
        this.#call(() => parser.parse(config, path, blob, content, patience), 3),
    };
  }

  #report(): Report {
    const { trace, timeline } = this.#around;
    return (happened) => {
      if (!this.isAlive) return;
      const { level, event, message } = describeEvent(happened);
      trace(`${timeline.nowMs.toFixed(0)} ${level} ${event}: ${message}`);
      this.#watcher.reported(level, happened);
    };
  }
}
