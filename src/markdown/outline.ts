/** The outline of a document that the package `commonmark` has parsed: text, headings, links, images. */
import type { Node, NodeWalkingStep } from "commonmark";
import type { Heading, Image, Link } from "../index.ts";
import type { Located, Outline } from "./renderer.ts";

/** Blocks that hold inlines. */
const LEAF_BLOCKS = new Set(["paragraph", "heading"]);

/** Walks the document once. */
export function outlineOf(document: Node): Outline {
  const blocks: string[] = [];
  const headings: Heading[] = [];
  const links: (Link & Located)[] = [];
  const images: (Image & Located)[] = [];
  const slugs = new Map<string, number>();
  /** Where the text of each open link or image begins in `text`. */
  const open: number[] = [];
  let text = "";
  let line = 1;
  const walker = document.walker();
  for (let step: NodeWalkingStep | null = walker.next(); step !== null; step = walker.next()) {
    const { node, entering } = step;
    if (LEAF_BLOCKS.has(node.type)) {
      if (entering) {
        text = "";
        line = node.sourcepos[0][0];
        continue;
      }
      if (node.type === "heading") headings.push({ level: node.level, text, slug: slugOf(text, slugs) });
      blocks.push(text);
    } else if (node.type === "link" || node.type === "image") {
      if (entering) {
        open.push(text.length);
        continue;
      }
      const inner = text.slice(open.pop());
      const target = node.destination ?? "";
      if (node.type === "link") links.push({ href: target, text: inner, line });
      else images.push({ src: target, alt: inner, line });
    } else if (node.type === "code_block") blocks.push((node.literal ?? "").trimEnd());
    else if (node.type === "text" || node.type === "code") text += node.literal ?? "";
    else if (node.type === "softbreak" || node.type === "linebreak") text += "\n";
  }
  return { text: blocks.filter((block) => block !== "").join("\n\n"), headings, links, images };
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
