/** `$…$`, `$$…$$` and fences named `math`: the TeX as text, for the typesetter of the front end. */
import type MarkdownIt from "markdown-it";
import type StateBlock from "markdown-it/lib/rules_block/state_block.mjs";
import type StateInline from "markdown-it/lib/rules_inline/state_inline.mjs";
import { readFenceInfo } from "../fence.ts";

/** Adds the rules; a price like `$5 to $10` is no math. */
export function math(md: MarkdownIt): void {
  const { escapeHtml } = md.utils;
  const { rules } = md.renderer;
  md.inline.ruler.after("escape", "math", inlineMath);
  md.block.ruler.before("fence", "math", blockMath, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  rules["math_inline"] = (tokens, index) =>
    `<span class="math">${escapeHtml(tokens[index]?.content ?? "")}</span>`;
  rules["math_display"] = (tokens, index) =>
    `<span class="math display">${escapeHtml(tokens[index]?.content ?? "")}</span>`;
  rules["math_block"] = (tokens, index) =>
    `<div class="math">${escapeHtml(tokens[index]?.content ?? "")}</div>\n`;
  const { fence } = rules;
  rules["fence"] = (tokens, index, ...others) => {
    const rule = readFenceInfo(tokens[index]?.info ?? "").language === "math" ? rules["math_block"] : fence;
    return rule?.(tokens, index, ...others) ?? "";
  };
}

function inlineMath(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (src.charAt(pos) !== "$" || /[A-Za-z0-9$]/.test(src.charAt(pos - 1))) return false;
  const isDisplay = src.charAt(pos + 1) === "$";
  const start = pos + (isDisplay ? 2 : 1);
  const end = isDisplay ? closing(src, start, "$$") : closing(src, start, "$");
  if (end === null || end + start - pos > posMax) return false;
  const content = src.slice(start, end);
  if (content.trim() === "") return false;
  if (!isDisplay && (/^\s|\s$/.test(content) || /[A-Za-z0-9]/.test(src.charAt(end + 1)))) return false;
  if (!silent) {
    const [, code] = /^`([^`]+)`$/.exec(content) ?? [];
    state.push(isDisplay ? "math_display" : "math_inline", "", 0).content = code ?? content;
  }
  state.pos = end + start - pos;
  return true;
}

/** Where the next mark is that no backslash escapes. */
function closing(src: string, from: number, mark: string): number | null {
  for (let at = src.indexOf(mark, from); at >= 0; at = src.indexOf(mark, at + 1)) {
    let slashes = 0;
    while (src.charAt(at - 1 - slashes) === "\\") slashes++;
    if (slashes % 2 === 0) return at;
  }
  return null;
}

function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const lineAt = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  const indented = (state.sCount[startLine] ?? 0) - state.blkIndent >= 4;
  const first = lineAt(startLine).trimEnd();
  if (indented || !first.startsWith("$$")) return false;
  let line = startLine;
  let last = first.slice(2);
  while (!last.endsWith("$$")) {
    line++;
    if (line >= endLine || (state.sCount[line] ?? 0) < state.blkIndent) return false;
    last = lineAt(line).trimEnd();
  }
  // `$$a$$ and $$b$$` is a paragraph.
  if (line === startLine && last.slice(0, -2).includes("$$")) return false;
  if (silent) return true;
  const inner =
    line === startLine
      ? ""
      : `${first.slice(2)}\n${state.getLines(startLine + 1, line, state.blkIndent, true)}`;
  const token = state.push("math_block", "", 0);
  token.block = true;
  token.content = `${inner}${last.slice(0, -2)}`.trim();
  token.map = [startLine, line + 1];
  state.line = line + 1;
  return true;
}
