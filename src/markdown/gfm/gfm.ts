/** Markdown by markdown-it: GitHub's flavour, and CommonMark with math or containers. */
import { alert } from "@mdit/plugin-alert";
import MarkdownIt, { type PluginSimple } from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import type Token from "markdown-it/lib/token.mjs";
import footnotes from "markdown-it-footnote";
import { sanitized } from "../raw-html.ts";
import { Budget, type Flavour, type Renderer } from "../renderer.ts";
import { autolinks } from "./autolink.ts";
import { containers } from "./containers.ts";
import { headingIds } from "./headings.ts";
import { math } from "./math.ts";
import { measure, outlineOf } from "./outline.ts";
import { strikethrough } from "./strikethrough.ts";
import { taskLists } from "./tasks.ts";
import { write, writeAsGitHub } from "./write.ts";

type Pushed = [type: string, tag: string, nesting: Token["nesting"]];

/** Weight of a step, which may look at the rest of a line or paragraph; a character weighs 1. */
const PASS = 64;
/** Blocks and inlines nested deeper are left as text, or left out. */
const NESTING_MAX = 100;

/** The budget of the render that is under way in this thread. */
let budget = new Budget(0, 0);

/** A renderer of this flavour. */
export function createGfm({ markdown, math: withMath, containers: withContainers }: Flavour): Renderer {
  const md = new MarkdownIt({ html: true, xhtmlOut: true });
  Object.assign(md.options, { maxNesting: NESTING_MAX });
  md.core.ruler.disable(["replacements", "smartquotes"]);
  // What it is to lead to is decided when it is written.
  md.validateLink = () => true;
  // Addresses of other scripts keep their letters, as in CommonMark.
  md.normalizeLink = (url) => md.utils.lib.mdurl.encode(url);
  md.normalizeLinkText = (text) => text;
  if (markdown === "gfm") {
    md.use(cjkFriendly)
      .use(footnotes as unknown as PluginSimple)
      .use(alert, { titleRender: alertTitle });
    // GitHub has no notes in the text.
    md.inline.ruler.disable("footnote_inline");
    for (const extend of [autolinks, strikethrough, taskLists, headingIds]) extend(md);
  } else {
    md.block.ruler.disable("table");
    md.inline.ruler.disable(["strikethrough", "linkify"]);
  }
  writeAsGitHub(md);
  if (withMath) math(md);
  if (withContainers) containers(md);
  countSteps(md);
  return {
    render(text, wanted, timeMs) {
      budget = new Budget(timeMs, text.length);
      const env = {};
      const tokens = md.parse(text, env);
      const isSafe = wanted.html === "safe";
      const written = wanted.html === false ? null : write(md, tokens, env, wanted, budget);
      measure(tokens, budget);
      const html =
        isSafe && written?.isRaw === true
          ? sanitized(written.html, wanted.targets === true, budget)
          : (written?.html ?? null);
      return { html, outline: wanted.outline ? () => outlineOf(tokens) : null };
    },
    isHazardous: () => false,
  };
}

function alertTitle(tokens: readonly { readonly markup: string }[], index: number): string {
  const kind = tokens[index]?.markup ?? "";
  return `<p class="markdown-alert-title">${kind.charAt(0).toUpperCase()}${kind.slice(1)}</p>\n`;
}

/** Rules that every step tries first, and tokens that count themselves. */
function countSteps(md: MarkdownIt): void {
  const count = (): boolean => {
    budget.step(PASS);
    return false;
  };
  const alt = ["paragraph", "reference", "blockquote", "list"];
  md.block.ruler.before("table", "budget", count, { alt });
  md.inline.ruler.before("text", "budget", count);
  md.block.State = class extends md.block.State {
    override push(...token: Pushed): Token {
      budget.element();
      return super.push(...token);
    }
  };
  md.inline.State = class extends md.inline.State {
    override push(...token: Pushed): Token {
      budget.element();
      return super.push(...token);
    }
  };
}
