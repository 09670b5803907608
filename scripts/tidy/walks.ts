/** The walks through the code in `.github/ARCHITECTURE.md`: numbered lists of files under `## Walks`. */

export interface Walk {
  readonly name: string;
  /** From the root, in order. */
  readonly files: readonly string[];
}

/** A walk that crosses more files is too long to follow. */
export const WALK_FILES_MAX = 15;

/** The walks of a page: each has a heading of the third level, and items like ``1. `src/main.ts`: what happens``. */
export function walksOf(page: string): Walk[] {
  const [, section = ""] = /^## Walks$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page) ?? [];
  return section
    .split(/^### /m)
    .slice(1)
    .map((part) => ({
      name: part.split("\n")[0] ?? "",
      files: [...part.matchAll(/^\d+\. `([^`]+)`/gm)].map((match) => match[1] ?? ""),
    }));
}

/**
 * What is wrong with a walk. Each file must import one of the files before it, or be imported by one: a port
 * is imported from both its sides.
 *
 * @param imports The files that a file imports; null for one that does not exist.
 */
export function walkBreaches(
  { name, files }: Walk,
  imports: (file: string) => readonly string[] | null,
): string[] {
  const breaches: string[] = [];
  const say = (what: string): number => breaches.push(`${name}: ${what}`);
  if (files.length < 2 || files.length > WALK_FILES_MAX) {
    say(`${files.length} files, not 2 to ${WALK_FILES_MAX}`);
  }
  for (const [index, file] of files.entries()) {
    const own = imports(file);
    const before = files.slice(0, index);
    if (own === null) say(`${file} does not exist`);
    else if (before.includes(file)) say(`${file} comes twice`);
    else if (index > 0 && !before.some((one) => own.includes(one) || imports(one)?.includes(file))) {
      say(`no import connects ${file} with a file before it`);
    }
  }
  return breaches;
}
