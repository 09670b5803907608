/** A render that takes too long stops by itself, at the next of its many small steps. */

/** The time for rendering is used up. */
export class OutOfTime extends Error {
  override readonly name = "OutOfTime";
}

/** The Markdown has more elements than memory should be spent on. */
export class TooComplex extends Error {
  override readonly name = "TooComplex";
}

/** The HTML grows out of all proportion to the Markdown. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** Most blocks and inlines of one article; each takes some 500 bytes of memory. */
export const ELEMENTS_MAX = 400_000;
/** Deepest nesting makes 27 characters of HTML of one; only references can make more. */
export const GROWTH_MAX = 32;
/** HTML that is always allowed, UTF-16 code units. */
const GROWTH_FREE = 64 * 1024;
/** Units of work between two looks at the clock, well below a millisecond together in ordinary text. */
const UNITS_PER_LOOK = 512;

/** What one render may use. Counting is cheap; the clock is looked at once in many steps. */
export class Budget {
  readonly #endMs: number;
  #units = 0;
  #elements = 0;

  /** @param timeMs From now, by the monotonic clock. */
  constructor(timeMs: number) {
    this.#endMs = performance.now() + timeMs;
  }

  /**
   * One step was made.
   *
   * @param units How heavy the step may have been: 1 for a character, more for a pass over the rest of a line.
   * @throws {OutOfTime}
   */
  step(units: number): void {
    this.#units += units;
    if (this.#units < UNITS_PER_LOOK) return;
    this.#units = 0;
    if (performance.now() > this.#endMs) throw new OutOfTime();
  }

  /** One more block or inline. @throws {TooComplex} */
  element(): void {
    if (++this.#elements > ELEMENTS_MAX) throw new TooComplex();
  }
}

/** Most UTF-16 code units of HTML for so many of Markdown. */
export function htmlMax(markdownLength: number): number {
  return markdownLength * GROWTH_MAX + GROWTH_FREE;
}
