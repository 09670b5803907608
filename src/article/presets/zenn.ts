import { BY_NAME, COMMON, FOREIGN, near, type Preset } from "./preset.ts";

/** @see https://zenn.dev/zenn/articles/zenn-cli-guide */
export const zenn: Preset = {
  signs: [
    [{ path: near("package\\.json"), text: /"zenn-cli"\s*:/ }],
    [{ path: near("articles/[^/]+\\.md"), keys: ["emoji", "topics", "published"] }],
  ],
  include: ["**/articles/*.md"],
  exclude: [...FOREIGN],
  timezone: "Asia/Tokyo",
  future: "publish",
  keys: { ...COMMON, date: ["published_at", "date", "path"], tags: ["topics", "tags"] },
  publicKeys: ["published"],
  hidden: [{ key: "published", unless: [true] }],
  math: true,
  containers: true,
  id: BY_NAME,
  tagSeparator: /[,、，]/,
};
