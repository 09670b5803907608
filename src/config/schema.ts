/** Every key of the configuration: what it takes, its default, what it means. */
import type { ArticlesConfig } from "../index.ts";
import { WORDS } from "../messages/words.ts";
import * as kinds from "./kinds.ts";
import { duration, hook, type Kind, number, oneOf, size } from "./kinds.ts";

/** One key. */
export interface Key<Value> {
  readonly kind: Kind<Value>;
  /** The default as one would write it; undefined where there is none, and the value is null then. */
  readonly byDefault: unknown;
  readonly isRequired: boolean;
  /** One sentence for the table of keys. */
  readonly means: string;
}

/** Keys by name, and sections of more keys. */
export interface Section {
  readonly [name: string]: Key<unknown> | Section;
}

type Values<Keys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends Key<infer Value> ? Value : Values<Keys[Name]>;
};

/** The configuration after validation and defaults, before paths and flags are worked in. */
export type Config = Values<typeof SCHEMA>;

/** The whole configuration file. */
export const SCHEMA = {
  repo: key(kinds.path, "/tmp/git/repo", "The repository: git-sync's link, or any clone."),
  ref: key(kinds.ref, "HEAD", "What to follow."),
  owner: optionalKey(
    kinds.owner,
    "Whose articles these are at the inserter; derived from the origin's URL where it is left out.",
  ),
  articles: {
    include: key(
      kinds.include,
      ["**/*.md"],
      "Globs (picomatch) of the paths that may be articles; case-sensitive.",
    ),
    exclude: key(kinds.exclude, ["**/README.md"], "Globs of the paths that are none."),
    preset: optionalKey(
      kinds.preset,
      "The habits of a tool: folders, keys, what is private, ids. Other keys of `articles` beat it.",
    ),
    format: key(
      oneOf("markdown", "data"),
      "markdown",
      "What files are: Markdown with front matter, or records as a whole, in YAML, JSON or TOML.",
    ),
    frontMatter: optionalKey(
      oneOf("required", "optional"),
      "Whether Markdown without front matter is an article too; by default as the preset says, else not.",
    ),
    maxSize: key(size(1, 256 * 2 ** 20), "1MiB", "Larger files are rejected."),
    markdown: key(
      oneOf("commonmark", "gfm"),
      "commonmark",
      "The flavour of Markdown: CommonMark, or GitHub's, with tables, footnotes, alerts and ids of headings.",
    ),
    math: key(oneOf(true, false), false, "Whether `$…$`, `$$…$$` and fences named `math` are math."),
    containers: key(
      oneOf(true, false),
      false,
      "Whether `:::message`, `:::details`, `:::note` and the like are boxes.",
    ),
    html: key(
      oneOf<"safe" | "raw" | false>("safe", "raw", false),
      "safe",
      "Rendering of the body: without raw HTML and script links, as written, or none at all.",
    ),
    links: {
      article: optionalKey(
        kinds.linkPlace,
        "Where relative links to Markdown files lead: `{path}`, `{dir}`, `{name}` are those of the file.",
      ),
      asset: optionalKey(kinds.linkPlace, "Where relative images lead, and links to other files."),
    },
    future: key(
      oneOf("publish", "schedule"),
      "publish",
      "What becomes of an article dated in the future: published at once, or when its time comes.",
    ),
    keys: {
      id: optionalKey(kinds.keySources, "Where the id comes from, in order; by default `id` alone."),
      title: optionalKey(kinds.keySources, "Where the title does."),
      date: optionalKey(kinds.keySources, "Where the date does."),
      updated: optionalKey(kinds.keySources, "Where the time of the last update does."),
      description: optionalKey(kinds.keySources, "Where the description does."),
      cover: optionalKey(kinds.keySources, "Where the cover does."),
      tags: optionalKey(kinds.keySources, "Where the tags do."),
      isExternal: optionalKey(kinds.keySources, "Where `isExternal` does."),
      externalURL: optionalKey(kinds.keySources, "Where `externalURL` does."),
      draft: optionalKey(
        kinds.keyNames,
        "Keys that say that an article is not public, instead of the built-in list. `draft` itself always counts.",
      ),
    },
    timezone: key(kinds.timezone, "UTC", "For dates without a zone."),
    attributes: optionalKey(
      hook<NonNullable<ArticlesConfig["attributes"]>>("attributes"),
      "Changes the front matter before it is validated: ids from paths, keys of other tools.",
    ),
    schema: optionalKey(kinds.standardSchema, "Validates the front matter after the built-in validation."),
    map: optionalKey(
      hook<NonNullable<ArticlesConfig["map"]>>("map"),
      "Makes the payload that is sent; null: not published.",
    ),
  },
  inserter: {
    url: requiredKey(
      kinds.inserterUrl,
      'Where payloads are posted; "embedded": the reference inserter inside the agent.',
    ),
    token: optionalKey(
      kinds.secret,
      "Sent as `Authorization: Bearer`; a file is read again when it changes and on 401.",
    ),
    headers: key(kinds.headers, {}, "Sent with every request."),
    tls: {
      ca: optionalKey(kinds.path, "PEM file of the authorities to trust."),
      cert: optionalKey(kinds.path, "PEM file of the client certificate."),
      key: optionalKey(kinds.path, "PEM file of its private key."),
    },
    timeout: key(duration(1), "10s", "Longest wait for an answer."),
    concurrency: key(number(1, 256, true), 8, "Requests in flight."),
    rate: key(number(0, 1_000_000, false), 0, "Requests per second; 0: no limit."),
    batch: key(
      kinds.batch,
      "auto",
      "Operations in one request: what the inserter offers, one, or at most so many.",
    ),
    retry: {
      min: key(duration(1), "200ms", "First delay of the exponential backoff."),
      max: key(duration(1), "1m", "Longest delay of it."),
    },
    allowedHosts: key(
      kinds.hostNames,
      [],
      "Names besides those of loopback by which browsers may ask the embedded inserter, behind a proxy for example.",
    ),
    store: {
      elasticsearch: {
        url: optionalKey(
          kinds.storeUrls,
          'Elasticsearch 7.12 or newer, or OpenSearch 2 or newer, where the `"embedded"` inserter keeps its articles: nodes of one cluster, the next one when one fails.',
        ),
        index: key(kinds.indexName, "articles", "Name of the alias in front of its indices."),
        auth: optionalKey(
          kinds.secret,
          "Holds `user:password`, or a whole value of the header like `ApiKey ...`; a file is read again when it changes.",
        ),
        mapping: optionalKey(kinds.path, "JSON file with settings and mappings of one's own."),
        timeout: key(duration(1), "10s", "Longest wait for an answer of one node."),
        tls: {
          ca: optionalKey(kinds.path, "PEM file of the authorities to trust."),
          cert: optionalKey(kinds.path, "PEM file of the client certificate."),
          key: optionalKey(kinds.path, "PEM file of its private key."),
        },
      },
    },
  },
  poll: key(duration(10), "5s", "How often the repository is looked at."),
  drift: key(duration(10), "1m", "How often the inventory is compared, where the inserter has one."),
  resync: key(duration(10), "1h", "How often everything is compared, with jitter."),
  startup: key(
    oneOf("verify", "full", "resume"),
    "verify",
    "At start: compare with the inventory, send everything, or trust the state.",
  ),
  prune: {
    scope: key(
      oneOf("owned", "all", "none"),
      "owned",
      "Which articles without a file may be deleted: those of this owner, any that the inserter lists, or none.",
    ),
    maxFraction: key(
      number(0, 1, false),
      0.5,
      "A change that would delete more than this part of what was owned before it, and more than one article, deletes nothing.",
    ),
  },
  state: optionalKey(kinds.path, 'The state file, or ":memory:".'),
  status: key(kinds.status, false, "Where to serve health, metrics and a status page."),
  log: {
    level: key(oneOf("debug", "info", "warn", "error"), "info", "What is less important is not logged."),
    format: key(oneOf("auto", "pretty", "json"), "auto", "auto: pretty on a terminal, JSON lines elsewhere."),
  },
} satisfies Section;

/** A key that may be left out. */
function key<Value>(kind: Kind<Value>, byDefault: unknown, means: string): Key<Value> {
  return { kind, byDefault, isRequired: false, means };
}

/** A key that may be left out, and is null then. */
function optionalKey<Value>(kind: Kind<Value>, means: string): Key<Value | null> {
  return key<Value | null>(kind, undefined, means);
}

function requiredKey<Value>(kind: Kind<Value>, means: string): Key<Value> {
  return { kind, byDefault: undefined, isRequired: true, means };
}

export const isKey = (entry: Key<unknown> | Section): entry is Key<unknown> => "isRequired" in entry;

/** Every key, dotted like `inserter.retry.min`, in the order of the schema. */
export function allKeys(
  section: Section = SCHEMA,
  prefix = "",
): (readonly [name: string, key: Key<unknown>])[] {
  return Object.entries(section).flatMap(([name, entry]) =>
    isKey(entry) ? [[`${prefix}${name}`, entry] as const] : allKeys(entry, `${prefix}${name}.`),
  );
}

/** The table of keys in Markdown, as `src/config/README.md` has it. */
export function referenceTable(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const code = (text: string): string => (text === "" ? "" : `\`${text}\``);
  const rows = allKeys().map(([name, { kind, byDefault, isRequired, means }]) => {
    const defaults = isRequired ? "required" : cell(code(JSON.stringify(byDefault) ?? ""));
    return `| ${code(name)} | ${defaults} | ${cell(means)} | ${cell(kind.allowed(WORDS.en.usage))} |`;
  });
  return ["| key | default | meaning | allowed |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}
