import { BY_PATH, COMMON, FOREIGN, MARKDOWN_OR_MDX, near, type Preset } from "./preset.ts";

/** @see https://nextra.site/docs */
export const nextra: Preset = {
  signs: [
    [
      { path: near("package\\.json"), text: /"nextra"\s*:/ },
      { path: near("next\\.config\\.[cm]?[jt]s"), text: /["']nextra["']/ },
    ],
    [{ path: near("(?:src/)?(?:pages|content)/(?:.+/)?_meta\\.(?:json|[jt]sx?)") }],
  ],
  include: [`**/{pages,content}/**/${MARKDOWN_OR_MDX}`, "**/app/**/page.{md,mdx}"],
  exclude: [...FOREIGN, `**/_${MARKDOWN_OR_MDX}`, "**/{pages,content,app}/**/_*/**"],
  future: "publish",
  keys: COMMON,
  publicKeys: ["draft"],
  hidden: [],
  id: BY_PATH,
  tagSeparator: /[,、，]/,
  isBare: true,
};
