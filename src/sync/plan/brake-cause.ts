import type { BrakeCause, Verdict } from "../model.ts";
import type { State } from "../ports.ts";

/** Git's empty tree, by either hash. */
const EMPTY_TREES = [
  "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
];
/** Ids looked at: a cause shows in the first of them. */
const LOOKED_AT_MAX = 1_000;

/**
 * What looks like the cause of so many deletes: what holds for the whole revision, else what happened to more
 * than half of the files that the ids came from.
 *
 * @param tree Of the revision that was passed over.
 * @returns Null where there is no one cause.
 */
export function brakeCauseOf(state: State, tree: string, ids: readonly string[]): BrakeCause | null {
  if (EMPTY_TREES.includes(tree)) return "empty-revision";
  if (state.files(null, 1).length === 0) return "no-candidates";
  if (state.filesOfKind("article", null, 1).length === 0) {
    const [cause] = majority(state, ids);
    return cause === "withdrawn" || cause === "mapped-null" ? cause : "no-articles";
  }
  return majority(state, ids)[0] ?? null;
}

function majority(state: State, ids: readonly string[]): BrakeCause[] {
  const looked = ids.slice(0, LOOKED_AT_MAX);
  const counts = new Map<BrakeCause, number>();
  for (const id of looked) {
    const path = state.entry(id)?.path ?? null;
    const cause = path === null ? "unknown-files" : causeOf(state.file(path)?.verdict ?? null, id);
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > looked.length / 2).map(([cause]) => cause);
}

/** @param verdict On the file that the id came from; null when that is gone. */
function causeOf(verdict: Verdict | null, id: string): BrakeCause {
  if (verdict === null) return "files-gone";
  if (verdict.kind === "withdrawn") return verdict.why === "mapped-null" ? "mapped-null" : "withdrawn";
  if (verdict.kind === "article") return verdict.id === id ? "withdrawn" : "ids-changed";
  return "no-articles";
}
