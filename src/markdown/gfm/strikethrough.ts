/**
 * `~one~` and `~~two~~` tildes strike text out; both ends have the same number. markdown-it's own rule knows
 * two of them only.
 *
 * @see https://github.github.com/gfm/#strikethrough-extension-
 */
import type MarkdownIt from "markdown-it";
import type StateInline from "markdown-it/lib/rules_inline/state_inline.mjs";
import type { Delimiter } from "markdown-it/lib/rules_inline/state_inline.mjs";

const TILDE = 0x7e;
/** Two tildes count as a character of their own, so that only equals are paired. */
const TWO_TILDES = 0x7e7e;

export function strikethrough(md: MarkdownIt): void {
  md.inline.ruler.at("strikethrough", tokenize);
  md.inline.ruler2.at("strikethrough", (state) => {
    replacePairs(state, state.delimiters);
    for (const meta of state.tokens_meta) if (meta?.delimiters) replacePairs(state, meta.delimiters);
    return true;
  });
}

function tokenize(state: StateInline, silent: boolean): boolean {
  if (silent || state.src.charCodeAt(state.pos) !== TILDE) return false;
  const { length, can_open, can_close } = state.scanDelims(state.pos, true);
  const token = state.push("text", "", 0);
  token.content = "~".repeat(length);
  state.pos += length;
  if (length > 2) return true;
  state.delimiters.push({
    marker: length === 1 ? TILDE : TWO_TILDES,
    // Lengths are not added up, as those of emphasis are.
    length: 0,
    token: state.tokens.length - 1,
    end: -1,
    open: can_open,
    close: can_close,
  });
  return true;
}

function replacePairs(state: StateInline, delimiters: readonly Delimiter[]): void {
  for (const { marker, end, token } of delimiters) {
    if (end < 0 || (marker !== TILDE && marker !== TWO_TILDES)) continue;
    replace(state, token, "del_open", 1);
    replace(state, delimiters[end]?.token ?? token, "del_close", -1);
  }
}

function replace(state: StateInline, index: number, type: string, nesting: -1 | 1): void {
  const token = state.tokens[index];
  if (token !== undefined) Object.assign(token, { type, tag: "del", nesting, content: "" });
}
