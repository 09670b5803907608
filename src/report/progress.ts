import { formatDuration } from "../config/units.ts";
import type { Lang } from "../messages/language.ts";
import { cells, cut, visible } from "../messages/terminal.ts";
import { WORDS } from "../messages/words.ts";
import type { Agent } from "../sync/agent.ts";
import type { World } from "../sync/ports.ts";
import type { AgentEvent } from "./describe.ts";

/** How often the line is drawn anew, milliseconds. */
const DRAW_MS = 250;
/** The rate is that of so many of the latest draws: five seconds. */
const RATE_DRAWS = 20;
/** Files that were read within so many draws: more may follow, so the number of articles is not known yet. */
const READING_DRAWS = 4;

/** How far a long sync is. */
export interface Standing {
  readonly read: number;
  readonly rejected: number;
  readonly delivered: number;
  readonly pending: number;
  /** Deliveries a second; null while unknown. */
  readonly rate: number | null;
  /** Whether files are still being read, so that more articles may follow. */
  readonly isReading: boolean;
  readonly trouble: string | null;
}

/** The terminal that the line is drawn on. */
export interface ProgressOutput {
  readonly isTTY: { readonly stderr: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns: number;
  readonly stderr: (text: string) => void;
}

/** What the line is about. */
interface Followed {
  readonly agent: Pick<Agent, "deliverer">;
  readonly state: { readonly progress: { readonly pending: number } };
  readonly isOver: () => boolean;
}

/** One line on a terminal that shows how far a long sync is; nothing elsewhere, or where it cannot be erased. */
export class Progress {
  readonly #io: ProgressOutput;
  readonly #lang: Lang;
  readonly #timer: NodeJS.Timeout | null;
  #followed: Followed | null = null;
  /** Deliveries and files at the latest draws, oldest first. */
  readonly #draws: { readonly delivered: number; readonly read: number; readonly atMs: number }[] = [];
  #read = 0;
  #rejected = 0;
  #shown = false;
  #isDrawing: boolean;

  /** @param isRead Whether what goes to stderr is written for people. */
  constructor(io: ProgressOutput, isRead: boolean, lang: Lang) {
    this.#io = io;
    this.#lang = lang;
    const isWanted = isRead && io.isTTY.stderr && io.env["TERM"] !== "dumb";
    this.#timer = isWanted ? setInterval(() => this.#draw(), DRAW_MS) : null;
    this.#timer?.unref();
    this.#isDrawing = isWanted;
  }

  /** The same world, its parsed files counted. For the agent that is followed next. */
  readonly observe = (world: World): World => {
    if (this.#timer === null) return world;
    const { articles } = world;
    return {
      ...world,
      articles: {
        get fingerprint() {
          return articles.fingerprint;
        },
        prepare: async (head) => articles.prepare?.(head),
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

  /** @param isOver Whether there is nothing more to show. */
  follow(agent: Followed["agent"], state: Followed["state"], isOver: () => boolean = () => false): void {
    this.#followed = { agent, state, isOver };
  }

  /** Erases the line, for good. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#followed = null;
    this.#isDrawing = false;
    this.#erase();
  }

  #draw(): void {
    if (this.#followed === null) return;
    try {
      if (this.#followed.isOver()) return this.end();
      const standing = this.#standing(this.#followed);
      if (standing.read + standing.delivered + standing.pending === 0 && standing.trouble === null) return;
      this.#io.stderr(`\r\x1b[K${progressLine(standing, this.#io.columns - 1, this.#lang)}`);
      this.#shown = true;
    } catch {
      // That the state cannot be read just now is reported where it is needed.
      this.#erase();
    }
  }

  #erase(): void {
    if (this.#shown) this.#io.stderr("\r\x1b[K");
    this.#shown = false;
  }

  #standing({ agent, state }: Followed): Standing {
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
      pending: state.progress.pending,
      rate,
      isReading,
      trouble: stateTrouble ?? trouble?.message ?? attempts[0]?.attempt.message ?? null,
    };
  }
}

/** What fits of it into `columns` cells of a terminal, the most important first. */
export function progressLine(standing: Standing, columns: number, lang: Lang): string {
  const { progress, comma } = WORDS[lang].commands;
  const { read, rejected, delivered, pending, rate, isReading, trouble } = standing;
  const total = delivered + pending;
  const parts: string[] = [];
  if (total > 0) {
    parts.push(progress.delivered(counted(delivered), counted(total)));
    if (rate !== null && rate > 0 && pending > 0) {
      parts.push(progress.rate(rate < 10 ? rate.toFixed(1) : counted(Math.round(rate))));
      if (!isReading) parts.push(progress.left(formatDuration(Math.ceil(pending / rate) * 1000)));
    }
  }
  if (isReading || total === 0) parts.push(progress.read(counted(read)));
  if (rejected > 0) parts.push(progress.rejected(counted(rejected)));
  if (trouble !== null) parts.push(visible(trouble));
  const line = parts.join(comma);
  return cells(line) <= columns ? line : `${cut(line, columns - 1)}…`;
}

const counted = (count: number): string => count.toLocaleString("en");
