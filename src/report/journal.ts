import { lstatSync } from "node:fs";
import type { Cause } from "../sync/model.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Deliveries remembered. */
const RECENT_MAX = 50;
/** Revisions remembered: those whose changes may still be on their way. */
const REVISIONS_MAX = 20;
/** What a new revision brings; the rest is repair, or repetition. */
const FROM_A_FLIP: ReadonlySet<Cause> = new Set(["new", "changed", "moved", "deleted", "withdrawn"]);

/** A revision as this process met it. Times are milliseconds since the epoch. */
export interface RevisionNote {
  readonly id: string;
  /** When the link was moved to it; null where that cannot be told. */
  readonly flippedMs: number | null;
  readonly seenMs: number;
  /** End of the first pass over it; null before. */
  readonly passedMs: number | null;
  /** Last acknowledgement of a change it brought; null before, or without any. */
  readonly acknowledgedMs: number | null;
  /** The first one this process met: nobody waited for it here. */
  readonly isFirst: boolean;
}

/** An operation that the inserter acknowledged. */
export interface DeliveryNote {
  readonly atMs: number;
  readonly kind: "upsert" | "delete";
  readonly id: string;
  readonly path: string | null;
  readonly cause: Cause;
  readonly attempts: number;
  readonly tookMs: number;
  /** From the flip of its revision; null where no flip brought it. */
  readonly liveMs: number | null;
}

export interface PassNote {
  readonly atMs: number;
  readonly trigger: string;
  readonly way: string;
  readonly examined: number;
  readonly begun: number;
  readonly durationMs: number;
}

/** What can go wrong for a while. */
export type Ailment = "brake" | "state" | "repository" | "inserter";

/** Events that begin and end an ailment. */
const BEGINS: Readonly<Record<string, Ailment>> = {
  "brake.on": "brake",
  "state.unavailable": "state",
  "repository.waiting": "repository",
  "inserter.waiting": "inserter",
};
const ENDS: Readonly<Record<string, Ailment>> = {
  "brake.off": "brake",
  "state.recovered": "state",
  "repository.found": "repository",
  "inserter.found": "inserter",
};
/** Events after which the inserter holds something else, or is known to hold what it should. */
const MOVES = new Set([
  "article.upserted",
  "article.deleted",
  "article.refused",
  "article.undeletable",
  "inserter.recovered",
  "state.recovered",
  "brake.off",
]);

/** What happened since the start, as far as the status tells of it; fed with the events of the log. */
export class Journal {
  readonly startedMs: number;
  readonly #recent: DeliveryNote[] = [];
  readonly #revisions: RevisionNote[] = [];
  readonly #since = new Map<Ailment, number>();
  #lastPass: PassNote | null = null;
  #lastMoveMs: number;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
    this.#lastMoveMs = startedMs;
  }

  /** The last 50 deliveries, newest first. */
  get recent(): readonly DeliveryNote[] {
    return this.#recent.toReversed();
  }

  get lastPass(): PassNote | null {
    return this.#lastPass;
  }

  /** When something last changed at the inserter, or a revision was first gone through. */
  get lastMoveMs(): number {
    return this.#lastMoveMs;
  }

  /** Since when; null for what is not the case, or was not told. */
  sinceMs(ailment: Ailment): number | null {
    return this.#since.get(ailment) ?? null;
  }

  revision(id: string): RevisionNote | null {
    return this.#revisions.find((note) => note.id === id) ?? null;
  }

  /** Another agent, with a new configuration, begins: what the last one had no longer holds. */
  beginAgain(): void {
    this.#since.clear();
  }

  /**
   * @param flippedMs Asked when a new revision is seen: when the link was moved to it.
   * @returns The delivery that this was, if it was one.
   */
  observe(event: string, fields: Fields, nowMs: number, flippedMs: () => number | null): DeliveryNote | null {
    const begun = BEGINS[event];
    if (begun !== undefined && !this.#since.has(begun)) this.#since.set(begun, nowMs);
    const ended = ENDS[event];
    if (ended !== undefined) this.#since.delete(ended);
    if (MOVES.has(event)) this.#lastMoveMs = nowMs;
    if (event === "revision.seen") this.#meet(String(fields["revision"]), nowMs, flippedMs());
    else if (event === "pass.done") this.#passed(fields, nowMs);
    else if (event === "article.upserted") return this.#delivered("upsert", fields, nowMs);
    else if (event === "article.deleted") return this.#delivered("delete", fields, nowMs);
    return null;
  }

  #meet(id: string, seenMs: number, flippedMs: number | null): void {
    const last = this.#revisions.at(-1);
    // Another agent, with a new configuration, meets the same one again: that is no flip.
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

  #passed(fields: Fields, nowMs: number): void {
    this.#since.delete("inserter");
    this.#lastPass = {
      atMs: nowMs,
      trigger: String(fields["trigger"]),
      way: String(fields["way"]),
      examined: Number(fields["examined"]),
      begun: Number(fields["begun"]),
      durationMs: Number(fields["durationMs"]),
    };
    const index = this.#revisions.findIndex(({ id }) => id === fields["revision"]);
    const note = this.#revisions[index];
    if (note === undefined || note.passedMs !== null) return;
    this.#revisions[index] = { ...note, passedMs: nowMs };
    this.#lastMoveMs = nowMs;
  }

  #delivered(kind: "upsert" | "delete", fields: Fields, nowMs: number): DeliveryNote {
    const cause = fields["cause"] as Cause;
    const begunMs = nowMs - Number(fields["waitedMs"]);
    const note: DeliveryNote = {
      atMs: nowMs,
      kind,
      id: String(fields["id"]),
      path: typeof fields["path"] === "string" ? fields["path"] : null,
      cause,
      attempts: Number(fields["attempts"]),
      tookMs: Number(fields["durationMs"]),
      liveMs: FROM_A_FLIP.has(cause) ? this.#sinceFlip(begunMs, nowMs) : null,
    };
    this.#recent.push(note);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
    return note;
  }

  /** How long after its flip a change went live; null where the pass was none over a new revision. */
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
