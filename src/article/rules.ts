/** How the files of a repository are read: by the preset, and by the keys of the configuration that beat it. */
import type { ArticleSettings } from "../config/settings.ts";
import { FIELD_NAMES, type FieldSources, keysIn, OWN_SOURCES, pathAsId } from "./fields.ts";

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
}

/** What the rules are made from: plain data, so that every thread can make them. */
export type RuleSettings = Pick<ArticleSettings, "keys">;

export function rulesOf({ keys }: RuleSettings): Rules {
  const own = FIELD_NAMES.map((name) => [name, sourcesOf(name, keys)] as const);
  const sources = Object.fromEntries(own) as unknown as FieldSources;
  return {
    sources,
    names: keysIn(sources),
    idFromPath: pathAsId,
    isDateRequired: true,
    draftKeys: keys.draft,
  };
}

/** `keys.draft` lists what decides about being public, which is no field to be found. */
function sourcesOf(name: keyof FieldSources, keys: RuleSettings["keys"]): FieldSources[typeof name] {
  return (name === "draft" ? null : keys[name]) ?? OWN_SOURCES[name];
}

/** The same, with every field at the key of its own name: for attributes as they were understood. */
export function understood(rules: Rules): Rules {
  return { ...rules, sources: OWN_SOURCES };
}
