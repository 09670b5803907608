/**
 * The known name that a mistyped one most likely stands for, for "did you mean" hints.
 *
 * Compares without regard to case by Damerau-Levenshtein distance (a swap of neighbours counts once),
 * and accepts one slip for every three letters, so that unlike words suggest nothing.
 *
 * @param wrong What was written.
 * @param known What would have been understood; the first wins a tie.
 * @returns One of `known`, or null when none is close.
 * @see F. J. Damerau, "A technique for computer detection and correction of spelling errors", 1964
 */
export function nearest(wrong: string, known: Iterable<string>): string | null {
  const typed = wrong.slice(0, 64).toLowerCase();
  let best: string | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const count = slips(typed, name.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(typed.length, name.length) / 3));
    if (count <= allowed && count < fewest && count < name.length) {
      best = name;
      fewest = count;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`: letters to be fixed. */
export function slips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + differs);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
