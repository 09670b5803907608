import { split } from "../front-matter/fence.ts";
import { loadNotation } from "../front-matter/syntax.ts";
import {
  COMMON,
  type Defaults,
  FOREIGN,
  globOf,
  type Languages,
  MARKDOWN,
  near,
  type Preset,
  type Site,
  type SiteFile,
} from "./preset.ts";
import { isRecord, type Settings, settingsIn } from "./site.ts";

const CONFIG =
  /(?:^|\/)(?:(?:hugo|config)|config\/_default\/(?:hugo|config|languages|module|languages\.\w+))\.(?:toml|ya?ml|json)$/;
const SECTION = /(?:^|\/)_index(?:\.[\w-]+)?\.(?:md|markdown)$/;
const HIDDEN = ["never", false, "none"];
const SHOWN = ["local", "always", true];

/** @see https://gohugo.io/content-management/front-matter/ */
export const hugo: Preset = {
  signs: [
    [
      { path: near("hugo\\.(?:toml|ya?ml|json)") },
      { path: near("config/_default/(?:hugo|config)\\.(?:toml|ya?ml|json)") },
    ],
    [
      { path: near("archetypes/[^/]+\\.md") },
      { path: near("config\\.(?:toml|ya?ml)"), text: /^\s*["']?baseURL["']?\s*[=:]/im },
      { path: near("content/(?:.+/)?_index(?:\\.[\\w-]+)?\\.(?:md|markdown)") },
    ],
  ],
  include: [`content/**/${MARKDOWN}`],
  exclude: [
    ...FOREIGN,
    "content/**/_index.{md,markdown}",
    "content/**/_index.*.{md,markdown}",
    "**/archetypes/**",
    "**/exampleSite/**",
  ],
  future: "schedule",
  keys: {
    ...COMMON,
    date: [...(COMMON.date ?? []).slice(0, -1), "lastmod", "modified", "path"],
    tags: ["tags", { all: ["categories", "keywords"] }],
  },
  publicKeys: ["draft", "headless", "build", "_build"],
  hidden: [
    { key: "headless", is: [true, "true"] },
    ...["build", "_build"].flatMap((key) => [
      { key: `${key}.list`, is: HIDDEN },
      // Without a page of its own, but shown on another one.
      { key: `${key}.render`, is: [...HIDDEN, "link"], except: { key: `${key}.list`, is: SHOWN } },
    ]),
  ],
  id: [
    [/^content\//, ""],
    [/(?:\/index)?\.(?:md|markdown|mdown)$/i, ""],
  ],
  tagSeparator: /[,、，]/,
  site: {
    files: new RegExp(`${CONFIG.source}|${SECTION.source}`),
    read: readSite,
    depthMax: Number.POSITIVE_INFINITY,
  },
};

async function readSite(files: readonly SiteFile[]): Promise<Site> {
  const roots = new Map<string, Settings[]>();
  for (const file of files) {
    const path = file.root + file.name;
    if (SECTION.test(path)) continue;
    const root = path.replace(CONFIG, "").replace(/(?<=[^/])$/, "/");
    const settings = await settingsIn(file);
    const name = /languages(?:\.\w+)?\.\w+$/.test(file.name)
      ? "languages"
      : /module\.\w+$/.test(file.name)
        ? "module"
        : "";
    roots.set(root, [...(roots.get(root) ?? []), name === "" ? settings : { [name]: settings }]);
  }
  const sites = [...roots].map(([root, all]) => siteOf(root, merged(all)));
  const cascades: Defaults[] = [];
  for (const file of [...files].sort(
    (a, b) => a.root.length + a.name.length - b.root.length - b.name.length,
  )) {
    if (SECTION.test(file.root + file.name)) cascades.push(...(await cascadeOf(file)));
  }
  const timezone = sites.find((site) => site.timezone !== undefined)?.timezone;
  const languages = sites.find((site) => site.languages !== undefined)?.languages;
  return {
    include: sites.flatMap(({ include }) => include),
    exclude: sites.flatMap(({ exclude }) => exclude),
    ...(timezone === undefined ? {} : { timezone }),
    ...(sites.some(({ future }) => future === "publish") ? { future: "publish" as const } : {}),
    defaults: [...sites.flatMap(({ defaults }) => defaults), ...cascades],
    ...(languages === undefined ? {} : { languages }),
  };
}

/** Keys of Hugo's configuration are the same in any case. */
function merged(all: readonly Settings[]): Settings {
  const whole: Record<string, unknown> = {};
  for (const settings of all) {
    for (const [key, value] of Object.entries(settings)) {
      const name = key.toLowerCase();
      const before = whole[name];
      whole[name] = isRecord(before) && isRecord(value) ? { ...before, ...value } : value;
    }
  }
  return whole;
}

function siteOf(root: string, settings: Settings): Site {
  const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
  const inRoot = (folder: string): string => globOf(`${root}${folder.replace(/^\.?\/+|\/+$/g, "")}/`);
  const contentDir = text(settings["contentdir"]) ?? "content";
  const languages = languagesOf(settings, (folder) => `${root}${folder.replace(/\/+$/, "")}/`);
  const mounts = isRecord(settings["module"]) ? settings["module"]["mounts"] : [];
  const mounted = (Array.isArray(mounts) ? mounts : []).filter(isRecord).flatMap((mount) => {
    const source = text(mount["source"]);
    const target = text(mount["target"]);
    return source !== null && target !== null && /^content(?:\/|$)/.test(target) ? [source] : [];
  });
  const folders = [contentDir, ...mounted, ...languages.included];
  const timezone = text(settings["timezone"]);
  const cascade = settings["cascade"];
  return {
    include: folders.map((folder) => `${inRoot(folder)}**/${MARKDOWN}`),
    exclude: [
      ...folders.flatMap((folder) =>
        ["_index", "_index.*"].map((name) => `${inRoot(folder)}**/${name}.{md,markdown}`),
      ),
      ...languages.excluded.map((glob) => `${inRoot(contentDir)}${glob}`),
      ...ignoredBy(settings["ignorefiles"], `${inRoot(contentDir)}`),
    ],
    ...(timezone === null ? {} : { timezone }),
    ...(settings["buildfuture"] === true ? { future: "publish" as const } : {}),
    defaults: defaultsIn(cascade, inRoot(contentDir), inRoot(contentDir)),
    ...(languages.found === null ? {} : { languages: languages.found }),
  };
}

/** `ignoreFiles` has regular expressions: those that are plain words or endings become globs. */
function ignoredBy(patterns: unknown, prefix: string): string[] {
  const all: readonly unknown[] = Array.isArray(patterns) ? patterns : [];
  return all.flatMap((pattern) => {
    if (typeof pattern !== "string" || pattern.length > 200) return [];
    const plain = pattern
      .replace(/^\^|\$$/g, "")
      .replace(/\.\*\??/g, "\0")
      .replace(/\\(.)/g, (_, sign: string) => (/[\w]/.test(sign) ? "\x01" : sign));
    if (/[\x01()[\]{}?+*|]/.test(plain)) return [];
    const glob = globOf(plain.replace(/^\/?(?:content\/)?/, "")).replaceAll("\0", "*");
    const end = pattern.endsWith("$") ? "" : "*";
    return [`${prefix}**/*${glob}${end}`, `${prefix}${glob}${end}`, `${prefix}**/${glob}/**`];
  });
}

interface FoundLanguages {
  readonly found: Languages | null;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

function languagesOf(settings: Settings, inRoot: (folder: string) => string): FoundLanguages {
  const written = isRecord(settings["languages"]) ? Object.entries(settings["languages"]) : [];
  const isDisabled = ([code, one]: readonly [string, unknown]): boolean => {
    const disabled = settings["disablelanguages"];
    return (
      (isRecord(one) && one["disabled"] === true) || (Array.isArray(disabled) && disabled.includes(code))
    );
  };
  const dirOf = (one: unknown): string | null => {
    const key = isRecord(one)
      ? Object.keys(one).find((name) => name.toLowerCase() === "contentdir")
      : undefined;
    const dir = isRecord(one) && key !== undefined ? one[key] : null;
    return typeof dir === "string" && dir !== "" ? dir : null;
  };
  const active = written.filter((one) => !isDisabled(one));
  const byDefault = settings["defaultcontentlanguage"];
  const folders = active.flatMap(([code, one]) => {
    const dir = dirOf(one);
    return dir === null ? [] : [[inRoot(dir), code] as const];
  });
  const first = active[0]?.[0] ?? "en";
  const found = {
    byDefault:
      typeof byDefault === "string" ? byDefault : active.some(([code]) => code === "en") ? "en" : first,
    all: active.map(([code]) => code),
    folders,
  };
  const disabled = written.filter(isDisabled);
  return {
    found: active.length > 1 ? found : null,
    included: active.flatMap(([, one]) => dirOf(one) ?? []),
    excluded: disabled.flatMap(([code]) => [`${globOf(code)}/**`, `**/*.${globOf(code)}.{md,markdown}`]),
  };
}

/** What a section gives to all below it. */
async function cascadeOf({ root, name, text }: SiteFile): Promise<Defaults[]> {
  const block = split(text);
  if (block.kind !== "block") return [];
  const parsed = (await loadNotation(block.syntax)).parse(text.slice(block.yamlStart, block.yamlEnd));
  if (parsed.kind !== "map") return [];
  const path = root + name;
  const folder = globOf(path.slice(0, path.lastIndexOf("/") + 1));
  const content = /^(?:.*?\/)?content\//.exec(path)?.[0] ?? folder;
  return defaultsIn(parsed.attributes["cascade"], folder, globOf(content));
}

/** @param below Where it applies without a target; `content`: where targets begin. */
function defaultsIn(cascade: unknown, below: string, content: string): Defaults[] {
  const all = (Array.isArray(cascade) ? cascade : [cascade]).filter(isRecord);
  return all.flatMap(({ _target, target = _target, ...values }) => {
    const { path, kind } = isRecord(target) ? target : {};
    if (typeof kind === "string" && kind !== "page" && kind !== "{page}") return [];
    if (typeof path !== "string") return [{ glob: `${below}**`, values }];
    const glob = `${content}${path.replace(/^\/+/, "")}`;
    return [glob, `${glob}.*`, `${glob}/**`].map((one) => ({ glob: one, values }));
  });
}
