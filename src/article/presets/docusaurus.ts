import {
  BY_PATH,
  COMMON,
  FOREIGN,
  globOf,
  MARKDOWN_OR_MDX,
  near,
  type Preset,
  type Site,
  type SiteFile,
} from "./preset.ts";

const CONFIG = /(?:^|\/)docusaurus\.config\.(?:[cm]?[jt]s)$/;
const FOLDERS = "{docs,blog,community,versioned_docs,i18n,src/pages}";
/** What Docusaurus takes for parts of other pages. */
const PARTS = ["**/_*/**", `**/_${MARKDOWN_OR_MDX}`, "**/*.{test,spec}.{md,mdx}", "**/__tests__/**"];

/** @see https://docusaurus.io/docs/api/plugins/@docusaurus/plugin-content-docs#markdown-front-matter */
export const docusaurus: Preset = {
  signs: [
    [{ path: near("docusaurus\\.config\\.(?:[cm]?[jt]s)") }],
    [{ path: near("versioned_docs/.+\\.mdx?") }],
  ],
  include: [`${FOLDERS}/**/${MARKDOWN_OR_MDX}`, `*/${FOLDERS}/**/${MARKDOWN_OR_MDX}`],
  exclude: [...FOREIGN, ...PARTS.map((glob) => glob.replace("**/", `{,*/}${FOLDERS}/**/`))],
  future: "publish",
  keys: { ...COMMON, id: ["path"] },
  publicKeys: ["draft", "unlisted"],
  hidden: [{ key: "unlisted", is: [true, "true"] }],
  containers: true,
  id: BY_PATH,
  tagSeparator: /[,、，]/,
  isBare: true,
  site: { files: CONFIG, read: readSite },
};

/** The configuration is code, which is not run: folders and languages are read from how they are usually written. */
function readSite(files: readonly SiteFile[]): Site {
  const sites = files.map(({ root, name, text }) => {
    const folder = globOf((root + name).replace(/[^/]+$/, ""));
    const named = [...text.matchAll(/\bpath:\s*["'`](?:\.\/)?([\w./-]{1,100})["'`]/g)].map(
      ([, path = ""]) => path,
    );
    const folders = [FOLDERS, ...named.map((path) => `${folder}${globOf(path)}`)];
    return folders.map((one) => (one === FOLDERS ? `${folder}${one}` : one));
  });
  const folders = sites.flat().map((one) => one.replace(/(?:[^/]+\/)?\.\.\//g, ""));
  const [first] = files;
  const locales = /\blocales:\s*\[([^\]]*)\]/.exec(first?.text ?? "")?.[1] ?? "";
  const all = [...locales.matchAll(/["'`]([\w-]+)["'`]/g)].map(([, code = ""]) => code);
  const byDefault = /\bdefaultLocale:\s*["'`]([\w-]+)["'`]/.exec(first?.text ?? "")?.[1] ?? all[0] ?? "en";
  const root = first === undefined ? "" : (first.root + first.name).replace(/[^/]+$/, "");
  const inFolders = all
    .filter((code) => code !== byDefault)
    .map((code) => [`${root}i18n/${code}/`, code] as const);
  return {
    include: folders.map((one) => `${one}/**/${MARKDOWN_OR_MDX}`),
    exclude: folders.flatMap((one) => PARTS.map((glob) => `${one}/${glob}`)),
    defaults: [],
    ...(all.length > 1 ? { languages: { byDefault, all, folders: inFolders } } : {}),
  };
}
