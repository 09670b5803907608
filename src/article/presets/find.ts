/** Which preset a repository needs, by its own files. */
import { ARTICLE_EXTENSION } from "../fields.ts";
import { split } from "../front-matter/fence.ts";
import type { PresetName, Sign } from "./preset.ts";
import { PRESETS } from "./presets.ts";

/** What a repository is recognised by. */
export interface Tree {
  /** Every path; Git-ignored ones are not among them. */
  readonly paths: readonly string[];
  /** Text of a file; null where it cannot be read. */
  readonly read: (path: string) => Promise<string | null>;
}

export interface FoundPreset {
  /** Null where the articles have the keys that are read without a preset, or there are none. */
  readonly name: PresetName | null;
  /** The path that shows it; null where nothing shows any tool. */
  readonly because: string | null;
  /** Whether most Markdown of a repository without a tool has no front matter. */
  readonly isBare: boolean;
}

/** So many files are read to recognise one sign, and to see whether there is front matter. */
const READ_MAX = 40;
const SAMPLE_MAX = 60;
/** Markdown that is about a repository, and not in it. */
const ABOUT =
  /(?:^|\/)(?:README|CHANGELOG|CHANGES|CONTRIBUTING|CODE_OF_CONDUCT|LICEN[CS]E|SECURITY|SUPPORT|AUTHORS)\b[^/]*$/i;

/** The surest sign counts, of equal ones that nearest to the root, of those the first preset's. */
export async function findPreset(tree: Tree): Promise<FoundPreset> {
  const presets = Object.entries(PRESETS) as [PresetName, (typeof PRESETS)[PresetName]][];
  const paths = [...tree.paths].sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1));
  for (let level = 0; level < 2; level++) {
    let best: { name: PresetName; because: string; depth: number } | null = null;
    for (const [name, { signs }] of presets) {
      for (const sign of signs[level] ?? []) {
        const because = await firstWith(sign, paths, tree);
        const depth = because === null ? Number.POSITIVE_INFINITY : depthOf(because);
        if (because !== null && depth < (best?.depth ?? Number.POSITIVE_INFINITY))
          best = { name, because, depth };
      }
    }
    if (best !== null) return { name: best.name, because: best.because, isBare: false };
  }
  return plainOrNone(tree);
}

/** Without a sign of any tool: by what most Markdown has. */
async function plainOrNone({ paths, read }: Tree): Promise<FoundPreset> {
  const markdown = paths.filter((path) => ARTICLE_EXTENSION.test(path) && !ABOUT.test(path));
  const step = Math.max(1, Math.floor(markdown.length / SAMPLE_MAX));
  const sample = markdown.filter((_, index) => index % step === 0).slice(0, SAMPLE_MAX);
  let bare = 0;
  let own = 0;
  for (const path of sample) {
    const keys = topLevelKeys((await read(path)) ?? "");
    if (keys.size === 0) bare++;
    if (keys.has("id") && (keys.has("title") || keys.has("date"))) own++;
  }
  const isOwn = own > 0 && own * 2 >= sample.length - bare;
  if (sample.length === 0 || isOwn) return { name: null, because: null, isBare: false };
  return { name: "plain", because: null, isBare: bare * 10 > sample.length * 9 };
}

function depthOf(path: string): number {
  return path.split("/").length;
}

async function firstWith(sign: Sign, paths: readonly string[], tree: Tree): Promise<string | null> {
  let read = 0;
  for (const path of paths) {
    if (!sign.path.test(path)) continue;
    if (sign.text === undefined && sign.keys === undefined) return path;
    if (++read > READ_MAX) return null;
    const text = await tree.read(path);
    if (text === null) continue;
    const keys = sign.keys === undefined ? null : topLevelKeys(text);
    if (sign.text?.test(text) === true || sign.keys?.every((key) => keys?.has(key)) === true) return path;
  }
  return null;
}

function topLevelKeys(text: string): ReadonlySet<string> {
  const plain = text.replace(/^\uFEFF/, "");
  const found = split(plain);
  if (found.kind !== "block") return new Set();
  const lines = plain.slice(found.yamlStart, found.yamlEnd);
  return new Set(lines.matchAll(/^[ \t]*["']?([\w-]+)["']?[ \t]*[:=]/gm).map((match) => match[1] ?? ""));
}
