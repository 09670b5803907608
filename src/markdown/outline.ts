/** The outline of a document that the package `commonmark` has parsed: text, headings, links, images. */
import type { Node, NodeWalkingStep } from "commonmark";
import type { Heading, Image, Link } from "../index.ts";
import type { Budget, Located, Outline } from "./renderer.ts";

/** Blocks that hold inlines. */
const LEAF_BLOCKS = new Set(["paragraph", "heading"]);

/**
 * Counts how long the outline of a document will be, without making it: each image in the description of
 * another one makes it longer by all that is in it.
 *
 * @throws {OutOfTime | TooLarge}
 */
export function measure(document: Node, budget: Budget): void {
  const open: number[] = [];
  let length = 0;
  const walker = document.walker();
  for (let step: NodeWalkingStep | null = walker.next(); step !== null; step = walker.next()) {
    const { node, entering } = step;
    budget.step(1);
    if (LEAF_BLOCKS.has(node.type)) {
      // A heading is there once more by itself, and as its slug.
      if (!entering) budget.outline(node.type === "heading" ? length * 3 : length);
      length = 0;
    } else if (node.type === "link" || node.type === "image") {
      if (entering) open.push(length);
      else budget.outline(length - (open.pop() ?? 0) + (node.destination ?? "").length);
    } else if (node.type === "code_block") budget.outline((node.literal ?? "").length);
    else length += textOf(node).length;
  }
}

/** Walks the document once; each text is put together when its link, image or block ends. */
export function outlineOf(document: Node): Outline {
  const blocks: string[] = [];
  const headings: Heading[] = [];
  const links: (Link & Located)[] = [];
  const images: (Image & Located)[] = [];
  const slugs = new Map<string, number>();
  /** Which piece the text of each open link or image begins with. */
  const open: number[] = [];
  let pieces: string[] = [];
  let line = 1;
  const walker = document.walker();
  for (let step: NodeWalkingStep | null = walker.next(); step !== null; step = walker.next()) {
    const { node, entering } = step;
    if (LEAF_BLOCKS.has(node.type)) {
      if (entering) {
        pieces = [];
        line = node.sourcepos[0][0];
        continue;
      }
      const text = pieces.join("");
      if (node.type === "heading") headings.push({ level: node.level, text, slug: slugOf(text, slugs) });
      blocks.push(text);
    } else if (node.type === "link" || node.type === "image") {
      if (entering) {
        open.push(pieces.length);
        continue;
      }
      const inner = pieces.slice(open.pop()).join("");
      const target = node.destination ?? "";
      if (node.type === "link") links.push({ href: target, text: inner, line });
      else images.push({ src: target, alt: inner, line });
    } else if (node.type === "code_block") blocks.push((node.literal ?? "").trimEnd());
    else {
      const piece = textOf(node);
      if (piece !== "") pieces.push(piece);
    }
  }
  return { text: blocks.filter((block) => block !== "").join("\n\n"), headings, links, images };
}

/** What an inline adds to the text. */
function textOf({ type, literal }: Node): string {
  if (type === "text" || type === "code") return literal ?? "";
  return type === "softbreak" || type === "linebreak" ? "\n" : "";
}

/** Lower-case letters, digits and hyphens of any script; a number makes each unique. */
function slugOf(text: string, taken: Map<string, number>): string {
  const base =
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .trim()
      .replace(/\s+/g, "-") || "section";
  let slug = base;
  for (let next = taken.get(base) ?? 1; taken.has(slug); next++) {
    slug = `${base}-${next}`;
    taken.set(base, next + 1);
  }
  taken.set(slug, 1);
  return slug;
}
