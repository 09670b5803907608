/**
 * CommonMark by the package `commonmark`, with a budget. Methods of its parser and renderer are properties
 * of objects, so the steps that every loop goes through can be made to count. Its results stay the same.
 */
import { strict as assert } from "node:assert";
import { HtmlRenderer, type Node, type NodeWalkingStep, Parser } from "commonmark";
import { codeBlock } from "./fence.ts";
import { measure, outlineOf } from "./outline.ts";
import { sanitized } from "./raw-html.ts";
import { Budget, type Renderer, type Wanted } from "./renderer.ts";
import { escapeHtml, markTarget } from "./url.ts";

/** The parts of commonmark 0.31's parser that are stepped through. */
interface BlockParser {
  parse(markdown: string): Node;
  findNextNonspace(): void;
  addChild(tag: string, offset: number): Node;
  readonly inlineParser: InlineParser;
}

interface InlineParser {
  pos: number;
  subject: string;
  delimiters: unknown;
  brackets: unknown;
  parse(block: Node): void;
  processEmphasis(bottom: unknown): void;
  match(pattern: RegExp): string | null;
  parseInline(block: Node): boolean;
  parseLinkDestination(): string | null;
}

/** commonmark's renderer: one method for each type of node, adding to `buffer`. */
interface HtmlWriter extends Record<string, unknown> {
  buffer: string;
  lastOut: string;
  /** More than 0 in the description of an image. */
  readonly disableTags: number;
  html_inline(node: Node): void;
  html_block(node: Node): void;
  code_block(node: Node): void;
  link(node: Node, entering: boolean): void;
  image(node: Node, entering: boolean): void;
  /** Adds HTML. */
  lit(html: string): void;
  /** Begins a line. */
  cr(): void;
}

type Visit = (node: Node, entering: boolean) => void;

/** A part of one of commonmark's patterns that backtracks without end, and its equal that does not. */
interface SlowPattern {
  readonly slow: string;
  readonly fast: string;
}

/** Tries every escape in a link title in two ways: 2^n for n of them. */
const TITLE: SlowPattern = {
  slow: "(\\\\[!\"#$%&'()*+,./:;<=>?@[\\\\\\]^_`{|}~-]|\\\\[^\\\\]|",
  fast: "(?:\\\\[^]|",
};
/** Tries every length of a declaration's name: n². */
const TAG: SlowPattern = { slow: "<![A-Za-z]+[^>]*>", fast: "<![A-Za-z][^>]*>" };
/** Markdown for which the parser uses both. */
const PROBE = "[a](b 'c') <d>";
/** Weight of a step that may look at the rest of a line or paragraph; a character weighs 1. */
const PASS = 16;

const BLANK = " \t\r\n";
const RUN = 256;
const BLANKS = " ".repeat(RUN);
const BACKTICKS = "`".repeat(RUN);
/** Looks at each run once, from its start. */
const BLANKS_AND_TABS = /(?:^|[^ \t])[ \t]{256}/;

/** CommonMark 0.31, without extensions. @see https://spec.commonmark.org/0.31.2/ */
export const commonmark: Renderer = {
  render(markdown, wanted, timeMs) {
    const limits = new Budget(timeMs, markdown.length);
    const document = parse(markdown, limits);
    const html = wanted.html === false ? null : toHtml(document, wanted, limits);
    measure(document, limits);
    return { html, outline: wanted.outline ? () => outlineOf(document) : null };
  },
  // It looks for the end of a heading or line from every blank of a run, for that of a fence from every backtick.
  isHazardous(markdown) {
    if (markdown.includes(BLANKS) || markdown.includes(BACKTICKS)) return true;
    return markdown.includes("\t") && BLANKS_AND_TABS.test(markdown);
  },
};

/** One parser for each thread, as making one costs as much as a short article; and the budget it works on. */
let parser: BlockParser | null = null;
let budget = new Budget(0, 0);

/** @throws {OutOfTime | TooComplex} */
function parse(markdown: string, limits: Budget): Node {
  budget = limits;
  const current = parser ?? budgetedParser();
  // A parser that stopped half-way must not be used again.
  parser = null;
  const document = current.parse(markdown);
  parser = current;
  return document;
}

/** @throws {OutOfTime | TooComplex | TooLarge} */
function toHtml(document: Node, { html: kind, targets = false }: Wanted, limits: Budget): string {
  const safe = kind === "safe";
  // commonmark's own escape keeps the state of a global pattern between calls, which an interrupt would spoil.
  const writer = new HtmlRenderer({ safe, esc: escapeHtml } as object) as unknown as HtmlWriter;
  let isRaw = false;
  // Its own writes a comment in place of HTML.
  writer.html_inline = (node) => {
    isRaw = true;
    if (!safe || writer.disableTags === 0) writer.lit(node.literal ?? "");
  };
  writer.html_block = (node) => {
    writer.cr();
    writer.html_inline(node);
    writer.cr();
  };
  if (targets) {
    const { link, image } = writer;
    writer.link = (node, entering) => link.call(writer, withTarget(node, "link"), entering);
    writer.image = (node, entering) => image.call(writer, withTarget(node, "media"), entering);
  }
  writer.code_block = (node) => {
    writer.cr();
    writer.lit(codeBlock(node.literal ?? "", node.info ?? "", escapeHtml));
    writer.cr();
  };
  const walker = document.walker();
  writer.buffer = "";
  writer.lastOut = "\n";
  for (let step: NodeWalkingStep | null = walker.next(); step !== null; step = walker.next()) {
    limits.step(1);
    const visit = writer[step.node.type];
    if (typeof visit === "function") (visit as Visit).call(writer, step.node, step.entering);
    limits.html(writer.buffer.length);
  }
  return safe && isRaw ? sanitized(writer.buffer, targets, limits) : writer.buffer;
}

/** The node with its target marked; the document keeps what the author wrote, for the outline. */
function withTarget(node: Node, use: "link" | "media"): Node {
  return Object.create(node, { destination: { value: markTarget(node.destination ?? "", use) } });
}

function budgetedParser(): BlockParser {
  const blocks = new Parser() as unknown as BlockParser;
  const used = patternsOf(blocks);
  const [title, fastTitle] = replaced(used, TITLE);
  const [tag, fastTag] = replaced(used, TAG);
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
    return match.call(this, pattern === title ? fastTitle : pattern === tag ? fastTag : pattern);
  };
  inlines.parseInline = function (block) {
    budget.element();
    return parseInline.call(this, block);
  };
  inlines.parse = parseInlines;
  inlines.parseLinkDestination = function () {
    const start = this.pos;
    const destination = parseLinkDestination.call(this);
    budget.step(this.pos - start);
    return destination;
  };
  return blocks;
}

/**
 * commonmark's own, except that it strips just spaces, tabs and line breaks, as the specification says: a
 * full-width space is how a Japanese paragraph is indented.
 */
function parseInlines(this: InlineParser, block: Node): void {
  const content = (block as { _string_content?: string | null })._string_content ?? "";
  let [start, end] = [0, content.length];
  while (start < end && BLANK.includes(content.charAt(start))) start++;
  while (end > start && BLANK.includes(content.charAt(end - 1))) end--;
  Object.assign(this, { subject: content.slice(start, end), pos: 0, delimiters: null, brackets: null });
  while (this.parseInline(block));
  Object.assign(block, { _string_content: null });
  this.processEmphasis(null);
}

/** The patterns of commonmark, which it does not export, caught while it uses them. */
function patternsOf(blocks: BlockParser): ReadonlySet<RegExp> {
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

/** The pattern that contains the slow part, and the same pattern with the fast one. */
function replaced(patterns: ReadonlySet<RegExp>, { slow, fast }: SlowPattern): [slow: RegExp, fast: RegExp] {
  const pattern = [...patterns].find(({ source }) => source.includes(slow));
  assert(pattern !== undefined, "commonmark no longer has the slow pattern to be replaced");
  const source = pattern.source.replaceAll(slow, () => fast);
  return [pattern, new RegExp(source, pattern.flags)];
}
