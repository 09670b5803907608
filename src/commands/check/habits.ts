/** What many articles of a repository are written for and is not rendered: one warning a kind. */
import { basename } from "node:path";
import type { Unrendered, Writing } from "../../article/unrendered.ts";
import { type Finding, wholeFile } from "../../messages/finding.ts";
import type { Lang } from "../../messages/language.ts";
import type { Code } from "../../messages/problems.ts";
import type { Problem } from "../../sync/model.ts";

/** So many places are named. */
const EXAMPLES_MAX = 3;

interface Sum {
  count: number;
  readonly examples: string[];
}

/** What to do about each kind, where it is not another tool's. */
const REMEDIES: Partial<Record<Writing, { readonly code: Code; readonly params?: Problem["params"] }>> = {
  tables: { code: "unrendered-gfm" },
  "strike-through": { code: "unrendered-gfm" },
  "task lists": { code: "unrendered-gfm" },
  footnotes: { code: "unrendered-gfm" },
  alerts: { code: "unrendered-gfm" },
  "bare links": { code: "unrendered-gfm" },
  math: { code: "unrendered-off", params: { key: "math" } },
  containers: { code: "unrendered-off", params: { key: "containers" } },
  "relative links": { code: "unrendered-links" },
};

export class Habits {
  readonly #sums = new Map<Writing, Sum>();

  /** @param unrendered Each kind once, with lines of the file. */
  take(path: string, unrendered: readonly Unrendered[]): void {
    for (const { writing, line } of unrendered) {
      const sum = this.#sums.get(writing) ?? { count: 0, examples: [] };
      this.#sums.set(writing, sum);
      sum.count++;
      if (sum.examples.length < EXAMPLES_MAX) sum.examples.push(`${path}:${line}`);
    }
  }

  /** @param file The configuration, which could change it; null where there is none. */
  findings(file: string | null, lang: Lang): Finding[] {
    const path = basename(file ?? "sync.config.ts");
    return [...this.#sums]
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([writing, { count, examples }]) => {
        const { code, params } = REMEDIES[writing] ?? { code: "unrendered-other" };
        const all = { ...params, count, found: writing, examples: examples.join(", ") };
        return wholeFile(path, "warning", code, lang, all);
      });
  }
}
