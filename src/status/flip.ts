import { lstatSync } from "node:fs";

/**
 * When git-sync's link was last moved, milliseconds since the epoch; null for a repository that is no
 * link, or cannot be looked at.
 *
 * @param repo Absolute path of the repository, or of the link to it.
 */
export function flipTimeMs(repo: string): number | null {
  try {
    const stat = lstatSync(repo);
    return stat.isSymbolicLink() ? stat.mtimeMs : null;
  } catch {
    return null;
  }
}
