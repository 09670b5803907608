import type { Observation } from "./conventions.ts";

interface Fitting {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly timezone: string;
  /** Lines before the configuration. */
  readonly before: readonly string[];
  /** Lines of `articles`, from its comment on, unindented. */
  readonly hook: readonly string[];
}

const undated = [
  "/** For pages without a date. It must not change, or they would all be sent again. */",
  'const undated = "1970-01-01T00:00:00Z";',
];

const plain: Fitting = {
  include: ["**/*.md"],
  exclude: ["**/README.md"],
  timezone: "UTC",
  before: [],
  hook: [
    "// Changes front matter before it is validated: ids from paths, keys of other tools.",
    '// attributes: ({ path, attributes }) => ({ id: path.replace(/\\.md$/, ""), ...attributes }),',
  ],
};

const fittings: Readonly<Record<Observation["conventions"], Fitting>> = {
  ids: plain,
  none: plain,
  paths: {
    ...plain,
    hook: [
      "// These files have no id: the path is one that stays for as long as the file does.",
      'attributes: ({ path, attributes }) => ({ id: path.replace(/\\.md$/, ""), ...attributes }),',
    ],
  },
  hugo: {
    ...plain,
    exclude: ["**/README.md", "**/_index*.md", "**/_*/**"],
    before: undated,
    hook: [
      "// Hugo: the path is the id, a date may be missing, categories and keywords become tags.",
      "attributes: ({ path, attributes }) => ({",
      '  id: path.replace(/^content\\//, "").replace(/(\\/index)?\\.md$/, ""),',
      "  date: attributes.publishDate ?? attributes.lastmod ?? undated,",
      "  tags: [attributes.categories ?? [], attributes.keywords ?? []].flat(),",
      "  ...attributes,",
      "}),",
    ],
  },
  jekyll: {
    ...plain,
    include: ["**/*.md", "**/*.markdown"],
    before: [
      ...undated,
      "",
      "/** Jekyll takes `a b` for two names. */",
      "const names = (value: unknown): unknown[] =>",
      '  typeof value === "string" ? value.split(/\\s+/) : Array.isArray(value) ? value : [];',
    ],
    hook: [
      "// Jekyll: the path is the id, the file name has the date, `published: false` is a draft.",
      "attributes: ({ path, attributes }) => ({",
      '  id: path.replace(/\\.\\w+$/, ""),',
      "  date: /(\\d{4}-\\d\\d-\\d\\d)-[^/]+$/.exec(path)?.[1] ?? undated,",
      "  draft: attributes.published === false,",
      "  ...attributes,",
      "  tags: [attributes.category, attributes.categories, attributes.tags].flatMap(names),",
      "}),",
    ],
  },
  zenn: {
    ...plain,
    include: ["**/articles/*.md"],
    timezone: "Asia/Tokyo",
    before: undated,
    hook: [
      "// Zenn: the file name is the id, `published: false` is a draft, topics become tags.",
      "attributes: ({ path, attributes }) => ({",
      '  id: path.replace(/^.*\\//, "").replace(/\\.md$/, ""),',
      "  date: attributes.published_at ?? undated,",
      "  draft: attributes.published !== true,",
      "  tags: attributes.topics,",
      "  ...attributes,",
      "}),",
    ],
  },
  qiita: {
    ...plain,
    include: ["**/public/*.md"],
    timezone: "Asia/Tokyo",
    before: undated,
    hook: [
      "// Qiita: what has no id or date yet, is private, or is left out of publishing, is a draft.",
      "attributes: ({ path, attributes }) => ({",
      "  ...attributes,",
      '  id: attributes.id || path.replace(/^.*\\//, "").replace(/\\.md$/, ""),',
      "  date: attributes.updated_at || undated,",
      "  draft: !attributes.id || attributes.private === true || attributes.ignorePublish === true,",
      "}),",
    ],
  },
};

/**
 * Text of a commented `sync.config.ts` that fits the conventions of a repository. Every key is in it; defaults are commented out.
 *
 * @param repo The repository, relative to where the file will be.
 */
export function configText(conventions: Observation["conventions"], repo: string): string {
  const { include, exclude, timezone, before, hook } = fittings[conventions];
  return `import type { SyncConfig } from "sync-agent"; // a type: sync-agent.d.ts has it, nothing to install

${before.length === 0 ? "" : `${before.join("\n")}\n\n`}export default {
  // The Git repository, relative to this file; beside git-sync the path of its link.
  repo: ${JSON.stringify(repo)},
  // ref: "HEAD",                         // branch, tag or commit to follow
  // owner: "sync-agent",                 // whose articles these are at the inserter

  articles: {
    include: ${list(include)},
    exclude: ${list(exclude)},
${hook.map((line) => `    ${line}`).join("\n")}
    // map: ({ payload, headings }) => ({ ...payload, headings }),   // what is sent; null: not published
    // schema,                            // any Standard Schema (zod, valibot ...) for the front matter
    // maxSize: "1MiB",
    // markdown: "commonmark",            // "gfm": as GitHub shows it, with tables and footnotes
    // html: "safe",                      // "raw": HTML as written, false: no html at all
    // links: { article: "/posts/{name}", asset: "https://cdn.example/{path}" },   // relative links and images
    // future: "publish",                 // "schedule": future dates appear when their time comes
    // keys: { date: ["date", "created", "path"] },   // names of id, title, date, updated, description, cover,
    //                                    // tags, isExternal, externalURL; draft: what keeps a file private
    ${timezone === "UTC" ? '// timezone: "UTC",                   ' : `timezone: ${JSON.stringify(timezone)},`.padEnd(37)} // of dates without one
  },

  inserter: {
    // Where articles are posted. To try things out, "sync-agent inserter" serves this address, or
    // "embedded" keeps them inside the agent.
    url: "http://localhost:8081/post",
    // token: { env: "SYNC_TOKEN" },      // or { file: "/path" }; sent as Authorization: Bearer
    // headers: { "X-Name": "value" },    // or a secret, as above
    // tls: { ca: "ca.pem", cert: "client.pem", key: "client.key" },
    // timeout: "10s",
    // concurrency: 8,                    // requests in flight
    // rate: 0,                           // requests per second; 0: no limit
    // batch: "auto",                     // operations a request, where the inserter takes several
    // retry: { min: "200ms", max: "1m" },
    // allowedHosts: [],                  // names besides localhost under which "embedded" may be asked
    // store: {                           // where "embedded" keeps its articles, instead of a file
    //   elasticsearch: {                 // or OpenSearch
    //     url: ["http://elasticsearch:9200"],
    //     index: "articles",
    //     auth: { file: "/path" },       // user:password, or a header like ApiKey ...
    //     mapping: "mapping.json",       // settings and mappings of one's own
    //     timeout: "10s",
    //     tls: { ca: "ca.pem", cert: "client.pem", key: "client.key" },
    //   },
    // },
  },

  // poll: "5s",                          // how often the repository is looked at
  // drift: "1m",                         // how often the inserter's inventory is
  // resync: "1h",                        // how often everything is compared
  // startup: "verify",                   // "full": send everything, "resume": trust the state
  // prune: { scope: "owned", maxFraction: 0.5 },   // what may be deleted, and how much of it at once
  // state: "state.sqlite",               // else in $STATE_DIRECTORY or ~/.local/state/sync-agent
  // status: { listen: "127.0.0.1:9300" },   // health, metrics and a page to look at
  // log: { level: "info", format: "auto" },
} satisfies SyncConfig;
`;
}

const list = (globs: readonly string[]): string =>
  `[${globs.map((glob) => JSON.stringify(glob)).join(", ")}]`;
