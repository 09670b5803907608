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
import { isRecord, settingsIn, textsOf } from "./site.ts";

const CONFIG = /(?:^|\/)\.obsidian\/(?:app|templates|daily-notes|publish)\.json$/;

/** @see https://help.obsidian.md/properties */
export const obsidian: Preset = {
  signs: [[{ path: /^(?:[^/]+\/){0,2}\.obsidian\/[^/]+$/ }], [{ path: near("quartz\\.config\\.ts") }]],
  include: [`**/${MARKDOWN}`],
  exclude: [
    ...FOREIGN,
    "**/.obsidian/**",
    "**/.trash/**",
    // By convention, of Obsidian's own templates and of Quartz.
    "**/{private,Private,templates,Templates,_templates,_Templates}/**",
    "**/README.md",
  ],
  future: "publish",
  keys: { ...COMMON, title: ["title", "file"], id: ["id", "path"] },
  publicKeys: ["publish", "dg-publish", "draft"],
  hidden: [
    { key: "publish", is: [false, "false"] },
    { key: "dg-publish", is: [false, "false"] },
  ],
  math: true,
  id: BY_PATH,
  tagSeparator: /[,、，\s]+/,
  isBare: true,
  site: { files: CONFIG, read: readSite, depthMax: 3 },
};

/** Folders that the vault itself leaves out, and those of its templates. */
async function readSite(files: readonly SiteFile[]): Promise<Site> {
  const exclude: string[] = [];
  for (const file of files) {
    const root = globOf((file.root + file.name).replace(/\.obsidian\/[^/]+$/, ""));
    const settings = await settingsIn(file);
    const folders = [
      ...textsOf(settings["userIgnoreFilters"]),
      ...(/templates\.json$/.test(file.name) ? textsOf(settings["folder"]) : []),
      ...(isRecord(settings) && /publish\.json$/.test(file.name) ? textsOf(settings["excluded"]) : []),
    ];
    // `/words/` is a regular expression, which is not for repositories to give.
    for (const folder of folders.filter((one) => !/^\/.*\/$/.test(one))) {
      const path = globOf(folder.replace(/^\/+|\/+$/g, ""));
      if (path !== "") exclude.push(`${root}${path}`, `${root}${path}/**`, `${root}**/${path}/**`);
    }
  }
  return { include: [], exclude, defaults: [] };
}
