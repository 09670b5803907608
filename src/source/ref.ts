/** What the followed ref is called where git is asked, and why git may find no commit by it. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Revision } from "../sync/ports.ts";
import { ACCESS_HINT, type Place, type Waiting } from "./place.ts";

/** Names that each worktree has for itself. */
const OWN_NAME = /^(?:[A-Z][A-Z_]*HEAD|HEAD|refs\/(?:bisect|worktree|rewritten)\/)/;

/**
 * What a name of the user's is called from the git dir that all worktrees share.
 *
 * @see git-worktree(1), "REFS"
 */
export function nameIn(place: Place, ref: string): string {
  const name = ref === "@" || /^@[~^]/.test(ref) ? `HEAD${ref.slice(1)}` : ref;
  return place.own !== "" && OWN_NAME.test(name) ? place.own + name : name;
}

/** Why git finds no commit where there should be one. */
export async function whyNoCommit(place: Place, ref: string, named: Revision | null): Promise<Waiting> {
  const waiting = (reason: string, hint: string): Waiting => ({ kind: "waiting", reason, hint });
  const denied = await unreadable(place);
  if (denied !== null) return denied;
  if (named !== null) {
    return waiting(
      `revision ${named}, after which ${place.folder} is named, is not in ${place.commonDir}`,
      "git-sync may be starting over: its log tells.",
    );
  }
  if (ref !== "HEAD") {
    return waiting(
      `there is no commit ${JSON.stringify(ref)} in ${place.folder}`,
      'Check "ref" in the configuration; git-sync fetches nothing but its own --ref.',
    );
  }
  const head = (await readFile(join(place.gitDir, "HEAD"), "utf8").catch(() => "")).trim();
  const branch = /^ref: (?:refs\/heads\/)?(.+)$/.exec(head)?.[1];
  return branch === undefined
    ? waiting(
        `HEAD of ${place.folder} is ${head || "unreadable"}, which is not in ${place.commonDir}`,
        "The clone may not be finished, or is damaged: `git fsck` tells.",
      )
    : waiting(
        `branch ${branch} of ${place.folder} has no commit yet`,
        'Waiting for the first commit; to follow another branch, set "ref" in the configuration.',
      );
}

/** Whether it is for want of permission that git finds nothing: git itself calls that "not a repository". */
export async function unreadable({ commonDir }: Place): Promise<Waiting | null> {
  const objects = join(commonDir, "objects");
  try {
    // Not `access`: to answer, Deno would ask for permission to see the user's id.
    await readdir(objects);
    await stat(join(objects, "pack"));
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") return null;
    return { kind: "waiting", reason: `cannot read ${objects}: permission denied`, hint: ACCESS_HINT };
  }
}
