/** Values that the paths of the OpenAPI document refer to: JSON Schema 2020-12, as OpenAPI 3.1 has it. */

const digest = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  description: "Lowercase hex SHA-256 of the payload as canonical JSON (RFC 8785).",
  examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
};

const version = {
  type: "integer",
  format: "int64",
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    "Rises with each operation of a writer, across restarts too: microseconds of the clock, or more. " +
    "A retry of the same operation keeps its version.",
  examples: [1735689600000000],
};

const owner = { type: "string", description: "Who wrote it: the `owner` of the agent's configuration." };

const id = {
  type: "string",
  minLength: 1,
  description: 'At most 512 bytes of UTF-8 without control characters; neither "." nor "..".',
  examples: ["hello-world"],
};

const nullable = (schema: { readonly type: string }): object => ({ ...schema, type: [schema.type, "null"] });

/** `components.schemas` */
export const schemas = {
  Payload: {
    description:
      "What is stored. Only `id` is required: a hook of the agent may send any other JSON object. " +
      "These are the fields of an article.",
    type: "object",
    required: ["id"],
    properties: {
      id,
      title: { type: "string" },
      description: { type: "string" },
      body: { type: "string", description: "Markdown as its author wrote it." },
      html: { type: "string", description: "The body, rendered." },
      cover: { type: "string", description: "Address of a picture, or empty." },
      tags: { type: "array", items: { type: "string" } },
      created_at: { type: "string", format: "date-time" },
      updated_at: { type: "string", format: "date-time" },
      is_external: { type: "boolean", description: "Whether the article is elsewhere, at `external_url`." },
      external_url: { type: "string" },
      path: { type: "string", description: "Path of the file in its repository." },
    },
    additionalProperties: true,
  },
  Written: {
    type: "object",
    required: ["id", "digest", "version"],
    properties: { id, digest, version },
  },
  Error: {
    type: "object",
    required: ["error", "hint"],
    properties: {
      error: { type: "string", description: "What is wrong." },
      hint: { type: "string", description: "How to mend it." },
    },
  },
  InventoryLine: {
    description:
      "One line of an inventory. The first is a head, the last an end; each between is an article. " +
      "If the end is missing, or counts other than the articles before it, the listing was cut short " +
      "and nothing of it counts.",
    oneOf: [
      {
        title: "Head",
        type: "object",
        required: ["inventory"],
        properties: {
          inventory: { const: 1, description: "Of this kind: 1." },
          batch: {
            type: "integer",
            minimum: 0,
            description: "Most operations a batch. 0 or absent: there are no batches.",
          },
        },
      },
      {
        title: "Article",
        type: "object",
        required: ["id"],
        properties: { id, digest, version, owner: nullable(owner) },
      },
      {
        title: "End",
        type: "object",
        required: ["end", "count"],
        properties: {
          end: { const: true },
          count: { type: "integer", minimum: 0, description: "Articles listed." },
        },
      },
    ],
  },
  BatchLine: {
    description: "One operation of a batch.",
    oneOf: [
      {
        title: "Upsert",
        type: "object",
        required: ["upsert"],
        properties: {
          upsert: { $ref: "#/components/schemas/Payload" },
          digest: { ...digest, description: "Of the canonical JSON of `upsert` alone." },
          version,
          owner,
        },
      },
      {
        title: "Delete",
        type: "object",
        required: ["delete"],
        properties: { delete: id, version, owner },
      },
    ],
  },
  BatchAnswer: {
    description:
      "What became of the operation in the same place of the batch. A line that is missing or cannot be " +
      "read acknowledges nothing: the agent sends that operation again.",
    type: "object",
    required: ["id", "status"],
    properties: {
      id: { ...nullable(id), description: "Null where the line was too broken to tell." },
      status: {
        type: "integer",
        description:
          "The status that a request of its own would have had: 200 or 201 stored, 204 deleted, 404 was " +
          "not there, 412 older than what is kept, 400 or 422 this operation cannot be done.",
        examples: [200, 204, 404, 412, 422],
      },
      error: { type: "string" },
      version: { ...version, description: "With 412: the version that is kept." },
    },
  },
  Item: {
    description: "An article in a list. Of the payload's fields those that a list shows, where it has them.",
    type: "object",
    required: ["id", "digest", "version", "owner", "received_at"],
    properties: {
      id,
      title: { type: "string" },
      description: { type: "string" },
      cover: { type: "string" },
      tags: { type: "array", items: { type: "string" } },
      created_at: { type: "string" },
      updated_at: { type: "string" },
      is_external: { type: "boolean" },
      external_url: { type: "string" },
      path: { type: "string" },
      digest,
      version,
      owner: nullable(owner),
      received_at: { type: "string", format: "date-time", description: "When this version came." },
      snippet: { type: "string", description: "Plain text around a word that was searched." },
    },
  },
  List: {
    type: "object",
    required: ["items", "total", "indexing", "next"],
    properties: {
      items: { type: "array", items: { $ref: "#/components/schemas/Item" } },
      total: { type: "integer", minimum: 0, description: "On all pages." },
      indexing: {
        type: "integer",
        minimum: 0,
        description: "Articles that came just now, which neither a search nor a tag finds yet.",
      },
      next: { type: ["string", "null"], description: "Cursor of the next page; null on the last." },
    },
  },
  Tags: {
    type: "object",
    required: ["tags"],
    properties: {
      tags: {
        type: "array",
        items: {
          type: "object",
          required: ["tag", "count"],
          properties: { tag: { type: "string" }, count: { type: "integer", minimum: 1 } },
        },
      },
    },
  },
} as const;

/** `components.parameters` */
export const parameters = {
  Id: {
    name: "id",
    in: "path",
    required: true,
    description: "Percent-encoded as `encodeURIComponent` does it.",
    schema: id,
  },
  SyncDigest: {
    name: "Sync-Digest",
    in: "header",
    description:
      "SHA-256 of the body. Since the body is canonical JSON it is the payload's digest too, and an " +
      "inserter needs no canonicaliser: it hashes what it received. Optional; checked where it is sent.",
    schema: digest,
  },
  SyncVersion: {
    name: "Sync-Version",
    in: "header",
    description:
      "Optional for a writer. An inserter that honours versions keeps the highest of each id, of deleted " +
      "ones too, answers an older write with 412 and applies an equal one again: so a request that lands " +
      "late cannot undo a newer one. A write without it applies; the version kept rises by one.",
    schema: version,
  },
  SyncOwner: {
    name: "Sync-Owner",
    in: "header",
    description:
      "Whose article this is from now on, in UTF-8. Without it the article keeps the owner it has. An " +
      "agent leaves articles of other owners alone, where the inventory tells.",
    schema: owner,
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description: "`<digest>-<version>`, for proxies and logs; an upsert is idempotent by itself.",
    schema: { type: "string" },
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "An `ETag` that was given before.",
    schema: { type: "string" },
  },
} as const;

/** `components.headers` */
export const responseHeaders = {
  SyncVersion: { description: "The version that is kept.", schema: version },
  SyncDigest: { description: "Digest of the payload.", schema: digest },
  SyncOwner: { description: "Owner, where one is known, in UTF-8.", schema: owner },
  ETag: { description: "Strong: the same only while nothing has changed.", schema: { type: "string" } },
} as const;
