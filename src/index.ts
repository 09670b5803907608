/**
 * The public types: what `import type { SyncConfig } from "sync-agent"` gives a configuration file.
 * Types only; nothing here exists at run time.
 */

/** `"250ms"`, `"5s"`, `"1m"`, `"1h"`, `"1d"`, or a number of milliseconds. */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}` | number;
/** `"512B"`, `"64KiB"`, `"1MiB"`, `"1GiB"`, `"1KB"`, `"1MB"`, or a number of bytes. */
export type Size = `${number}${"B" | "KiB" | "MiB" | "GiB" | "KB" | "MB" | "GB"}` | number;
/** A secret by reference: an environment variable, or a file that is read again when it changes. */
export type SecretReference = { readonly env: string } | { readonly file: string };

/** The default payload of an article. Timestamps are RFC 3339 UTC. */
export interface Payload {
  id: string;
  title: string;
  description: string;
  /** Markdown after the front matter, unchanged. */
  body: string;
  cover: string;
  tags: string[];
  /** Null where the preset's tool needs no date and there is none. */
  created_at: string | null;
  updated_at: string | null;
  is_external: boolean;
  external_url: string;
  /** The body rendered; absent with `html: false`. */
  html?: string;
  /** Path in the repository. */
  path: string;
  /** Only where the repository has several languages. */
  lang?: string;
}

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Heading {
  level: number;
  text: string;
  /** URL-safe slug of the text, unique within the article. */
  slug: string;
}

export interface Link {
  href: string;
  text: string;
}

export interface Image {
  src: string;
  alt: string;
}

/** What `articles.map` is given. The last four are computed only when they are read. */
export interface Article {
  payload: Payload;
  path: string;
  /** Front matter as validated, unknown keys included. */
  attributes: Record<string, unknown>;
  /** The whole file. */
  source: string;
  /** The body as plain text. */
  readonly text: string;
  readonly headings: readonly Heading[];
  readonly links: readonly Link[];
  readonly images: readonly Image[];
}

/** What `articles.attributes` is given: front matter before validation. */
export interface RawArticle {
  path: string;
  attributes: Record<string, unknown>;
  body: string;
}

/**
 * Where a field may come from: a key of the front matter (`cover.image` is one below another), several keys as
 * one list, or a fixed value. `heading` is the first heading, `file` the name of the file without extension,
 * `path` the date, the id or the name in the path.
 */
export type KeySource =
  | string
  | { readonly all: readonly string[] }
  | { readonly literal: string | number | boolean | readonly string[] };

type Awaitable<T> = T | Promise<T>;

/**
 * An address with `{path}`, `{dir}` or `{name}` (of an index file: its folder's name), as in
 * `"/posts/{name}"`; or a function of the path in the repository.
 */
export type LinkPlace = string | ((path: string) => string);

/** A tool for which front matter and folders are read as it reads them. */
export type PresetName =
  | "hugo"
  | "jekyll"
  | "zenn"
  | "qiita"
  | "hexo"
  | "docusaurus"
  | "astro"
  | "eleventy"
  | "nextra"
  | "obsidian"
  | "plain";

export interface ArticlesConfig {
  /** The habits of a tool: folders, keys, what is private, ids. What is written beside it beats it. */
  preset?: PresetName;
  /** picomatch globs on repository paths; case-sensitive, `dot: false`. */
  include?: string[];
  exclude?: string[];
  maxSize?: Size;
  /** `gfm`: as github.com shows a file. */
  markdown?: "commonmark" | "gfm";
  /** `$…$`, `$$…$$` and fences named `math`, for the front end's typesetter. */
  math?: boolean;
  /** `:::message`, `:::details Title`, `:::note` and the like. */
  containers?: boolean;
  /** `safe`: raw HTML and `javascript:` links dropped. `raw`: as written. `false`: no `html` at all. */
  html?: "safe" | "raw" | false;
  /** Where relative links to articles lead, and those to images and other files, in `html` and `cover`. */
  links?: { article?: LinkPlace; asset?: LinkPlace };
  /** `schedule`: an article dated in the future appears when its time comes. */
  future?: "publish" | "schedule";
  /** `data`: whole files are records: YAML, JSON, TOML. */
  format?: "markdown" | "data";
  /** `optional`: Markdown without front matter is an article too. */
  frontMatter?: "required" | "optional";
  /** Where the fields of an article come from. */
  keys?: KeysConfig;
  /** IANA name, for dates without a zone. */
  timezone?: string;
  /** Before validation: make ids from paths, translate other tools' keys. */
  attributes?: (raw: RawArticle) => Awaitable<Record<string, unknown>>;
  /** Any Standard Schema, after the built-in validation; its output replaces the attributes. */
  schema?: StandardSchemaV1;
  /** Last: the payload to send, or null for "not published". */
  map?: (article: Article) => Awaitable<Payload | { id: string; [key: string]: unknown } | null>;
}

/** Sources of each field; the first that has something counts. */
export interface KeysConfig {
  id?: KeySource[];
  title?: KeySource[];
  date?: KeySource[];
  updated?: KeySource[];
  description?: KeySource[];
  cover?: KeySource[];
  tags?: KeySource[];
  isExternal?: KeySource[];
  externalURL?: KeySource[];
  /** Keys that say that an article is not public, instead of the built-in list. */
  draft?: string[];
}

export interface InserterConfig {
  /** Where payloads are posted, or `"embedded"`: the reference inserter inside this process. */
  url: string;
  token?: SecretReference;
  headers?: Record<string, string | SecretReference>;
  tls?: { ca?: string; cert?: string; key?: string };
  timeout?: Duration;
  /** Requests in flight. */
  concurrency?: number;
  /** Requests per second; 0 = no limit. */
  rate?: number;
  batch?: "auto" | false | number;
  /** Names besides those of loopback by which browsers may ask the embedded inserter. */
  allowedHosts?: string[];
  retry?: { min?: Duration; max?: Duration };
  /** Where the `"embedded"` inserter keeps its articles, instead of a file beside the state. */
  store?: { elasticsearch?: ElasticsearchConfig };
}

/** An Elasticsearch or OpenSearch. */
export interface ElasticsearchConfig {
  /** Nodes of one cluster. */
  url: string | string[];
  /** Name of the alias in front of its indices. */
  index?: string;
  /** Holds `user:password`, or a whole value of the header like `ApiKey ...`. */
  auth?: SecretReference;
  tls?: { ca?: string; cert?: string; key?: string };
  timeout?: Duration;
  /** JSON file with settings and mappings of one's own. */
  mapping?: string;
}

/** A `sync.config.ts`. Everything is optional but `inserter.url`. */
export interface SyncConfig {
  repo?: string;
  ref?: string;
  owner?: string;
  articles?: ArticlesConfig;
  inserter: InserterConfig;
  poll?: Duration;
  drift?: Duration;
  resync?: Duration;
  startup?: "verify" | "full" | "resume";
  prune?: { scope?: "owned" | "all" | "none"; maxFraction?: number };
  /** Path of the state file, or `":memory:"`. */
  state?: string;
  /** `allowedHosts`: the only names by which it may be asked, besides addresses and those of loopback. */
  status?: false | { listen: string; allowedHosts?: string[] };
  log?: { level?: "debug" | "info" | "warn" | "error"; format?: "auto" | "pretty" | "json" };
}

/**
 * The Standard Schema interface (https://standardschema.dev, version 1), as its specification invites
 * libraries to carry it: zod, valibot, arktype and others implement it.
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
