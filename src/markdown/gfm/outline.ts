/** The outline of a document that markdown-it has parsed: text, headings, links, images. */
import type Token from "markdown-it/lib/token.mjs";
import type { Heading, Image, Link } from "../../index.ts";
import type { Budget, Located, Outline } from "../renderer.ts";

/**
 * Counts how long the outline will be, without making it.
 *
 * @throws {OutOfTime | TooLarge}
 */
export function measure(tokens: readonly Token[], budget: Budget): void {
  for (const token of tokens) {
    if (token.type !== "inline") budget.outline(token.content.length);
    // A heading is there once more by itself, and as its slug.
    else budget.outline(inlineLength(token.children ?? [], budget) * 3);
  }
}

/** Length of the text of inline tokens; links and images in it are counted on the way. */
function inlineLength(tokens: readonly Token[], budget: Budget): number {
  const open: number[] = [];
  let length = 0;
  for (const token of tokens) {
    budget.step(1);
    if (token.type === "link_open") {
      open.push(length);
      budget.outline((token.attrGet("href") ?? "").length);
    } else if (token.type === "link_close") budget.outline(length - (open.pop() ?? 0));
    else if (token.type === "image") {
      const alt = inlineLength(token.children ?? [], budget);
      budget.outline((token.attrGet("src") ?? "").length + alt);
      length += alt;
    } else length += Math.max(1, token.content.length);
  }
  return length;
}

/** Walks the tokens once; those of an image's description once more for each image around it. */
export function outlineOf(tokens: readonly Token[]): Outline {
  const collector = new Collector();
  for (const [index, token] of tokens.entries()) collector.block(token, tokens[index - 1]);
  return collector.outline();
}

class Collector {
  readonly #blocks: string[] = [];
  readonly #headings: Heading[] = [];
  readonly #links: (Link & Located)[] = [];
  readonly #images: (Image & Located)[] = [];
  #line = 1;
  /** Cells of the row that is being read; null outside a table. */
  #cells: string[] | null = null;

  block(token: Token, before: Token | undefined): void {
    if (token.map !== null) this.#line = token.map[0] + 1;
    if (token.type === "tr_open") this.#cells = [];
    else if (token.type === "tr_close") {
      this.#blocks.push((this.#cells ?? []).join(" "));
      this.#cells = null;
    } else if (token.type === "fence" || token.type === "code_block" || token.type === "math_block")
      this.#blocks.push(token.content.trimEnd());
    else if (token.type === "inline") {
      const text = this.#inlines(token.children ?? []).trim();
      (this.#cells ?? this.#blocks).push(text);
      if (before?.type === "heading_open") {
        const slug = before.attrGet("id") ?? "";
        this.#headings.push({ level: Number(before.tag.slice(1)), text, slug });
      }
    }
  }

  outline(): Outline {
    const text = this.#blocks.filter((block) => block !== "").join("\n\n");
    return { text, headings: this.#headings, links: this.#links, images: this.#images };
  }

  /** The text of inline tokens; their links and images are noted on the way. */
  #inlines(tokens: readonly Token[]): string {
    const pieces: string[] = [];
    const open: { readonly href: string; readonly from: number }[] = [];
    for (const token of tokens) {
      if (token.type === "link_open") open.push({ href: token.attrGet("href") ?? "", from: pieces.length });
      else if (token.type === "link_close") {
        const link = open.pop();
        if (link !== undefined)
          this.#links.push({ href: link.href, text: pieces.slice(link.from).join(""), line: this.#line });
      } else if (token.type === "image") {
        const alt = this.#inlines(token.children ?? []);
        this.#images.push({ src: token.attrGet("src") ?? "", alt, line: this.#line });
        pieces.push(alt);
      } else if (token.type === "softbreak" || token.type === "hardbreak") pieces.push("\n");
      else if (token.type === "text" || token.type === "code_inline" || token.type === "math_inline")
        pieces.push(token.content);
    }
    return pieces.join("");
  }
}
