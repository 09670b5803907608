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
import { settingsIn, UnreadableSite } from "./site.ts";

const CONFIG = /(?:^|\/)(?:\.eleventy|eleventy\.config)\.[cm]?[jt]s$/;
const IGNORE = /(?:^|\/)\.eleventyignore$/;
/** Data of a folder has the folder's name, data of a file the file's. */
const DATA = /^(?:(?:.*\/)?([^/]+)\/)?([^/]+?)(?:\.11tydata)?\.json$/;
const HOUSEKEEPING = "{README,CHANGELOG,CONTRIBUTING,CODE_OF_CONDUCT,LICENSE,SECURITY}.md";

/** @see https://www.11ty.dev/docs/data-frontmatter/ */
export const eleventy: Preset = {
  signs: [
    [
      { path: near("(?:\\.eleventy|eleventy\\.config)\\.[cm]?[jt]s") },
      { path: near("package\\.json"), text: /"@11ty\/eleventy"\s*:/ },
    ],
  ],
  include: [`**/${MARKDOWN}`],
  exclude: [...FOREIGN, "**/_{includes,layouts,data,site,drafts,components}/**", `**/${HOUSEKEEPING}`],
  future: "publish",
  keys: COMMON,
  publicKeys: ["draft", "permalink", "eleventyExcludeFromCollections"],
  hidden: [
    { key: "permalink", is: [false] },
    { key: "eleventyExcludeFromCollections", is: [true] },
  ],
  id: BY_PATH,
  tagSeparator: /[,、，]/,
  site: {
    files: new RegExp(
      `${CONFIG.source}|${IGNORE.source}|(?:^|/)([^/]+)/\\1(?:\\.11tydata)?\\.json$|\\.11tydata\\.json$`,
    ),
    read: readSite,
  },
};

async function readSite(files: readonly SiteFile[]): Promise<Site> {
  const include: string[] = [];
  const exclude: string[] = [];
  const defaults: Site["defaults"][number][] = [];
  for (const file of [...files].sort(
    (a, b) => a.root.length + a.name.length - b.root.length - b.name.length,
  )) {
    const path = file.root + file.name;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (CONFIG.test(path)) {
      const input = /\binput:\s*["'`](?:\.\/)?([\w./-]{1,100})["'`]/
        .exec(file.text)?.[1]
        ?.replace(/\/+$/, "");
      include.push(
        `${globOf(folder)}${input === undefined || input === "." ? "" : `${globOf(input)}/`}**/${MARKDOWN}`,
      );
    } else if (IGNORE.test(path)) exclude.push(...ignoredIn(file.text, globOf(folder)));
    else {
      const [, parent, name = ""] = DATA.exec(path) ?? [];
      const isFolder = parent === name;
      const values = await settingsIn(file).catch((error: unknown) => {
        if (error instanceof UnreadableSite && !isFolder) return {};
        throw error;
      });
      defaults.push({ glob: isFolder ? `${globOf(folder)}**` : `${globOf(`${folder}${name}`)}.*`, values });
    }
  }
  return { include, exclude, defaults };
}

/** Lines of a .gitignore, as far as globs can say them. */
function ignoredIn(text: string, root: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const glob = line.trim();
    if (glob === "" || glob.startsWith("#") || glob.startsWith("!")) return [];
    const path = glob.replace(/^\.?\/+|\/+$/g, "");
    const isAnchored = /\/./.test(glob.replace(/\/+$/, ""));
    return [`${root}${isAnchored ? "" : "**/"}${path}`, `${root}${isAnchored ? "" : "**/"}${path}/**`];
  });
}
