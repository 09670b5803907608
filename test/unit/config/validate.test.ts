import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { z } from "zod";
import { validate } from "../../../src/config/validate.ts";
import type { Lang } from "../../../src/messages/language.ts";
import { WORDS } from "../../../src/messages/words.ts";

const url = "http://localhost:8081/post";

function faultsOf(config: unknown, lang: Lang = "en"): string[] {
  const validated = validate(config);
  return "faults" in validated ? validated.faults.map((fault) => fault(WORDS[lang].usage)) : [];
}

/** A configuration with just one key besides the required one. */
function withKey(key: string, value: unknown): unknown {
  const root: Record<string, unknown> = { inserter: { url } };
  const steps = key.split(".");
  const last = steps.pop() ?? key;
  let section = root;
  for (const step of steps) {
    section[step] ??= {};
    section = section[step] as Record<string, unknown>;
  }
  section[last] = value;
  return root;
}

const duration = 'allowed: a duration like "250ms", "5s", "1h" or a number of milliseconds';

const bad: [key: string, value: unknown, fault: string][] = [
  ["repo", "", 'repo: found "", allowed: a path'],
  ["repo", 3, "repo: found 3, allowed: a path"],
  ["repo", null, "repo: found null, allowed: a path"],
  ["ref", "--upload-pack=x", 'ref: found "--upload-pack=x", allowed: a branch, tag or commit'],
  ["ref", "HEAD:posts", 'ref: found "HEAD:posts", allowed: a branch, tag or commit'],
  ["ref", "a b", 'ref: found "a b", allowed'],
  ["owner", "../x", 'owner: found "../x", allowed: a name of at most 64 letters'],
  ["owner", "a\r\nX: y", 'owner: found "a\\r\\nX: y", allowed: a name'],
  ["articles", null, "articles: found null, allowed: a map of keys like { include }"],
  ["articles", [], "articles: found [], allowed: a map of keys like { include }"],
  [
    "articles.include",
    "**/*.md",
    'articles.include: found "**/*.md", allowed: a list of globs like ["**/*.md"], at least one',
  ],
  ["articles.include", [], "articles.include: found [], allowed: a list of globs"],
  ["articles.include", ["a", 3], "; item 2 is not"],
  ["articles.include", ["!drafts/**"], 'allowed: globs without "!"; write "drafts/**" into articles.exclude'],
  ["articles.include", ["/posts/**"], 'without a leading "/"'],
  ["articles.exclude", ["./a"], 'without a leading "/", "./" or "../" as in "./a"'],
  [
    "articles.maxSize",
    "1mb",
    'articles.maxSize: found "1mb", allowed: a size like "512KiB", "1MiB" or a number of bytes',
  ],
  ["articles.maxSize", 0, "articles.maxSize: found 0, allowed: a size"],
  ["articles.html", true, 'articles.html: found true, allowed: "safe", "raw", false'],
  ["articles.html", "save", 'allowed: "safe", "raw", false (did you mean "safe"?)'],
  ["articles.future", "later", 'articles.future: found "later", allowed: "publish", "schedule"'],
  [
    "articles.timezone",
    "Asia/Tokio",
    'articles.timezone: found "Asia/Tokio", allowed: an IANA time zone like "UTC" or "Asia/Tokyo"',
  ],
  [
    "articles.attributes",
    "x",
    'articles.attributes: found "x", allowed: a function ({ path, attributes, body }) => attributes',
  ],
  ["articles.schema", {}, "articles.schema: found {}, allowed: a Standard Schema"],
  ["articles.map", {}, "articles.map: found {}, allowed: a function (article) => payload or null"],
  [
    "inserter.url",
    "localhost:8081/post",
    'inserter.url: found "localhost:8081/post", allowed: a URL like "http://localhost:8081/post", or "embedded"',
  ],
  [
    "inserter.url",
    "http://h/?a=b",
    'allowed: a URL without "?" and "#", because ids are appended to it: URL/ID',
  ],
  [
    "inserter.url",
    undefined,
    'inserter.url: missing, allowed: a URL like "http://localhost:8081/post", or "embedded"',
  ],
  [
    "inserter.token",
    "hunter2",
    'inserter.token: found a text (not shown), allowed: { env: "NAME" } or { file: "/path" }, never the secret itself',
  ],
  ["inserter.token", { env: "A B" }, "inserter.token: found a map of env (values not shown)"],
  ["inserter.token", { env: "A", file: "b" }, "inserter.token: found a map of env, file (values not shown)"],
  ["inserter.headers", ["a"], "inserter.headers: found a list (not shown)"],
  ["inserter.headers", { "X A": "hunter2" }, 'header names of letters, digits and "-", unlike "X A"'],
  [
    "inserter.headers",
    { "X-A": "hunter2\r\nX-B: c" },
    'one line of text, { env: "NAME" } or { file: "/path" } for "X-A"',
  ],
  [
    "inserter.headers",
    { "content-type": "text/plain" },
    'headers that the agent does not set itself, unlike "content-type"',
  ],
  [
    "inserter.headers",
    { "Sync-Version": "1" },
    'headers that the agent does not set itself, unlike "Sync-Version"',
  ],
  ["inserter.tls.ca", 3, "inserter.tls.ca: found 3, allowed: a path"],
  ["inserter.timeout", "0s", `inserter.timeout: found "0s", ${duration}, 1ms to 24d`],
  ["inserter.timeout", "30d", `inserter.timeout: found "30d", ${duration}`],
  ["inserter.concurrency", 0, "inserter.concurrency: found 0, allowed: a whole number from 1 to 256"],
  ["inserter.concurrency", 1.5, "inserter.concurrency: found 1.5, allowed: a whole number"],
  ["inserter.concurrency", "8", 'inserter.concurrency: found "8", allowed: a whole number'],
  ["inserter.rate", -1, "inserter.rate: found -1, allowed: a number from 0"],
  ["inserter.rate", Number.NaN, "inserter.rate: found null, allowed: a number from 0"],
  [
    "inserter.batch",
    true,
    'inserter.batch: found true, allowed: "auto", false, or a whole number from 1 to 10000',
  ],
  ["inserter.batch", 0, "inserter.batch: found 0, allowed"],
  ["inserter.retry.min", "soon", `inserter.retry.min: found "soon", ${duration}`],
  ["poll", "5 sec", `poll: found "5 sec", ${duration}, 10ms to 24d`],
  ["poll", 0, `poll: found 0, ${duration}, 10ms to 24d`],
  ["drift", false, `drift: found false, ${duration}`],
  ["resync", "1 hour", `resync: found "1 hour", ${duration}`],
  ["startup", "verfy", 'allowed: "verify", "full", "resume" (did you mean "verify"?)'],
  ["prune.scope", "mine", 'prune.scope: found "mine", allowed: "owned", "all", "none"'],
  ["prune.maxFraction", 50, "prune.maxFraction: found 50, allowed: a number from 0 to 1"],
  ["state", "", 'state: found "", allowed: a path'],
  [
    "status",
    true,
    'status: found true, allowed: false, or { listen: "HOST:PORT" } like { listen: "0.0.0.0:9300" }',
  ],
  ["status", { listen: 9300 }, 'status: found {"listen":9300}, allowed'],
  ["status", { listen: ":1", path: "/" }, "allowed: false, or { listen"],
  [
    "status",
    { listen: ":1", allowedHosts: ["blog.example:9300"] },
    "allowedHosts: a list of host names without port",
  ],
  ["inserter.allowedHosts", "blog.example", 'found "blog.example", allowed: a list of host names'],
  ["log.level", "inof", '(did you mean "info"?)'],
  ["log.format", "color", 'log.format: found "color", allowed: "auto", "pretty", "json"'],
  ["pol", "5s", "pol: unknown key, did you mean poll?"],
  ["url", url, "url: unknown key, did you mean inserter.url or inserter.store.elasticsearch.url?"],
  ["retry", {}, "retry: unknown key, did you mean inserter.retry?"],
  ["inserter.bach", 3, "inserter.bach: unknown key, did you mean inserter.batch?"],
  [
    "inserter.apiKey",
    "hunter2",
    "inserter.apiKey: unknown key, allowed: url, token, headers, tls, timeout, concurrency, rate, batch, retry",
  ],
  ["articles.includes", [], "articles.includes: unknown key, did you mean articles.include?"],
  ["something", 1, "something: unknown key, allowed: repo, ref, owner, articles, inserter"],
];

const schema = suite("configuration schema");

for (const [key, value, fault] of bad) {
  schema(`${key} = ${JSON.stringify(value) ?? String(value)}`, () => {
    const found = faultsOf(withKey(key, value));
    assert.is(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.includes(fault), `wanted: ${fault}\n   got: ${found[0]}`);
    assert.not.match(found[0] ?? "", /hunter2/);
    const [japanese = ""] = faultsOf(withKey(key, value), "ja");
    assert.match(japanese, /[ぁ-ん]/);
    assert.not.match(japanese, /hunter2|\b(?:allowed|found|unknown)\b/);
  });
}

schema("says everything that is wrong at once", () => {
  const found = faultsOf({ pol: 1, poll: "x", inserter: { timeout: "y" }, log: { level: 1 } });
  const keys = found.map((fault) => fault.slice(0, fault.indexOf(":"))).sort();
  assert.equal(keys, ["inserter.timeout", "inserter.url", "log.level", "pol", "poll"]);
});

schema("takes nothing but an object", () => {
  assert.equal(faultsOf([]), ["found [], allowed: an object of settings"]);
  assert.equal(
    faultsOf(() => ({})),
    ["found a function, allowed: an object of settings"],
  );
  assert.equal(faultsOf(undefined), ["found undefined, allowed: an object of settings"]);
});

schema("takes every documented way to say a thing", () => {
  const configs: unknown[] = [
    { inserter: { url: "embedded" } },
    { inserter: { url, token: { env: "TOKEN" }, headers: { "X-A": "b", "X-B": { file: "c" } }, batch: 100 } },
    {
      inserter: { url, token: { file: "/run/token" }, batch: false, rate: 0.5, retry: { min: 5, max: "1h" } },
    },
    {
      inserter: { url },
      articles: { html: false, exclude: [], schema: z.object({ a: z.string() }), maxSize: 99 },
    },
    { inserter: { url }, articles: { schema: v.object({}), attributes: () => ({}), map: async () => null } },
    { inserter: { url }, status: { listen: "[::]:9300" }, prune: { maxFraction: 1 }, state: ":memory:" },
    { inserter: { url: "embedded", allowedHosts: ["ブログ.example", "[fd00::7]", "10.0.0.7", "BLOG"] } },
    { inserter: { url }, status: { listen: ":9300", allowedHosts: [] } },
    { inserter: { url }, ref: "refs/tags/v1.0", owner: "docs_2.x-y", poll: 250 },
  ];
  for (const config of configs) assert.equal(faultsOf(config), []);
});

schema.run();
