/** Which paths of a tree are candidates, by the globs of the configuration. */
import picomatch from "picomatch";
import { GLOB_OPTIONS as OPTIONS } from "./globs.ts";

/** Globs on repository paths: case-sensitive, and `*` does not match names that begin with a dot. */
export interface Globs {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface Selector {
  /** Whether a file is a candidate. */
  selects(path: string): boolean;
  /** Whether a folder, `a/b` or `a/b/`, may hold candidates at any depth; one that cannot need not be read. */
  mayContain(folder: string): boolean;
  /** The first glob of each kind that matches, for explanations. */
  matchedBy(path: string): { readonly include?: string; readonly exclude?: string };
}

type Matcher = (path: string) => boolean;

/** Globs that are more than a path of segments: their slashes may stand inside a group, or they negate. */
const GROUPED = /[({!]/;
/** What makes a segment more than a name. */
const MAGIC = /[*?[\](){}!+@|\\]/;
/** A segment that may match names that begin with a dot. */
const DOTTED = /(?:^|[/({,|[])\.(?!\/)/;

/**
 * @param globs picomatch patterns.
 * @see https://github.com/micromatch/picomatch
 */
export function createSelector({ include, exclude }: Globs): Selector {
  const included = include.map((glob) => picomatch(spelledOut(glob), OPTIONS));
  const excluded = exclude.map((glob) => picomatch(spelledOut(glob), OPTIONS));
  const mayHold = include.flatMap(spelledOut).map(folderMatcher);
  const isEmptied = exclude.flatMap(spelledOut).flatMap((glob) => emptiedFolders(glob, include));
  const matches = (matchers: readonly Matcher[], path: string): boolean =>
    matchers.some((matcher) => matcher(path));
  return {
    selects: (path) => matches(included, path) && !matches(excluded, path),
    mayContain: (folder) => {
      const path = folder.replace(/\/$/, "");
      return matches(mayHold, path) && !matches(isEmptied, path);
    },
    matchedBy: (path) => {
      const by = include[included.findIndex((matcher) => matcher(path))];
      const not = exclude[excluded.findIndex((matcher) => matcher(path))];
      return { ...(by === undefined ? {} : { include: by }), ...(not === undefined ? {} : { exclude: not }) };
    },
  };
}

/**
 * The globs that one stands for: `posts/` and `posts` mean all that is in the folder, as in a .gitignore, and
 * `/posts` begins at the root as every glob does.
 */
function spelledOut(glob: string): string[] {
  const path = glob.replace(/^\/+(?=.)/, "");
  if (path.endsWith("/")) return [`${path}**`];
  const last = path.slice(path.lastIndexOf("/") + 1);
  return MAGIC.test(last) ? [path] : [path, `${path}/**`];
}

/** Folders below which a glob can match: those that match its first segments, and all below a `**`. */
function folderMatcher(glob: string): Matcher {
  if (GROUPED.test(glob)) return () => true;
  const segments = glob.replace(/^(?:\.\/)+/, "").split("/");
  const folders = segments.at(-1) === "**" ? segments : segments.slice(0, -1);
  const prefixes = folders.map((_, index) => folders.slice(0, index + 1).join("/"));
  const matchers = prefixes.map((prefix) => picomatch(prefix, OPTIONS));
  return (folder) => matchers.some((matcher) => matcher(folder));
}

/** Folders that an exclude like `drafts/**` empties: all of them, unless an include reaches hidden names. */
function emptiedFolders(glob: string, include: readonly string[]): Matcher[] {
  const folder = glob.endsWith("/**") ? glob.slice(0, -"/**".length) : "";
  if (folder === "" || include.some((one) => DOTTED.test(one))) return [];
  return [picomatch(glob, OPTIONS), picomatch(folder, OPTIONS)];
}
