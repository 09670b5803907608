/** The documentation taken apart: what its pages show, for tests that compare it with the program. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pagePaths } from "../../scripts/readme.ts";

export const ROOT = resolve(import.meta.dirname, "../..");

/** A fenced block: its language, its text, and the comment on the line before it ("" without one). */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly note: string;
}

/** One page: the front page, a chapter beside the code, or a paper for contributors. */
export class Page {
  /** From the root, like `src/article/README.md`. */
  readonly path: string;
  readonly text: string;

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(join(ROOT, path), "utf8");
  }

  /** Every fenced block, in the order of the page. */
  get blocks(): Block[] {
    return [...this.text.matchAll(/(?:^<!-- (.*?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm)].map(
      ([, note = "", language = "", body = ""]) => ({ language, text: body, note }),
    );
  }

  /** The text outside of fenced blocks. */
  get prose(): string {
    return this.text.replace(/^```\w*\n[\s\S]*?^```$/gm, "");
  }

  /** Slugs of its headings, as GitHub makes them. */
  get anchors(): string[] {
    return [...this.prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading));
  }

  /** Files (from the root) and anchors that it links to; the file is the page itself for `#anchor`. */
  get links(): { readonly file: string; readonly anchor: string | null }[] {
    return [...this.prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^https?:/.test(target)) return [];
      const [path = "", anchor = null] = target.split("#");
      return [{ file: path === "" ? this.path : join(dirname(this.path), path), anchor }];
    });
  }

  /** A section of the second level with its heading. @throws {Error} If there is none. */
  section(heading: string): string {
    const [found] = new RegExp(`^## ${heading}$[\\s\\S]*?(?=^## |$(?![\\s\\S]))`, "m").exec(this.text) ?? [];
    if (found === undefined) throw new Error(`${this.path} has no section "${heading}"`);
    return found;
  }

  /** Every `sync-agent ...` command line, in blocks and in running text, without what follows it in a shell. */
  get commandLines(): string[] {
    const inBlocks = this.blocks
      .filter(({ language }) => ["sh", "console", "yaml"].includes(language))
      .flatMap(({ text }) => text.replaceAll("\\\n", " ").split("\n"));
    const inline = [...this.prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
    return [...inBlocks, ...inline].flatMap((line) => {
      const [, words] =
        /^(?:\$ |.* run: |exec |.*\| )?(?:node \S*?|deno run .*|dist\/)?sync-agent(?:\.mjs)?((?: [^\s>|&]+)*)(?:$| [>|&])/.exec(
          line.trim(),
        ) ?? [];
      return words === undefined ? [] : [words.trim()];
    });
  }
}

/** Every page, the front page first. */
export const pages: readonly Page[] = pagePaths.map((path) => new Page(path));

/** A page by its path from the root. @throws {Error} If there is none. */
export function page(path: string): Page {
  const found = pages.find((one) => one.path === path);
  if (found === undefined) throw new Error(`There is no page ${path}`);
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

/** The slug that GitHub gives a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
