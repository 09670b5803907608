/** Where the front matter of an article begins and ends. */

/** Offsets are UTF-16 code units into the text without byte order mark. */
export type Split =
  | Block
  /** A first fence, `key:` lines, and no fence to close them: somebody lost it. */
  | { readonly kind: "unclosed"; readonly yamlStart: number }
  | { readonly kind: "none" };

/** YAML is `[yamlStart, yamlEnd)`, its last line break included; the body begins at `bodyStart`. */
export interface Block {
  readonly kind: "block";
  readonly yamlStart: number;
  readonly yamlEnd: number;
  readonly bodyStart: number;
}

/** A line like `title:` or `"title": text`, as front matter is made of. */
const KEY_LINE = /^["']?[\p{L}_][\p{L}\p{N}_-]*["']?[ \t]*:(?:[ \t]|\r?$)/mu;

/** Whether a line is this fence, with any blanks after it. */
export function isFence(line: string, fence: "---" | "..."): boolean {
  return line.startsWith(fence) && line.slice(fence.length).trim() === "";
}

/**
 * Finds the front matter block: a first line `---`, a closing line `---` or `...`. Lines end with LF or
 * CRLF; blanks after a fence are tolerated, before it they are not.
 */
export function split(text: string): Split {
  const first = text.indexOf("\n");
  if (!isFence(first < 0 ? text : text.slice(0, first), "---")) return { kind: "none" };
  const yamlStart = first < 0 ? text.length : first + 1;
  for (let start = yamlStart; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const character = text.charCodeAt(start);
    if (character === 0x2d || character === 0x2e) {
      const line = text.slice(start, end);
      if (isFence(line, "---") || isFence(line, "..."))
        return { kind: "block", yamlStart, yamlEnd: start, bodyStart: newline < 0 ? end : newline + 1 };
    }
    start = newline < 0 ? text.length : newline + 1;
  }
  return KEY_LINE.test(text.slice(yamlStart)) ? { kind: "unclosed", yamlStart } : { kind: "none" };
}
