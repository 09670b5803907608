import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { split } from "../../article/fence.ts";

/**
 * How the authors of a repository write front matter: that of a tool, `ids` of their own as the agent
 * wants them, `paths` (front matter, but no ids), or `none` at all.
 */
export type Habit = "zenn" | "qiita" | "jekyll" | "hugo" | "ids" | "paths" | "none";

/** A habit and how many of the Markdown files looked at show it. */
export interface Observation {
  readonly habit: Habit;
  readonly files: number;
  readonly showing: number;
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

/** Tools tell themselves by keys and names that no other uses; the first that fits counts. */
const signs: readonly (readonly [Habit, (sample: Sample) => boolean])[] = [
  ["zenn", ({ keys }) => hasAll(keys, "emoji", "topics", "published")],
  ["qiita", ({ keys }) => hasAll(keys, "ignorePublish")],
  ["jekyll", ({ path, keys }) => keys !== null && /(^|\/)_posts\/.*\d{4}-\d\d-\d\d-[^/]+$/.test(path)],
  ["ids", ({ keys }) => hasAll(keys, "id", "title", "date")],
];

/** Names in the root of a site that tell its generator, whatever its pages look like. */
const generators: readonly (readonly [Habit, RegExp])[] = [
  ["hugo", /^(hugo\.(toml|ya?ml|json)|archetypes)$/],
  ["jekyll", /^_config\.ya?ml$/],
];

/** Finds out the habit from the Markdown files below a folder. Reads at most a thousand of them. */
export function observeHabit(folder: string): Observation {
  const samples = [...markdownFiles(folder)];
  const withFrontMatter = samples.filter(({ keys }) => keys !== null).length;
  const observed = (habit: Habit, showing: number): Observation => ({
    habit,
    files: samples.length,
    showing,
  });
  for (const [habit, shows] of signs) {
    const showing = samples.filter(shows).length;
    if (showing > 0 && showing * 4 >= withFrontMatter) return observed(habit, showing);
  }
  const names = entriesOf(folder).map(({ name }) => name);
  const generator = generators.find(([, name]) => names.some((candidate) => name.test(candidate)));
  const isHugo = samples.some(({ path }) => /(^|\/)_index(\.\w+)?\.md$/.test(path));
  if (withFrontMatter === 0) return observed("none", 0);
  return observed(generator?.[0] ?? (isHugo ? "hugo" : "paths"), withFrontMatter);
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

/** What cannot be read shows no habit. */
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
