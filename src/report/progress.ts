import type { Io } from "../cli/argv.ts";
import { formatDuration } from "../config/units.ts";
import type { Lang } from "../messages/language.ts";
import { cells, cut, visible } from "../messages/terminal.ts";
import { WORDS } from "../messages/words.ts";
import type { SqliteState } from "../state/sqlite.ts";
import type { Agent } from "../sync/agent.ts";
import type { World } from "../sync/ports.ts";
import type { AgentEvent } from "./describe.ts";

/** How often the line is drawn anew, milliseconds. */
const DRAW_MS = 250;
/** The rate is that of so many of the latest draws: five seconds. */
const RATE_DRAWS = 20;
/** While files were read a moment ago nobody knows how many articles there will be. */
const READING_DRAWS = 4;

/** How far long work is. */
export interface Standing {
  readonly read: number;
  readonly rejected: number;
  readonly delivered: number;
  readonly owed: number;
  /** Deliveries a second; null where that cannot be told yet. */
  readonly rate: number | null;
  /** Whether files are still being read, so that more may come to be owed. */
  readonly isReading: boolean;
  readonly trouble: string | null;
}

/**
 * One line on a terminal that tells how far long work is; nothing elsewhere, or where it cannot be
 * wiped out again.
 */
export class Progress {
  readonly #io: Io;
  readonly #lang: Lang;
  readonly #timer: NodeJS.Timeout | null;
  #followed: {
    readonly agent: Agent;
    readonly state: SqliteState;
    readonly isOver: () => boolean;
  } | null = null;
  /** Deliveries and files at the latest draws, oldest first. */
  readonly #draws: { readonly delivered: number; readonly read: number; readonly atMs: number }[] = [];
  #read = 0;
  #rejected = 0;
  #shown = false;
  #isDrawing: boolean;

  /** @param isRead Whether what goes to stderr is written for people. */
  constructor(io: Io, isRead: boolean, lang: Lang) {
    this.#io = io;
    this.#lang = lang;
    const isWanted = isRead && io.isTTY.stderr && io.env["TERM"] !== "dumb";
    this.#timer = isWanted ? setInterval(() => this.#draw(), DRAW_MS) : null;
    this.#timer?.unref();
    this.#isDrawing = isWanted;
  }

  /** The same world, its examinations counted. For the agent that is followed next. */
  readonly observe = (world: World): World => {
    if (this.#timer === null) return world;
    const { articles } = world;
    return {
      ...world,
      articles: {
        fingerprint: articles.fingerprint,
        parse: async (path, blob, content, patience) => {
          const parsed = await articles.parse(path, blob, content, patience);
          this.#read++;
          if (parsed.verdict.kind === "rejected") this.#rejected++;
          return parsed;
        },
      },
    };
  };

  /** The same report, each delivery as one of a bulk as long as this one line shows them all. */
  quieten(report: (event: AgentEvent) => void): (event: AgentEvent) => void {
    return (event) => {
      const isDelivery = event.kind === "article.upserted" || event.kind === "article.deleted";
      report(isDelivery && this.#isDrawing ? { ...event, isBulk: true } : event);
    };
  }

  /** @param isOver Whether there is nothing more to tell. */
  follow(agent: Agent, state: SqliteState, isOver: () => boolean = () => false): void {
    this.#followed = { agent, state, isOver };
  }

  /** Wipes the line out, for good. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#followed = null;
    this.#isDrawing = false;
    this.#wipe();
  }

  #draw(): void {
    if (this.#followed === null) return;
    try {
      if (this.#followed.isOver()) {
        this.end();
        return;
      }
      const standing = this.#standing(this.#followed);
      if (standing.read + standing.delivered + standing.owed === 0 && standing.trouble === null) return;
      this.#io.stderr(`\r\x1b[K${progressLine(standing, this.#io.columns - 1, this.#lang)}`);
      this.#shown = true;
    } catch {
      // A state that cannot be read just now is told by those who need it.
      this.#wipe();
    }
  }

  #wipe(): void {
    if (this.#shown) this.#io.stderr("\r\x1b[K");
    this.#shown = false;
  }

  #standing({ agent, state }: { readonly agent: Agent; readonly state: SqliteState }): Standing {
    const { deliverer } = agent;
    const delivered = deliverer.acknowledged;
    const read = this.#read;
    const atMs = performance.now();
    this.#draws.push({ delivered, read, atMs });
    if (this.#draws.length > RATE_DRAWS) this.#draws.shift();
    const oldest = this.#draws[0] ?? { delivered, read, atMs };
    const isReading = (this.#draws.at(-READING_DRAWS) ?? oldest).read !== read;
    const rate = atMs > oldest.atMs ? (1000 * (delivered - oldest.delivered)) / (atMs - oldest.atMs) : null;
    const { trouble, attempts, stateTrouble } = deliverer.status();
    return {
      read,
      rejected: this.#rejected,
      delivered,
      owed: state.progress.pending,
      rate,
      isReading,
      trouble: stateTrouble ?? trouble?.message ?? attempts[0]?.attempt.message ?? null,
    };
  }
}

/** What fits of it into `columns` cells of a terminal, the most important first. */
export function progressLine(standing: Standing, columns: number, lang: Lang): string {
  const { progress, comma } = WORDS[lang].commands;
  const { read, rejected, delivered, owed, rate, isReading, trouble } = standing;
  const total = delivered + owed;
  const parts: string[] = [];
  if (total > 0) {
    parts.push(progress.delivered(counted(delivered), counted(total)));
    if (rate !== null && rate > 0 && owed > 0) {
      parts.push(progress.rate(rate < 10 ? rate.toFixed(1) : counted(Math.round(rate))));
      if (!isReading) parts.push(progress.left(formatDuration(Math.ceil(owed / rate) * 1000)));
    }
  }
  if (isReading || total === 0) parts.push(progress.read(counted(read)));
  if (rejected > 0) parts.push(progress.rejected(counted(rejected)));
  if (trouble !== null) parts.push(visible(trouble));
  const line = parts.join(comma);
  return cells(line) <= columns ? line : `${cut(line, columns - 1)}…`;
}

const counted = (count: number): string => count.toLocaleString("en");
