import {
  batchBytesMax,
  batchPath,
  mediaTypeJson as json,
  mediaTypeNdjson as ndjson,
  payloadBytesMax,
} from "../protocol.ts";
import { digest, id, object, owner, ref, type Schema, schemas, string, version } from "./openapi-schemas.ts";

/**
 * The contract of an inserter, for those who write one or a client of one: an OpenAPI 3.1 document, whose
 * schemas are JSON Schema 2020-12.
 *
 * @param path Path of the inserter's URL, like `/post`.
 * @param batch Most operations a batch; 0 = takes none.
 */
export function openApiDocument(path: string, batch: number): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Inserter API",
      version: "1.0.0",
      summary: "Where sync-agent brings the articles of a Git repository.",
      description,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{}, { bearer: [] }],
    tags: [
      { name: "sync", description: "What an agent uses." },
      { name: "read", description: "What readers use; the reference inserter's own." },
    ],
    paths: {
      [path]: { post: upsert, get: list },
      [`${path}/{id}`]: { parameters: [parameter("Id")], get: read, delete: remove },
      ...(batch === 0 ? {} : { [path + batchPath]: { post: batchOf(batch) } }),
      [`${path}/{id}/similar`]: { parameters: [parameter("Id")], get: similar },
      "/tags": { get: listTags },
      "/healthz": { get: health },
      "/readyz": { get: ready },
      "/openapi.json": { get: self },
      "/": { get: page },
    },
    components: {
      schemas,
      parameters,
      headers,
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

const description = `
What an agent asks of the place that stores its articles. Whatever implements this can be kept in step
with a Git repository.

**Only one request is required**: \`POST\` of an article. An agent finds out what else there is:

| request | if it is there |
| --- | --- |
| \`DELETE\` | articles that are gone from the repository go from here. Answered with 405 or 501: they stay, and the agent reports it |
| inventory | an agent finds what was lost, changed or left here, and sends only what differs. Answered with 404, 405, 406, 501 or another type: it does without. 5xx, 429 or silence: unknown, it asks again |
| batch | many operations a request. Answered with 404, 405 or 501: one by one |
| versions | a request that lands late cannot undo a newer one |

**How answers are understood.** 2xx: done. 408, 425, 429 and 5xx: tried again later, with backoff;
\`Retry-After\` is honoured up to 10 minutes, and with 429 or 503 holds all requests back. 401, 403, 404,
405, 407 and 3xx to a \`POST\`: the address or the credentials are probably wrong, so the agent holds
everything and probes slowly; redirects are never followed. Any other 4xx: this article is refused, the
others go on.

Where the inserter has a token, writes and the inventory need it; reading is open.
`.trim();

// Parameters and headers

const inHeader = (name: string, schema: Schema, description: string): object => ({
  name,
  in: "header",
  description,
  schema,
});
const inQuery = (name: string, schema: Schema, description: string): object => ({
  name,
  in: "query",
  description,
  schema,
});
const parameter = (name: keyof typeof parameters): object => ({ $ref: `#/components/parameters/${name}` });
const header = (name: keyof typeof headers): object => ({ $ref: `#/components/headers/${name}` });

const parameters = {
  Id: {
    name: "id",
    in: "path",
    required: true,
    description: "Percent-encoded as `encodeURIComponent` does it.",
    schema: id,
  },
  SyncDigest: inHeader(
    "Sync-Digest",
    digest,
    "SHA-256 of the body. Since the body is canonical JSON it is the payload's digest too, and an " +
      "inserter needs no canonicaliser: it hashes what it received. Optional; checked where it is sent.",
  ),
  SyncVersion: inHeader(
    "Sync-Version",
    version,
    "Optional for a writer. An inserter that honours versions keeps the highest of each id, of deleted " +
      "ones too, answers an older write with 412 and applies an equal one again: so a request that lands " +
      "late cannot undo a newer one. A write without it applies; the version kept rises by one.",
  ),
  SyncOwner: inHeader(
    "Sync-Owner",
    owner,
    "Whose article this is from now on, in UTF-8. Without it the article keeps the owner it has. An " +
      "agent leaves articles of other owners alone, where the inventory has owners.",
  ),
  IdempotencyKey: inHeader(
    "Idempotency-Key",
    string,
    "`<digest>-<version>`, for proxies and logs; an upsert is idempotent by itself.",
  ),
  IfNoneMatch: inHeader("If-None-Match", string, "An `ETag` that was given before."),
};

const headers = {
  SyncVersion: { description: "The version that is kept.", schema: version },
  SyncDigest: { description: "Digest of the payload.", schema: digest },
  SyncOwner: { description: "Owner, where one is known, in UTF-8.", schema: owner },
  ETag: { description: "Strong: the same only while nothing has changed.", schema: string },
};

// Answers

const jsonOf = (name: keyof typeof schemas): object => ({ [json]: { schema: ref(name) } });
const ndjsonOf = (name: keyof typeof schemas, ...lines: readonly string[]): object => ({
  [ndjson]: { schema: ref(name), example: lines.map((line) => `${line}\n`).join("") },
});
const success = (description: string, content: object, headers?: object): object => ({
  description,
  ...(headers === undefined ? {} : { headers }),
  content,
});
const failure = (description: string, headers?: object): object =>
  success(description, jsonOf("Error"), headers);

const older = failure("Older than what is kept; nothing was changed.", {
  "Sync-Version": header("SyncVersion"),
});
const retryAfter = { "Retry-After": { description: "Seconds, where the store says.", schema: string } };
const unavailable = failure("The store fails just now: try again.", retryAfter);
const busy = failure("The store has too much to do just now: try again.", retryAfter);
const compressed = failure("The body is compressed.");
const unchanged = { description: "As it was.", headers: { ETag: header("ETag") } };
const foreign = failure(
  "The request names a host that is not this one, or comes from a page of another site.",
);
/** What every request for articles may be answered with. */
const always = {
  401: failure("A token is needed, or it is not the right one.", {
    "WWW-Authenticate": { schema: { const: "Bearer" } },
  }),
  403: foreign,
  503: unavailable,
};

/** What a request for one article may be answered with besides. */
const without = {
  400: failure("The id in the URL is not percent-encoded UTF-8."),
  404: failure("It is not there."),
  ...always,
};

// Operations

const upsert = {
  operationId: "upsert",
  tags: ["sync"],
  summary: "Store an article",
  description: "Upsert by `id`, idempotent. Any 2xx means that it is stored.",
  parameters: (["SyncDigest", "SyncVersion", "SyncOwner", "IdempotencyKey"] as const).map(parameter),
  requestBody: {
    required: true,
    description: `Canonical JSON (RFC 8785) in UTF-8, not compressed, at most ${payloadBytesMax} bytes here.`,
    content: jsonOf("Payload"),
  },
  responses: {
    200: success("Replaced what was there, or was there already.", jsonOf("Written")),
    201: success("New.", jsonOf("Written"), { Location: { schema: string } }),
    400: failure("Not JSON, not UTF-8, not an object, a header of the wrong form, or another digest."),
    412: older,
    413: failure("Too large."),
    415: compressed,
    422: failure("The id is missing or cannot be used, or the store cannot take a field as it is."),
    429: busy,
    ...always,
  },
};

const list = {
  operationId: "list",
  tags: ["sync", "read"],
  summary: "List, search, or take the inventory",
  description: `With \`Accept: ${ndjson}\` the **inventory**: every article with its digest, version and
owner, a line each, all as of one moment; the parameters do not apply. Lines may come in any order; here
they are in byte order of the ids. Otherwise a **list**: the newest first, or what has all the words of
\`q\`, first where they are in the title. Words are found anywhere in a text, in Japanese and Chinese too,
from one character on, in the first million characters of an article.`,
  parameters: [
    inQuery(
      "q",
      { ...string, maxLength: 200 },
      "Words, separated by blanks; at most 200 characters, of which ten words count.",
    ),
    inQuery("tag", string, "Only with this tag."),
    inQuery("limit", { type: "integer", minimum: 1, maximum: 100, default: 20 }, "Items a page."),
    inQuery("cursor", string, "`next` of the page before, with the same `q` and `tag`."),
    parameter("IfNoneMatch"),
  ],
  responses: {
    200: {
      description: "The inventory, or a page of the list.",
      headers: { ETag: header("ETag"), Vary: { schema: { const: "accept" } } },
      content: {
        ...ndjsonOf(
          "InventoryLine",
          '{"inventory":1,"batch":500}',
          '{"id":"hello-world","digest":"9f86…","version":1735689600000000,"owner":"sync-agent"}',
          '{"end":true,"count":1}',
        ),
        ...jsonOf("List"),
      },
    },
    304: unchanged,
    400: failure("A parameter has the wrong form."),
    ...always,
  },
};

const read = {
  operationId: "article",
  tags: ["read"],
  summary: "Read an article",
  description: "The payload byte by byte as it came.",
  parameters: [parameter("IfNoneMatch")],
  responses: {
    200: {
      description: "The payload.",
      headers: {
        ETag: header("ETag"),
        "Last-Modified": { description: "When this version came.", schema: string },
        "Sync-Digest": header("SyncDigest"),
        "Sync-Version": header("SyncVersion"),
        "Sync-Owner": header("SyncOwner"),
      },
      content: jsonOf("Payload"),
    },
    304: unchanged,
    ...without,
  },
};

const remove = {
  operationId: "delete",
  tags: ["sync"],
  summary: "Delete an article",
  description:
    "2xx means that it is gone. 404 and 410 mean so too, for an agent that knows the address to be right. " +
    "The version counts even if it was not there: a `POST` that lands later but is older is answered with 412.",
  parameters: [parameter("SyncVersion"), parameter("SyncOwner")],
  responses: {
    204: { description: "It was there and is gone." },
    400: failure("The id is not percent-encoded UTF-8, or a header has the wrong form."),
    404: failure("It was not there."),
    412: older,
    429: busy,
    ...always,
  },
};

const batchOf = (linesMax: number): object => ({
  operationId: "batch",
  tags: ["sync"],
  summary: "Many operations in one request",
  description: `One operation a line, at most ${linesMax} of them here (the inventory's first line says so) and
${batchBytesMax} bytes. Each is done or refused by itself, and has its line in the answer, in the same order.
413: the agent halves the batch. Another 4xx to the whole: it looks for the operation at fault.`,
  requestBody: {
    required: true,
    content: ndjsonOf(
      "BatchLine",
      '{"upsert":{"id":"hello-world","title":"Hello"},"digest":"…","version":7,"owner":"sync-agent"}',
      '{"delete":"old-news","version":8,"owner":"sync-agent"}',
    ),
  },
  responses: {
    200: {
      description: "What each operation did.",
      content: ndjsonOf(
        "BatchAnswer",
        '{"id":"hello-world","status":200}',
        '{"id":"old-news","status":412,"version":9,"error":"Older than version 9, which is kept"}',
      ),
    },
    400: failure("Not UTF-8."),
    413: failure("Too many operations or bytes."),
    415: compressed,
    429: busy,
    ...always,
  },
});

const similar = {
  operationId: "similar",
  tags: ["read"],
  summary: "Articles that are like this one",
  responses: {
    200: success("The most alike first, at most 5.", jsonOf("Items")),
    ...without,
  },
};

const listTags = {
  operationId: "tags",
  tags: ["read"],
  summary: "Tags and how many articles have each",
  responses: { 200: success("The most used first, at most 200.", jsonOf("Tags")), ...always },
};

/** What anyone may read. */
const open = (operationId: string, summary: string, responses: object): object => ({
  operationId,
  tags: ["read"],
  summary,
  security: [],
  responses,
});
const well = success("It does.", { [json]: { schema: object(["ok"], { ok: { const: true } }) } });
const health = open("health", "Whether the process answers", { 200: well });
const ready = open("ready", "Whether articles can be written and read", { 200: well, 503: unavailable });
const self = open("openapi", "This document", {
  200: success("OpenAPI 3.1.", { [json]: { schema: { type: "object" } } }),
  403: foreign,
});
const page = open("page", "A page to browse and search the articles", {
  200: success("HTML.", { "text/html": { schema: string } }),
  403: foreign,
});
