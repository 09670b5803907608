/**
 * `- [ ]` and `- [x]` as checkboxes that cannot be changed.
 *
 * @see https://github.github.com/gfm/#task-list-items-extension-
 */
import type MarkdownIt from "markdown-it";
import type StateCore from "markdown-it/lib/rules_core/state_core.mjs";
import type Token from "markdown-it/lib/token.mjs";

const MARK = /^\[([ \txX])\][ \t\u00a0]/;

export function taskLists(md: MarkdownIt): void {
  md.core.ruler.after("inline", "task_lists", ({ tokens, Token }) => {
    const lists: Token[] = [];
    for (const [index, token] of tokens.entries()) {
      if (token.type.endsWith("_list_open")) lists.push(token);
      else if (token.type.endsWith("_list_close")) lists.pop();
      else if (token.type === "list_item_open" && tokens[index + 1]?.type === "paragraph_open")
        mark(token, tokens[index + 2], lists.at(-1), Token);
    }
  });
}

function mark(
  item: Token,
  inline: Token | undefined,
  list: Token | undefined,
  Made: StateCore["Token"],
): void {
  const first = inline?.children?.[0];
  const [all = "", mark] = first?.type === "text" ? (MARK.exec(inline?.content ?? "") ?? []) : [];
  if (first === undefined || mark === undefined || !first.content.startsWith(all.trimEnd())) return;
  first.content = first.content.slice(all.trimEnd().length);
  const box = new Made("checkbox", "input", 0);
  box.attrs = [
    ["type", "checkbox"],
    ["class", "task-list-item-checkbox"],
  ];
  if (mark.trim() !== "") box.attrs.push(["checked", ""]);
  box.attrs.push(["disabled", ""]);
  inline?.children?.unshift(box);
  item.attrSet("class", "task-list-item");
  list?.attrSet("class", "contains-task-list");
}
