import {
  COMMON,
  type Defaults,
  FOREIGN,
  globOf,
  near,
  type Preset,
  type Site,
  type SiteFile,
} from "./preset.ts";
import { isRecord, type Settings, settingsIn, textsOf } from "./site.ts";

const CONFIG = /(?:^|\/)_config\.(?:ya?ml|toml)$/;
const MARKDOWN = "*.{md,markdown,mkdown,mkdn,mkd}";
/** Folders that are Jekyll's own, where no configuration names the collections. */
const OWN = "{drafts,includes,layouts,sass,data,plugins,site,scripts,templates}";

/** @see https://jekyllrb.com/docs/front-matter/ */
export const jekyll: Preset = {
  signs: [
    [
      {
        path: near("_config\\.(?:ya?ml|toml)"),
        text: /^(?:plugins|gems|collections|permalink|remote_theme|theme|paginate|kramdown|baseurl|jekyll\S*|sass|markdown|highlighter)\s*:/m,
      },
      { path: near("Gemfile"), text: /\bjekyll\b|github-pages/ },
    ],
    [{ path: near("(?:.+/)?_posts/(?:.+/)?\\d{4}-\\d{1,2}-\\d{1,2}-[^/]+\\.(?:md|markdown)") }],
  ],
  include: [`**/${MARKDOWN}`],
  exclude: [...FOREIGN, `**/_${OWN}/**`, "**/README.*", "**/CHANGELOG.*", "**/LICENSE.*"],
  future: "schedule",
  keys: {
    ...COMMON,
    title: ["title", "heading", "path"],
    tags: [{ all: ["category", "categories", "tags"] }],
  },
  publicKeys: ["published", "draft"],
  hidden: [
    { key: "published", is: [false, "false"] },
    // A file in `_posts` without a date in its name is no post.
    { path: /(?:^|\/)_posts\/(?:[^/]+\/)*(?!\d{2,4}-\d{1,2}-\d{1,2}-)[^/]+$/ },
  ],
  id: [[/\.\w+$/, ""]],
  tagSeparator: /[\s,]+/,
  site: { files: CONFIG, read: readSite },
};

async function readSite(files: readonly SiteFile[]): Promise<Site> {
  const sites = await Promise.all(
    files.map(async (file) => siteOf((file.root + file.name).replace(/[^/]+$/, ""), await settingsIn(file))),
  );
  const timezone = sites.find((site) => site.timezone !== undefined)?.timezone;
  return {
    include: sites.flatMap(({ include }) => include),
    exclude: sites.flatMap(({ exclude }) => exclude),
    ...(timezone === undefined ? {} : { timezone }),
    ...(sites.some(({ future }) => future === "publish") ? { future: "publish" as const } : {}),
    defaults: sites.flatMap(({ defaults }) => defaults),
  };
}

function siteOf(folder: string, settings: Settings): Site {
  const source = typeof settings["source"] === "string" ? settings["source"].replace(/^[./]+|\/+$/g, "") : "";
  const root = globOf(source === "" ? folder : `${folder}${source}/`);
  const { timezone } = settings;
  return {
    include: [`${root}**/${MARKDOWN}`],
    exclude: [
      ...[`${root}**/_!(${["posts", ...collectionsOf(settings)].map(globOf).join("|")})/**`],
      ...textsOf(settings["exclude"]).flatMap((one) => excluded(root, one)),
    ],
    ...(typeof timezone === "string" && timezone !== "" ? { timezone } : {}),
    ...(settings["future"] === true ? { future: "publish" as const } : {}),
    defaults: defaultsOf(settings["defaults"], root),
  };
}

/** Collections whose files become pages: the others are data. */
function collectionsOf({ collections }: Settings): string[] {
  if (!isRecord(collections)) return [];
  return Object.entries(collections).flatMap(([name, one]) =>
    name !== "posts" && name !== "drafts" && isRecord(one) && one["output"] === true ? [name] : [],
  );
}

/** A path, or a glob, of what Jekyll leaves out. */
function excluded(root: string, written: string): string[] {
  const path = written.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  if (path === "" || path.length > 500) return [];
  return [`${root}${path}`, `${root}${path}/**`, ...(path.includes("/") ? [] : [`${root}**/${path}`])];
}

function defaultsOf(defaults: unknown, root: string): Defaults[] {
  const all = (Array.isArray(defaults) ? defaults : []).filter(isRecord).map(({ scope, values }) => {
    const { path = "", type } = isRecord(scope) ? scope : {};
    const prefix = typeof path === "string" ? path.replace(/^\.?\/+|\/+$/g, "") : "";
    const folder = typeof type === "string" && type !== "" && type !== "pages" ? `_${type}` : "";
    const base = prefix === "" ? root : `${root}${prefix.includes("*") ? prefix : globOf(prefix)}/`;
    const globs = [folder === "" ? `${base}**` : `${base}**/${globOf(folder)}/**`];
    // A prefix may already lead into the folder, or be a file.
    if (folder !== "" && prefix.split("/").includes(folder)) globs.push(`${base}**`);
    if (prefix !== "" && folder === "")
      globs.push(`${root}${prefix.includes("*") ? prefix : globOf(prefix)}`);
    return { length: prefix.length, globs, values: isRecord(values) ? values : {} };
  });
  return all
    .sort((a, b) => a.length - b.length)
    .flatMap(({ globs, values }) => globs.map((glob) => ({ glob, values })));
}
