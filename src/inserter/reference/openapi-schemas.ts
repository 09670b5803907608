/** The shapes in the OpenAPI document of the reference inserter, as JSON Schema 2020-12. */

export type Schema = Readonly<Record<string, unknown>>;

export const string: Schema = { type: "string" };
const strings: Schema = { type: "array", items: string };
const dateTime: Schema = { type: "string", format: "date-time" };
export const text = (description: string): Schema => ({ type: "string", description });
export const integer = (minimum: number, description?: string): Schema => ({
  type: "integer",
  minimum,
  ...(description === undefined ? {} : { description }),
});
const nullable = (schema: Schema): Schema => ({ ...schema, type: [schema["type"], "null"] });
export const object = (
  required: readonly string[],
  properties: Readonly<Record<string, Schema>>,
): Schema => ({
  type: "object",
  required,
  properties,
});
export const ref = (name: keyof typeof schemas): Schema => ({ $ref: `#/components/schemas/${name}` });

export const digest: Schema = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  description: "Lowercase hex SHA-256 of the payload as canonical JSON (RFC 8785).",
  examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
};
export const version: Schema = {
  type: "integer",
  format: "int64",
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    "Rises with each operation of a writer, across restarts too: microseconds of the clock, or more. " +
    "A retry of the same operation keeps its version.",
  examples: [1735689600000000],
};
export const owner = text("Who wrote it: the `owner` of the agent's configuration.");
export const id: Schema = {
  type: "string",
  minLength: 1,
  description: 'At most 512 bytes of UTF-8 without control characters; neither "." nor "..".',
  examples: ["hello-world"],
};
/** Fields that a payload and an item of a list have alike. */
const shown = {
  id,
  title: string,
  description: string,
  tags: strings,
  external_url: string,
};

const tagCount = object(["tag", "count"], { tag: string, count: integer(1) });

export const schemas = {
  Payload: {
    description:
      "What is stored. Only `id` is required: a hook of the agent may send any other JSON object. " +
      "These are the fields of an article.",
    ...object(["id"], {
      ...shown,
      body: text("Markdown as its author wrote it."),
      html: text("The body, rendered."),
      cover: text("Address of a picture, or empty."),
      created_at: { ...nullable(dateTime), description: "Null where the author's tool needs no date." },
      updated_at: nullable(dateTime),
      lang: text("Language, where the repository has several."),
      is_external: { type: "boolean", description: "Whether the article is elsewhere, at `external_url`." },
      path: text("Path of the file in its repository."),
    }),
    additionalProperties: true,
  },
  Written: object(["id", "digest", "version"], { id, digest, version }),
  Error: object(["error", "hint"], { error: text("What is wrong."), hint: text("How to fix it.") }),
  InventoryLine: {
    description:
      "One line of an inventory. The first is a head, the last an end; each between is an article. " +
      "If the end is missing, or counts other than the articles before it, the listing was cut short " +
      "and nothing of it counts.",
    oneOf: [
      {
        title: "Head",
        ...object(["inventory"], {
          inventory: { const: 1, description: "Of this kind: 1." },
          batch: integer(0, "Most operations a batch. 0 or absent: there are no batches."),
        }),
      },
      { title: "Article", ...object(["id"], { id, digest, version, owner: nullable(owner) }) },
      {
        title: "End",
        ...object(["end", "count"], { end: { const: true }, count: integer(0, "Articles listed.") }),
      },
    ],
  },
  BatchLine: {
    description: "One operation of a batch.",
    oneOf: [
      {
        title: "Upsert",
        ...object(["upsert"], {
          upsert: { $ref: "#/components/schemas/Payload" },
          digest: { ...digest, description: "Of the canonical JSON of `upsert` alone." },
          version,
          owner,
        }),
      },
      { title: "Delete", ...object(["delete"], { delete: id, version, owner }) },
    ],
  },
  BatchAnswer: {
    description:
      "What the operation in the same place of the batch did. A line that is missing or cannot be read " +
      "acknowledges nothing: the agent sends that operation again.",
    ...object(["id", "status"], {
      id: { ...nullable(id), description: "Null where the line was too broken to have one." },
      status: {
        type: "integer",
        description:
          "The status that a request of its own would have had: 200 or 201 stored, 204 deleted, 404 was " +
          "not there, 412 older than what is kept, 400 or 422 this operation cannot be done.",
        examples: [200, 204, 404, 412, 422],
      },
      error: string,
      version: { ...version, description: "With 412: the version that is kept." },
    }),
  },
  Item: {
    description: "An article in a list. Of the payload's fields those that a list shows, where it has them.",
    ...object(["id", "digest", "version", "owner", "received_at"], {
      ...shown,
      cover: string,
      created_at: string,
      updated_at: string,
      is_external: { type: "boolean" },
      path: string,
      digest,
      version,
      owner: nullable(owner),
      received_at: { ...dateTime, description: "When this version came." },
      snippet: text("Plain text around a word that was searched."),
    }),
  },
  List: object(["items", "total", "indexing", "tags", "next"], {
    items: { type: "array", items: { $ref: "#/components/schemas/Item" } },
    total: integer(0, "On all pages."),
    indexing: integer(0, "Articles that came just now, which neither a search nor a tag finds yet."),
    tags: {
      type: "array",
      items: tagCount,
      description: "Tags of all that was found, the most used first, at most 20; only on the first page.",
    },
    next: { type: ["string", "null"], description: "Cursor of the next page; null on the last." },
  }),
  Items: object(["items"], { items: { type: "array", items: { $ref: "#/components/schemas/Item" } } }),
  Tags: object(["tags"], { tags: { type: "array", items: tagCount } }),
};
