/**
 * What an author did wrong when YAML does not parse. The parser reports where it stopped, which is often a
 * line or more below the mistake, and why in terms of its grammar. People need the mistake and its fix.
 */
import type { Code } from "../../messages/problems.ts";

/** A fault of the YAML: `offset` and `length` in UTF-16 code units of the YAML text. */
export interface YamlFault {
  readonly kind: "fault";
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
  readonly offset: number;
  readonly length: number;
}

/** Front matter as its parser made it, or the fault that it has. */
export type Parsed =
  | { readonly kind: "map"; readonly attributes: Readonly<Record<string, unknown>> }
  | YamlFault;

/** What js-yaml throws. Without `mark` it found a second document. */
export interface YamlError extends Error {
  readonly reason?: string;
  readonly mark?: { readonly position: number };
}

/** Where the parser stopped, and why. */
interface Stuck {
  readonly reason: string;
  readonly yaml: string;
  readonly offset: number;
}

type Explain = (stuck: Stuck) => YamlFault | null;

/** Not allowed in YAML unless it is escaped. */
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
/** A value or list item, its first character captured. */
const VALUE_START = /^(?:[^\s#"'[\]{}][^#\n]*?:|[ \t]*-)[ \t]+(["'[{])/;
/** A quoted or bracketed value that ends on its line, and what follows it. */
const CLOSED = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[[^\]]*\]|\{[^}]*\})[ \t]*(.*)$/s;
/** `title：words`, or a blank of another kind after the colon, the dash of an item, or before either. */
const WIDE_COLON = /^([\p{L}_][\p{L}\p{N}_-]*)：/u;
const WIDE_BLANK =
  /^(?:[\p{L}_][\p{L}\p{N}_-]*:|[ \t]*-)([\u3000\u00a0]+)|^[ \t]*([\u3000\u00a0]+)(?=-[ \t]|[\p{L}_][\p{L}\p{N}_-]*:)/u;
const KEY_WITHOUT_BLANK = /^[\p{L}_][\p{L}\p{N}_-]*:(?=[^\s:/])/mu;

/** Explanations by what the parser reports, the first that fits. */
const EXPLANATIONS: readonly (readonly [RegExp, Explain])[] = [
  [/^duplicated mapping key/, duplicateKey],
  [/^incomplete explicit mapping pair/, ({ offset }) => fault("yaml-colon-in-value", offset)],
  [/within a (?:single|double) quoted scalar/, (stuck) => unclosed(stuck, "yaml-unclosed-quote", /["']/)],
  [/within a flow collection|^missed comma/, (stuck) => unclosed(stuck, "yaml-unclosed-bracket", /[[{]/)],
  [/^unidentified alias/, (stuck) => back(stuck, "yaml-alias", `*${/"(.*)"/.exec(stuck.reason)?.[1] ?? ""}`)],
  [/maxTotalMergeKeys|abnormal merge/, ({ offset }) => fault("front-matter-too-big", offset)],
  [/\btag\b/, (stuck) => back(stuck, "yaml-tag", "!")],
  [/a colon is missed|multiline key/, ({ yaml, offset }) => afterValue(yaml, offset)],
  [/non-printable|null byte|valid JSON/, ({ yaml }) => fault("yaml-control-character", yaml.search(CONTROL))],
  [/^unknown escape|^expected hexadecimal/, ({ offset }) => fault("yaml-escape", offset)],
  [/^bad indentation/, ({ offset }) => fault("yaml-indentation", offset)],
  [/^end of the stream/, reserved],
];

export function fault(code: Code, offset: number, params: YamlFault["params"] = {}, length = 1): YamlFault {
  return { kind: "fault", code, params, offset: Math.max(offset, 0), length };
}

/**
 * The fault behind an error of the YAML parser.
 *
 * @param shift How much further the parser's positions are than those in `yaml`.
 */
export function syntaxFault({ reason = "", mark }: YamlError, shift: number, yaml: string): YamlFault {
  if (mark === undefined) return fault("yaml-two-documents", yaml.search(/^---\s/m), {}, 3);
  const end = Math.max(yaml.trimEnd().length - 1, 0);
  const offset = Math.min(Math.max(mark.position - shift, 0), end);
  const lineStart = yaml.lastIndexOf("\n", offset - 1) + 1;
  const indentation = /^[ \t]*/.exec(yaml.slice(lineStart))?.[0] ?? "";
  if (indentation.includes("\t")) return fault("yaml-tab", lineStart + indentation.indexOf("\t"));
  const explain = EXPLANATIONS.find(([pattern]) => pattern.test(reason))?.[1];
  return explain?.({ reason, yaml, offset }) ?? fault("yaml-syntax", offset, { reason });
}

/**
 * `title:Hello` and `title：Hello` are no keys, but the parser fails only at what comes after them.
 */
export function glued(yaml: string): YamlFault | null {
  for (const { line, start } of linesUpTo(yaml, yaml.length)) {
    const [, key = ""] = WIDE_COLON.exec(line) ?? [];
    if (key !== "") return fault("yaml-wide-colon", start + key.length, { key });
    const [head = "", after = "", blanks = after] = WIDE_BLANK.exec(line) ?? [];
    if (blanks !== "")
      return fault("yaml-wide-blank", start + head.length - blanks.length, {}, blanks.length);
  }
  const match = KEY_WITHOUT_BLANK.exec(yaml);
  return match && fault("yaml-colon-blank", match.index, { key: match[0].slice(0, -1) }, match[0].length);
}

function duplicateKey({ yaml, offset }: Stuck): YamlFault {
  const key = /^[^:\n]*/.exec(yaml.slice(offset, offset + 200))?.[0].trim() ?? "";
  return fault("yaml-duplicate-key", offset, { key }, key.length);
}

/** The first value that begins with such a character and does not end on its line. */
function unclosed({ yaml, offset }: Stuck, code: Code, opening: RegExp): YamlFault {
  for (const { line, start } of linesUpTo(yaml, offset)) {
    const match = VALUE_START.exec(line);
    const value = match === null ? "" : line.slice(match[0].length - 1);
    if (opening.test(value.charAt(0)) && !CLOSED.test(value))
      return fault(code, start + line.length - value.length, {}, value.length);
  }
  return fault(code, offset);
}

/** The last place before the parser noticed where such a word begins. */
function back({ yaml, offset }: Stuck, code: Code, sign: string): YamlFault {
  const at = yaml.lastIndexOf(sign, offset);
  if (at < 0) return fault(code, offset);
  return fault(code, at, {}, /^\S*/.exec(yaml.slice(at, at + 200))?.[0].length);
}

/** `title: [Draft] Hello`, `title: 'it's'`, or a line that lacks its colon. */
function afterValue(yaml: string, offset: number): YamlFault {
  const missing = glued(yaml.slice(0, offset + 1));
  if (missing !== null) return missing;
  let last = { line: "", start: offset };
  for (const one of linesUpTo(yaml, offset)) {
    const match = VALUE_START.exec(one.line);
    const value = match === null ? "" : one.line.slice(match[0].length - 1);
    const rest = CLOSED.exec(value)?.[1] ?? "";
    if (rest !== "" && !rest.startsWith("#"))
      return fault("yaml-after-value", one.start + one.line.length - rest.length, {}, rest.length);
    if (one.line.trim() !== "" && !/:(?:[ \t]|$)/.test(one.line)) last = one;
  }
  return fault("yaml-colon", last.start, {}, last.line.length);
}

/** `title: @name`: YAML reserves some characters. Else something stands in the wrong column. */
function reserved({ yaml, offset }: Stuck): YamlFault {
  const character = yaml.charAt(offset);
  if (/[@`%]/.test(character)) return fault("yaml-reserved", offset, { character });
  return glued(yaml.slice(0, offset + 1)) ?? fault("yaml-indentation", offset);
}

function* linesUpTo(yaml: string, offset: number): Generator<{ line: string; start: number }> {
  for (let start = 0; start <= offset; ) {
    const newline = yaml.indexOf("\n", start);
    const end = newline < 0 ? yaml.length : newline;
    yield { line: yaml.slice(start, end).trimEnd(), start };
    start = end + 1;
  }
}
