import type { StatusSnapshot, VerdictKind } from "../status.ts";
import type { SyncEvent } from "../sync/events.ts";
import type { Log } from "../sync/ports.ts";

/** What was done since the last line. Elapsed milliseconds. */
interface Work {
  readonly startMs: number;
  sent: number;
  deleted: number;
}

/** What the verdict is of. */
export interface Judged {
  snapshot(): StatusSnapshot | null;
  /** Resolves when nothing is under way, and nothing can be sent now. */
  quiet(): Promise<void>;
  elapsedMs(): number;
}

const WORDS: Readonly<Record<VerdictKind, string>> = {
  "in-step": "In step",
  "in-step-except": "In step except",
  behind: "Behind",
  "not-syncing": "Not syncing",
};
/** Exceptions that are named. */
const NAMED_MAX = 3;

/** After these the verdict may be another one. */
const MAY_CHANGE: Readonly<Partial<Record<SyncEvent["kind"], true>>> = {
  "article.upserted": true,
  "article.deleted": true,
  "article.refused": true,
  "article.undeletable": true,
  "brake.off": true,
  "brake.on": true,
  "inserter.recovered": true,
  "inserter.trouble": true,
  "inserter.waiting": true,
  "owner.agreed": true,
  "owner.conflict": true,
  "pass.done": true,
  "repository.found": true,
  "repository.waiting": true,
  "revision.readable": true,
  "revision.unreadable": true,
  "state.recovered": true,
  "state.unavailable": true,
};

/**
 * Logs the verdict: one line after each pass that did something, when what it began has been delivered or cannot be
 * now, and one when the verdict is another one.
 */
export class VerdictLog {
  readonly #log: Log;
  readonly #judged: Judged;
  #work: Work | null = null;
  #last: VerdictKind | null = null;
  #looking: Promise<void> | null = null;
  #isDue = false;
  #isOver = false;

  constructor(log: Log, judged: Judged) {
    this.#log = log;
    this.#judged = judged;
  }

  observe(event: SyncEvent): void {
    if (event.kind === "pass.done" && event.begun > 0) this.#worked(event.durationMs);
    if (event.kind === "article.upserted") this.#worked().sent++;
    if (event.kind === "article.deleted") this.#worked().deleted++;
    if (MAY_CHANGE[event.kind]) this.lookAgain();
  }

  #worked(durationMs = 0): Work {
    this.#work ??= { startMs: this.#judged.elapsedMs() - durationMs, sent: 0, deleted: 0 };
    return this.#work;
  }

  /** Something else that it depends on may have changed. */
  lookAgain(): void {
    this.#isDue = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
      if (this.#isDue && !this.#isOver) this.lookAgain();
    });
  }

  /** Nothing more is logged. */
  end(): void {
    this.#isOver = true;
  }

  async #look(): Promise<void> {
    this.#isDue = false;
    await this.#judged.quiet();
    if (this.#isOver || this.#isDue) return;
    const snapshot = this.#judged.snapshot();
    if (snapshot === null) return;
    const { kind } = snapshot.verdict;
    const isComparing =
      snapshot.phase === "reconciling" || snapshot.reasons.every(({ code }) => code === "new-revision");
    // The end of that pass brings us here again.
    if (kind === "behind" && isComparing) return;
    const isDone = kind === "in-step" || kind === "in-step-except";
    if (kind === this.#last && !(isDone && this.#work !== null)) return;
    this.#last = kind;
    this.#write(snapshot, isDone);
    if (isDone) this.#work = null;
  }

  #write(snapshot: StatusSnapshot, isDone: boolean): void {
    const { verdict, revision, articles, reasons, health } = snapshot;
    const { sent = 0, deleted = 0, startMs = null } = this.#work ?? {};
    const durationMs = startMs === null ? null : Math.round(this.#judged.elapsedMs() - startMs);
    const { published = 0, pending = 0 } = articles?.counts ?? {};
    const at = revision === null ? "" : ` at ${revision.id.slice(0, 12)}`;
    const { total, shown } = verdict.except;
    const names = shown.slice(0, NAMED_MAX).map(({ name }) => name);
    const more = total > names.length ? `, and ${total - names.length} more` : "";
    const except = total === 0 ? "" : ` ${total} (${names.join(", ")}${more})`;
    const why = [...health.reasons, ...reasons].map(({ message }) => message)[0] ?? "";
    const took = durationMs === null ? "" : ` in ${durationMs} ms`;
    const did = sent + deleted === 0 ? "" : `; ${sent} sent, ${deleted} deleted${took}`;
    const message = isDone
      ? `${WORDS[verdict.kind]}${except}${at}: ${published} published${did}`
      : `${WORDS[verdict.kind]}${at}: ${why}`;
    this.#log.emit("info", "agent.verdict", message, {
      verdict: verdict.kind,
      revision: revision?.id ?? null,
      published,
      pending,
      except: total,
      sent,
      deleted,
      durationMs,
      reasons: [...health.reasons, ...reasons].map(({ code }) => code),
    });
  }
}
