/** C0 and C1 controls, line and paragraph separators, and what reorders text: bidirectional marks. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

/**
 * The text without anything that could move the cursor, change colours, ring the bell or reorder what
 * is read on a terminal: such characters become visible escapes like `\x1b` or `\u202e`. File names and
 * answers of servers are not ours to trust.
 */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** A JSON text with the same characters escaped as JSON does it, so that it can be shown too. */
export function visibleJson(json: string): string {
  return json.replace(unsafe, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");
