import {
  BY_PATH,
  COMMON,
  FOREIGN,
  globOf,
  MARKDOWN,
  near,
  type Preset,
  type Site,
  type SiteFile,
} from "./preset.ts";
import { type Settings, settingsIn, textsOf } from "./site.ts";

const CONFIG = /(?:^|\/)_config\.ya?ml$/;

/** @see https://hexo.io/docs/front-matter */
export const hexo: Preset = {
  signs: [
    [
      { path: near("package\\.json"), text: /"hexo(?:-cli|-server)?"\s*:/ },
      { path: near("scaffolds/(?:post|draft|page)\\.md") },
      {
        path: near("_config\\.ya?ml"),
        text: /^(?:source_dir|new_post_name|render_drafts|post_asset_folder|skip_render)\s*:/m,
      },
    ],
    [{ path: near("source/_posts/.+\\.(?:md|markdown)") }],
  ],
  include: [`source/**/${MARKDOWN}`],
  exclude: [...FOREIGN, "**/_!(posts)/**", "**/_*.{md,markdown,mdown}", "**/scaffolds/**"],
  future: "publish",
  keys: { ...COMMON, title: ["title", "heading", "path"], tags: [{ all: ["categories", "tags"] }] },
  publicKeys: ["published", "draft"],
  hidden: [{ key: "published", is: [false, "false"] }],
  id: BY_PATH,
  tagSeparator: /[,、，]/,
  isFenceOptional: true,
  site: { files: CONFIG, read: readSite },
};

async function readSite(files: readonly SiteFile[]): Promise<Site> {
  const sites = await Promise.all(
    files
      .filter(({ root, name }) => !/(?:^|\/)themes\//.test(root + name))
      .map(async (file) => siteOf((file.root + file.name).replace(/[^/]+$/, ""), await settingsIn(file))),
  );
  const timezone = sites.find((site) => site.timezone !== undefined)?.timezone;
  return {
    include: sites.flatMap(({ include }) => include),
    exclude: sites.flatMap(({ exclude }) => exclude),
    ...(timezone === undefined ? {} : { timezone }),
    ...(sites.some(({ future }) => future === "schedule") ? { future: "schedule" as const } : {}),
    defaults: [],
  };
}

function siteOf(folder: string, settings: Settings): Site {
  const written = settings["source_dir"];
  const source = typeof written === "string" ? written.replace(/^[./]+|\/+$/g, "") : "source";
  const root = globOf(source === "" ? folder : `${folder}${source}/`);
  const { timezone } = settings;
  const left = [...textsOf(settings["skip_render"]), ...textsOf(settings["exclude"])].map(
    (glob) => `${root}${glob}`,
  );
  const ignored = textsOf(settings["ignore"]).map((glob) =>
    glob.startsWith("**") ? glob : `${globOf(folder)}${glob}`,
  );
  return {
    include: [`${root}**/${MARKDOWN}`],
    exclude: [...left, ...ignored],
    ...(typeof timezone === "string" && timezone !== "" ? { timezone } : {}),
    ...(settings["future"] === false ? { future: "schedule" as const } : {}),
    defaults: [],
  };
}
