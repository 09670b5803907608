import type { Log, LogLevel } from "../sync/ports.ts";

/** How repeated trouble is summed up. */
export interface SummingOptions {
  readonly nowMs: () => number;
  /** What makes two warnings or errors of one event the same trouble, besides the event; "" for all. */
  readonly keyOf: (event: string, fields: Readonly<Record<string, unknown>>) => string;
  /** Events that tell of a recovery, with the troubles that end with it: the next one is news again. */
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
  last: { level: LogLevel; message: string; fields: Readonly<Record<string, unknown>> };
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

  const write = (trouble: Trouble): void => {
    const { level, message, fields } = trouble.last;
    if (trouble.count === 1) log.emit(level, trouble.event, message, fields);
    else if (trouble.count > 1) {
      const summary = `${message} (${trouble.count} times since it was last logged)`;
      log.emit(level, trouble.event, summary, { ...fields, repeated: trouble.count });
    }
    trouble.count = 0;
  };

  /** Summaries that came due; a trouble that kept quiet for a whole interval is forgotten. */
  const settle = (nowMs: number): void => {
    for (const [key, trouble] of troubles) {
      if (nowMs < trouble.quietUntilMs) continue;
      if (trouble.count === 0) troubles.delete(key);
      else {
        write(trouble);
        trouble.quietMs = Math.min(trouble.quietMs * 2, options.quietMsMax);
        trouble.quietUntilMs = nowMs + trouble.quietMs;
      }
    }
  };

  const flush = (ended?: readonly string[]): void => {
    for (const [key, trouble] of troubles) {
      if (ended !== undefined && !ended.includes(trouble.event)) continue;
      write(trouble);
      troubles.delete(key);
    }
  };

  return {
    emit(level, event, message, fields = {}) {
      const nowMs = options.nowMs();
      settle(nowMs);
      const ended = options.recoveries[event];
      if (ended !== undefined) flush(ended);
      if (level === "debug" || level === "info") return log.emit(level, event, message, fields);
      const key = JSON.stringify([event, options.keyOf(event, fields)]);
      const known = troubles.get(key);
      if (known === undefined) {
        log.emit(level, event, message, fields);
        const { quietMs } = options;
        const quietUntilMs = nowMs + quietMs;
        troubles.set(key, { event, quietMs, quietUntilMs, count: 0, last: { level, message, fields } });
      } else {
        known.count++;
        known.last = { level, message, fields };
      }
    },
    flush: () => flush(),
  };
}
