import { lstatSync } from "node:fs";
import type { DeliveryStatus, PassStatus } from "../status.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { Cause } from "../sync/model.ts";

/** Deliveries remembered. */
const RECENT_MAX = 50;
/** Revisions remembered: those whose changes may still be on their way. */
const REVISIONS_MAX = 20;
/** Causes of changes that a new revision brings; the others are repairs, or repetitions. */
const FROM_A_FLIP: ReadonlySet<Cause> = new Set([
  "new",
  "changed",
  "moved",
  "deleted",
  "withdrawn",
  "scheduled",
]);

/** What this process knows of a revision. Times are milliseconds since the epoch. */
export interface RevisionNote {
  readonly id: string;
  /** When the link was moved to it; null where unknown. */
  readonly flippedMs: number | null;
  readonly seenMs: number;
  /** End of the first pass over it; null before. */
  readonly passedMs: number | null;
  /** Last acknowledgement of a change it brought; null before, or without any. */
  readonly acknowledgedMs: number | null;
  /** The first one this process met: it may have been live before. */
  readonly isFirst: boolean;
}

/** What can be wrong for a while. */
export type Condition = "brake" | "state" | "repository" | "revision" | "inserter";

type ByKind<Value> = Readonly<Partial<Record<SyncEvent["kind"], Value>>>;
type Event<Kind extends SyncEvent["kind"]> = Extract<SyncEvent, { kind: Kind }>;

/** Events that begin and end a condition. */
const BEGINS: ByKind<Condition> = {
  "brake.on": "brake",
  "state.unavailable": "state",
  "repository.waiting": "repository",
  "revision.unreadable": "revision",
  "inserter.waiting": "inserter",
};
const ENDS: ByKind<Condition> = {
  "brake.off": "brake",
  "state.recovered": "state",
  "repository.found": "repository",
  "revision.readable": "revision",
  "inserter.found": "inserter",
  "pass.done": "inserter",
};
/** Events after which the inserter holds something else, or is known to hold what it should. */
const MOVES: ByKind<true> = {
  "article.upserted": true,
  "article.deleted": true,
  "article.refused": true,
  "article.undeletable": true,
  "inserter.recovered": true,
  "state.recovered": true,
  "brake.off": true,
};

/** What happened since the start, as far as the status shows it. */
export class Journal {
  readonly startedMs: number;
  readonly #recent: DeliveryStatus[] = [];
  readonly #revisions: RevisionNote[] = [];
  readonly #since = new Map<Condition, number>();
  #lastPass: PassStatus | null = null;
  #lastMoveMs: number;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
    this.#lastMoveMs = startedMs;
  }

  /** The last 50 deliveries, newest first. */
  get recent(): readonly DeliveryStatus[] {
    return this.#recent.toReversed();
  }

  /** The last pass of the agent that runs. */
  get lastPass(): PassStatus | null {
    return this.#lastPass;
  }

  /** When something last changed at the inserter, or the first pass over a revision ended. */
  get lastMoveMs(): number {
    return this.#lastMoveMs;
  }

  /** Since when; null for what is not the case. */
  sinceMs(condition: Condition): number | null {
    return this.#since.get(condition) ?? null;
  }

  revision(id: string): RevisionNote | null {
    return this.#revisions.find((note) => note.id === id) ?? null;
  }

  /** Another agent, with a new configuration, begins. */
  beginAgain(): void {
    this.#since.clear();
    this.#lastPass = null;
  }

  /**
   * @param flippedMs When the link was moved to the revision; called when a new revision is seen.
   * @returns The delivery that this was, if it was one.
   */
  observe(event: SyncEvent, nowMs: number, flippedMs: () => number | null): DeliveryStatus | null {
    const begun = BEGINS[event.kind];
    if (begun !== undefined && !this.#since.has(begun)) this.#since.set(begun, nowMs);
    const ended = ENDS[event.kind];
    if (ended !== undefined) this.#since.delete(ended);
    if (MOVES[event.kind]) this.#lastMoveMs = nowMs;
    if (event.kind === "revision.seen") this.#seen(event.revision, nowMs, flippedMs());
    if (event.kind === "pass.done") this.#passed(event, nowMs);
    if (event.kind === "article.upserted" || event.kind === "article.deleted") {
      return this.#delivered(event, nowMs);
    }
    return null;
  }

  #seen(id: string, seenMs: number, flippedMs: number | null): void {
    const last = this.#revisions.at(-1);
    // Another agent, with a new configuration, sees the same one again: that is no flip.
    if (last?.id === id) return;
    // A time from a file system is believed only where it can be true.
    const isCredible = flippedMs !== null && flippedMs <= seenMs && flippedMs >= (last?.seenMs ?? 0);
    const before = this.#revisions.findIndex((note) => note.id === id);
    if (before >= 0) this.#revisions.splice(before, 1);
    this.#revisions.push({
      id,
      flippedMs: isCredible ? flippedMs : null,
      seenMs,
      passedMs: null,
      acknowledgedMs: null,
      isFirst: last === undefined,
    });
    if (this.#revisions.length > REVISIONS_MAX) this.#revisions.shift();
  }

  #passed({ trigger, way, examined, begun, durationMs, revision }: Event<"pass.done">, nowMs: number): void {
    const at = new Date(nowMs).toISOString();
    this.#lastPass = { at, trigger, way, examined, begun, durationMs: Math.round(durationMs) };
    const index = this.#revisions.findIndex(({ id }) => id === revision);
    const note = this.#revisions[index];
    if (note === undefined || note.passedMs !== null) return;
    this.#revisions[index] = { ...note, passedMs: nowMs };
    this.#lastMoveMs = nowMs;
  }

  #delivered(event: Event<"article.upserted" | "article.deleted">, nowMs: number): DeliveryStatus {
    const { id, cause, attempts, waitedMs, durationMs } = event;
    const begunMs = nowMs - Math.max(0, Math.round(waitedMs));
    const isUpsert = event.kind === "article.upserted";
    const delivery: DeliveryStatus = {
      at: new Date(nowMs).toISOString(),
      kind: isUpsert ? "upsert" : "delete",
      id,
      path: isUpsert ? event.path : null,
      cause,
      attempts,
      tookMs: Math.round(durationMs),
      liveMs: FROM_A_FLIP.has(cause) ? this.#sinceFlip(begunMs, nowMs) : null,
    };
    this.#recent.push(delivery);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
    return delivery;
  }

  /** How long after its flip a change went live; null where no pass over a new revision began it. */
  #sinceFlip(begunMs: number, nowMs: number): number | null {
    const index = this.#revisions.findLastIndex(({ seenMs }) => seenMs <= begunMs);
    const note = this.#revisions[index];
    if (note === undefined || (note.passedMs !== null && begunMs > note.passedMs)) return null;
    this.#revisions[index] = { ...note, acknowledgedMs: nowMs };
    return note.isFirst ? null : nowMs - (note.flippedMs ?? note.seenMs);
  }
}

/**
 * When git-sync's link was last moved, milliseconds since the epoch; null for a repository that is no
 * link, or cannot be looked at.
 *
 * @param repo Absolute path of the repository, or of the link to it.
 */
export function flipTimeMs(repo: string): number | null {
  try {
    const stat = lstatSync(repo);
    return stat.isSymbolicLink() ? stat.mtimeMs : null;
  } catch {
    return null;
  }
}
