/** What every flavour of Markdown offers: HTML and an outline of a body, within limits of time and memory. */
import type { Heading, Image, Link } from "../index.ts";

/** One flavour of Markdown. */
export interface Renderer {
  /**
   * Renders a body in this thread. The outline is limited whether it is wanted or not, so that a body is refused
   * everywhere or nowhere.
   *
   * @param timeMs The time that it may take. It is kept within a few milliseconds, unless the body
   *   {@link Renderer.isHazardous}.
   * @throws {OutOfTime | TooComplex | TooLarge} When the body asks for too much.
   */
  render(markdown: string, wanted: Wanted, timeMs: number): Rendered;
  /**
   * Whether a single step may take quadratic time, which no budget can stop. Such a body must not be
   * rendered where nothing can interrupt it.
   */
  isHazardous(markdown: string): boolean;
}

/** What of Markdown is rendered. */
export interface Flavour {
  readonly markdown: "commonmark" | "gfm";
  /** `$…$`, `$$…$$` and fences named `math`. */
  readonly math: boolean;
  /** `:::message`, `:::details` and the like. */
  readonly containers: boolean;
}

/** What is wanted of a body. */
export interface Wanted {
  /** `safe`: without raw HTML and links like `javascript:`. `raw`: as written. `false`: no HTML. */
  readonly html: "safe" | "raw" | false;
  readonly outline: boolean;
  /** Whether relative links and sources are marked, for `replaceTargets`. */
  readonly targets?: boolean;
}

export interface Rendered {
  /** Null where none was wanted. */
  readonly html: string | null;
  /** Computed when it is called, in time linear in its length; null where none was wanted. */
  readonly outline: (() => Outline) | null;
}

/** What hooks and warnings need of a body besides its HTML. */
export interface Outline {
  /** Blocks are separated by a blank line, lines of a paragraph by a line break. */
  readonly text: string;
  readonly headings: readonly Heading[];
  readonly links: readonly (Link & Located)[];
  readonly images: readonly (Image & Located)[];
}

/** Line of the body, from 1, on which the paragraph (or other block) around something begins. */
export interface Located {
  readonly line: number;
}

/** The time for rendering is used up. */
export class OutOfTime extends Error {
  override readonly name = "OutOfTime";
}

/** The Markdown has more elements than memory should be spent on. */
export class TooComplex extends Error {
  override readonly name = "TooComplex";
}

/** The HTML or the outline grows out of all proportion to the Markdown. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
  readonly what: "html" | "outline";

  constructor(what: TooLarge["what"]) {
    super();
    this.what = what;
  }
}

/** Most blocks and inlines of one article; each takes some 500 bytes of memory. */
export const ELEMENTS_MAX = 400_000;
/** Deepest nesting makes 27 characters of HTML of one; only references can make more. */
export const GROWTH_MAX = 32;
/** HTML, and as much outline, that is always allowed, UTF-16 code units. */
export const GROWTH_FREE = 64 * 1024;
/** Units of work between two looks at the clock, well below a millisecond together in ordinary text. */
const UNITS_PER_LOOK = 512;

/** What one render may use. Counting is cheap; the clock is read once in many steps. */
export class Budget {
  readonly #endMs: number;
  readonly #lengthMax: number;
  #units = 0;
  #elements = 0;
  #outline = 0;

  /**
   * @param timeMs From now, by the monotonic clock.
   * @param markdownLength Length of the body, UTF-16 code units: it decides how long HTML and outline may get.
   */
  constructor(timeMs: number, markdownLength: number) {
    this.#endMs = performance.now() + timeMs;
    this.#lengthMax = markdownLength * GROWTH_MAX + GROWTH_FREE;
  }

  /**
   * Counts one step.
   *
   * @param units How heavy the step may be: 1 for a character, more for a pass over the rest of a line.
   * @throws {OutOfTime}
   */
  step(units: number): void {
    this.#units += units;
    if (this.#units < UNITS_PER_LOOK) return;
    this.#units = 0;
    if (performance.now() > this.#endMs) throw new OutOfTime();
  }

  /** Counts one block or inline. @throws {TooComplex} */
  element(): void {
    if (++this.#elements > ELEMENTS_MAX) throw new TooComplex();
  }

  /** @param length Of the HTML so far, UTF-16 code units. @throws {TooLarge} */
  html(length: number): void {
    if (length > this.#lengthMax) throw new TooLarge("html");
  }

  /** @param length Of what is added to the outline: text, headings, links, images. @throws {TooLarge} */
  outline(length: number): void {
    this.#outline += length;
    if (this.#outline > this.#lengthMax) throw new TooLarge("outline");
  }
}
