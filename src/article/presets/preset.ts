/** What a preset is: the habits of a tool as a table of facts, and what its own configuration changes. */
import type { Site } from "../../config/settings.ts";
import type { KeySource, KeysConfig } from "../../index.ts";

export type { Defaults, Languages, Site } from "../../config/settings.ts";
export type { PresetName } from "../../index.ts";

/** Something by which a tool is recognised: a path, and what is in the file. */
export interface Sign {
  readonly path: RegExp;
  /** The file has this in it. */
  readonly text?: RegExp;
  /** Its front matter has all of these keys. */
  readonly keys?: readonly string[];
}

/** When an article is not public. */
export type Condition =
  /** A key, or one below another, has one of these values; "absent": it has none. */
  | {
      readonly key: string;
      readonly is: readonly unknown[];
      /** Not when another key has one of these. */
      readonly except?: { readonly key: string; readonly is: readonly unknown[] };
    }
  /** It has none of these. */
  | { readonly key: string; readonly unless: readonly unknown[] }
  | { readonly path: RegExp };

/** A file of the repository by which its tool is configured. */
export interface SiteFile {
  /** Its folder: "" or `docs/`. */
  readonly root: string;
  /** From `root` on. */
  readonly name: string;
  readonly text: string;
}

export interface Preset {
  /** Surest first: what only this tool has, then what others may have too. */
  readonly signs: readonly (readonly Sign[])[];
  /** Globs from the root of a site. */
  readonly include: readonly string[];
  /** Never articles, from the root of a site. */
  readonly exclude: readonly string[];
  readonly timezone?: string;
  readonly future: "publish" | "schedule";
  readonly keys: Readonly<Omit<KeysConfig, "draft">>;
  /** Keys by which this tool itself says what is public: nothing to warn about. */
  readonly publicKeys: readonly string[];
  readonly hidden: readonly Condition[];
  /** What is replaced in a path to make an id of it, one after the other. */
  readonly id: readonly (readonly [RegExp, string])[];
  /** Between several tags in one text. */
  readonly tagSeparator: RegExp;
  /** What its readers see as math, and as containers; all of them render GitHub's flavour. */
  readonly math?: boolean;
  readonly containers?: boolean;
  /** Whether a file without front matter is an article too. */
  readonly isBare?: boolean;
  /** Whether the first fence may be missing. */
  readonly isFenceOptional?: boolean;
  /** Files of its own configuration, by their paths, and what they change. */
  readonly site?: {
    readonly files: RegExp;
    /** How deep they lie at most, in folders; 2 by default: deeper ones are those of examples. */
    readonly depthMax?: number;
    readonly read: (files: readonly SiteFile[]) => Site | Promise<Site>;
  };
}

export const MARKDOWN = "*.{md,markdown,mdown}";
export const MARKDOWN_OR_MDX = "*.{md,mdx,markdown,mdown}";
/** Folders of other people's files. */
export const FOREIGN = ["**/node_modules/**", "**/vendor/**", "**/bower_components/**"];
/** A path without its extension. */
export const BY_PATH: Preset["id"] = [[/\.(?:md|mdx|markdown|mdown)$/i, ""]];
/** Name of the file without its extension. */
export const BY_NAME: Preset["id"] = [[/^.*\//s, ""], ...BY_PATH];

const list = (names: string): readonly string[] => names.split(" ");

/** Names that fields have with all tools; each preset adds its own. */
export const COMMON: { readonly [Field in keyof Omit<KeysConfig, "draft">]-?: KeySource[] } = {
  id: ["id", "path"],
  title: ["title", "heading", "file"],
  date: [
    ...list("date publishDate published_at publishedAt published_date publishedDate pubDate pubDatetime"),
    ...list("published created created_at createdAt dateCreated date_created added ms.date path"),
  ],
  updated: [
    ...list("updated lastmod last_modified_at lastModified lastUpdated updated_at updatedAt updatedDate"),
    ...list("modDatetime modified date_updated last_update.date"),
  ],
  description: [...list("description excerpt summary subtitle lead")],
  cover: [
    ...list("cover cover.image cover.src cover.url image image.src image.url image.path image.feature"),
    ...list("coverImage coverImage.src cover_image thumbnail thumbnail.src hero hero.image hero.image.file"),
    ...list("heroImage heroImage.src banner ogImage ogImage.url og_image header.image header.teaser"),
    ...list("featured_image featuredImage feature_image featureImage eyecatch images"),
  ],
  tags: [...list("tags topics categories category keywords")],
  isExternal: ["isExternal"],
  externalURL: ["externalURL"],
};

/** A pattern for a path at most two folders deep: sites lie there, and fixtures deeper. */
export function near(name: string): RegExp {
  return new RegExp(
    `^(?:(?!node_modules/|vendor/|themes/|exampleSite/|test/|tests/|\\.)[^/]+/){0,2}${name}$`,
  );
}

/** Quotes what stands for itself in a glob. */
export function globOf(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, "\\$&");
}
