/** Whether files stand in the tree of a revision: what links and images of articles are judged by. */
import { posix } from "node:path";
import type { Revision } from "../sync/ports.ts";
import { entryNames } from "./tree.ts";

/** Answers remembered for one revision. */
const KNOWN_MAX = 10_000;

/** Raw bytes of the tree of a folder, named without slashes around it; null where there is no such folder. */
type TreeAt = (folder: string) => Promise<Uint8Array | null>;

/** Remembers for one revision what was asked before: pages ask the same again every few seconds. */
export class Presence {
  #revision: Revision = "";
  #known = new Map<string, boolean>();

  /** Those of these paths, from the root, at which a file or folder stands. */
  async standing(revision: Revision, paths: readonly string[], treeAt: TreeAt): Promise<ReadonlySet<string>> {
    if (revision !== this.#revision || this.#known.size > KNOWN_MAX) this.#known = new Map();
    this.#revision = revision;
    // Whoever comes with a newer revision meanwhile has a map of its own.
    const known = this.#known;
    const folders = Map.groupBy(
      paths.filter((path) => !known.has(path)),
      (path) => posix.dirname(path),
    );
    for (const [folder, members] of folders) {
      const outside = folder === ".." || folder.startsWith("../");
      const tree = outside ? null : await treeAt(folder === "." ? "" : folder);
      const names = new Set(tree === null ? [] : ["."]);
      const wanted = new Set(members.map((path) => posix.basename(path)));
      for (const name of entryNames(tree ?? new Uint8Array(), revision.length / 2)) {
        if (wanted.has(name)) names.add(name);
      }
      for (const path of members) known.set(path, names.has(posix.basename(path)));
    }
    return new Set(paths.filter((path) => known.get(path) === true));
  }
}
