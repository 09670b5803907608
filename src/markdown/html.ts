/** From a parsed article to HTML, within a budget. */
import { HtmlRenderer, type Node, type NodeWalkingStep } from "commonmark";
import { type Budget, htmlMax, TooLarge } from "./budget.ts";

type Visit = (node: Node, entering: boolean) => void;

/** commonmark's renderer: one method a type of node, adding to `buffer`. */
interface Innards extends Record<string, unknown> {
  buffer: string;
  lastOut: string;
}

const SPECIAL = /[&<>"]/;
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * commonmark's own keeps the state of a global pattern between calls; a thread that is interrupted in
 * the wrong moment would leave the next text unescaped.
 */
function escapeHtml(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "") : text;
}

/**
 * HTML of a parsed article.
 *
 * @param safe Leave out raw HTML and links like `javascript:`.
 * @throws {OutOfTime | TooLarge} When the budget is used up, or references multiply a long definition.
 */
export function toHtml(document: Node, markdownLength: number, safe: boolean, budget: Budget): string {
  const renderer = new HtmlRenderer({ safe, esc: escapeHtml } as object) as unknown as Innards;
  const max = htmlMax(markdownLength);
  const walker = document.walker();
  renderer.buffer = "";
  renderer.lastOut = "\n";
  for (let step: NodeWalkingStep | null = walker.next(); step !== null; step = walker.next()) {
    budget.step(1);
    const visit = renderer[step.node.type];
    if (typeof visit === "function") (visit as Visit).call(renderer, step.node, step.entering);
    if (renderer.buffer.length > max) throw new TooLarge();
  }
  return renderer.buffer;
}
