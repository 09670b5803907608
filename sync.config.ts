/**
 * An example, and what the demonstration's blog would use: articles named by their path.
 * `sync-agent init` writes one for your repository, with every key explained.
 */
import type { SyncConfig } from "sync-agent";

export default {
  repo: process.env["SYNC_REPO"] ?? ".",
  articles: {
    include: ["posts/**/*.md"],
    exclude: ["**/README.md"],
    // Front matter without an id: the path, less folder and extension, is one.
    attributes: ({ path, attributes }) => ({
      id: path.replace(/^posts\//, "").replace(/\.md$/, ""),
      ...attributes,
    }),
    // What the inserter gets; null for "not published".
    map: ({ payload, attributes, headings }) =>
      attributes["private"] === true ? null : { ...payload, contents: headings.map(({ text }) => text) },
  },
  inserter: {
    url: process.env["INSERTER_URL"] ?? "http://localhost:8081/post",
    concurrency: 8,
  },
  poll: "5s",
  drift: "1m",
  resync: "1h",
} satisfies SyncConfig;
