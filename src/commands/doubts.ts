/** What an author at a desk might want to know of the file that was just saved, though it is published. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ArticleRoom } from "../article/articles.ts";
import { brokenReferences, type Lookup } from "../article/references.ts";
import type { SqliteState } from "../state/sqlite.ts";
import type { Problem } from "../sync/model.ts";

/** Told by `check`, where it can be seen whether most articles lack it; at each save it would be nagging. */
const UNTOLD: ReadonlySet<string> = new Set(["description-missing"]);

/**
 * The warnings of one file as it is on disk, its links and images included; none where it is gone meanwhile.
 *
 * @param root Of the work tree.
 * @param path From that root.
 */
export async function doubtsOf(
  path: string,
  {
    articles,
    state,
    root,
  }: { readonly articles: ArticleRoom; readonly state: SqliteState; readonly root: string },
): Promise<readonly Problem[]> {
  const lookup: Lookup = {
    exists: (target) => existsSync(join(root, target)),
    isPublished(target) {
      const verdict = state.file(target)?.verdict;
      return verdict === undefined || verdict.kind === "none" ? undefined : verdict.kind === "article";
    },
  };
  try {
    const { problems, references } = await articles.inspect(path, readFileSync(join(root, path)));
    return [...problems, ...brokenReferences(references, lookup)]
      .filter(({ code, severity }) => severity === "warning" && !UNTOLD.has(code))
      .sort((a, b) => a.line - b.line || a.column - b.column);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
