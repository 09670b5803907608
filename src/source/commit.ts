/** What is wanted of a commit object. */

export interface CommitSummary {
  /** Id of its root tree. */
  readonly tree: string;
  /** First line of the message; empty where there is none. */
  readonly subject: string;
  /** When it was authored, milliseconds since the epoch; 0 where that cannot be read. */
  readonly authorTimeMs: number;
}

/**
 * Reads a commit object. A commit names its encoding when it is not UTF-8; one that nobody knows is read as
 * UTF-8, for this is text to show, nothing more.
 *
 * @throws {Error} When it does not begin with a tree: git keeps no such commit.
 * @see git-commit-tree(1), git-commit(1) "Discussion"
 */
export function parseCommit(bytes: Buffer): CommitSummary {
  const split = bytes.indexOf("\n\n");
  const headers = bytes.toString("latin1", 0, split < 0 ? bytes.length : split);
  const tree = /^tree ([0-9a-f]{40}|[0-9a-f]{64})$/m.exec(headers)?.[1];
  if (tree === undefined) throw new Error("a commit object without a tree");
  const seconds = /^author .*> (-?\d+) [-+]\d+$/m.exec(headers)?.[1];
  const encoding = /^encoding (.+)$/m.exec(headers)?.[1] ?? "utf-8";
  const message = split < 0 ? "" : decode(bytes.subarray(split + 2), encoding).trimStart();
  return {
    tree,
    subject: message.split("\n", 1)[0]?.trimEnd() ?? "",
    authorTimeMs: seconds === undefined ? 0 : Number(seconds) * 1000,
  };
}

function decode(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
