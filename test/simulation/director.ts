/** Lets a history happen: the world, its events, and the lives of the agent in it. */
import { StateUnavailable } from "../../src/sync/ports.ts";
import { MemoryState } from "../support/memory-state.ts";
import { MemoryTables } from "../support/memory-tables.ts";
import { CONFIGS, type Config, type Node, Parser } from "./content.ts";
import { Dice } from "./dice.ts";
import { WALL_START_MS } from "./draw.ts";
import type { Faults, Happening, History, Survival } from "./history.ts";
import { Inserter } from "./inserter.ts";
import { type Disk, type First, Process, type Surroundings } from "./process.ts";
import { type Commit, Repository } from "./repository.ts";
import { Network } from "./sink.ts";
import { Timeline } from "./timeline.ts";
import { Watch } from "./watch.ts";

export const OWNER = "sync-agent";
/** A supervisor starts a process again that could not even start. */
const START_AGAIN_MS = 5_000;
/** No state is lost and made anew within a millisecond: only the time of day keeps versions apart then. */
const LOSS_MS = 10;
/** What is in flight gets 5 s when it is asked to end; no more than this in all. */
const STOP_MS_MAX = 12_000;

export const NO_FAULTS: Faults = {
  lostRequest: 0,
  lostAnswer: 0,
  late: 0,
  error: 0,
  errorApplied: 0,
  busy: 0,
  badLine: 0,
  staleInventory: 0,
  cutInventory: 0,
  stateWrite: 0,
  brokenRead: 0,
};

export class Director {
  readonly history: History;
  readonly timeline = new Timeline();
  readonly dice: Dice;
  readonly parser = new Parser();
  readonly repository = new Repository(this.parser);
  readonly inserter: Inserter;
  readonly network: Network;
  readonly watch: Watch;
  readonly disk: Disk = { isFull: false, isDead: false };
  readonly #trace: (text: string) => void;
  readonly #around: Surroundings;
  #offsetMs = 0;
  tables = new MemoryTables();
  #backup: MemoryTables | null = null;
  config: Config;
  /** The agent, if one runs. */
  process: Process | null = null;
  /** The last one that ran one reconcile to its end; null while there is none in this state. */
  finished: Process | null = null;
  /** When all faults ended, virtual time. */
  healedMs = 0;
  /** What calls off the end of a temporary condition, by condition. */
  readonly #temporary = new Map<string, () => void>();

  constructor(history: History, trace: (text: string) => void) {
    this.history = history;
    this.#trace = trace;
    this.dice = new Dice(history.seed ^ 0x2545f491);
    this.config = CONFIGS[history.config] as Config;
    this.inserter = new Inserter(history.abilities);
    this.network = new Network(this.inserter, this.timeline, history.faults);
    for (const id of history.foreign) this.inserter.putForeign(id);
    this.watch = new Watch({
      repository: this.repository,
      network: this.network,
      parser: this.parser,
      setup: history.setup,
      wallMs: () => this.wallMs(),
      trace: (text) => this.trace(text),
    });
    this.#around = {
      timeline: this.timeline,
      dice: this.dice,
      repository: this.repository,
      network: this.network,
      parser: this.parser,
      disk: this.disk,
      wall: { nowMs: () => this.wallMs() },
      setup: history.setup,
      notes: { at: null, tree: null },
      trace,
    };
    if (history.files.length > 0) this.publish(this.repository.commit(new Map(history.files)));
  }

  /** Time of day as the machine has it. */
  wallMs(): number {
    return Math.floor(WALL_START_MS + this.timeline.nowMs + this.#offsetMs);
  }

  setWall(byMs: number): void {
    this.#offsetMs += byMs;
    if (byMs < 0) this.watch.clockWasSetBack = true;
  }

  trace(text: string): void {
    this.#trace(`${this.timeline.nowMs.toFixed(0)} ${text}`);
  }

  publish(commit: Commit): void {
    const old = this.repository.current?.commit;
    this.repository.publish(commit, this.config, this.wallMs());
    this.trace(
      `flip to ${commit.name}: ${[...commit.tree].map(([path, { blob }]) => `${path}=${blob}`).join(" ")}`,
    );
    const { sweeps, hints } = this.history.setup;
    if (sweeps && old !== undefined) {
      this.timeline.at(this.dice.next() * 400, () => this.repository.sweep(old));
    }
    if (this.dice.chance(hints)) this.timeline.at(this.dice.next() * 30, () => this.process?.daemon?.hint());
  }

  /** Starts an agent over the state as it is now. */
  boot(first: First = "start"): void {
    this.process = null;
    const watcher = this.watch.process(this.tables, () => this.#onEnd());
    try {
      this.process = new Process(this.#around, {
        config: this.config,
        tables: this.tables,
        watcher,
        owner: OWNER,
        first,
      });
      this.process.start();
      this.trace(`agent started with ${this.config.name}`);
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.timeline.at(START_AGAIN_MS, () => this.boot(first));
    }
  }

  /** How to go on after the process under way has ended as asked; null: it was not asked to. */
  #afterwards: (() => void) | null = null;

  #onEnd(): void {
    this.trace("agent ended");
    this.finished = this.process;
    const next = this.#afterwards;
    this.#afterwards = null;
    this.#temporary.get("stop")?.();
    this.process = null;
    if (next !== null) return next();
    if (this.history.setup.mode === "once") {
      this.timeline.at(this.dice.pick([1_000, 60_000]), () => this.boot());
    } else this.watch.fail("ended", "the daemon ended by itself");
  }

  get isStopping(): boolean {
    return this.#afterwards !== null;
  }

  /** Asks the agent to end; it must, in time. */
  stop(afterwards: () => void): void {
    if (this.process === null || this.#afterwards !== null) return;
    this.#afterwards = afterwards;
    this.#for("stop", STOP_MS_MAX, () => this.watch.fail("stop", "the agent did not end in time"));
    this.process.stop();
  }

  #crash(calls: number, downMs: number, survival: Survival): void {
    this.process?.crashAt(calls, () => {
      this.#temporary.get("stop")?.();
      this.#afterwards = null;
      this.process = null;
      const lossMs = survival === "kept" ? 0 : LOSS_MS;
      this.timeline.at(Math.max(downMs, lossMs), () => {
        if (survival !== "kept") this.#loseState(survival);
        this.boot();
      });
    });
  }

  #loseState(survival: Exclude<Survival, "kept">): void {
    if (survival === "rolled-back" && this.#backup === null) return;
    if (survival === "torn") this.tables.takeBackLast();
    else this.tables = (survival === "rolled-back" ? this.#backup?.copy() : null) ?? new MemoryTables();
    if (survival === "lost") this.#around.notes.at = null;
    this.watch.stateForgot();
    this.trace(`state ${survival}`);
  }

  /** Ends a condition after a time, unless it is renewed before. */
  #for(condition: string, forMs: number, end: () => void): void {
    this.#temporary.get(condition)?.();
    this.#temporary.set(condition, this.timeline.at(forMs, end));
  }

  happen(what: Happening): void {
    if (what.do !== "commit" && what.do !== "replace") this.trace(`-- ${JSON.stringify(what)}`);
    const { repository, inserter, disk, watch } = this;
    switch (what.do) {
      case "commit":
        return this.publish(repository.commit(changed(repository.current?.commit.tree, what.changes)));
      case "replace":
        return this.publish(repository.commit(new Map(what.files)));
      case "rewind": {
        const earlier = repository.publications.at(-1 - what.back);
        if (earlier !== undefined) this.publish(earlier.commit);
        return;
      }
      case "away":
        repository.isAway = true;
        return this.#for("away", what.forMs, () => {
          repository.isAway = false;
        });
      case "broken":
        repository.isBroken = true;
        return this.#for("broken", what.forMs, () => {
          repository.isBroken = false;
        });
      case "missing": {
        const blob = repository.current?.commit.tree.get(what.path)?.blob;
        if (blob === undefined) return;
        repository.missing.add(blob);
        return this.#for(`missing ${blob}`, what.forMs, () => {
          repository.missing.delete(blob);
          repository.completeMs = this.timeline.nowMs;
        });
      }
      case "weather":
        inserter.weather = what.weather;
        inserter.retryAfterMs = what.retryAfterMs;
        return this.#for("weather", what.forMs, () => {
          inserter.weather = "fine";
        });
      case "refuse":
        inserter.refusing.set(what.id, what.status);
        return this.#for(`refuse ${what.id}`, what.forMs, () => inserter.refusing.delete(what.id));
      case "wipe":
        watch.inserterForgot(false);
        return inserter.wipe();
      case "back-up":
        return inserter.backUp();
      case "restore":
        if (inserter.restore()) watch.inserterForgot(true);
        return;
      case "foreign":
        watch.othersWrote = true;
        return inserter.putForeign(what.id);
      case "crash":
        return this.#crash(what.calls, what.downMs, what.state);
      case "restart":
        return this.#restart(what.downMs, what.config, "start");
      case "reload":
        return this.#restart(0, what.config, what.first);
      case "save-state":
        this.#backup = this.tables.copy();
        return;
      case "clock":
        return this.setWall(what.byMs);
      case "disk-full":
        disk.isFull = true;
        disk.isDead = what.reads;
        return this.#for("disk", what.forMs, () => {
          disk.isFull = false;
          disk.isDead = false;
        });
      case "hint":
        return this.process?.daemon?.hint();
      case "resync":
        return this.process?.daemon?.resync("resync");
      case "approve":
        this.approve();
    }
  }

  #restart(downMs: number, config: number | null, first: First): void {
    this.stop(() => {
      this.timeline.at(downMs, () => {
        const { current } = this.repository;
        if (config !== null && CONFIGS[config] !== this.config) {
          this.config = CONFIGS[config] as Config;
          if (current !== null) this.repository.publish(current.commit, this.config, this.wallMs());
        }
        this.boot(first);
      });
    });
  }

  /** A person approves the deletes that the brake holds, from another process. */
  approve(): void {
    this.watch.approved(this.tables);
    new MemoryState(this.tables).approveBraked();
  }

  /** All faults end. */
  heal(): void {
    this.healedMs = this.timeline.nowMs;
    this.trace("== heal");
    const { repository, inserter, disk } = this;
    for (const [condition, callOff] of this.#temporary) if (condition !== "stop") callOff();
    repository.isAway = false;
    repository.isBroken = false;
    if (repository.missing.size > 0) repository.completeMs = this.timeline.nowMs;
    repository.missing.clear();
    inserter.weather = "fine";
    if (this.dice.chance(0.7)) inserter.refusing.clear();
    disk.isFull = false;
    disk.isDead = false;
    this.network.faults = NO_FAULTS;
    this.process?.spare();
    this.setWall(-this.#offsetMs);
  }
}

function changed(
  tree: ReadonlyMap<string, Node> | undefined,
  changes: readonly (readonly [string, Node | null])[],
): Map<string, Node> {
  const next = new Map(tree ?? []);
  for (const [path, node] of changes) {
    if (node === null) next.delete(path);
    else next.set(path, node);
  }
  return next;
}
