/** How the files of a repository are read: by the preset, and by the keys of the configuration that beat it. */
import picomatch from "picomatch";
import type { ArticleSettings } from "../config/settings.ts";
import { FIELD_NAMES, type FieldSources, keysIn, OWN_SOURCES, pathAsId, valueAt } from "./fields.ts";
import { GLOB_OPTIONS } from "./globs.ts";
import type { Condition, Defaults, Languages } from "./presets/preset.ts";
import { PRESETS } from "./presets/presets.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** What decides about the front matter of every file. */
export interface Rules {
  readonly sources: FieldSources;
  /** Keys that some field may come from. */
  readonly names: ReadonlySet<string>;
  readonly idFromPath: (path: string) => string;
  /** Whether an article without a date is rejected. */
  readonly isDateRequired: boolean;
  /** Keys that decide whether it is public; null for the built-in ones. */
  readonly draftKeys: readonly string[] | null;
  /** Keys that say so as they should, and are nothing to warn about. */
  readonly publicKeys: ReadonlySet<string>;
  /** Whether the preset keeps it private. */
  readonly isHidden: (attributes: Attributes, path: string) => boolean;
  /** What an article at this path has where it says nothing else; null for nothing. */
  readonly defaultsFor: (path: string) => Attributes | null;
  /** Null where the repository has one language. */
  readonly languageOf: ((path: string) => string) | null;
  /** Begins the id of an article that is not in the default language. */
  readonly idIn: (lang: string, id: string) => string;
  /** What several tags in one text are separated by; null where tags have to be a list. */
  readonly tagSeparator: RegExp | null;
  /** As other tools read: an empty value is none, dates may be in words (`Jul 08 2022`). */
  readonly isLoose: boolean;
  /** Whether a file without front matter is an article. */
  readonly isBare: boolean;
  /** Whether the first fence may be missing. */
  readonly isFenceOptional: boolean;
}

/** What the rules are made from: plain data, so that every thread can make them. */
export type RuleSettings = Pick<ArticleSettings, "keys" | "preset" | "frontMatter" | "format">;

export function rulesOf({ keys, preset, frontMatter, format }: RuleSettings): Rules {
  const isRecord = format === "data";
  const facts = preset == null || preset.name === null ? null : PRESETS[preset.name];
  const site = preset?.site ?? null;
  const sources = Object.fromEntries(
    FIELD_NAMES.map((name) => {
      const own = name === "draft" ? null : (keys[name] ?? facts?.keys[name]);
      const byDefault = isRecord && name === "id" ? ["id", "path"] : OWN_SOURCES[name];
      return [name, own ?? byDefault] as const;
    }),
  ) as unknown as FieldSources;
  const languages = site?.languages ?? null;
  const idByPath = (path: string): string =>
    isRecord
      ? path.replace(/\.\w+$/, "")
      : facts === null
        ? pathAsId(path)
        : facts.id.reduce((id, [from, to]) => id.replace(from, to), path);
  const conditions = keys.draft === null ? (facts?.hidden ?? []) : [];
  return {
    sources,
    names: keysIn(sources),
    idFromPath: (path) => idByPath(languages === null ? path : withoutLanguage(path, languages)),
    isDateRequired: facts === null && !isRecord,
    draftKeys: keys.draft,
    publicKeys: new Set(facts?.publicKeys ?? []),
    isHidden: (attributes, path) => conditions.some((condition) => holds(condition, attributes, path)),
    defaultsFor: defaultsIn(site?.defaults ?? []),
    languageOf: languages === null ? null : (path) => languageOf(path, languages),
    idIn: (lang, id) => (languages === null || lang === languages.byDefault ? id : begunWith(lang, id)),
    tagSeparator: facts?.tagSeparator ?? null,
    isLoose: facts !== null,
    isBare: frontMatter == null ? facts?.isBare === true : frontMatter === "optional",
    isFenceOptional: facts?.isFenceOptional === true,
  };
}

/** The same, with every field at the key of its own name: for attributes as they were understood. */
export function understood(rules: Rules): Rules {
  return {
    ...rules,
    sources: OWN_SOURCES,
    isHidden: () => false,
    idIn: (_, id) => id,
    tagSeparator: null,
  };
}

function holds(condition: Condition, attributes: Attributes, path: string): boolean {
  if ("path" in condition) return condition.path.test(path);
  const value = comparable(condition.key, attributes);
  if ("unless" in condition) return !condition.unless.includes(value);
  const { is, except } = condition;
  return is.includes(value) && !(except?.is.includes(comparable(except.key, attributes)) ?? false);
}

function comparable(key: string, attributes: Attributes): unknown {
  const value = valueAt(key, attributes)?.value ?? null;
  if (value === null || value === "") return "absent";
  return typeof value === "string" ? value.toLowerCase() : value;
}

function defaultsIn(all: readonly Defaults[]): Rules["defaultsFor"] {
  if (all.length === 0) return () => null;
  const matchers = all.map(({ glob, values }) => ({ isFor: picomatch(glob, GLOB_OPTIONS), values }));
  return (path) => {
    const fitting = matchers.filter(({ isFor }) => isFor(path));
    return fitting.length === 0 ? null : Object.assign({}, ...fitting.map(({ values }) => values));
  };
}

/** `post.ja.md`. */
const SUFFIX = /\.([A-Za-z][\w-]{1,10})(?=\.\w+$)/;

function languageOf(path: string, { byDefault, all, folders }: Languages): string {
  const inFolder = folders.filter(([folder]) => path.startsWith(folder));
  const [nearest] = inFolder.sort(([a], [b]) => b.length - a.length);
  if (nearest !== undefined) return nearest[1];
  const suffix = SUFFIX.exec(path)?.[1] ?? "";
  return all.find((code) => code.toLowerCase() === suffix.toLowerCase()) ?? byDefault;
}

/** The path as it would be in the default language, except that folders of ids stay as they were. */
function withoutLanguage(path: string, languages: Languages): string {
  const lang = languageOf(path, languages);
  if (lang === languages.byDefault && !isSuffixed(path, lang)) return path;
  if (isSuffixed(path, lang)) return path.replace(SUFFIX, "");
  const [folder = ""] = languages.folders.find(([one]) => path.startsWith(one)) ?? [];
  // A folder that is named like its language begins the id already.
  return folder.endsWith(`/${lang}/`) ? path.slice(folder.length) : path;
}

function isSuffixed(path: string, lang: string): boolean {
  return SUFFIX.exec(path)?.[1]?.toLowerCase() === lang.toLowerCase();
}

function begunWith(lang: string, id: string): string {
  return id === lang || id.startsWith(`${lang}/`) ? id : `${lang}/${id}`;
}
