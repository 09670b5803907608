/** Where the front matter of an article begins and ends. */
import type { Syntax } from "./syntax.ts";

/** Offsets are UTF-16 code units into the text without byte order mark. */
export type Split =
  | Block
  /** A first fence, `key:` lines, and no fence to close them: somebody lost it. */
  | { readonly kind: "unclosed"; readonly yamlStart: number }
  | { readonly kind: "none" };

/**
 * YAML or TOML is `[yamlStart, yamlEnd)`, its last line break included; of JSON its braces are in it. The body
 * begins at `bodyStart`.
 */
export interface Block {
  readonly kind: "block";
  readonly syntax: Syntax;
  readonly yamlStart: number;
  readonly yamlEnd: number;
  readonly bodyStart: number;
}

/** What a first line opens, and the lines that close it. */
const FENCES = [
  { syntax: "yaml", opens: "---", closes: ["---", "..."] },
  { syntax: "toml", opens: "+++", closes: ["+++"] },
] as const;
const TOML_LINE = /^[ \t]*(?:[\w-]+|"[^"\n]*")[ \t]*=|^\[/m;
/** After a line `{`: a key, or nothing at all. Other tools' braces go on otherwise. */
const JSON_NEXT = /^\s*(?:["']?[\w-]+["']?[ \t]*:|"(?:[^"\\\n]|\\.)*"[ \t]*:|\}[ \t]*\r?(?:\n|$))/;
/** A line like `title:` or `"title": text`, as front matter is made of. */
const KEY_LINE = /^["']?[\p{L}_][\p{L}\p{N}_-]*["']?[ \t]*:(?:[ \t]|\r?$)/mu;

/** Front matter without a first fence is not longer, UTF-16 code units. */
const HEAD_MAX = 16 * 1024;
/** So much of the line below a brace is looked at, UTF-16 code units. */
const LINE_MAX = 1_000;

/** Whether a line is this fence, with any blanks after it. */
export function isFence(line: string, fence: "---" | "..." | "+++" | "{" | "}"): boolean {
  return line.startsWith(fence) && line.slice(fence.length).trim() === "";
}

/**
 * Finds the front matter block: a first line `---` and a closing line `---` or `...` for YAML, two lines `+++`
 * for TOML, from a line `{` to a line `}` for JSON. Lines end with LF or CRLF; blanks after a fence are
 * tolerated, before it they are not.
 *
 * @param isFenceOptional Whether the first line `---` may be missing.
 */
export function split(text: string, isFenceOptional = false): Split {
  const newline = text.indexOf("\n");
  const firstLine = newline < 0 ? text : text.slice(0, newline);
  const yamlStart = newline < 0 ? text.length : newline + 1;
  const fence = FENCES.find(({ opens }) => isFence(firstLine, opens));
  if (fence === undefined && isFenceOptional) return splitWithoutFence(text);
  if (fence === undefined) return isFence(firstLine, "{") ? splitJson(text, yamlStart) : { kind: "none" };
  const { syntax, closes } = fence;
  const closing = closingLine(text, yamlStart, closes);
  if (closing !== null) {
    return { kind: "block", syntax, yamlStart, yamlEnd: closing.start, bodyStart: closing.next };
  }
  const isMeant = (syntax === "yaml" ? KEY_LINE : TOML_LINE).test(text.slice(yamlStart));
  return isMeant ? { kind: "unclosed", yamlStart } : { kind: "none" };
}

/** `key: value` lines from the first line on, up to a line `---`: Hexo needs no first fence. */
function splitWithoutFence(text: string): Split {
  const closing = closingLine(text, 0, ["---"]);
  if (closing === null || closing.start === 0) return { kind: "none" };
  const yaml = text.slice(0, Math.min(closing.start, HEAD_MAX));
  const isKeys = yaml.split("\n").every((line) => /^(?:[ \t#-]|\r?$)/.test(line) || KEY_LINE.test(line));
  if (!isKeys || !KEY_LINE.test(yaml)) return { kind: "none" };
  return { kind: "block", syntax: "yaml", yamlStart: 0, yamlEnd: closing.start, bodyStart: closing.next };
}

function splitJson(text: string, second: number): Split {
  if (!JSON_NEXT.test(text.slice(second, second + LINE_MAX))) return { kind: "none" };
  const closing = closingLine(text, second, ["}"]);
  if (closing === null) return { kind: "unclosed", yamlStart: second };
  return { kind: "block", syntax: "json", yamlStart: 0, yamlEnd: closing.next, bodyStart: closing.next };
}

/** The first line from here on that is one of these fences, and where the line after it begins. */
function closingLine(
  text: string,
  from: number,
  fences: readonly Parameters<typeof isFence>[1][],
): { readonly start: number; readonly next: number } | null {
  for (let start = from; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const next = newline < 0 ? end : newline + 1;
    const first = text[start] ?? "";
    if (fences.some((fence) => fence.startsWith(first) && isFence(text.slice(start, end), fence)))
      return { start, next };
    start = newline < 0 ? text.length : next;
  }
  return null;
}
