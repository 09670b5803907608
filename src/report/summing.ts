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
  "revision.readable": ["revision.unreadable"],
  "state.recovered": ["state.unavailable"],
  "brake.off": ["brake.on"],
  "owner.agreed": ["owner.conflict"],
  "config.reloaded": ["config.invalid"],
};

/** What one cause may bring upon any number of articles at once, as a changed configuration does. */
const OF_MANY: readonly Kind[] = [
  ...OF_AN_ARTICLE,
  "article.withdrawn",
  "article.undeletable",
  "article.differs",
  "article.folded",
];
/** So many that are alike are written one by one: they are the examples. */
const EXAMPLES = 10;
/** All files of it have been looked at. */
const PASS_DONE: Kind = "pass.done";

/** How repeated trouble is summed up. Durations are milliseconds. */
export interface SummingOptions {
  /** A clock that is never set. */
  readonly nowMs: () => number;
  /** Quiet time after the first one; doubles with each summary. */
  readonly quietMs: number;
  /** The quiet time grows no further than this. */
  readonly quietMsMax: number;
}

interface Trouble {
  readonly event: string;
  quietMs: number;
  quietUntilMs: number;
  /** Those not written yet, and the last of them. */
  count: number;
  last: { level: LogLevel; message: string; fields: Fields };
}

/** Articles with the same trouble, one after the other. */
interface Crowd {
  readonly event: string;
  count: number;
  /** Those not written. */
  left: number;
  last: { level: LogLevel; message: string; fields: Fields };
  /** It is over when no more come until then. */
  untilMs: number;
}

/**
 * Wraps a log so that warnings and errors that repeat do not flood it: the first is written at once, those
 * after it are counted and written as one record with `repeated` (how many it stands for), at intervals that
 * double. So are articles that all have the same trouble, after some examples. Information passes through.
 *
 * It has no timer of its own: whatever is logged, at any level, also writes the summaries that are due.
 */
export class SummingLog implements Log {
  readonly #log: Log;
  readonly #options: SummingOptions;
  readonly #troubles = new Map<string, Trouble>();
  /** By event and what is wrong. */
  readonly #crowds = new Map<string, Crowd>();
  /** Those of them with something that was not written yet: few, where the others may be thousands. */
  readonly #unwritten = new Set<string>();
  /** No summary is due before. */
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(log: Log, options: SummingOptions) {
    this.#log = log;
    this.#options = options;
  }

  emit(level: LogLevel, event: string, message: string, fields: Fields = {}): void {
    const nowMs = this.#options.nowMs();
    this.#writeDue(nowMs);
    const ended = (RECOVERIES as Readonly<Record<string, readonly string[] | undefined>>)[event];
    if (ended !== undefined) this.#end(ended, fields);
    if (event === PASS_DONE) this.#writeCrowds();
    if (level === "debug" || level === "info") return this.#log.emit(level, event, message, fields);
    if (this.#isOneOfMany(level, event, message, fields)) return;
    const key = JSON.stringify([event, aboutOf(event, fields)]);
    const known = this.#troubles.get(key);
    if (known === undefined) {
      this.#log.emit(level, event, message, fields);
      const { quietMs } = this.#options;
      const quietUntilMs = nowMs + quietMs;
      const last = { level, message, fields };
      this.#troubles.set(key, { event, quietMs, quietUntilMs, count: 0, last });
      this.#dueMs = Math.min(this.#dueMs, quietUntilMs);
    } else {
      known.count++;
      known.last = { level, message, fields };
      this.#unwritten.add(key);
    }
  }

  /** Writes the summaries that were not written yet; at the end of the program. */
  flush(): void {
    for (const [key, trouble] of this.#troubles) this.#write(key, trouble);
    this.#troubles.clear();
    this.#writeCrowds();
    this.#crowds.clear();
  }

  /** Whether enough articles with this trouble have been written; then it is counted only. */
  #isOneOfMany(level: LogLevel, event: string, message: string, fields: Fields): boolean {
    if (!(OF_MANY as readonly string[]).includes(event)) return false;
    const { nowMs, quietMs } = this.#options;
    const kind = JSON.stringify([event, faultOf(fields)]);
    const last = { level, message, fields };
    const crowd = this.#crowds.get(kind) ?? { event, count: 0, left: 0, last, untilMs: 0 };
    this.#crowds.set(kind, crowd);
    crowd.untilMs = nowMs() + quietMs;
    this.#dueMs = Math.min(this.#dueMs, crowd.untilMs);
    if (++crowd.count <= EXAMPLES) return false;
    crowd.left++;
    crowd.last = last;
    return true;
  }

  #writeCrowds(): void {
    for (const crowd of this.#crowds.values()) {
      const { event, left, last } = crowd;
      const { level, message, fields } = last;
      if (left === 1) this.#log.emit(level, event, message, fields);
      else if (left > 1) {
        const summary = `${message} (and ${left - 1} more articles with the same trouble)`;
        this.#log.emit(level, event, summary, { ...fields, repeated: left });
      }
      crowd.left = 0;
    }
  }

  #write(key: string, trouble: Trouble): void {
    const { level, message, fields } = trouble.last;
    if (trouble.count === 1) this.#log.emit(level, trouble.event, message, fields);
    else if (trouble.count > 1) {
      const summary = `${message} (${trouble.count} times since it was last logged)`;
      this.#log.emit(level, trouble.event, summary, { ...fields, repeated: trouble.count });
    }
    trouble.count = 0;
    this.#unwritten.delete(key);
  }

  /** Writes the summaries that are due; a trouble that kept quiet for a whole interval is forgotten. */
  #writeDue(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#dueMs = Number.POSITIVE_INFINITY;
    if ([...this.#crowds.values()].some(({ untilMs }) => nowMs >= untilMs)) this.#writeCrowds();
    for (const [kind, { untilMs }] of this.#crowds) {
      if (nowMs >= untilMs) this.#crowds.delete(kind);
      else this.#dueMs = Math.min(this.#dueMs, untilMs);
    }
    for (const [key, trouble] of this.#troubles) {
      if (nowMs >= trouble.quietUntilMs) {
        if (trouble.count === 0) {
          this.#troubles.delete(key);
          continue;
        }
        this.#write(key, trouble);
        trouble.quietMs = Math.min(trouble.quietMs * 2, this.#options.quietMsMax);
        trouble.quietUntilMs = nowMs + trouble.quietMs;
      }
      this.#dueMs = Math.min(this.#dueMs, trouble.quietUntilMs);
    }
  }

  /** A trouble that is over is written before its end, and not hours later with the next record. */
  #end(events: readonly string[], recovery: Fields): void {
    for (const key of isOfAnArticle(recovery) ? [...this.#unwritten] : [...this.#troubles.keys()]) {
      const trouble = this.#troubles.get(key);
      if (trouble === undefined || !events.includes(trouble.event)) continue;
      if (!concerns(recovery, trouble.last.fields)) continue;
      this.#write(key, trouble);
      this.#troubles.delete(key);
    }
  }
}

/** What is wrong with an article, apart from where. */
function faultOf({ problems, problem, status }: Fields): string {
  const all = (Array.isArray(problems) ? problems : problem === undefined ? [] : [problem]) as Problem[];
  return [...new Set(all.map(({ code }) => code)), status ?? ""].join(" ");
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
