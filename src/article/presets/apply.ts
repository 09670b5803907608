/** A preset worked into the settings of articles. */
import type { ArticleSettings } from "../../config/settings.ts";
import type { Preset, PresetName, Site, SiteFile } from "./preset.ts";
import { PRESETS } from "./presets.ts";

/** Files by which the tool of a preset is configured, by their paths in the repository; null where there are none. */
export function siteFilesOf(name: PresetName): RegExp | null {
  return PRESETS[name].site?.files ?? null;
}

/** How deep such files lie at most, in folders. */
export function siteDepthOf(name: PresetName): number {
  return PRESETS[name].site?.depthMax ?? 2;
}

/** Deeper configuration is that of fixtures and examples, except for what belongs to a folder of articles. */
const NEVER = /(?:^|\/)(?:node_modules|vendor|exampleSite|themes|\.git)\//;

export function isSiteFile(path: string, files: RegExp): boolean {
  return files.test(path) && !NEVER.test(path);
}

const NOTHING: Site = { include: [], exclude: [], defaults: [] };

/**
 * The settings with everything that preset and repository decide.
 *
 * @param files What {@link siteFilesOf} asks for.
 * @throws {UnreadableSite} When one of them does not parse.
 */
export async function withPreset(
  settings: ArticleSettings,
  name: PresetName,
  files: readonly SiteFile[],
): Promise<ArticleSettings> {
  const facts: Preset = PRESETS[name];
  const site = (await facts.site?.read(files)) ?? NOTHING;
  const written = settings.preset?.written ?? [];
  const ownOr = <Value>(key: keyof ArticleSettings, own: Value, other: Value): Value =>
    written.includes(key) ? own : other;
  const timezone = site.timezone ?? facts.timezone ?? settings.timezone;
  const { defaults, languages } = site;
  return {
    ...settings,
    include: ownOr("include", settings.include, site.include.length > 0 ? site.include : facts.include),
    // What is never an article stays so, whatever the configuration leaves out besides.
    exclude: [...new Set([...facts.exclude, ...site.exclude, ...settings.exclude])],
    timezone: ownOr("timezone", settings.timezone, isTimezone(timezone) ? timezone : settings.timezone),
    markdown: ownOr("markdown", settings.markdown, "gfm"),
    math: ownOr("math", settings.math, facts.math === true),
    containers: ownOr("containers", settings.containers, facts.containers === true),
    future: ownOr("future", settings.future, site.future ?? facts.future),
    preset: { name, written, site: languages === undefined ? { defaults } : { defaults, languages } },
  };
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
