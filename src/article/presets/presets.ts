/** Every preset by its name, in the order in which they are recognised. */
import { astro } from "./astro.ts";
import { docusaurus } from "./docusaurus.ts";
import { eleventy } from "./eleventy.ts";
import { hexo } from "./hexo.ts";
import { hugo } from "./hugo.ts";
import { jekyll } from "./jekyll.ts";
import { nextra } from "./nextra.ts";
import { obsidian } from "./obsidian.ts";
import { plain } from "./plain.ts";
import type { Preset, PresetName } from "./preset.ts";
import { qiita } from "./qiita.ts";
import { zenn } from "./zenn.ts";

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  docusaurus,
  astro,
  nextra,
  eleventy,
  hexo,
  hugo,
  jekyll,
  zenn,
  qiita,
  obsidian,
  plain,
};
