import { BY_NAME, COMMON, FOREIGN, near, type Preset } from "./preset.ts";

/** @see https://github.com/increments/qiita-cli */
export const qiita: Preset = {
  signs: [
    [
      { path: near("package\\.json"), text: /"@qiita\/qiita-cli"\s*:/ },
      { path: near("qiita\\.config\\.json") },
    ],
    [{ path: near("public/[^/]+\\.md"), keys: ["ignorePublish"] }],
  ],
  include: ["**/public/*.md"],
  exclude: [...FOREIGN],
  timezone: "Asia/Tokyo",
  future: "publish",
  keys: { ...COMMON, date: ["updated_at", "date", "path"], updated: ["updated_at"] },
  publicKeys: ["private", "ignorePublish"],
  hidden: [
    // What has no id yet was never published there.
    { key: "id", is: ["absent"] },
    { key: "private", is: [true, "true"] },
    { key: "ignorePublish", is: [true, "true"] },
  ],
  math: true,
  containers: true,
  id: BY_NAME,
  tagSeparator: /[,、，]/,
};
