import type { SqliteState } from "../state/sqlite.ts";
import type { Io } from "./cli.ts";

/** How often the line is drawn anew, milliseconds. */
const DRAW_MS = 250;

/** One line on a terminal that tells how far long work is; nothing elsewhere. */
export class Progress {
  readonly #io: Io;
  readonly #state: SqliteState;
  readonly #startMs = Date.now();
  readonly #timer: NodeJS.Timeout | null;
  #examined = 0;
  #most = 0;
  #shown = false;

  constructor(io: Io, state: SqliteState) {
    this.#io = io;
    this.#state = state;
    this.#timer = io.isTTY.stderr ? setInterval(() => this.#draw(), DRAW_MS) : null;
    this.#timer?.unref();
  }

  examined(count: number): void {
    this.#examined = count;
  }

  /** Clears the line. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#shown) this.#io.stderr("\r\x1b[K");
    this.#shown = false;
  }

  #draw(): void {
    const { pending, published } = this.#state.progress;
    this.#most = Math.max(this.#most, pending + published);
    const seconds = (Date.now() - this.#startMs) / 1000;
    const rate = published / seconds;
    const left = pending > 0 && rate > 0 ? `, about ${Math.ceil(pending / rate)} s left` : "";
    const line = `${this.#examined} files read, ${published} of ${this.#most} in step, ${rate.toFixed(0)}/s${left}`;
    this.#io.stderr(`\r\x1b[K${line.slice(0, this.#io.columns - 1)}`);
    this.#shown = true;
  }
}
