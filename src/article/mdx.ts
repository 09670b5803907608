/** MDX as Markdown: what is code for a bundler goes, what is text stays, and every line keeps its place. */

/** So much of one tag or comment is looked at, UTF-16 code units. */
const TAG_MAX = 10_000;
/** So many tags that do not end are looked for: then the rest stays as it is. */
const OPEN_MAX = 100;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** A tag that HTML does not have, of a component or a fragment; or a comment. */
const TAG = /<\/?(?:[A-Z][\w.-]*(?=[\s/>])|(?=>))|\{\/\*/g;

/** The body of an MDX file without `import` and `export`, tags of components and comments; children stay. */
export function withoutJsx(body: string): string {
  const blocks: string[] = [];
  let fence = "";
  let text: string[] = [];
  let isEsm = false;
  const flush = (): void => {
    if (text.length > 0) blocks.push(withoutTags(text.join("\n")));
    text = [];
  };
  let before = "";
  for (const line of body.split("\n")) {
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (fence === "" && mark !== "") {
      flush();
      fence = mark;
      blocks.push(line);
    } else if (fence !== "") {
      if (mark.startsWith(fence) && line.trim() === mark) fence = "";
      blocks.push(line);
    } else {
      // Such a block begins after a blank line, or another of its kind, and goes on to the next blank line.
      if (isEsm) isEsm = line.trim() !== "";
      else isEsm = before.trim() === "" && /^(?:import|export)[ \t{*]/.test(line);
      text.push(isEsm ? "" : line);
    }
    before = line;
  }
  flush();
  return blocks.join("\n");
}

/** Inline code keeps its tags. */
function withoutTags(text: string): string {
  let out = "";
  let at = 0;
  let open = 0;
  for (const code of codeSpans(text)) {
    out += stripped(text.slice(at, code.start)) + text.slice(code.start, code.end);
    at = code.end;
  }
  return out + stripped(text.slice(at));

  function stripped(piece: string): string {
    let kept = "";
    let from = 0;
    TAG.lastIndex = 0;
    for (let match = TAG.exec(piece); match !== null && open < OPEN_MAX; match = TAG.exec(piece)) {
      const end = match[0] === "{/*" ? commentEnd(piece, match.index) : tagEnd(piece, match.index);
      if (end === null) {
        open++;
        continue;
      }
      kept += piece.slice(from, match.index) + piece.slice(match.index, end).replace(/[^\n]+/g, "");
      from = end;
      TAG.lastIndex = end;
    }
    return kept + piece.slice(from);
  }
}

function* codeSpans(text: string): Generator<{ start: number; end: number }> {
  const ticks = /`+/g;
  let start = -1;
  let length = 0;
  for (let match = ticks.exec(text); match !== null; match = ticks.exec(text)) {
    if (start < 0) {
      start = match.index;
      length = match[0].length;
    } else if (match[0].length === length) {
      yield { start, end: ticks.lastIndex };
      start = -1;
    }
  }
}

function commentEnd(text: string, from: number): number | null {
  const end = text.indexOf("*/}", from);
  return end < 0 ? null : end + 3;
}

/** Where a tag ends: after its `>`, outside of quotes and braces. */
function tagEnd(text: string, from: number): number | null {
  let depth = 0;
  let quote = "";
  for (let at = from + 1; at < Math.min(text.length, from + TAG_MAX); at++) {
    const sign = text.charAt(at);
    if (quote !== "") quote = sign === quote ? "" : quote;
    else if (sign === '"' || sign === "'" || (sign === "`" && depth > 0)) quote = sign;
    else if (sign === "{") depth++;
    else if (sign === "}") depth--;
    else if (sign === ">" && depth <= 0 && text.charAt(at - 1) !== "=") return at + 1;
  }
  return null;
}
