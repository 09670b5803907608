import type { FileRow, ParsedFile } from "../model.ts";
import { type Articles, ObjectsGone, type Source, type State } from "../ports.ts";
import { recordFile } from "./manifest.ts";

/** Extra time for a held article that is tried again alone. */
const PATIENCE = 10;

/** Articles that took too long: tried once more alone, and again at each resync. */
export class HeldFiles {
  readonly #state: State;
  readonly #source: Source;
  readonly #articles: Articles;
  /** Those that had their longer try in vain: blob and path. */
  readonly #tried = new Set<string>();

  constructor(state: State, source: Source, articles: Articles) {
    this.#state = state;
    this.#source = source;
    this.#articles = articles;
  }

  /** Forgets which had their longer try, so that they get another. */
  forget(): void {
    this.#tried.clear();
  }

  /**
   * Tries them again, one after the other, with ten times the time.
   *
   * @returns Whether any of them came out differently: then a pass has something to plan.
   * @throws {StateUnavailable}
   */
  async retry(signal: AbortSignal): Promise<boolean> {
    let changed = false;
    let after: string | null = null;
    for (;;) {
      const [row] = this.#state.filesOfKind("held", after, 1);
      if (row === undefined || signal.aborted) return changed;
      after = row.path;
      const key = `${row.blob} ${row.path}`;
      if (this.#tried.has(key)) continue;
      const examined = await this.#examine(row);
      if (examined === null) continue;
      if (examined.verdict.kind === "held") {
        this.#tried.add(key);
        continue;
      }
      const now = this.#state.file(row.path);
      if (now?.blob !== row.blob || now.verdict.kind !== "held") continue;
      this.#state.transaction(() => {
        const ids = recordFile(this.#state, row, examined.verdict, this.#articles.fingerprint);
        this.#state.touch(ids);
      });
      changed = true;
    }
  }

  /** Null when its contents are not to be had just now. */
  async #examine({ path, blob }: FileRow): Promise<ParsedFile | null> {
    try {
      const content = await this.#source.read(blob);
      if (content.kind === "missing") return null;
      return await this.#articles.parse(path, blob, content, PATIENCE);
    } catch (error) {
      if (error instanceof ObjectsGone) return null;
      throw error;
    }
  }
}
