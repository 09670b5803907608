/** Where an article leads to other files of its repository, and whether they are there. */
import { posix } from "node:path";
import type { Problem } from "../sync/model.ts";
import type { Parsed } from "./parse.ts";
import { type Issue, Lines, problemAt, type Stretch } from "./problem.ts";

/** A cover, image or link with a relative target. */
export interface Reference {
  /** As written. */
  readonly target: string;
  /** Path in the repository; begins with `../` where it leads out of it. */
  readonly path: string;
  /** Paths that a generator of sites may mean by it, for a link like `../intro/`; else empty. */
  readonly routes: readonly string[];
  /** Other paths where its tool looks for an image: beside a bundle, in `static/`, in another language. */
  readonly elsewhere: readonly string[];
  /** The warning if there is no file at that path. */
  readonly warning: Problem;
}

/** What a tree contains. */
export interface Lookup {
  exists(path: string): boolean;
  /** Whether the file is published; undefined where it is no article at all. */
  isPublished(path: string): boolean | undefined;
}

/** So many are looked at in one article; a text of brackets alone has a hundred thousand. */
const REFERENCES_MAX = 500;
/** An expression that another tool fills in. */
const TEMPLATE = /\{\{|\{%|%7B%7B|%7B%25|^\$\{/i;
/** What is longer names no file, UTF-16 code units. */
const TARGET_MAX = 1_000;
/** How often the whole file may be looked through for targets. */
const LOOKS_MAX = 4;
/** So far from the beginning of its paragraph a target is looked for, UTF-16 code units. */
const PARAGRAPH_MAX = 65_536;

/** All relative targets of an article, with their places. Where `/images` leads only its web server knows. */
export async function referencesOf(path: string, parsed: Parsed): Promise<Reference[]> {
  const { source, front, fields, outline, bodyStart } = parsed;
  if (source === null || front === null || fields === null) return [];
  const references: Reference[] = [];
  const found = (code: "image-missing" | "link-missing", target: string, warn: () => Problem): void => {
    const file = resolve(path, target);
    if (file === null || references.length === REFERENCES_MAX) return;
    const routes = code === "link-missing" ? routesOf(file) : [];
    const elsewhere = code === "image-missing" ? elsewhereOf(path, file, target) : [];
    references.push({ target, path: file, routes, elsewhere, warning: { ...warn(), code } });
  };
  const atCover: Issue = { code: "image-missing", key: "cover", params: { target: fields.cover } };
  const [cover] = await front.place(front.traced([atCover]), "warning");
  if (cover !== undefined) found("image-missing", fields.cover, () => cover);
  if (outline === null) return references;
  const { links, images } = outline();
  const lines = new Lines(source);
  const bodyLine = lines.at(bodyStart).line;
  const finder = new Finder(source);
  const inBody = (target: string, line: number): Problem => {
    const { starts } = lines;
    const start = starts[Math.min(bodyLine + line - 1, starts.length) - 1] ?? 0;
    // CommonMark writes other letters as %XX; in the file they may stand as they are.
    const found = finder.find(start, target) ?? finder.find(start, decoded(target));
    const stretch = found ?? { offset: start, length: 1 };
    const written = found === null ? target : source.slice(found.offset, found.offset + found.length);
    return problemAt(lines, stretch, "link-missing", { target: written }, "warning");
  };
  for (const { src, line } of images) found("image-missing", src, () => inBody(src, line));
  finder.rewind();
  for (const { href, text, line } of links) {
    // `[^1]: words` is a footnote to many tools, though a link to CommonMark.
    if (!text.startsWith("^")) found("link-missing", href, () => inBody(href, line));
  }
  return references;
}

/**
 * Finds targets where they are written. They come in the order of the file, so that each is looked for below
 * the one before it in its paragraph; in all, no more is looked at than so many times the file.
 */
class Finder {
  readonly #source: string;
  #left: number;
  #paragraph = -1;
  #from = 0;

  constructor(source: string) {
    this.#source = source;
    this.#left = source.length * LOOKS_MAX;
  }

  /** @param start Where its paragraph begins. */
  find(start: number, target: string): Stretch | null {
    if (start !== this.#paragraph) [this.#paragraph, this.#from] = [start, start];
    const offset = this.#indexOf(target, this.#from) ?? this.#indexOf(target, start);
    if (offset === null) return null;
    this.#from = offset + target.length;
    return { offset, length: target.length };
  }

  /** The next targets begin from the top. */
  rewind(): void {
    this.#paragraph = -1;
  }

  #indexOf(target: string, from: number): number | null {
    if (this.#left <= 0) return null;
    const stretch = this.#source.slice(from, this.#paragraph + PARAGRAPH_MAX);
    const at = stretch.indexOf(target);
    this.#left -= at < 0 ? stretch.length : at;
    return at < 0 ? null : from + at;
  }
}

/** Warnings that only the rest of the repository can confirm: what is missing, and what is not published. */
export function brokenReferences(references: readonly Reference[], lookup: Lookup): Problem[] {
  return references.flatMap(({ path, routes, elsewhere, warning }) => {
    if (routes.length === 0 && ![path, ...elsewhere].some((one) => lookup.exists(one))) return warning;
    const isHidden =
      warning.code === "link-missing" && [path, ...routes].some((one) => lookup.isPublished(one) === false);
    return isHidden ? { ...warning, code: "link-unpublished" } : [];
  });
}

/** Where a link to a page of a site may lead; it may also be a page that no file stands for. */
function routesOf(path: string): string[] {
  const page = /^(.*?)(?:\/|\.html?)?$/.exec(path)?.[1] ?? path;
  const isFile = page === path && /\.[^./]+$/.test(path);
  return isFile ? [] : [".md", ".markdown", "/index.md"].map((end) => page + end);
}

/** Folders that tools publish as they are, or resolve images in. */
const IMAGE_FOLDERS = [
  "static",
  "assets",
  "public",
  "source",
  "content",
  "src/assets",
  "src/content",
  "docs",
];

/** Where the tool of an author may find an image that is not where its path leads. */
function elsewhereOf(article: string, file: string, target: string): string[] {
  const { dir, name } = posix.parse(article);
  const below = posix.normalize(decoded(/^[^?#]*/.exec(target)?.[0] ?? "")).replace(/^(?:\.\.\/)+/, "");
  const stem = name.replace(/\.[a-z]{2}(?:-[a-z]+)?$/i, "");
  const languages = file.replace(/(^|\/)[a-z]{2}(?:-[a-z]{2,4})?\//i, "$1en/");
  return [
    // Hexo's folder of a post.
    ...[name, stem].map((one) => posix.join(dir, one, below)),
    // Where a page has a folder of its own, `../` leads out of that.
    posix.join(dir, below),
    languages,
    ...IMAGE_FOLDERS.map((folder) => posix.join(folder, below)),
  ].filter((one) => one !== file);
}

/** Path in the repository that a relative target leads to; null for anything else. */
function resolve(path: string, target: string): string | null {
  if (target.length > TARGET_MAX || TEMPLATE.test(target)) return null;
  const file = /^[^?#]*/.exec(target)?.[0] ?? "";
  if (file === "" || file.startsWith("/") || /^[a-z][a-z0-9+.-]*:/i.test(file)) return null;
  return posix.join(posix.dirname(path), decoded(file));
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
