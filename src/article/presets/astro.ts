import { BY_PATH, COMMON, FOREIGN, MARKDOWN_OR_MDX, near, type Preset } from "./preset.ts";

/** @see https://docs.astro.build/en/guides/content-collections/ */
export const astro: Preset = {
  signs: [
    [{ path: near("astro\\.config\\.(?:[cm]?[jt]s)") }],
    [{ path: near("src/content(?:\\.config|/config)\\.(?:[cm]?[jt]s)") }],
  ],
  include: [`**/src/**/${MARKDOWN_OR_MDX}`],
  // Astro leaves out what begins with an underscore.
  exclude: [...FOREIGN, "**/src/**/_*/**", `**/src/**/_${MARKDOWN_OR_MDX}`, "**/src/components/**"],
  future: "publish",
  keys: COMMON,
  publicKeys: ["draft", "isDraft"],
  hidden: [{ key: "isDraft", is: [true, "true"] }],
  id: BY_PATH,
  tagSeparator: /[,、，]/,
};
