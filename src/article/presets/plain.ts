import { BY_PATH, COMMON, FOREIGN, MARKDOWN_OR_MDX, type Preset } from "./preset.ts";

const HOUSEKEEPING = [
  "README",
  "CHANGELOG",
  "CHANGES",
  "CONTRIBUTING",
  "CODE_OF_CONDUCT",
  "LICENSE",
  "LICENCE",
];

/** Markdown that no tool is known for. */
export const plain: Preset = {
  signs: [],
  include: [`**/${MARKDOWN_OR_MDX}`],
  exclude: [
    ...FOREIGN,
    `**/{${[...HOUSEKEEPING, "SECURITY", "SUPPORT", "AUTHORS"].join(",")}}.*`,
    "**/{_drafts,drafts,archetypes,scaffolds,_templates,templates,_includes,_layouts}/**",
  ],
  future: "publish",
  keys: COMMON,
  publicKeys: [],
  hidden: [],
  id: BY_PATH,
  tagSeparator: /[,、，]/,
};
