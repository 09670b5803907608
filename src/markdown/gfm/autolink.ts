/**
 * Autolinks without angle brackets, as GitHub's own parser finds them: `www.`, `http://`, `https://`, `ftp://`
 * and addresses of mail. Nothing else becomes a link, so `README.md` and `a.rs` stay text.
 *
 * @see https://github.github.com/gfm/#autolinks-extension-
 */
import type MarkdownIt from "markdown-it";
import type StateCore from "markdown-it/lib/rules_core/state_core.mjs";
import type StateInline from "markdown-it/lib/rules_inline/state_inline.mjs";
import type Token from "markdown-it/lib/token.mjs";

/** Where the text rule has to stop: at what other rules begin with, and before `www.`. */
const STOP = /[\n!#$%&*+\-:<=>@[\\\]^_`{}~]|[wW](?=[wW]{2}\.)/g;
/** What may stand before `www.`. */
const BEFORE_WWW = /[\s*_~(]/;
const DOMAIN = /[\p{L}\p{N}\p{M}_.-]+/uy;
const TO_BLANK_OR_TAG = /[^\s<]+/y;
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)*/g;

/** Makes the parser find such links. */
export function autolinks(md: MarkdownIt): void {
  md.inline.ruler.at("text", text);
  md.inline.ruler.at("linkify", url);
  md.core.ruler.at("linkify", mails);
}

function text(state: StateInline, silent: boolean): boolean {
  const { pos, src, posMax } = state;
  STOP.lastIndex = pos;
  const at = Math.min(STOP.exec(src)?.index ?? posMax, posMax);
  if (at === pos) return isWww(src, pos) && www(state, silent);
  if (!silent) state.pending += src.slice(pos, at);
  state.pos = at;
  return true;
}

const isWww = (src: string, pos: number): boolean => /^www\.$/i.test(src.slice(pos, pos + 4));

function www(state: StateInline, silent: boolean): boolean {
  const { pos, src } = state;
  const end =
    isFree(state, silent) && (pos === 0 || BEFORE_WWW.test(src.charAt(pos - 1)))
      ? linkEnd(state, pos, 1)
      : null;
  if (!silent) {
    if (end === null) state.pending += src.charAt(pos);
    else pushLink(state, src.slice(pos, end), "http://");
  }
  state.pos = end ?? pos + 1;
  return true;
}

/** At the colon of `https://`: its scheme has been read as text. */
function url(state: StateInline, silent: boolean): boolean {
  const { pos, src, pending } = state;
  if (silent || !src.startsWith("://", pos) || !isFree(state, silent)) return false;
  const scheme = /[a-z]+$/i.exec(pending.slice(-10))?.[0] ?? "";
  if (!/^(?:https?|ftp)$/i.test(scheme) || !src.startsWith(scheme, pos - scheme.length)) return false;
  const end = linkEnd(state, pos + 3, 0);
  if (end === null) return false;
  state.pending = pending.slice(0, -scheme.length);
  pushLink(state, src.slice(pos - scheme.length, end), "");
  state.pos = end;
  return true;
}

/** Not in a link, and not in brackets that may become one. */
function isFree(state: StateInline, silent: boolean): boolean {
  const { linkLevel } = state as StateInline & { readonly linkLevel: number };
  return !silent && linkLevel === 0 && bracketsBefore(state) === 0;
}

interface Brackets {
  readonly src: string;
  pos: number;
  depth: number;
}

/** Brackets that are open before this place; each character is looked at once. */
function bracketsBefore(state: StateInline): number {
  const { env, src, pos } = state;
  const known = env.brackets as Brackets | undefined;
  const brackets = known?.src === src && known.pos <= pos ? known : { src, pos: 0, depth: 0 };
  for (; brackets.pos < pos; brackets.pos++) {
    const character = src.charCodeAt(brackets.pos);
    if (character === 0x5c) brackets.pos++;
    else if (character === 0x5b) brackets.depth++;
    else if (character === 0x5d && brackets.depth > 0) brackets.depth--;
  }
  env.brackets = brackets;
  return brackets.depth;
}

/** Where a link ends whose domain begins here and has so many dots at least; null if there is no domain. */
function linkEnd({ src, posMax }: StateInline, start: number, dotsMin: number): number | null {
  DOMAIN.lastIndex = start;
  const domain = DOMAIN.exec(src)?.[0] ?? "";
  const parts = domain.split(".");
  if (domain === "" || !/^[\p{L}\p{N}]/u.test(domain) || parts.length - 1 < dotsMin) return null;
  if (parts.slice(-2).some((part) => part.includes("_"))) return null;
  TO_BLANK_OR_TAG.lastIndex = start;
  const end = start + (TO_BLANK_OR_TAG.exec(src)?.[0].length ?? 0);
  return trimmedEnd(src, start, Math.min(end, posMax));
}

/** Without the punctuation that ends a sentence, and brackets that were opened before the link. */
function trimmedEnd(src: string, start: number, end: number): number {
  let opening = 0;
  let closing = 0;
  for (let at = start; at < end; at++) {
    if (src.charAt(at) === "(") opening++;
    else if (src.charAt(at) === ")") closing++;
  }
  for (let last = src.charAt(end - 1); end > start; last = src.charAt(end - 1)) {
    if (last === ")") {
      if (closing <= opening) break;
      closing--;
      end--;
    } else if (last === ";") {
      let name = end - 1;
      while (name > start && /[a-z]/i.test(src.charAt(name - 1))) name--;
      end = name < end - 1 && src.charAt(name - 1) === "&" ? name - 1 : end - 1;
    } else if ("?!.,:*_~'\"".includes(last)) end--;
    else break;
  }
  return end;
}

function pushLink(state: StateInline, words: string, prefix: string): void {
  const open = state.push("link_open", "a", 1);
  open.attrs = [["href", state.md.normalizeLink(`${prefix}${words}`)]];
  state.push("text", "", 0).content = words;
  state.push("link_close", "a", -1);
}

/** Addresses of mail in the text that is left when all else has been found. */
function mails(state: StateCore): void {
  for (const token of state.tokens) {
    if (token.children?.some(({ type, content }) => type === "text" && content.includes("@")))
      token.children = withMails(state, token.children);
  }
}

function withMails(state: StateCore, tokens: readonly Token[]): Token[] {
  let inLink = 0;
  return tokens.flatMap((token) => {
    if (token.type === "link_open") inLink++;
    else if (token.type === "link_close") inLink--;
    return token.type === "text" && inLink === 0 && token.content.includes("@")
      ? mailsIn(state, token)
      : token;
  });
}

function mailsIn({ Token, md }: StateCore, token: Token): Token[] {
  const tokens: Token[] = [];
  const { content, level } = token;
  let from = 0;
  const push = (type: string, tag: string, nesting: -1 | 0 | 1, words = ""): Token => {
    const made = new Token(type, tag, nesting);
    made.content = words;
    made.level = level + (type === "text" && tag === "a" ? 1 : 0);
    tokens.push(made);
    return made;
  };
  for (const { 0: found, index } of content.matchAll(MAIL)) {
    const [before = "", domain = ""] = found.split("@");
    const scheme = /(?:mailto|xmpp):$/i.exec(content.slice(Math.max(from, index - 7), index))?.[0] ?? "";
    if (index < from || !domain.includes(".") || !/[a-z]$/i.test(domain) || before === "") continue;
    const start = index - scheme.length;
    if (start > from) push("text", "", 0, content.slice(from, start));
    const isJabber = scheme.toLowerCase() === "xmpp:";
    const path = isJabber ? (/^\/[\w@.]+/.exec(content.slice(index + found.length))?.[0] ?? "") : "";
    const words = `${scheme}${found}${path}`;
    push("link_open", "a", 1).attrs = [["href", md.normalizeLink(scheme === "" ? `mailto:${words}` : words)]];
    push("text", "", 0, words);
    push("link_close", "a", -1);
    from = index + found.length + path.length;
  }
  if (from === 0) return [token];
  if (from < content.length) push("text", "", 0, content.slice(from));
  return tokens;
}
