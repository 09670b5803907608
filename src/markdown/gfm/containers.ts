/** `:::message`, `:::details Title`, `:::note` and the like, as Zenn, Qiita, Docusaurus and VitePress write them. */
import type MarkdownIt from "markdown-it";
import type StateBlock from "markdown-it/lib/rules_block/state_block.mjs";

const NAMES = new Set([
  "message",
  "details",
  "note",
  "tip",
  "info",
  "warning",
  "danger",
  "caution",
  "important",
]);
const OPENING = /^(:{3,})[ \t]*([a-z]+)(?:\[([^\]]*)\]|[ \t]+(.*))?[ \t]*$/i;
const CLOSING = /^(:{3,})[ \t]*$/;
const FENCE = /^(`{3,}|~{3,})/;
/** Words that say of which kind a message or note is, where others have a title. */
const KINDS = new Set(["alert", "warn", "info"]);
const LINE_MAX = 1_000;

export function containers(md: MarkdownIt): void {
  md.block.ruler.before("fence", "container", container, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
}

function container(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const line = lineOf(state, startLine);
  if (!line.startsWith(":::") || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const [, marks = "", word = "", label, rest = ""] = OPENING.exec(line) ?? [];
  const name = word.toLowerCase();
  if (!NAMES.has(name)) return false;
  if (silent) return true;
  const title = (label ?? rest).trim();
  const isKind = KINDS.has(title) && name !== "details";
  const end = endOf(state, startLine + 1, endLine, marks.length);
  const tag = name === "details" ? "details" : "aside";
  const open = state.push("container_open", tag, 1);
  open.block = true;
  open.map = [startLine, end];
  if (tag === "aside") open.attrs = [["class", isKind ? `${name} ${title}` : name]];
  if (title !== "" && !isKind) pushTitle(state, title, startLine, tag);
  const { parentType, lineMax } = state;
  state.parentType = "container" as typeof parentType;
  state.lineMax = end;
  state.md.block.tokenize(state, startLine + 1, end);
  state.parentType = parentType;
  state.lineMax = lineMax;
  state.push("container_close", tag, -1).block = true;
  state.line = Math.min(end + 1, endLine);
  return true;
}

function pushTitle(state: StateBlock, title: string, line: number, tag: "details" | "aside"): void {
  const element = tag === "details" ? "summary" : "p";
  const open = state.push("container_title_open", element, 1);
  if (element === "p") open.attrs = [["class", "title"]];
  const inline = state.push("inline", "", 0);
  inline.content = title;
  inline.map = [line, line + 1];
  inline.children = [];
  state.push("container_title_close", element, -1).block = true;
}

/** The line that closes a container, or where the block around it ends. */
function endOf(state: StateBlock, from: number, to: number, marks: number): number {
  const open = [marks];
  let fence = "";
  for (let number = from; number < to; number++) {
    const line = lineOf(state, number);
    if (line !== "" && (state.sCount[number] ?? 0) < state.blkIndent) return number;
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (mark !== "" && (fence === "" || mark.startsWith(fence))) fence = fence === "" ? mark : "";
    if (fence !== "" || !line.startsWith(":::")) continue;
    const closing = CLOSING.exec(line)?.[1]?.length ?? 0;
    if (closing > 0 && closing >= (open.at(-1) ?? 0)) open.pop();
    else if (closing === 0) open.push(OPENING.exec(line)?.[1]?.length ?? 0);
    if (open.length === 0) return number;
  }
  return to;
}

function lineOf({ src, bMarks, tShift, eMarks }: StateBlock, line: number): string {
  const start = (bMarks[line] ?? 0) + (tShift[line] ?? 0);
  return src.slice(start, Math.min(eMarks[line] ?? start, start + LINE_MAX)).trimEnd();
}
