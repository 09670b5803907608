/**
 * commonmark's parser with a budget. Its methods are properties of the parser object, so the steps that
 * every loop goes through can be made to count; nothing of what it understands is changed.
 */
import { strict as assert } from "node:assert";
import { type Node, Parser } from "commonmark";
import { Budget } from "./budget.ts";

/** The parts of commonmark 0.31's parser that are stepped through. */
interface Blocks {
  parse(markdown: string): Node;
  findNextNonspace(): void;
  addChild(tag: string, offset: number): Node;
  readonly inlineParser: Inlines;
}

interface Inlines {
  readonly pos: number;
  match(pattern: RegExp): string | null;
  parseInline(block: Node): boolean;
  parseLinkDestination(): string | null;
}

/** A part of one of commonmark's patterns that backtracks without end, and its equal that does not. */
interface Taming {
  readonly slow: string;
  readonly fast: string;
}

/** Tries every escape in a link title in two ways: 2^n for n of them. */
const TITLE: Taming = {
  slow: "(\\\\[!\"#$%&'()*+,./:;<=>?@[\\\\\\]^_`{|}~-]|\\\\[^\\\\]|",
  fast: "(?:\\\\[^]|",
};
/** Tries every length of a declaration's name: n². */
const TAG: Taming = { slow: "<![A-Za-z]+[^>]*>", fast: "<![A-Za-z][^>]*>" };
/** Markdown for which the parser uses both. */
const PROBE = "[a](b 'c') <d>";
/** Weight of a step that may look at the rest of a line or paragraph; a character weighs 1. */
const PASS = 16;

/** One parser a thread, as making one costs as much as a short article; and the budget it works on. */
let parser: Blocks | null = null;
let budget = new Budget(0);

/**
 * Parses CommonMark within a budget.
 *
 * @throws {OutOfTime | TooComplex} When it is used up.
 */
export function parse(markdown: string, limits: Budget): Node {
  budget = limits;
  const mine = parser ?? budgeted();
  // One that stopped half-way, whatever stopped it, is in no state to be used again.
  parser = null;
  const document = mine.parse(markdown);
  parser = mine;
  return document;
}

function budgeted(): Blocks {
  const blocks = new Parser() as unknown as Blocks;
  const used = patternsOf(blocks);
  const [title, tameTitle] = tame(used, TITLE);
  const [tag, tameTag] = tame(used, TAG);
  const { findNextNonspace, addChild } = blocks;
  blocks.findNextNonspace = function () {
    budget.step(PASS);
    findNextNonspace.call(this);
  };
  blocks.addChild = function (tag, offset) {
    budget.element();
    return addChild.call(this, tag, offset);
  };
  const inlines = blocks.inlineParser;
  const { match, parseInline, parseLinkDestination } = inlines;
  inlines.match = function (pattern) {
    budget.step(PASS);
    return match.call(this, pattern === title ? tameTitle : pattern === tag ? tameTag : pattern);
  };
  inlines.parseInline = function (block) {
    budget.element();
    return parseInline.call(this, block);
  };
  inlines.parseLinkDestination = function () {
    const start = this.pos;
    const destination = parseLinkDestination.call(this);
    budget.step(this.pos - start);
    return destination;
  };
  return blocks;
}

/** The patterns of commonmark, which it does not export, caught while it uses them. */
function patternsOf(blocks: Blocks): ReadonlySet<RegExp> {
  const patterns = new Set<RegExp>();
  const inlines = blocks.inlineParser;
  const { match } = inlines;
  inlines.match = function (pattern) {
    patterns.add(pattern);
    return match.call(this, pattern);
  };
  blocks.parse(PROBE);
  inlines.match = match;
  return patterns;
}

function tame(patterns: ReadonlySet<RegExp>, { slow, fast }: Taming): [slow: RegExp, fast: RegExp] {
  const pattern = [...patterns].find(({ source }) => source.includes(slow));
  assert(pattern !== undefined, "commonmark no longer has the pattern to be tamed");
  return [
    pattern,
    new RegExp(
      pattern.source.replaceAll(slow, () => fast),
      pattern.flags,
    ),
  ];
}
