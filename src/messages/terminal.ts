/** Texts for a terminal: safe to show, and measured in its cells. */

/** C0 and C1 controls, line and paragraph separators, and what reorders text: bidirectional marks. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

/**
 * The text without anything that could move the cursor, change colours, ring the bell or reorder what
 * is read on a terminal: such characters become visible escapes like `\x1b` or `\u202e`. File names and
 * answers of servers are not ours to trust.
 */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** A JSON text with the same characters escaped as JSON does it, so that it can be shown too. */
export function visibleJson(json: string): string {
  // Only between values may a line break stand as it is.
  return json.replace(unsafe, (one) => (one === "\n" ? one : `\\u${hex(one.charCodeAt(0), 4)}`));
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");

/** Scripts and forms that take two cells of a terminal: CJK, Hangul, kana, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Marks that combine with what stands before them, and formatting that takes no room. */
const none = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]+$/u;

/** Made at first use: it loads much of what the runtime knows about languages. */
let segmenter: Intl.Segmenter | null = null;

/** Grapheme clusters of a text. */
function segments(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** Cells of a terminal that a text takes; it has no control characters. */
export function cells(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let count = 0;
  for (const { segment } of segments(text)) {
    if (wide.test(segment)) count += 2;
    else if (!none.test(segment)) count += 1;
  }
  return count;
}

/** The beginning of a text that takes at most `columns` cells of a terminal. */
export function cut(text: string, columns: number): string {
  let kept = "";
  let left = columns;
  for (const { segment } of segments(text)) {
    left -= cells(segment);
    if (left < 0) break;
    kept += segment;
  }
  return kept;
}

/** The end of a text that takes at most `columns` cells of a terminal. */
export function cutStart(text: string, columns: number): string {
  let left = columns;
  let start = text.length;
  for (const { segment, index } of [...segments(text)].reverse()) {
    left -= cells(segment);
    if (left < 0) break;
    start = index;
  }
  return text.slice(start);
}
