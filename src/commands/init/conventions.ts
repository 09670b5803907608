import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { split } from "../../article/front-matter/fence.ts";
import type { Conventions } from "../../messages/words.ts";

/** Whose conventions the front matter of a repository follows, and how many of the files looked at do. */
export interface Observation {
  /** `none`: no file has front matter. */
  readonly conventions: Conventions | "none";
  readonly files: number;
  readonly following: number;
}

interface Sample {
  /** Relative to the folder looked at. */
  readonly path: string;
  /** Top-level keys; null without front matter. */
  readonly keys: ReadonlySet<string> | null;
}

/** Most Markdown files that are looked at. */
export const filesMax = 1000;
const headBytesMax = 64 * 1024;

/** Keys and names that no other tool uses; the first match counts. */
const signs: readonly (readonly [Conventions, (sample: Sample) => boolean])[] = [
  ["zenn", ({ keys }) => hasAll(keys, "emoji", "topics", "published")],
  ["qiita", ({ keys }) => hasAll(keys, "ignorePublish")],
  ["jekyll", ({ path, keys }) => keys !== null && /(^|\/)_posts\/.*\d{4}-\d\d-\d\d-[^/]+$/.test(path)],
  ["ids", ({ keys }) => hasAll(keys, "id", "title", "date")],
];

/** Names in the root of a site that identify its generator, whatever its pages look like. */
const generators: readonly (readonly [Conventions, RegExp])[] = [
  ["hugo", /^(hugo\.(toml|ya?ml|json)|archetypes)$/],
  ["jekyll", /^_config\.ya?ml$/],
];

/** Finds out the conventions from the Markdown files below a folder. Reads at most a thousand of them. */
export function observeConventions(folder: string): Observation {
  const samples = [...markdownFiles(folder)];
  const files = samples.length;
  const withFrontMatter = samples.filter(({ keys }) => keys !== null).length;
  for (const [conventions, follows] of signs) {
    const following = samples.filter(follows).length;
    if (following > 0 && following * 4 >= withFrontMatter) return { conventions, files, following };
  }
  if (withFrontMatter === 0) return { conventions: "none", files, following: 0 };
  const names = entriesOf(folder).map(({ name }) => name);
  const generator = generators.find(([, name]) => names.some((candidate) => name.test(candidate)));
  const isHugo = samples.some(({ path }) => /(^|\/)_index(\.\w+)?\.md$/.test(path));
  return { conventions: generator?.[0] ?? (isHugo ? "hugo" : "paths"), files, following: withFrontMatter };
}

const hasAll = (keys: Sample["keys"], ...names: readonly string[]): boolean =>
  keys !== null && names.every((name) => keys.has(name));

function* markdownFiles(root: string): Iterable<Sample> {
  const folders = [""];
  let count = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isHidden = entry.name.startsWith(".") || entry.name === "node_modules";
      if (entry.isDirectory() && !isHidden) folders.push(path);
      else if (entry.isFile() && /\.(md|markdown)$/.test(entry.name) && entry.name !== "README.md") {
        yield { path, keys: topLevelKeys(join(root, path)) };
        if (++count === filesMax) return;
      }
    }
  }
}

/** Empty for a folder that cannot be read. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function topLevelKeys(file: string): ReadonlySet<string> | null {
  try {
    const text = readFileSync(file, "utf8")
      .slice(0, headBytesMax)
      .replace(/^\uFEFF/, "");
    const found = split(text);
    if (found.kind !== "block") return null;
    const yaml = text.slice(found.yamlStart, found.yamlEnd);
    return new Set(yaml.matchAll(/^["']?([\w-]+)["']?[ \t]*:/gm).map((match) => match[1] ?? ""));
  } catch {
    return null;
  }
}
