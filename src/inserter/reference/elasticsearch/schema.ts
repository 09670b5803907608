/** What an index looks like, and what it is called. */
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { UsageError } from "../../../errors.ts";
import { describeFileError } from "../../client/watched-file.ts";

type Json = { readonly [key: string]: unknown };

/** Settings and mappings of an index, and the hash that its name has. */
export interface Schema {
  readonly settings: Json;
  readonly mappings: Json;
  readonly hash: string;
}

/** Raised where documents are made in another way, though the mapping is the same. */
const documentVersion = 1;

/**
 * Text is found by pairs of Chinese, Japanese and Korean characters, and by single ones: pairs alone are
 * searched for, unless the query has but one character.
 */
const settings = {
  // Of payloads with more levels than this, some engines cannot even keep the JSON.
  "index.mapping.depth.limit": 1_000,
  analysis: {
    filter: { sync_agent_pairs: { type: "cjk_bigram", output_unigrams: true } },
    analyzer: {
      sync_agent: {
        type: "custom",
        tokenizer: "standard",
        filter: ["cjk_width", "lowercase", "sync_agent_pairs"],
      },
      sync_agent_search: {
        type: "custom",
        tokenizer: "standard",
        filter: ["cjk_width", "lowercase", "cjk_bigram"],
      },
    },
  },
};

/** Three bytes a character at worst: a term has at most 32,766. */
const ignore_above = 8191;
const keyword = { type: "keyword", ignore_above };
const analyzed = { type: "text", analyzer: "sync_agent", search_analyzer: "sync_agent_search" };
const text = { ...analyzed, fields: { standard: { type: "text", analyzer: "standard" } } };
const date = { type: "date", ignore_malformed: true };

const ours = {
  dynamic: false,
  properties: {
    id: { type: "keyword" },
    version: { type: "long" },
    digest: { type: "keyword" },
    owner: { type: "keyword", ignore_above },
    deleted: { type: "boolean" },
    stored_at: { type: "date" },
    published: { type: "long" },
    text: analyzed,
  },
};

const properties = {
  id: keyword,
  title: text,
  description: text,
  body: text,
  tags: keyword,
  path: keyword,
  external_url: keyword,
  is_external: { type: "boolean" },
  created_at: date,
  updated_at: date,
};

/**
 * The schema, with one's own fields, analyzers and settings over it.
 *
 * @param file JSON like the body that creates an index: `settings` and `mappings`. Null: none.
 * @throws {UsageError} If the file cannot be used.
 */
export function schemaFrom(file: string | null): Schema {
  const own = file === null ? {} : readOwn(file);
  const ownMappings = isMap(own["mappings"]) ? own["mappings"] : {};
  const merged = merge({ dynamic: false, properties }, ownMappings);
  const mappings = { ...merged, properties: { ...(merged["properties"] as Json), sync_agent: ours } };
  const all = { settings: merge(settings, isMap(own["settings"]) ? own["settings"] : {}), mappings };
  const identity = canonicalize({ ...all, documentVersion }) ?? "";
  return { ...all, hash: createHash("sha256").update(identity).digest("hex").slice(0, 10) };
}

function readOwn(file: string): Json {
  const fail = (reason: string): UsageError => new UsageError((words) => words.unusableMapping(file, reason));
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw fail(describeFileError(error));
  }
  let own: unknown;
  try {
    own = JSON.parse(text);
  } catch (error) {
    throw fail((error as Error).message);
  }
  if (!isMap(own)) throw fail("it is not a JSON object");
  const unknown = Object.keys(own).find((key) => key !== "settings" && key !== "mappings");
  if (unknown !== undefined) throw fail(`"${unknown}" is neither "settings" nor "mappings"`);
  return own;
}

/** The second over the first, key by key. */
function merge(under: Json, over: Json): Json {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    // A field of another type is another field: nothing of the one before it applies.
    const isOther = isMap(before) && isMap(value) && value["type"] !== undefined;
    merged[key] = isMap(before) && isMap(value) && !isOther ? merge(before, value) : value;
  }
  return merged;
}

const isMap = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Name of the n-th index with this schema under an alias. */
export const indexName = (alias: string, { hash }: Schema, n: number): string => `${alias}-${hash}-${n}`;

/** The hash and the number in the name of an index; null where it is none of ours. */
export function parseIndexName(alias: string, name: string): { hash: string; n: number } | null {
  if (!name.startsWith(`${alias}-`)) return null;
  const [, hash = "", n] = /^([0-9a-f]{10})-(\d{1,6})$/.exec(name.slice(alias.length + 1)) ?? [];
  return hash === "" ? null : { hash, n: Number(n) };
}

/** For readers that ask the engine directly: what is there, without what was deleted. */
export const liveAlias = (alias: string): string => `${alias}-live`;

/** Where writes go too, while an index with this schema is being filled. */
export const nextAlias = (alias: string, { hash }: Schema): string => `${alias}-${hash}-next`;

export const liveFilter = { term: { "sync_agent.deleted": false } };
