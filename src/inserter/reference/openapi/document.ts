import { batchBytesMax, batchPath } from "../../protocol.ts";
import { payloadBytesMax } from "../articles.ts";
import { parameters, responseHeaders, schemas } from "./schemas.ts";

const ndjson = "application/x-ndjson";
const json = "application/json";

const description = `
What an agent asks of the place that stores its articles. Whoever implements this can be kept in step
with a Git repository.

**Required is one request only**: \`POST\` of an article. An agent finds out what else there is:

| request | if it is there |
| --- | --- |
| \`DELETE\` | articles that are gone from the repository go from here. Answered with 405 or 501: they stay, and the agent says so |
| inventory | an agent finds what was lost, changed or left here, and sends only what differs. Answered with 404, 405, 406, 501 or another type: it does without. 5xx, 429 or silence: unknown, it asks again |
| batch | many operations a request. Answered with 404, 405 or 501: one by one |
| versions | a request that lands late cannot undo a newer one |

**How answers are understood.** 2xx: done. 408, 425, 429 and 5xx: tried again later, with backoff;
\`Retry-After\` is honoured up to 10 minutes, and with 429 or 503 holds all requests back. 401, 403, 404,
405, 407 and 3xx to a \`POST\`: the address or the credentials are probably wrong, so the agent holds
everything and probes slowly; redirects are never followed. Any other 4xx: this article is refused, the
others go on.
`.trim();

interface Response {
  readonly description: string;
  readonly headers?: object;
  readonly content?: object;
}

const schema = (name: keyof typeof schemas): object => ({ $ref: `#/components/schemas/${name}` });
const content = (type: string, name: keyof typeof schemas): object => ({ [type]: { schema: schema(name) } });
const parameter = (name: keyof typeof parameters): object => ({ $ref: `#/components/parameters/${name}` });
const header = (name: keyof typeof responseHeaders): object => ({ $ref: `#/components/headers/${name}` });

const failure = (words: string, headers?: object): Response => ({
  description: words,
  ...(headers === undefined ? {} : { headers }),
  content: content(json, "Error"),
});
const older = failure("Older than what is kept; nothing was changed.", {
  "Sync-Version": header("SyncVersion"),
});
const unauthorized = failure("A token is needed, or it is not the right one.", {
  "WWW-Authenticate": { schema: { const: "Bearer" } },
});
const foreign = failure("The request comes from a page of another site.");
const unavailable = failure("The database fails just now: try again.");
const compressed = failure("The body is compressed.");
const unchanged: Response = { description: "As it was.", headers: { ETag: header("ETag") } };

/** What every request for articles may be answered with. */
const always = { 401: unauthorized, 503: unavailable };

/**
 * The contract of an inserter for whoever writes one, or a client: an OpenAPI 3.1 document.
 *
 * @param path Path of the inserter's URL, like `/post`.
 * @param batch Most operations a batch.
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
      [path]: { post, get: listOrInventory },
      [`${path}/{id}`]: { parameters: [parameter("Id")], get: article, delete: remove },
      ...(batch === 0 ? {} : { [path + batchPath]: { post: batchOf(batch) } }),
      "/tags": { get: tags },
      "/healthz": { get: health },
      "/openapi.json": { get: self },
      "/": { get: page },
    },
    components: {
      schemas,
      parameters,
      headers: responseHeaders,
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

const post = {
  operationId: "upsert",
  tags: ["sync"],
  summary: "Store an article",
  description: "Upsert by `id`, idempotent. Any 2xx means that it is stored.",
  parameters: [
    parameter("SyncDigest"),
    parameter("SyncVersion"),
    parameter("SyncOwner"),
    parameter("IdempotencyKey"),
  ],
  requestBody: {
    required: true,
    description: `Canonical JSON (RFC 8785) in UTF-8, not compressed, at most ${payloadBytesMax} bytes here.`,
    content: content(json, "Payload"),
  },
  responses: {
    200: { description: "Replaced what was there, or was there already.", content: content(json, "Written") },
    201: {
      description: "New.",
      headers: { Location: { schema: { type: "string" } } },
      content: content(json, "Written"),
    },
    400: failure("Not JSON, not UTF-8, not an object, a header of the wrong form, or another digest."),
    403: foreign,
    412: older,
    413: failure("Too large."),
    415: compressed,
    422: failure("The id is missing or cannot be used."),
    ...always,
  },
};

const listOrInventory = {
  operationId: "list",
  tags: ["sync", "read"],
  summary: "List, search, or take the inventory",
  description: `With \`Accept: ${ndjson}\` the **inventory**: every article with its digest, version and
owner, a line each, all as of one moment; the parameters do not apply. Lines may come in any order; here
they are in byte order of the ids. Otherwise a **list**: the newest first, or what has all the words of
\`q\`, first where they are in the title. Words are found anywhere in a text, in Japanese and Chinese too,
from one character on, in the first million characters of an article.`,
  parameters: [
    {
      name: "q",
      in: "query",
      description: "Words, separated by blanks; at most 200 characters, of which ten words count.",
      schema: { type: "string", maxLength: 200 },
    },
    { name: "tag", in: "query", description: "Only with this tag.", schema: { type: "string" } },
    {
      name: "limit",
      in: "query",
      description: "Items a page.",
      schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
    },
    {
      name: "cursor",
      in: "query",
      description: "`next` of the page before, with the same `q` and `tag`.",
      schema: { type: "string" },
    },
    parameter("IfNoneMatch"),
  ],
  responses: {
    200: {
      description: "The inventory, or a page of the list.",
      headers: { ETag: header("ETag"), Vary: { schema: { const: "accept" } } },
      content: {
        [ndjson]: {
          schema: schema("InventoryLine"),
          example:
            '{"inventory":1,"batch":500}\n' +
            '{"id":"hello-world","digest":"9f86…","version":1735689600000000,"owner":"sync-agent"}\n' +
            '{"end":true,"count":1}\n',
        },
        [json]: { schema: schema("List") },
      },
    },
    304: unchanged,
    400: failure("A parameter has the wrong form."),
    ...always,
  },
};

const article = {
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
        "Last-Modified": { description: "When this version came.", schema: { type: "string" } },
        "Sync-Digest": header("SyncDigest"),
        "Sync-Version": header("SyncVersion"),
        "Sync-Owner": header("SyncOwner"),
      },
      content: content(json, "Payload"),
    },
    304: unchanged,
    400: failure("The id in the URL is not percent-encoded UTF-8."),
    404: failure("It is not there."),
    ...always,
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
    403: foreign,
    404: failure("It was not there."),
    412: older,
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
    content: {
      [ndjson]: {
        schema: schema("BatchLine"),
        example:
          '{"upsert":{"id":"hello-world","title":"Hello"},"digest":"…","version":7,"owner":"sync-agent"}\n' +
          '{"delete":"old-news","version":8,"owner":"sync-agent"}\n',
      },
    },
  },
  responses: {
    200: {
      description: "What became of each.",
      content: {
        [ndjson]: {
          schema: schema("BatchAnswer"),
          example:
            '{"id":"hello-world","status":200}\n' +
            '{"id":"old-news","status":412,"version":9,"error":"Older than version 9, which is kept"}\n',
        },
      },
    },
    400: failure("Not UTF-8."),
    403: foreign,
    413: failure("Too many operations or bytes."),
    415: compressed,
    ...always,
  },
});

const tags = {
  operationId: "tags",
  tags: ["read"],
  summary: "Tags and how many articles have each",
  responses: {
    200: { description: "The most used first, at most 200.", content: content(json, "Tags") },
    ...always,
  },
};

const health = {
  operationId: "health",
  tags: ["read"],
  summary: "Whether it serves",
  security: [],
  responses: {
    200: {
      description: "It does.",
      content: {
        [json]: { schema: { type: "object", required: ["ok"], properties: { ok: { const: true } } } },
      },
    },
    503: unavailable,
  },
};

const self = {
  operationId: "openapi",
  tags: ["read"],
  summary: "This document",
  security: [],
  responses: { 200: { description: "OpenAPI 3.1.", content: { [json]: { schema: { type: "object" } } } } },
};

const page = {
  operationId: "page",
  tags: ["read"],
  summary: "A page to browse and search the articles",
  security: [],
  responses: { 200: { description: "HTML.", content: { "text/html": { schema: { type: "string" } } } } },
};
