/** Warnings about files: what each says itself, and where its links lead. The same for log, status and preview. */
import type { ArticleRoom } from "../article/articles.ts";
import { Unmissed } from "../article/lint.ts";
import { brokenReferences, type Lookup, type Reference } from "../article/references.ts";
import type { GitSource } from "../source/source.ts";
import type { Linter } from "../status/warnings.ts";
import type { Problem } from "../sync/model.ts";
import type { State } from "../sync/ports.ts";
import { idOf, isPublished } from "../sync/rules.ts";

/** What is kept of one file. */
export interface LintNotes {
  /** Warnings about the file on its own. */
  readonly problems: readonly Problem[];
  readonly references: readonly Reference[];
}

/** What linting needs of the rooms. */
export interface LinterOptions {
  readonly articles: Pick<ArticleRoom, "lint">;
  readonly source: Pick<GitSource, "read" | "existing">;
  readonly state: Pick<State, "file" | "entry">;
  /** The time that dates are judged by, milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Codes that are not reported. */
  readonly ignored?: ReadonlySet<string>;
}

/** Reported by `check`, which knows whether most articles lack it; at each save it would be nagging. */
export const IGNORED_IN_PREVIEW: ReadonlySet<string> = new Set(["description-missing"]);

/** Larger files are not linted: work in the background must not keep a thread busy. */
const SIZE_BYTES_MAX = 1_048_576;
/** Factor on the time for rendering, for the same reason: 200 ms. */
const PATIENCE = 0.1;
/** Kept of one file; and how long one of them may be as JSON, UTF-16 code units. */
const PROBLEMS_MAX = 20;
const REFERENCES_MAX = 100;
const LENGTH_MAX = 3_000;

/** @see Linter */
export function createLinter(options: LinterOptions): Linter<LintNotes> {
  const { articles, source, state, nowMs, ignored = new Set() } = options;
  return {
    async lint(path, blob) {
      const content = await source.read(blob);
      if (content.kind !== "bytes" || content.bytes.length > SIZE_BYTES_MAX) return null;
      const { problems, references } = await articles.lint(path, content.bytes, nowMs(), PATIENCE);
      const warnings = problems.filter(({ code, severity }) => severity === "warning" && !ignored.has(code));
      return { problems: kept(warnings, PROBLEMS_MAX), references: kept(references, REFERENCES_MAX) };
    },
    async confirm(files) {
      const targets = new Set(files.flatMap(({ references }) => references.map(({ path }) => path)));
      const existing = await source.existing([...targets]);
      const lookup: Lookup = {
        exists: (path) => existing.has(path),
        isPublished: (path) => isFilePublished(state, path, nowMs()),
      };
      const all = new Unmissed();
      for (const { problems } of files) all.add(problems);
      const unmissed = all.codes();
      return files.map(({ problems, references }) =>
        [...problems.filter(({ code }) => !unmissed.has(code)), ...brokenReferences(references, lookup)].sort(
          (a, b) => a.line - b.line || a.column - b.column,
        ),
      );
    },
  };
}

/** Undefined where it is no article at all. */
function isFilePublished(
  state: Pick<State, "file" | "entry">,
  path: string,
  nowMs: number,
): boolean | undefined {
  const verdict = state.file(path)?.verdict;
  if (verdict === undefined || verdict.kind === "none") return undefined;
  const id = idOf(verdict);
  return isPublished(verdict, id === null ? null : state.entry(id), nowMs);
}

/** Copies: an excerpt would keep the whole file that it was cut from in memory. */
function kept<T>(items: readonly T[], max: number): readonly T[] {
  const short = items.map((item) => JSON.stringify(item)).filter((json) => json.length <= LENGTH_MAX);
  return short.slice(0, max).map((json) => JSON.parse(json) as T);
}
