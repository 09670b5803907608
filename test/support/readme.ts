/** README.md taken apart: what it shows, for tests that hold it to the truth. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");
export const text = readFileSync(join(ROOT, "README.md"), "utf8");

/** A fenced block: its language, its text, and the comment on the line before it ("" without one). */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly note: string;
}

/** Every fenced block, in the order of the page. */
export const blocks: readonly Block[] = [
  ...text.matchAll(/(?:^<!-- (.*?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm),
].map(([, note = "", language = "", body = ""]) => ({ language, text: body, note }));

/** Prose: what stands outside of fenced blocks. */
export const prose = text.replace(/^```\w*\n[\s\S]*?^```$/gm, "");

/** A section of the second level with its heading. @throws {Error} If there is none. */
export function section(heading: string): string {
  const [found] = new RegExp(`^## ${heading}$[\\s\\S]*?(?=^## |$(?![\\s\\S]))`, "m").exec(text) ?? [];
  if (found === undefined) throw new Error(`README.md has no section "${heading}"`);
  return found;
}

/** A command as it is shown, and what it prints. */
export interface Shown {
  readonly command: string;
  readonly output: string;
}

/** Commands of a console block with their outputs. */
export function shown({ text: block }: Block): Shown[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** Whether a text is what is shown, where `…` stands for anything within a line. */
export function matchesShown(output: string, actual: string): boolean {
  const pattern = output
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^\\n]*");
  return new RegExp(`^${pattern}$`).test(actual);
}

/** Every `sync-agent ...` command line, in blocks and in running text, without what follows it in a shell. */
export function commandLines(): string[] {
  const inBlocks = blocks
    .filter(({ language }) => ["sh", "console", "yaml"].includes(language))
    .flatMap(({ text: block }) => block.replaceAll("\\\n", " ").split("\n"));
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  return [...inBlocks, ...inline].flatMap((line) => {
    const [, words] =
      /^(?:\$ |.* run: |exec |.*\| )?(?:node \S*?|deno run .*|dist\/)?sync-agent(?:\.mjs)?((?: [^\s>|&]+)*)(?:$| [>|&])/.exec(
        line.trim(),
      ) ?? [];
    return words === undefined ? [] : [words.trim()];
  });
}

/** The slug that GitHub gives a heading. */
export function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
