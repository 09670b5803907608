/** Paths of a work tree that Git does not ignore, as git itself sees it. */
import { startGit } from "./git.ts";

/** A git that gives no byte for so long is ended, milliseconds. */
const SILENCE_MS_MAX = 30_000;

/**
 * Every path of a work tree, tracked or not, but for those that `.gitignore` and `info/exclude` name. A
 * repository within it is one path with a slash at its end. In no order; a name that is not UTF-8 is passed
 * over.
 *
 * @param root Absolute path of the root of the work tree.
 * @returns Null when git cannot tell.
 */
export async function unignoredPaths(root: string, gitDir: string): Promise<ReadonlySet<string> | null> {
  const words = ["-C", root, `--work-tree=${root}`, "ls-files", "-z", "-c", "-o", "--exclude-standard"];
  const git = startGit(gitDir, words, { silenceMsMax: SILENCE_MS_MAX });
  git.stdin.end();
  const chunks: Buffer[] = [];
  for await (const chunk of git.output()) chunks.push(Buffer.from(chunk));
  const end = await git.ended;
  if (end.exitCode !== 0) return null;
  const paths = Buffer.concat(chunks).toString("utf8").split("\0");
  return new Set(paths.filter((path) => path !== "" && !path.includes("\ufffd")));
}
