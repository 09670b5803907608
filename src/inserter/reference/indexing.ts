import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "../../sync/ports.ts";
import { atomically, prepareWrite } from "./database.ts";
import { type Fields, folded, type Summary, searchedText } from "./text.ts";

/** How long one turn may hold up the requests that wait. */
const turnMs = 15;
/** Pause between turns, so that requests get at least as much time. */
const pauseMs = 15;
/** While articles are arriving, they go first. */
const busyPauseMs = 250;
const troublePauseMs = 5_000;

/**
 * A trigram begins at every character but the last two. With these behind the text it does there too,
 * so that a word of one or two characters is always the beginning of some trigram.
 */
const padding = "\n\n";
/** Of a longer text only the beginning is searched: all of it would hold up every request for seconds. */
const searchedLengthMax = 1_000_000;

/**
 * Puts the words of articles that came lately into the table that is searched: at about 2 ms an
 * article of 8 KB, this would be most of the cost of storing one, so it is done when there is time.
 */
export class Indexing {
  readonly #database: DatabaseSync;
  readonly #log: Log;
  readonly #due: StatementSync;
  readonly #article: StatementSync;
  readonly #putWords: StatementSync;
  readonly #dropWords: StatementSync;
  readonly #putTag: StatementSync;
  readonly #dropTags: StatementSync;
  readonly #done: StatementSync;
  #timer: NodeJS.Timeout | null = null;
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(database: DatabaseSync, log: Log) {
    this.#database = database;
    this.#log = log;
    this.#due = database.prepare("SELECT article FROM unindexed LIMIT 4");
    this.#article = database.prepare("SELECT payload, summary FROM article WHERE number = ?");
    this.#putWords = prepareWrite(
      database,
      "INSERT OR REPLACE INTO word (rowid, title, text) VALUES (?, ?, ?)",
    );
    this.#dropWords = prepareWrite(database, "DELETE FROM word WHERE rowid = ?");
    this.#putTag = prepareWrite(database, "INSERT OR IGNORE INTO tag (tag, article) VALUES (?, ?)");
    this.#dropTags = prepareWrite(database, "DELETE FROM tag WHERE article = ?");
    this.#done = prepareWrite(database, "DELETE FROM unindexed WHERE article = ?");
    this.#plan(0);
  }

  /** Something came: it will be indexed soon. */
  wake(): void {
    this.#lastArrivalMs = performance.now();
    if (this.#timer === null) this.#plan(busyPauseMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #plan(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#turn(), delayMs);
    this.#timer.unref();
  }

  #turn(): void {
    this.#timer = null;
    try {
      if (this.index(turnMs)) return;
      const arriving = performance.now() - this.#lastArrivalMs < busyPauseMs;
      this.#plan(arriving ? busyPauseMs : pauseMs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.emit("warn", "reference.unindexed", `Cannot make new articles searchable: ${message}`);
      this.#plan(troublePauseMs);
    }
  }

  /**
   * Makes articles searchable, in one transaction, for about as long as given.
   *
   * @param budgetMs At least a few articles are done, however small it is.
   * @returns Whether all are done.
   */
  index(budgetMs: number): boolean {
    let due = this.#due.all();
    if (due.length === 0) return true;
    const until = performance.now() + budgetMs;
    atomically(this.#database, () => {
      do {
        for (const row of due) this.#indexOne(Number(row["article"]));
        due = this.#due.all();
      } while (due.length > 0 && performance.now() < until);
    });
    return due.length === 0;
  }

  #indexOne(number: number): void {
    this.#dropTags.run(number);
    const row = this.#article.get(number);
    if (row === undefined) {
      this.#dropWords.run(number);
    } else {
      const summary = JSON.parse(String(row["summary"])) as Summary;
      const fields = JSON.parse(String(row["payload"])) as Fields;
      this.#putWords.run(number, searchable(summary.title ?? ""), searchable(searchedText(fields)));
      for (const tag of summary.tags ?? []) this.#putTag.run(tag, number);
    }
    this.#done.run(number);
  }
}

/** Cut before folding to save the work, and after it because some characters become eighteen. */
function searchable(text: string): string {
  return folded(text.slice(0, searchedLengthMax)).slice(0, searchedLengthMax) + padding;
}
