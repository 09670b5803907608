/** Answers to requests for articles: each exported function serves one kind of request. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type BatchAnswer,
  batchBytesMax,
  headers,
  type InventoryEnd,
  type InventoryHead,
  mediaTypeJson,
  mediaTypeNdjson,
  payloadBytesMax,
  toHeader,
} from "../protocol.ts";
import { decodeUtf8, type Exchange, HttpError, readBody, sendJson, sendText } from "./http.ts";
import { type ArticleStore, CursorUnknown, type Write, type WriteResult, type Written } from "./store.ts";
import { parseBatchLine, parseUpsert, writerOf } from "./writes.ts";

const limitDefault = 20;
const limitMax = 100;
const queryLengthMax = 200;
const tagsMax = 200;
/** A reader of the inventory that takes nothing for so long is gone. */
const stallMs = 30_000;

const similarMax = 5;

const statusOf: Readonly<Record<Written["outcome"], number>> = {
  created: 201,
  replaced: 200,
  deleted: 204,
  absent: 404,
  stale: 412,
};

/** `POST {url}`: stores one article. @param path Path of the inserter's URL, for `Location`. */
export async function upsertArticle(
  { request, response }: Exchange,
  store: ArticleStore,
  path: string,
): Promise<void> {
  const writer = writerOf(request.headers);
  const body = await readBody(request, payloadBytesMax);
  const write = parseUpsert(body, request.headers, writer);
  const { outcome, version } = await writeOne(store, write);
  const { id, digest } = write;
  const location = { location: `${path}/${encodeURIComponent(id)}` };
  sendJson(response, statusOf[outcome], { id, digest, version }, outcome === "created" ? location : {});
}

/** `DELETE {url}/{id}`. */
export async function deleteArticle(
  { request, response }: Exchange,
  store: ArticleStore,
  id: string,
): Promise<void> {
  const { outcome } = await writeOne(store, { kind: "delete", id, ...writerOf(request.headers) });
  if (outcome === "absent") throw notFound(id);
  response.writeHead(statusOf[outcome]).end();
}

/** `POST {url}/_batch`: applies each line by itself, and answers a line each. @param linesMax Lines a batch. */
export async function applyBatch(
  { request, response }: Exchange,
  store: ArticleStore,
  linesMax: number,
): Promise<void> {
  const text = decodeUtf8(await readBody(request, batchBytesMax));
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > linesMax) {
    throw new HttpError(
      413,
      `The batch has ${lines.length} operations, more than ${linesMax}`,
      'Send at most as many as "batch" in the first line of the inventory says.',
    );
  }
  const parsed = lines.map(parseBatchLine);
  const results = (await store.write(parsed.filter(isWrite))).values();
  const answers = parsed.map((one) => (isWrite(one) ? toAnswer(one, results.next().value) : one));
  const body = answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
  sendText(response, 200, body, { "content-type": mediaTypeNdjson });
}

const isWrite = (parsed: Write | BatchAnswer): parsed is Write => "kind" in parsed;

function toAnswer({ kind, id }: Write, result: WriteResult | undefined): BatchAnswer {
  if (result === undefined) throw new RangeError("The store gave fewer results than it got writes");
  if (result.outcome === "failed") return { id, status: result.status, error: result.error };
  const { outcome, version } = result;
  if (outcome === "stale") {
    return { id, status: 412, version, error: `Older than version ${version}, which is kept` };
  }
  return { id, status: kind === "upsert" ? 200 : statusOf[outcome] };
}

/** `GET {url}/{id}`: the payload as it came, with what is known about it in the headers. */
export async function readArticle(
  { request, response }: Exchange,
  store: ArticleStore,
  id: string,
): Promise<void> {
  const stored = await store.read(id);
  if (stored === null) throw notFound(id);
  const about = {
    etag: `"${stored.digest}"`,
    "cache-control": "no-cache",
    "last-modified": new Date(stored.receivedMs).toUTCString(),
    [headers.digest]: stored.digest,
    [headers.version]: String(stored.version),
    ...(stored.owner === null ? {} : { [headers.owner]: toHeader(stored.owner) }),
  };
  if (isUnchanged(request, about.etag)) response.writeHead(304, about).end();
  else sendText(response, 200, stored.payload, { "content-type": mediaTypeJson, ...about });
}

/** `GET {url}`: a page of a list, searched or not. */
export async function listArticles({ response, query }: Exchange, store: ArticleStore): Promise<void> {
  const words = query.get("q") ?? "";
  if (words.length > queryLengthMax) {
    throw new HttpError(400, `"q" has more than ${queryLengthMax} characters`, "Search for fewer words.");
  }
  const limit = Number(query.get("limit") ?? limitDefault);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    const message = `"limit" has to be an integer from 1 to ${limitMax}`;
    throw new HttpError(400, message, "Follow the cursor for more.");
  }
  const [tag, cursor] = [query.get("tag") || null, query.get("cursor") || null];
  try {
    const found = await store.search({ words, limit, tag, cursor });
    sendJson(response, 200, found, { vary: "accept", "cache-control": "no-cache" });
  } catch (error) {
    if (!(error instanceof CursorUnknown)) throw error;
    const hint = 'Take "next" of an answer to the same q and tag, or leave it out to begin anew.';
    throw new HttpError(400, '"cursor" is not one that this list gave', hint);
  }
}

/** `GET {url}/{id}/similar`. */
export async function listSimilar({ response }: Exchange, store: ArticleStore, id: string): Promise<void> {
  const items = await store.similar(id, similarMax);
  if (items === null) throw notFound(id);
  sendJson(response, 200, { items }, { "cache-control": "no-cache" });
}

/** `GET /tags`. */
export async function listTags({ response }: Exchange, store: ArticleStore): Promise<void> {
  sendJson(response, 200, { tags: await store.tags(tagsMax) });
}

/** Whether the client prefers the inventory to the list. */
export function wantsInventory({ headers: { accept = "" } }: IncomingMessage): boolean {
  const inventory = quality(accept, mediaTypeNdjson);
  return inventory > 0 && inventory >= quality(accept, mediaTypeJson);
}

function quality(accept: string, type: string): number {
  for (const range of accept.toLowerCase().split(",")) {
    const [name, ...parameters] = range.split(";").map((part) => part.trim());
    if (name !== type) continue;
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    return q === undefined ? 1 : Number(q.slice(2)) || 0;
  }
  return 0;
}

/** `GET {url}` for the inventory, a line an article. @param batch Most operations a batch; 0 = takes none. */
export async function sendInventory(
  { request, response }: Exchange,
  store: ArticleStore,
  batch: number,
): Promise<void> {
  const about = (etag: string) => ({ etag, vary: "accept", "cache-control": "no-cache" });
  if (request.method === "HEAD" || request.headers["if-none-match"] !== undefined) {
    const etag = await store.etag();
    const unchanged = isUnchanged(request, etag);
    if (unchanged || request.method === "HEAD") {
      const type = unchanged ? {} : { "content-type": mediaTypeNdjson };
      response.writeHead(unchanged ? 304 : 200, { ...type, ...about(etag) }).end();
      return;
    }
  }
  const { etag, pages } = await store.inventory();
  response.writeHead(200, { "content-type": mediaTypeNdjson, ...about(etag) });
  let count = 0;
  response.write(ndjson([{ inventory: 1, batch } satisfies InventoryHead]));
  for await (const page of pages) {
    count += page.length;
    if (response.write(ndjson(page))) await nextTurn();
    else await drained(response);
    if (response.destroyed) return;
  }
  response.end(ndjson([{ end: true, count } satisfies InventoryEnd]));
}

const ndjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

/** Until more can be written, or never can: a client that does not read would hold the snapshot for ever. */
async function drained(response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => response.destroy(), stallMs);
  const closed = once(response, "close", { signal: stop.signal }).catch(() => null);
  const free = once(response, "drain", { signal: stop.signal }).catch(() => null);
  await Promise.race([closed, free]);
  clearTimeout(timer);
  stop.abort();
}

async function writeOne(store: ArticleStore, write: Write): Promise<Written> {
  const [result] = await store.write([write]);
  if (result === undefined) throw new RangeError("The store gave no result");
  if (result.outcome === "failed") {
    const { status, error } = result;
    const isLater = status === 429 || status === 503;
    const hint = isLater ? "Send it again later." : "The store cannot take this article as it is.";
    throw new HttpError(status, error, hint, isLater ? { "retry-after": "1" } : {});
  }
  if (result.outcome !== "stale") return result;
  const message = `${JSON.stringify(write.id)} is kept in version ${result.version}, which is newer`;
  const hint = "Send a higher Sync-Version if this still is what you want.";
  throw new HttpError(412, message, hint, { [headers.version]: String(result.version) });
}

function isUnchanged(request: IncomingMessage, etag: string): boolean {
  const value = request.headers["if-none-match"];
  if (value === undefined) return false;
  return value.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}

function notFound(id: string): HttpError {
  return new HttpError(404, `There is no article ${JSON.stringify(id)}`, "The list of all is one level up.");
}
