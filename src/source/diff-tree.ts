/** Comparison of two revisions whose objects are all at hand, by git itself. */
import { isUtf8 } from "node:buffer";
import type { Change } from "../sync/model.ts";
import type { Revision } from "../sync/ports.ts";
import { failureOf, type GitLimits, startGit } from "./git.ts";
import { kindOf, PAGE_LENGTH_MAX, type Selection } from "./tree.ts";

const OPTIONS = [
  "-r",
  "-z",
  "--raw",
  "--no-abbrev",
  "--no-renames",
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=none",
];
/** `:<old mode> <new mode> <old id> <new id> <status>`; without renames, one path follows. */
const RECORD = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) [A-Z]$/;
const NUL = 0;

/**
 * Selected files in which two revisions differ, in pages, in byte order of the paths.
 *
 * Trees only: the work tree, the index and the attributes in them play no part.
 *
 * @throws {GitFailed} from the iteration, when an object is missing or git fails otherwise.
 * @see git-diff-tree(1), "Raw output format"
 */
export async function* diffTrees(
  gitDir: string,
  from: Revision,
  to: Revision,
  selection: Selection,
  limits: GitLimits,
): AsyncGenerator<Change[], void, undefined> {
  const run = startGit(gitDir, ["diff-tree", ...OPTIONS, from, to, "--"], limits);
  run.stdin.end();
  let page: Change[] = [];
  let header: string | null = null;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of run.output()) {
    const input = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    for (let end = input.indexOf(NUL); end >= 0; end = input.indexOf(NUL, at)) {
      const field = input.subarray(at, end);
      at = end + 1;
      if (header === null) {
        header = field.toString("latin1");
        continue;
      }
      const change = changeIn(header, field, selection);
      header = null;
      if (change !== null && page.push(change) === PAGE_LENGTH_MAX) {
        yield page;
        page = [];
      }
    }
    rest = input.subarray(at);
  }
  const end = await run.ended;
  if (end.exitCode !== 0 || rest.length > 0 || header !== null) throw failureOf(end, gitDir);
  if (page.length > 0) yield page;
}

function changeIn(header: string, name: Buffer, selection: Selection): Change | null {
  const [, oldMode = "", newMode = "", oldId, newId = ""] = RECORD.exec(header) ?? [];
  const path = name.toString("utf8");
  if (!selection.selects(path)) return null;
  const gone = newMode === "000000";
  if (!isUtf8(name)) {
    if (!gone) selection.onInvalidPath(path);
    return null;
  }
  const kind = kindOf(gone ? oldMode : newMode);
  // Permission bits alone are no change of an article.
  if (oldId === newId && kind === kindOf(oldMode)) return null;
  return { path, blob: gone ? null : newId, mode: kind === "folder" ? "file" : kind };
}
