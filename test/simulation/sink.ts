import type { Listed } from "../../src/sync/model.ts";
import type { BatchReply, InventoryReply, Outgoing, Reply, Sink } from "../../src/sync/ports.ts";
import type { Faults } from "./history.ts";
import type { Inserter, Stored } from "./inserter.ts";
import type { Outside } from "./source.ts";
import type { Timeline } from "./timeline.ts";

const TIMEOUT_MS = 10_000;
/** How late a request may land that was given up. */
const LATE_MS_MAX = 100_000;
/** What a single busy answer may ask for. */
const RETRY_AFTERS_MS = [0, 100, 3_000, 20_000] as const;

type Answer = Extract<Reply, { kind: "answer" }>;

/** What becomes of one request on its way. */
type Fate =
  | "taken"
  | "lost"
  | "answer-lost"
  | "late"
  | { readonly status: number; readonly applied: boolean; readonly retryAfterMs: number | null };

/** Hears what is sent, applied and listed; see `watch.ts`. */
export interface SinkWatcher {
  sent(operations: readonly Outgoing[]): void;
  /** What the process hears. `taken`: an upsert among them was. */
  answered(operations: readonly Outgoing[], whole: Reply, taken: boolean): void;
  applied(operation: Outgoing, status: number, isLate: boolean): void;
  /** Answered by something that is not the inserter. */
  misled(operations: readonly Outgoing[], status: number): void;
  asked(): void;
  /** An inventory request was answered, by whatever. */
  reached(): void;
  /** An inventory is given as it was once. */
  staleListing(): void;
  /** A whole inventory went over; null: it is as it was. */
  listed(lines: readonly Listed[] | null): void;
}

/** What survives the process that sent it: the network and the inserter behind it. */
export class Network {
  readonly inserter: Inserter;
  readonly timeline: Timeline;
  faults: Faults;
  /** Requests given up that are still on their way. */
  lateOnes = 0;
  /** When the last of them landed, virtual time. */
  lastLateMs = 0;

  constructor(inserter: Inserter, timeline: Timeline, faults: Faults) {
    this.inserter = inserter;
    this.timeline = timeline;
    this.faults = faults;
  }
}

/** The `Sink` port over a simulated network and inserter. */
export class SimulatedSink implements Sink {
  readonly #network: Network;
  readonly #outside: Outside;
  readonly #owner: string;
  readonly #watcher: SinkWatcher;
  readonly #aborts = new WeakMap<AbortSignal, Set<(error: unknown) => void>>();
  /** Inventories as they were, for the stale ones. */
  #old: { etag: number; lines: Listed[] } | null = null;

  constructor(network: Network, outside: Outside, owner: string, watcher: SinkWatcher) {
    this.#network = network;
    this.#outside = outside;
    this.#owner = owner;
    this.#watcher = watcher;
  }

  async send(operation: Outgoing, signal: AbortSignal): Promise<Reply> {
    const { lines, whole } = await this.#exchange([operation], signal);
    return lines?.[0] ?? whole;
  }

  async sendBatch(operations: readonly Outgoing[], signal: AbortSignal): Promise<BatchReply> {
    const { batch } = this.#network.inserter.abilities;
    if (batch === 0) {
      const whole = await this.#outside.call(() => status(this.#outside.dice.pick([404, 405, 501])), 5);
      return { whole, lines: [] };
    }
    if (operations.length > batch) {
      const whole = await this.#outside.call(() => status(this.#outside.dice.pick([413, 400])), 5);
      return { whole, lines: [] };
    }
    const { lines, whole } = await this.#exchange(operations, signal);
    return lines === null ? { whole, lines: [] } : { whole: status(200), lines };
  }

  /** One request: its operations arrive together, or not at all. */
  #exchange(
    operations: readonly Outgoing[],
    signal: AbortSignal,
  ): Promise<{ whole: Reply; lines: (Answer | null)[] | null }> {
    const { dice } = this.#outside;
    const { timeline, inserter } = this.#network;
    this.#watcher.sent(operations);
    const travelMs = this.#travelMs();
    return this.#abortable(signal, (resolve) => {
      const answer = (whole: Reply, lines: (Answer | null)[] | null, afterMs: number): void => {
        timeline.at(afterMs, () => {
          const isTaken = (one: Outgoing, i: number): boolean =>
            one.kind === "upsert" && lines?.[i]?.status === 200;
          this.#watcher.answered(operations, whole, operations.some(isTaken));
          resolve({ whole, lines });
        });
      };
      if (inserter.weather === "unreachable") {
        return answer({ kind: "failure", why: "connect", message: "connection refused" }, null, travelMs);
      }
      const fate = this.#fate();
      const given = {
        kind: "failure",
        why: dice.chance(0.5) ? "timeout" : "broken",
        message: "no answer",
      } as const;
      const givenUpMs = given.why === "timeout" ? TIMEOUT_MS : travelMs * 2;
      if (typeof fate === "object") {
        timeline.at(travelMs, () => {
          if (fate.applied) for (const one of operations) this.#arrive(one, false);
        });
        if (!fate.applied) this.#watcher.misled(operations, fate.status);
        return answer(status(fate.status, fate.retryAfterMs), null, 2 * travelMs);
      }
      if (fate === "lost") return answer(given, null, givenUpMs);
      if (fate === "late") {
        this.#network.lateOnes++;
        timeline.at(givenUpMs + dice.next() * LATE_MS_MAX, () => {
          this.#network.lateOnes--;
          this.#network.lastLateMs = timeline.nowMs;
          for (const one of operations) this.#arrive(one, true);
        });
        return answer(given, null, givenUpMs);
      }
      timeline.at(travelMs, () => {
        const lines = operations.map((one) => this.#line(one, operations.length > 1));
        if (fate === "taken") answer(lines[0] ?? status(500), lines, travelMs);
      });
      if (fate === "answer-lost") answer(given, null, Math.max(givenUpMs, travelMs));
    });
  }

  #line(operation: Outgoing, inBatch: boolean): Answer | null {
    const { dice } = this.#outside;
    if (inBatch && dice.chance(this.#network.faults.badLine)) {
      if (dice.chance(0.5)) return status(500);
      this.#arrive(operation, false);
      return null;
    }
    return this.#arrive(operation, false);
  }

  #arrive(operation: Outgoing, isLate: boolean): Answer {
    const { status: code, kept } = this.#network.inserter.apply(operation, this.#owner);
    this.#watcher.applied(operation, code, isLate);
    return { ...status(code), version: kept };
  }

  #fate(): Fate {
    const { inserter, faults } = this.#network;
    if (inserter.weather === "silent") return "lost";
    const { retryAfterMs } = inserter;
    if (typeof inserter.weather === "number")
      return { status: inserter.weather, applied: false, retryAfterMs };
    const { dice } = this.#outside;
    const of = (codes: readonly number[], applied: boolean): Fate => ({
      status: dice.pick(codes),
      applied,
      retryAfterMs: dice.chance(0.5) ? dice.pick(RETRY_AFTERS_MS) : null,
    });
    let draw = dice.next();
    const falls = (chance: number): boolean => {
      draw -= chance;
      return draw < 0;
    };
    if (falls(faults.lostRequest / 2)) return "lost";
    if (falls(faults.lostAnswer / 2)) return "answer-lost";
    if (falls(faults.late / 2)) return "late";
    if (falls(faults.error / 2)) return of([500, 502, 503], false);
    if (falls(faults.errorApplied / 2)) return of([500, 503], true);
    if (falls(faults.busy / 2)) return of([429, 503, 408], false);
    return "taken";
  }

  #travelMs(): number {
    const { dice } = this.#outside;
    return dice.chance(0.3) ? 0 : dice.chance(0.9) ? dice.below(30) : dice.below(4_000);
  }

  async inventory(etag: string | null, signal: AbortSignal): Promise<InventoryReply> {
    this.#watcher.asked();
    const reply = await this.#outside.call((): InventoryReply | null => {
      const { inserter } = this.#network;
      const { weather } = inserter;
      if (weather === "unreachable") {
        return { kind: "unknown", reply: { kind: "failure", why: "connect", message: "connection refused" } };
      }
      if (weather === "silent" || inserter.isMute) return null;
      this.#watcher.reached();
      if (weather === 404 || inserter.abilities.inventory === "none") return { kind: "none" };
      if (typeof weather === "number") return { kind: "unknown", reply: status(weather) };
      return this.#list(etag);
    }, 20);
    if (signal.aborted) throw new Error("aborted");
    if (reply !== null) return reply;
    return this.#abortable(signal, (resolve) => {
      const silence: Reply = { kind: "failure", why: "timeout", message: "no answer" };
      this.#network.timeline.at(TIMEOUT_MS, () => resolve({ kind: "unknown", reply: silence }));
    });
  }

  #list(etag: string | null): InventoryReply {
    const { dice } = this.#outside;
    const { inserter, faults } = this.#network;
    if (dice.chance(faults.cutInventory / 2)) {
      return { kind: "unknown", reply: status(dice.pick([500, 429, 503])) };
    }
    const stale = dice.chance(faults.staleInventory) ? this.#old : null;
    if (stale !== null) this.#watcher.staleListing();
    const tag = stale?.etag ?? inserter.etag;
    if (etag === `e${tag}`) {
      this.#watcher.listed(null);
      return { kind: "unchanged" };
    }
    const { batch } = inserter.abilities;
    return { kind: "listing", etag: `e${tag}`, batch, pages: this.#pages(stale?.lines ?? null) };
  }

  /** Pages as they are at the moment each is read: an inserter need not make a snapshot. */
  async *#pages(stale: readonly Listed[] | null): AsyncGenerator<readonly Listed[]> {
    const { dice } = this.#outside;
    const { inserter, faults } = this.#network;
    const lines: Listed[] = [];
    const cutAfter = dice.chance(faults.cutInventory) ? dice.below(4) : Number.POSITIVE_INFINITY;
    const size = dice.pick([2, 100]);
    const { etag } = inserter;
    const ids = stale === null ? null : stale.map((line) => line.id);
    let after: string | null = null;
    for (let count = 0; ; count++) {
      const page: Listed[] = await this.#outside.call(() => {
        if (count >= cutAfter) throw new Error("the listing ends before its last line");
        if (stale !== null) return stale.slice(count * size, (count + 1) * size);
        const some = [...inserter.articles.keysAfter(after).take(size)];
        return some.map((id) => this.#listed(id, inserter.articles.get(id) as Stored));
      }, 10);
      if (page.length === 0) break;
      after = page.at(-1)?.id ?? null;
      lines.push(...page);
      yield page;
    }
    if (ids === null && etag === inserter.etag) this.#old = { etag, lines };
    this.#watcher.listed(lines);
  }

  #listed(id: string, { digest: stored, version, owner }: Stored): Listed {
    const { inserter } = this.#network;
    const digest = inserter.isAltered(id) ? `altered~${stored}` : stored;
    if (inserter.abilities.inventory === "full") return { id, digest, version, owner };
    return { id, digest, version: null, owner: null };
  }

  #abortable<T>(signal: AbortSignal, work: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Error("aborted"));
      let rejecters = this.#aborts.get(signal);
      if (rejecters === undefined) {
        const all = new Set<(error: unknown) => void>();
        signal.addEventListener("abort", () => {
          for (const one of all) one(new Error("aborted"));
          all.clear();
        });
        this.#aborts.set(signal, all);
        rejecters = all;
      }
      const mine = rejecters;
      mine.add(reject);
      work((value) => {
        if (!mine.delete(reject)) return;
        // By way of the outside: a process that has died hears no answer.
        this.#outside.call(() => value, 0).then(resolve, reject);
      });
    });
  }
}

function status(code: number, retryAfterMs: number | null = null): Answer {
  const withRetryAfter = code === 429 || code === 503;
  return {
    kind: "answer",
    status: code,
    retryAfterMs: withRetryAfter ? retryAfterMs : null,
    version: null,
    location: code === 302 ? "/elsewhere" : null,
    excerpt: "",
  };
}
