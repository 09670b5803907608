/**
 * Byte order of UTF-8, the order of Git's trees and of SQLite's BINARY collation. It differs from
 * JavaScript's own order (UTF-16 code units) only where surrogates meet U+E000 to U+FFFF.
 *
 * @returns Negative, zero or positive, as `Array.prototype.sort` wants it.
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above U+FFFF, where the code points they stand for belong. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
