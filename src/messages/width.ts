/** Scripts and forms that take two cells of a terminal: CJK, Hangul, kana, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Marks that combine with what stands before them, and formatting that takes no room. */
const none = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]+$/u;

/** Cells of a terminal that a text takes; it has no control characters. */
export function cells(text: string): number {
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (wide.test(segment)) count += 2;
    else if (!none.test(segment)) count += 1;
  }
  return count;
}

/** The beginning of a text that takes at most `columns` cells of a terminal. */
export function cut(text: string, columns: number): string {
  let kept = "";
  let left = columns;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
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
  for (const { segment, index } of [...new Intl.Segmenter().segment(text)].reverse()) {
    left -= cells(segment);
    if (left < 0) break;
    start = index;
  }
  return text.slice(start);
}
