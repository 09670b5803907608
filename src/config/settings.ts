import type {
  ArticlesConfig,
  KeySource,
  KeysConfig,
  LinkPlace,
  PresetName,
  SecretReference,
  StandardSchemaV1,
} from "../index.ts";
import type { DeliveryOptions } from "../sync/deliver/memory.ts";
import type { LogLevel } from "../sync/ports.ts";

/** The configuration after defaults, flags and validation: absolute paths, milliseconds, bytes. */
export interface Settings {
  /** Absolute path of the configuration file; null when there is none. */
  readonly file: string | null;
  /** Absolute path of the repository, or of git-sync's link to it. */
  readonly repo: string;
  readonly ref: string;
  /** Whose articles these are; null where it is derived from the repository. */
  readonly owner: string | null;
  readonly articles: ArticleSettings;
  readonly inserter: InserterSettings;
  /** Where the embedded inserter keeps its articles; null: beside the state. */
  readonly store: StoreSettings | null;
  readonly pollMs: number;
  readonly driftMs: number;
  readonly resyncMs: number;
  readonly startup: "verify" | "full" | "resume";
  readonly prune: { readonly scope: "owned" | "all" | "none"; readonly maxFraction: number };
  /** Absolute path of the state file, or `":memory:"`. */
  readonly state: string;
  /** Where it was before its name was made of inserter and repository; null where its path is configured. */
  readonly olderState: string | null;
  readonly status: {
    readonly host: string;
    readonly port: number;
    /** Names that requests may have in `Host` besides those that count anyway. */
    readonly allowedHosts?: readonly string[];
  } | null;
  readonly log: { readonly level: LogLevel; readonly format: "auto" | "pretty" | "json" };
}

/** Values that articles have where they say nothing else: Jekyll's defaults, Hugo's cascades. */
export interface Defaults {
  /** Glob of the paths that they are for, from the root of the repository. */
  readonly glob: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a repository says itself of how it is read. Plain data: it goes to threads, and into every fingerprint. */
export interface Site {
  /** Globs from the root of the repository; instead of the preset's own where there are any. */
  readonly include: readonly string[];
  /** Never articles, whatever else says so. */
  readonly exclude: readonly string[];
  readonly timezone?: string;
  readonly future?: "publish" | "schedule";
  /** The nearer ones last. */
  readonly defaults: readonly Defaults[];
  readonly languages?: Languages;
}

/** The languages of a repository, where there are several. */
export interface Languages {
  readonly byDefault: string;
  /** Codes as they stand in paths, the default one among them. */
  readonly all: readonly string[];
  /** Folders of one language, as `content/ja/`, with its code. */
  readonly folders: readonly (readonly [folder: string, lang: string])[];
}

/** The habits of a tool, as they are worked into the settings around them. */
export interface PresetSettings {
  /** Null: to be found out from the files of the repository. */
  readonly name: PresetName | null;
  /** Keys of `articles` that the configuration has itself: they beat the preset. */
  readonly written: readonly string[];
  /** What the repository says itself; null before it was read. */
  readonly site: Pick<Site, "defaults" | "languages"> | null;
}

export interface ArticleSettings {
  readonly preset?: PresetSettings | null;
  /** What files are: Markdown with front matter, or records as a whole. */
  readonly format?: "markdown" | "data";
  /** Whether a file without front matter is an article; null: as the preset says. */
  readonly frontMatter?: "required" | "optional" | null;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxSizeBytes: number;
  readonly markdown: "commonmark" | "gfm";
  readonly math: boolean;
  readonly containers: boolean;
  readonly html: "safe" | "raw" | false;
  /** Where relative links lead; null: they stay as they are. */
  readonly links: { readonly article: LinkPlace | null; readonly asset: LinkPlace | null };
  readonly future: "publish" | "schedule";
  /**
   * Where fields come from; null: from the key of that name. `draft`: keys that decide whether an article is
   * public; null: the built-in ones.
   */
  readonly keys: {
    readonly [Field in Exclude<keyof KeysConfig, "draft">]?: readonly KeySource[] | null;
  } & { readonly draft: readonly string[] | null };
  readonly timezone: string;
  readonly attributes: NonNullable<ArticlesConfig["attributes"]> | null;
  readonly schema: StandardSchemaV1 | null;
  readonly map: NonNullable<ArticlesConfig["map"]> | null;
}

/** An Elasticsearch or OpenSearch. */
export interface StoreSettings {
  /** Nodes of one cluster, without credentials or trailing slash. */
  readonly urls: readonly string[];
  /** `user:password` that stood in a URL; null where there was none. */
  readonly basic: string | null;
  readonly auth: SecretReference | null;
  /** Absolute paths of PEM files. */
  readonly tls: InserterSettings["tls"];
  readonly timeoutMs: number;
  /** Name of the alias in front of its indices. */
  readonly index: string;
  /** Absolute path of settings and mappings of one's own; null: none. */
  readonly mapping: string | null;
}

export interface InserterSettings extends DeliveryOptions {
  /** Without credentials, query or trailing slash; `"embedded"` for the one inside this process. */
  readonly url: string;
  /** `user:password` that stood in the URL, sent as Basic authorisation; null where there was none. */
  readonly basic: string | null;
  readonly token: SecretReference | null;
  readonly headers: Readonly<Record<string, string | SecretReference>>;
  /** Absolute paths of PEM files. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null };
  readonly timeoutMs: number;
  /** Names that requests to the embedded one may have in `Host`. */
  readonly allowedHosts: readonly string[];
}
