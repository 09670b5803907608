/** Longest object or list that stays on one line, characters. */
const INLINE_MAX = 72;

/**
 * A JSON value as one writes it in TypeScript: names without quotes, short lists and maps on one line, the
 * outermost map on several. What is undefined is left out.
 *
 * @param first Lines to begin the outermost map with, like `...own,`.
 */
export function literal(value: object, first: readonly string[] = []): string {
  const lines = [...first, ...members(value, "  ")];
  return `{\n${lines.map((line) => `  ${line}\n`).join("")}}`;
}

function members(value: object, indent: string): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      ([name, member]) =>
        `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${shown(member, indent)},`,
    );
}

function shown(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const [open, close, lines] = Array.isArray(value)
    ? ["[", "]", value.map((member) => `${shown(member, deeper)},`)]
    : ["{", "}", members(value, deeper)];
  if (lines.length === 0) return `${open}${close}`;
  const inline = lines.join(" ").slice(0, -1);
  if (inline.length <= INLINE_MAX && !inline.includes("\n")) {
    return Array.isArray(value) ? `[${inline}]` : `{ ${inline} }`;
  }
  return `${open}\n${lines.map((line) => `${deeper}${line}\n`).join("")}${indent}${close}`;
}
