/** Ids of headings, by GitHub's rules: so that `#installing-it` of the same page finds its heading. */
import GithubSlugger from "github-slugger";
import type MarkdownIt from "markdown-it";
import type Token from "markdown-it/lib/token.mjs";

export function headingIds(md: MarkdownIt): void {
  md.core.ruler.push("heading_ids", ({ tokens }) => {
    const slugger = new GithubSlugger();
    for (const [index, token] of tokens.entries()) {
      const inline = token.type === "heading_open" ? tokens[index + 1] : undefined;
      if (inline === undefined) continue;
      const own = takeOwnId(inline.children?.at(-1));
      if (own !== null) slugger.occurrences[own] = 0;
      token.attrSet("id", own ?? (slugger.slug(textOf(inline.children ?? [])) || slugger.slug("section")));
    }
  });
}

/** Takes `{#own-id}` off the end of a heading. */
function takeOwnId(last: Token | undefined): string | null {
  if (last?.type !== "text" || !last.content.trimEnd().endsWith("}")) return null;
  const start = last.content.lastIndexOf("{#");
  const id = /^\{#([^\s{}"'<>]+)\}\s*$/.exec(last.content.slice(Math.max(start, 0)))?.[1];
  if (start < 0 || id === undefined) return null;
  last.content = last.content.slice(0, start).trimEnd();
  return id;
}

/** Text of inline tokens as readers see it, line breaks included. */
export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, content }) =>
      type === "text" || type === "code_inline"
        ? content
        : type === "softbreak" || type === "hardbreak"
          ? "\n"
          : "",
    )
    .join("");
}
