import type { Log, LogLevel } from "../sync/ports.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How repeated trouble is summed up. */
export interface SummingOptions {
  readonly nowMs: () => number;
  /** What makes two warnings or errors of one event the same trouble, besides the event; "" for all. */
  readonly keyOf: (event: string, fields: Fields) => string;
  /**
   * Events that tell of a recovery, with the troubles that end with it: the next one is news again. One that
   * is about an article (`id`, `path`) ends only that article's.
   */
  readonly recoveries: Readonly<Record<string, readonly string[]>>;
  /** Quiet time after the first one; doubles with each summary. */
  readonly quietMs: number;
  /** The quiet time grows no further than this. */
  readonly quietMsMax: number;
}

/** A log that sums up repeated trouble. */
export interface SummingLog extends Log {
  /** Writes the summaries that are still owed; at the end of the program. */
  flush(): void;
}

interface Trouble {
  readonly event: string;
  quietMs: number;
  quietUntilMs: number;
  /** Those not written yet, and the last of them. */
  count: number;
  last: { level: LogLevel; message: string; fields: Fields };
}

/**
 * Wraps a log so that warnings and errors that repeat do not flood it: the first is written at once, those
 * after it are counted and written as one record with `repeated` (how many it stands for), at intervals that
 * double. Information passes through.
 *
 * It has no timer of its own: whatever is logged, at any level, also writes the summaries that came due.
 */
export function sumTrouble(log: Log, options: SummingOptions): SummingLog {
  const troubles = new Map<string, Trouble>();
  /** Those of them with something that was not written yet: few, where the others may be thousands. */
  const owed = new Set<string>();
  /** No summary comes due before. */
  let dueMs = Number.POSITIVE_INFINITY;

  const write = (key: string, trouble: Trouble): void => {
    const { level, message, fields } = trouble.last;
    if (trouble.count === 1) log.emit(level, trouble.event, message, fields);
    else if (trouble.count > 1) {
      const summary = `${message} (${trouble.count} times since it was last logged)`;
      log.emit(level, trouble.event, summary, { ...fields, repeated: trouble.count });
    }
    trouble.count = 0;
    owed.delete(key);
  };

  /** Summaries that came due; a trouble that kept quiet for a whole interval is forgotten. */
  const settle = (nowMs: number): void => {
    if (nowMs < dueMs) return;
    dueMs = Number.POSITIVE_INFINITY;
    for (const [key, trouble] of troubles) {
      if (nowMs >= trouble.quietUntilMs) {
        if (trouble.count === 0) {
          troubles.delete(key);
          continue;
        }
        write(key, trouble);
        trouble.quietMs = Math.min(trouble.quietMs * 2, options.quietMsMax);
        trouble.quietUntilMs = nowMs + trouble.quietMs;
      }
      dueMs = Math.min(dueMs, trouble.quietUntilMs);
    }
  };

  /** What is over is written before its end is told, and not hours later with whatever comes next. */
  const end = (events: readonly string[], recovery: Fields): void => {
    for (const key of isOfAnArticle(recovery) ? [...owed] : [...troubles.keys()]) {
      const trouble = troubles.get(key);
      if (trouble === undefined || !events.includes(trouble.event)) continue;
      if (!concerns(recovery, trouble.last.fields)) continue;
      write(key, trouble);
      troubles.delete(key);
    }
  };

  return {
    emit(level, event, message, fields = {}) {
      const nowMs = options.nowMs();
      settle(nowMs);
      const ended = options.recoveries[event];
      if (ended !== undefined) end(ended, fields);
      if (level === "debug" || level === "info") return log.emit(level, event, message, fields);
      const key = JSON.stringify([event, options.keyOf(event, fields)]);
      const known = troubles.get(key);
      if (known === undefined) {
        log.emit(level, event, message, fields);
        const { quietMs } = options;
        const quietUntilMs = nowMs + quietMs;
        troubles.set(key, { event, quietMs, quietUntilMs, count: 0, last: { level, message, fields } });
        dueMs = Math.min(dueMs, quietUntilMs);
      } else {
        known.count++;
        known.last = { level, message, fields };
        owed.add(key);
      }
    },
    flush() {
      for (const [key, trouble] of troubles) write(key, trouble);
      troubles.clear();
    },
  };
}

const isOfAnArticle = ({ id, path }: Fields): boolean => id !== undefined || path !== undefined;

/** Whether a recovery is that of this trouble: of the same article, or of no one article. */
function concerns(recovery: Fields, trouble: Fields): boolean {
  if (!isOfAnArticle(recovery)) return true;
  return ["id", "path"].some((name) => recovery[name] !== undefined && recovery[name] === trouble[name]);
}
