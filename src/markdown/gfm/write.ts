/** HTML from the tokens of markdown-it, piece by piece within a budget. */
import type MarkdownIt from "markdown-it";
import type { Options } from "markdown-it";
import type { RenderRule } from "markdown-it/lib/renderer.mjs";
import type Token from "markdown-it/lib/token.mjs";
import { codeBlock } from "../fence.ts";
import type { Budget, Wanted } from "../renderer.ts";
import { isSafeUrl, markTarget } from "../url.ts";

/** Sets the rules that differ from markdown-it's own. */
export function writeAsGitHub(md: MarkdownIt): void {
  const { rules } = md.renderer;
  const { escapeHtml, unescapeAll } = md.utils;
  rules["fence"] = (tokens, index) => {
    const { info = "", content = "" } = tokens[index] ?? {};
    return `${codeBlock(content, unescapeAll(info), escapeHtml)}\n`;
  };
  rules["blockquote_open"] = (tokens, index) => `${tokens[index - 1]?.hidden ? "\n" : ""}<blockquote>\n`;
  // markdown-it's own leaves code out of descriptions.
  rules["image"] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    token?.attrSet("alt", descriptionOf(token));
    return self.renderToken(tokens, index, options);
  };
  // An inline style is what a content security policy blocks.
  rules["th_open"] = rules["td_open"] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const side = /^text-align:(\w+)$/.exec(token?.attrGet("style") ?? "")?.[1];
    if (token !== undefined && side !== undefined) token.attrs = [["align", side]];
    return self.renderToken(tokens, index, options);
  };
  rules["footnote_caption"] = (tokens, index) => String((tokens[index]?.meta.id ?? 0) + 1);
  rules["footnote_block_open"] = () => '<hr class="footnotes-sep" />\n<section class="footnotes">\n<ol>\n';
}

/** The HTML of a document. */
export interface Written {
  readonly html: string;
  /** Whether there is HTML in it that the author wrote. */
  readonly isRaw: boolean;
}

/**
 * Writes a document.
 *
 * @throws {OutOfTime | TooLarge}
 */
export function write(
  md: MarkdownIt,
  tokens: readonly Token[],
  env: object,
  { html: kind, targets = false }: Wanted,
  budget: Budget,
): Written {
  const { renderer, options } = md;
  let html = "";
  let isRaw = false;
  const add = (tokensAround: Token[], at: number, original: Token): void => {
    budget.step(1);
    const token = targeted(original, kind === "safe", targets);
    const [list, index] = token === original ? [tokensAround, at] : [[token], 0];
    if (token.type === "html_inline" || token.type === "html_block") isRaw = true;
    const rule: RenderRule | undefined = renderer.rules[token.type];
    html +=
      rule === undefined
        ? renderer.renderToken(list, index, options as Options)
        : rule(list, index, options as Options, env, renderer);
    budget.html(html.length);
  };
  for (const [index, token] of tokens.entries()) {
    if (token.type !== "inline") add(tokens as Token[], index, token);
    else
      for (const [at, child] of (token.children ?? []).entries()) add(token.children as Token[], at, child);
  }
  return { html, isRaw };
}

/** The text of an image's description, those of images in it included. */
function descriptionOf(image: Token): string {
  return (image.children ?? [])
    .map((token) => {
      if (token.type === "image") return descriptionOf(token);
      return token.type === "softbreak" || token.type === "hardbreak" ? "\n" : token.content;
    })
    .join("");
}

/** A link or image with the target that is written; the outline has what the author wrote. */
function targeted(token: Token, safe: boolean, targets: boolean): Token {
  const [name, use] =
    token.type === "link_open"
      ? (["href", "link"] as const)
      : token.type === "image"
        ? (["src", "media"] as const)
        : [null, null];
  if (name === null) return token;
  const url = token.attrGet(name) ?? "";
  const isSafe = !safe || isSafeUrl(url, use);
  const written = !isSafe ? "" : targets ? markTarget(url, use) : url;
  if (written === url) return token;
  const attrs = (token.attrs ?? [])
    .filter(([key]) => isSafe || use === "media" || key !== name)
    .map(([key, value]): [string, string] => [key, key === name ? written : value]);
  return Object.assign(Object.create(Object.getPrototypeOf(token)), token, { attrs });
}
