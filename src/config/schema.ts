/** Every key of the configuration: what it takes, what stands for it when it is left out, what it means. */
import * as v from "valibot";
import type { ArticlesConfig } from "../index.ts";
import * as kinds from "./kinds.ts";
import { defaultKey, duration, hook, number, oneOf, optionalKey, requiredKey, size } from "./values.ts";

const articles = {
  include: defaultKey(
    kinds.include,
    ["**/*.md"],
    "Globs (picomatch) of the paths that may be articles; case-sensitive.",
  ),
  exclude: defaultKey(kinds.exclude, ["**/README.md"], "Globs of the paths that are none."),
  maxSize: defaultKey(size(1, 256 * 2 ** 20), "1MiB", "Larger files are rejected."),
  html: defaultKey(
    oneOf<"safe" | "raw" | false>("safe", "raw", false),
    "safe",
    "Rendering of the body: without raw HTML and script links, as written, or none at all.",
  ),
  future: defaultKey(
    oneOf("publish", "schedule"),
    "publish",
    "What becomes of an article dated in the future: published at once, or when its time comes.",
  ),
  timezone: defaultKey(kinds.timezone, "UTC", "For dates without a zone."),
  attributes: optionalKey(
    hook<NonNullable<ArticlesConfig["attributes"]>>("a function ({ path, attributes, body }) => attributes"),
    "Changes the front matter before it is validated: ids from paths, keys of other tools.",
  ),
  schema: optionalKey(kinds.standardSchema, "Validates the front matter after the built-in validation."),
  map: optionalKey(
    hook<NonNullable<ArticlesConfig["map"]>>("a function (article) => payload or null"),
    "Makes the payload that is sent; null: not published.",
  ),
};

const tls = {
  ca: optionalKey(kinds.path, "PEM file of the authorities to trust."),
  cert: optionalKey(kinds.path, "PEM file of the client certificate."),
  key: optionalKey(kinds.path, "PEM file of its private key."),
};

const retry = {
  min: defaultKey(duration(1), "200ms", "First delay of the exponential backoff."),
  max: defaultKey(duration(1), "1m", "Longest delay of it."),
};

const inserter = {
  url: requiredKey(
    kinds.inserterUrl,
    'Where payloads are posted; "embedded": the reference inserter inside the agent.',
  ),
  token: optionalKey(
    kinds.secret,
    "Sent as `Authorization: Bearer`; a file is read again when it changes and on 401.",
  ),
  headers: defaultKey(kinds.headers, {}, "Sent with every request."),
  tls: section(tls),
  timeout: defaultKey(duration(1), "10s", "Longest wait for an answer."),
  concurrency: defaultKey(number(1, 256, true), 8, "Requests in flight."),
  rate: defaultKey(number(0, 1_000_000, false), 0, "Requests per second; 0: no limit."),
  batch: defaultKey(
    kinds.batch,
    "auto",
    "Operations in one request: what the inserter offers, one, or at most so many.",
  ),
  retry: section(retry),
};

const prune = {
  scope: defaultKey(
    oneOf("owned", "all", "none"),
    "owned",
    "Which articles without a file may be deleted: those of this owner, any that the inserter lists, or none.",
  ),
  maxFraction: defaultKey(
    number(0, 1, false),
    0.5,
    "A pass that would delete more than this part of what is owned, and more than 10, deletes nothing.",
  ),
};

const log = {
  level: defaultKey(oneOf("debug", "info", "warn", "error"), "info", "What is less important is not logged."),
  format: defaultKey(
    oneOf("auto", "pretty", "json"),
    "auto",
    "auto: pretty on a terminal, JSON lines elsewhere.",
  ),
};

/** The whole configuration file. */
export const configSchema = map(
  {
    repo: defaultKey(kinds.path, "/tmp/git/repo", "The repository: git-sync's link, or any clone."),
    ref: defaultKey(kinds.ref, "HEAD", "What to follow."),
    owner: defaultKey(kinds.owner, "sync-agent", "Whose articles these are at the inserter."),
    articles: section(articles),
    inserter: map(inserter, "a map of keys like { url }"),
    poll: defaultKey(duration(10), "5s", "How often the repository is looked at."),
    drift: defaultKey(duration(10), "1m", "How often the inventory is compared, where the inserter has one."),
    resync: defaultKey(duration(10), "1h", "How often everything is compared, with jitter."),
    startup: defaultKey(
      oneOf("verify", "full", "resume"),
      "verify",
      "At start: compare with the inventory, send everything, or trust the state.",
    ),
    prune: section(prune),
    state: optionalKey(kinds.path, 'The state file, or ":memory:".'),
    status: defaultKey(kinds.status, false, "Where to serve health, metrics and a status page."),
    log: section(log),
  },
  "an object of settings",
);

/** The configuration after validation and defaults, before paths and flags are worked in. */
export type Config = v.InferOutput<typeof configSchema>;

/** A section that may be left out. */
function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.optional(map(entries, `a map of keys like { ${Object.keys(entries)[0]} }`), {} as never);
}

/** A map of known keys; a list is none, though it is an object. */
function map<const Entries extends v.ObjectEntries>(entries: Entries, allowed: string) {
  const isMap = (value: unknown): boolean =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return v.pipe(v.custom<object>(isMap, allowed), v.objectWithRest(entries, v.never()));
}
