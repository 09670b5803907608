/**
 * Finds the functions of a TypeScript file and their lengths, without a parser: it relies on the formatter,
 * which puts the brace that closes a body below the start of the line that opened it.
 */

/** A function as it is written. `line` counts from 1, `lines` includes the first and the last one. */
export interface WrittenFunction {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** What a slash starts a regular expression after; after anything else it divides. */
const BEFORE_REGEXP = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|yield|void))\s*$/;
const NO_FUNCTION = /^\s*(?:\} )?(?:if|else|for|while|switch|try|catch|finally|do|with)\b/;
const DECLARED = /\bfunction\b\s*\*?\s*([\w$]*)/;
const ARROW =
  /(?:([\w$#]+)\s*(?::[^=]*)?=\s*|([\w$]+): )?(?:async )?(?:<.*>)?(?:\(.*\)(?:: .*)?|[\w$]+) =>\s*\(?\{$/;
const METHOD =
  /^\s*(?:(?:public|private|protected|static|override|async|get|set)\s+)*\*?\s*([\w$#]+|\[[^\]]*\])(?:<.*>)?\(.*\)(?:: .*)? \{$/;

/**
 * The text with the inside of comments, strings, templates and regular expressions blanked out; lines and
 * columns stay where they are.
 */
export function codeOnly(text: string): string {
  let code = "";
  let at = 0;
  const blank = (until: number): void => {
    code += text.slice(at, until).replace(/[^\n]/g, " ");
    at = until;
  };
  while (at < text.length) {
    const next = text[at] ?? "";
    if (text.startsWith("//", at)) blank(endOr(text.indexOf("\n", at), text));
    else if (text.startsWith("/*", at)) blank(endOr(text.indexOf("*/", at + 2), text, 2));
    else if (next === '"' || next === "'") blank(endOfQuoted(text, at, next));
    else if (next === "`") blank(endOfTemplate(text, at));
    else if (next === "/" && BEFORE_REGEXP.test(code.slice(-40))) blank(endOfRegExp(text, at));
    else {
      code += next;
      at++;
    }
  }
  return code;
}

const endOr = (index: number, text: string, width = 0): number => (index < 0 ? text.length : index + width);

function endOfQuoted(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfRegExp(text: string, start: number): number {
  let at = start + 1;
  let isClass = false;
  while (at < text.length && (isClass || text[at] !== "/") && text[at] !== "\n") {
    if (text[at] === "[") isClass = true;
    if (text[at] === "]") isClass = false;
    at += text[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}

/** A template ends at its own backtick: those inside `${}` belong to other templates. */
function endOfTemplate(text: string, start: number): number {
  let at = start + 1;
  let depth = 0;
  while (at < text.length) {
    if (text[at] === "\\") at++;
    else if (depth === 0 && text[at] === "`") return at + 1;
    else if (depth === 0 && text.startsWith("${", at)) {
      depth = 1;
      at++;
    } else if (depth > 0) {
      if (text[at] === "{") depth++;
      if (text[at] === "}") depth--;
      if (text[at] === "`") at = endOfTemplate(text, at) - 1;
      else if (text[at] === '"' || text[at] === "'") at = endOfQuoted(text, at, text[at] ?? "") - 1;
    }
    at++;
  }
  return at;
}

/** The functions with a body of their own lines, nested ones too, in the order of their beginnings. */
export function functionsOf(text: string): WrittenFunction[] {
  const lines = codeOnly(text).split("\n");
  const found: WrittenFunction[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.trimEnd().endsWith("{")) continue;
    const first = headOf(lines, index);
    const head = lines
      .slice(first, index + 1)
      .map((part) => part.trim())
      .join(" ");
    const name = nameOf(head);
    if (name === null) continue;
    const last = endOfBody(lines, index);
    found.push({ name, line: first + 1, lines: last - first + 1 });
  }
  return found;
}

/** Where the head that ends in this line begins: a line further up when the brace follows `)` of its own line. */
function headOf(lines: readonly string[], index: number): number {
  const line = lines[index] ?? "";
  if (!/^\s*[)}\]]/.test(line)) return index;
  const margin = marginOf(line);
  let first = index - 1;
  while (first > 0 && (lines[first]?.trim() === "" || marginOf(lines[first] ?? "") > margin)) first--;
  return first;
}

/** The name of the function that a head declares, "(anonymous)" without one; null when it declares none. */
function nameOf(head: string): string | null {
  const code = head.trimEnd();
  if (NO_FUNCTION.test(code)) return null;
  const declared = DECLARED.exec(code);
  if (declared !== null) return declared[1] || "(anonymous)";
  const arrow = ARROW.exec(code);
  if (arrow !== null) return arrow[1] ?? arrow[2] ?? "(anonymous)";
  return METHOD.exec(code)?.[1] ?? null;
}

function endOfBody(lines: readonly string[], index: number): number {
  const margin = marginOf(lines[index] ?? "");
  for (let last = index + 1; last < lines.length; last++) {
    const line = lines[last] ?? "";
    if (line.trim() !== "" && marginOf(line) <= margin) return last;
  }
  return lines.length - 1;
}

const marginOf = (line: string): number => line.length - line.trimStart().length;
