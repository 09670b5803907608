/** Counts what a piece of work does, so that a bound can be stated that no machine is too slow for. */
import { Session } from "node:inspector";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(import.meta.dirname, "../..");

interface Range {
  readonly count: number;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

/** Counts for as long as it is open; code is compiled anew when it begins. */
export class OperationCounter {
  readonly #session = new Session();
  readonly #isCounted: (path: string) => boolean;

  /** @param isCounted Which files count, by their path from the root. */
  constructor(isCounted: (path: string) => boolean) {
    this.#isCounted = isCounted;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /**
   * How many blocks of the program run in this thread, and how many characters its searches in texts look at.
   * What ran since the last count is in it.
   */
  async count(work: () => Promise<unknown>): Promise<number> {
    const searches = countSearches();
    try {
      await work();
    } finally {
      searches.end();
    }
    return this.#take() + searches.characters();
  }

  close(): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  /** Blocks that have run since it was last called. */
  #take(): number {
    let blocks = 0;
    this.#session.post("Profiler.takePreciseCoverage", (error: Error | null, coverage: unknown) => {
      if (error !== null) throw error;
      for (const { url, functions } of (coverage as Coverage).result) {
        if (!url.startsWith("file:") || !this.#isCounted(relative(ROOT, fileURLToPath(url)))) continue;
        for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
      }
    });
    return blocks;
  }
}

/** Counts from the place where each search begins to where it ends. Backtracking is not seen. */
function countSearches(): { characters(): number; end(): void } {
  const { indexOf, includes } = String.prototype;
  const { exec } = RegExp.prototype;
  let characters = 0;
  String.prototype.indexOf = function (this: string, what: string, from = 0): number {
    const at = indexOf.call(this, what, from);
    characters += Math.max(1, (at < 0 ? this.length : at) - from);
    return at;
  };
  String.prototype.includes = function (this: string, what: string, from = 0): boolean {
    return this.indexOf(what, from) >= 0;
  };
  // While it is not the built-in one, every other method of patterns and texts goes through it.
  RegExp.prototype.exec = function (text: string): RegExpExecArray | null {
    const isFixed = this.sticky || (this.source.startsWith("^") && !this.multiline);
    const from = this.global ? this.lastIndex : 0;
    const match = exec.call(this, text);
    if (isFixed) characters += Math.max(1, match?.[0].length ?? 0);
    else characters += Math.max(1, (match === null ? text.length : match.index + match[0].length) - from);
    return match;
  };
  return {
    characters: () => characters,
    end: () => {
      Object.assign(String.prototype, { indexOf, includes });
      RegExp.prototype.exec = exec;
    },
  };
}
