import type { Problem } from "../sync/model.ts";
import type { Log, LogLevel } from "../sync/ports.ts";
import type { AgentEvent } from "./describe.ts";

type Fields = Readonly<Record<string, unknown>>;

type Kind = AgentEvent["kind"] | "config.invalid" | "config.reloaded";

/** Troubles of one article, which end when the inserter takes it. */
const OF_AN_ARTICLE: readonly Kind[] = [
  "article.retry",
  "article.refused",
  "article.rejected",
  "article.held",
];
/**
 * Troubles that end with each recovery: the next one is news again. A recovery of one article (`id`, `path`)
 * ends only that article's.
 */
const RECOVERIES: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  "article.upserted": OF_AN_ARTICLE,
  "article.deleted": [...OF_AN_ARTICLE, "article.undeletable"],
  "inserter.recovered": ["inserter.trouble", "article.retry", "inventory.unknown"],
  "inserter.found": ["inserter.waiting", "inventory.unknown"],
  "repository.found": ["repository.waiting"],
  "state.recovered": ["state.unavailable"],
  "brake.off": ["brake.on"],
  "config.reloaded": ["config.invalid"],
};

/** How repeated trouble is summed up. Durations are milliseconds. */
export interface SummingOptions {
  readonly nowMs: () => number;
  /** Quiet time after the first one; doubles with each summary. */
  readonly quietMs: number;
  /** The quiet time grows no further than this. */
  readonly quietMsMax: number;
}

/** A log that sums up repeated trouble. */
export interface SummingLog extends Log {
  /** Writes the summaries that were not written yet; at the end of the program. */
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
  const recoveries: Readonly<Record<string, readonly string[] | undefined>> = RECOVERIES;
  const troubles = new Map<string, Trouble>();
  /** Those of them with something that was not written yet: few, where the others may be thousands. */
  const unwritten = new Set<string>();
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
    unwritten.delete(key);
  };

  /** Summaries that came due; a trouble that kept quiet for a whole interval is forgotten. */
  const writeDue = (nowMs: number): void => {
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

  /** A trouble that is over is written before its end, and not hours later with the next record. */
  const end = (events: readonly string[], recovery: Fields): void => {
    for (const key of isOfAnArticle(recovery) ? [...unwritten] : [...troubles.keys()]) {
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
      writeDue(nowMs);
      const ended = recoveries[event];
      if (ended !== undefined) end(ended, fields);
      if (level === "debug" || level === "info") return log.emit(level, event, message, fields);
      const key = JSON.stringify([event, aboutOf(event, fields)]);
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
        unwritten.add(key);
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

/**
 * What makes two records of one event the same trouble: the article, and what is wrong with it; the retries of
 * many articles are one trouble.
 */
function aboutOf(event: string, { path, id, fault, problems }: Fields): string {
  if (event === ("article.retry" satisfies Kind)) return "";
  const about = String(path ?? id ?? fault ?? "");
  if (!Array.isArray(problems)) return about;
  const places = (problems as readonly Problem[]).map(({ code, line, column }) => [code, line, column]);
  return JSON.stringify([about, ...places]);
}
