import type { DatabaseSync } from "node:sqlite";
import type { Log } from "../../../sync/ports.ts";
import { type Fields, folded, type Summary, searchedText } from "../text.ts";
import { atomically, prepareWrite } from "./database.ts";
import { shortTokens } from "./search.ts";

/** How long one turn may hold up the requests that wait. */
const turnMs = 15;
/** Pause between turns, so that requests get at least as much time. */
const pauseMs = 15;
/** While articles are arriving, they go first. */
const busyPauseMs = 250;
const retryPauseMs = 5_000;

/** Of a longer text only the beginning is searched: all of it would hold up every request for seconds. */
const searchedLengthMax = 1_000_000;

const prepareStatements = (database: DatabaseSync) => ({
  unindexed: database.prepare("SELECT article FROM unindexed LIMIT 4"),
  article: database.prepare("SELECT payload, summary FROM article WHERE number = ?"),
  putWords: prepareWrite(database, "INSERT OR REPLACE INTO word (rowid, title, text) VALUES (?, ?, ?)"),
  putShort: prepareWrite(database, "INSERT OR REPLACE INTO short (rowid, title, text) VALUES (?, ?, ?)"),
  dropWords: prepareWrite(database, "DELETE FROM word WHERE rowid = ?"),
  dropShort: prepareWrite(database, "DELETE FROM short WHERE rowid = ?"),
  putTag: prepareWrite(database, "INSERT OR IGNORE INTO tag (tag, article) VALUES (?, ?)"),
  dropTags: prepareWrite(database, "DELETE FROM tag WHERE article = ?"),
  dropUnindexed: prepareWrite(database, "DELETE FROM unindexed WHERE article = ?"),
});

/**
 * Puts the words of new articles into the table that is searched: at about 2 ms an article of 8 KB, this
 * would be most of the cost of storing one, so it is done when there is time.
 */
export class Indexing {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(database: DatabaseSync, log: Log) {
    this.#database = database;
    this.#sql = prepareStatements(database);
    this.#log = log;
    this.#schedule(0);
  }

  /** An article came: it will be indexed soon. */
  wake(): void {
    this.#lastArrivalMs = performance.now();
    if (this.#timer === null) this.#schedule(busyPauseMs);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /**
   * Makes articles searchable, in one transaction, for about as long as given.
   *
   * @param budgetMs At least a few articles are done, however small it is.
   * @returns Whether all are done.
   */
  index(budgetMs: number): boolean {
    let rows = this.#sql.unindexed.all();
    if (rows.length === 0) return true;
    const endMs = performance.now() + budgetMs;
    atomically(this.#database, () => {
      do {
        for (const row of rows) this.#indexOne(Number(row["article"]));
        rows = this.#sql.unindexed.all();
      } while (rows.length > 0 && performance.now() < endMs);
    });
    return rows.length === 0;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => this.#turn(), delayMs);
    this.#timer.unref();
  }

  #turn(): void {
    this.#timer = null;
    try {
      if (this.index(turnMs)) return;
      const isBusy = performance.now() - this.#lastArrivalMs < busyPauseMs;
      this.#schedule(isBusy ? busyPauseMs : pauseMs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.emit("warn", "reference.unindexed", `Cannot make new articles searchable: ${message}`);
      this.#schedule(retryPauseMs);
    }
  }

  #indexOne(number: number): void {
    this.#sql.dropTags.run(number);
    const row = this.#sql.article.get(number);
    if (row === undefined) {
      this.#sql.dropWords.run(number);
      this.#sql.dropShort.run(number);
    } else {
      const summary = JSON.parse(String(row["summary"])) as Summary;
      const fields = JSON.parse(String(row["payload"])) as Fields;
      const [title, text] = [searchable(summary.title ?? ""), searchable(searchedText(fields))];
      this.#sql.putWords.run(number, title, text);
      this.#sql.putShort.run(number, shortTokens(title), shortTokens(text));
      for (const tag of summary.tags ?? []) this.#sql.putTag.run(tag, number);
    }
    this.#sql.dropUnindexed.run(number);
  }
}

/** Cut before folding to save the work, and after it because some characters become eighteen. */
function searchable(text: string): string {
  return folded(text.slice(0, searchedLengthMax)).slice(0, searchedLengthMax);
}
