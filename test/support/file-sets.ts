/** Sets of files with names that break programs, for property tests. */
import fc from "fast-check";
import type { FileMode } from "../../src/sync/model.ts";

/** What a tree holds, by path. */
export type PlainFiles = ReadonlyMap<string, { readonly mode: FileMode; readonly blob: string }>;

/** Names that sort, quote or parse in surprising ways; none is a prefix that only looks like a folder by luck. */
const NAMES = [
  "a",
  "a.md",
  "a-b.md",
  "a0.md",
  "A.md",
  "b",
  "-rf.md",
  "--",
  " lead.md",
  "trail ",
  'q"uote.md',
  "back\\slash.md",
  "new\nline.md",
  "tab\t.md",
  "日本語.md",
  "日本",
  "é.md",
  "e\u0301.md",
  "😀.md",
  "\uffff.md",
  "HEAD",
  ":colon.md",
  "$(x).md",
  "{}",
] as const;

const name = fc.constantFrom(...NAMES);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const mode = fc.oneof(
  { weight: 8, arbitrary: fc.constant<FileMode>("file") },
  { weight: 1, arbitrary: fc.constant<FileMode>("symlink") },
  { weight: 1, arbitrary: fc.constant<FileMode>("submodule") },
);
/** Ids with bytes that look like the end of a name, or of an entry. */
const blob = fc.constantFrom("00", "20", "0a", "2f", "ff", "61").map((byte) => byte.repeat(20));

/** Files whose paths fit into one tree: none is a folder of another. */
export const fileSets: fc.Arbitrary<PlainFiles> = fc
  .array(fc.tuple(path, fc.record({ mode, blob })), { maxLength: 14 })
  .map((entries) => {
    const files = new Map<string, { mode: FileMode; blob: string }>();
    for (const [at, file] of entries) {
      const clashes = [...files.keys()].some(
        (other) => other.startsWith(`${at}/`) || at.startsWith(`${other}/`),
      );
      if (!clashes) files.set(at, file);
    }
    return files;
  });
