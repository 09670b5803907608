import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { fromHeader, headers, mediaTypeJson, mediaTypeNdjson, parseVersion, toHeader } from "../protocol.ts";
import { Denied, decoded, type Exchange, readBody, sendJson, sendText, sha256 } from "./exchange.ts";
import { otherDigest, parsedJson, payloadOf } from "./payload.ts";
import { CursorUnknown } from "./search.ts";
import type { Store } from "./store.ts";

/** Most bytes of one payload. */
export const payloadBytesMax = 32 * 1024 * 1024;

const limitDefault = 20;
const limitMax = 100;
const queryLengthMax = 200;
/** A reader of the inventory who takes nothing for so long is gone. */
const stallMs = 30_000;

/** `POST {url}`: stores one article. @param path Path of the inserter's URL, for `Location`. */
export async function postArticle(
  { request, response }: Exchange,
  store: Store,
  path: string,
): Promise<void> {
  const version = versionOf(request);
  const claimed = header(request, headers.digest);
  const body = await readBody(request, payloadBytesMax);
  const payload = decoded(body);
  const { id, fields } = payloadOf(parsedJson(payload, "The body"));
  const digest = sha256(body);
  if (claimed !== null && claimed !== digest) throw otherDigest(claimed, digest);
  const written = store.upsert({ id, fields, payload, digest, version, owner: ownerOf(request) });
  if (written.status === 412) throw older(id, written.version);
  const location = { location: `${path}/${encodeURIComponent(id)}` };
  const answer = { id, digest, version: written.version };
  sendJson(response, written.status, answer, written.status === 201 ? location : {});
}

/** `DELETE {url}/{id}`. */
export function deleteArticle({ request, response }: Exchange, store: Store, id: string): void {
  const written = store.remove({ id, version: versionOf(request), owner: ownerOf(request) });
  if (written.status === 412) throw older(id, written.version);
  if (written.status === 404) throw notThere(id);
  response.writeHead(204).end();
}

/** `GET {url}/{id}`: the payload as it came, with what is known about it in the headers. */
export function getArticle({ request, response }: Exchange, store: Store, id: string): void {
  const kept = store.article(id);
  if (kept === null) throw notThere(id);
  const about = {
    etag: `"${kept.digest}"`,
    "cache-control": "no-cache",
    "last-modified": new Date(kept.receivedMs).toUTCString(),
    [headers.digest]: kept.digest,
    [headers.version]: String(kept.version),
    ...(kept.owner === null ? {} : { [headers.owner]: toHeader(kept.owner) }),
  };
  if (matches(request, about.etag)) response.writeHead(304, about).end();
  else sendText(response, 200, kept.payload, { "content-type": mediaTypeJson, ...about });
}

/** `GET {url}`: a page of a list, searched or not. */
export function listArticles({ response, query }: Exchange, store: Store): void {
  const words = query.get("q") ?? "";
  if (words.length > queryLengthMax) {
    throw new Denied(400, `"q" has more than ${queryLengthMax} characters`, "Search for fewer words.");
  }
  const limit = Number(query.get("limit") ?? limitDefault);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    throw new Denied(
      400,
      `"limit" has to be an integer from 1 to ${limitMax}`,
      "Follow the cursor for more.",
    );
  }
  try {
    const found = store.find({
      words,
      limit,
      tag: query.get("tag") || null,
      cursor: query.get("cursor") || null,
    });
    sendJson(response, 200, found, { vary: "accept", "cache-control": "no-cache" });
  } catch (error) {
    if (!(error instanceof CursorUnknown)) throw error;
    const hint = 'Take "next" of an answer to the same q and tag, or leave it out to begin anew.';
    throw new Denied(400, '"cursor" is not one that this list gave', hint);
  }
}

/** Whether the client would rather have the inventory than the list. */
export function wantsInventory(request: IncomingMessage): boolean {
  const accept = request.headers.accept ?? "";
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

/** `GET {url}` for the inventory: every article there was at this moment, a line each. */
export async function sendInventory(
  { request, response }: Exchange,
  store: Store,
  batch: number,
): Promise<void> {
  const about = { etag: store.etag(), vary: "accept", "cache-control": "no-cache" };
  if (matches(request, about.etag)) {
    response.writeHead(304, about).end();
    return;
  }
  response.writeHead(200, { "content-type": mediaTypeNdjson, ...about });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  for (const page of store.inventory(batch)) {
    if (response.write(page)) await turn();
    else await drained(response);
    if (response.destroyed) return;
  }
  response.end();
}

/** Until more can be written, or never can: one who does not read would hold the snapshot for ever. */
async function drained(response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => response.destroy(), stallMs);
  const closed = once(response, "close", { signal: stop.signal }).catch(() => null);
  const free = once(response, "drain", { signal: stop.signal }).catch(() => null);
  await Promise.race([closed, free]);
  clearTimeout(timer);
  stop.abort();
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}

function versionOf(request: IncomingMessage): number | null {
  const value = header(request, headers.version);
  if (value === null) return null;
  const version = parseVersion(value);
  if (version !== null) return version;
  const hint = "Send decimal digits, or leave it out.";
  throw new Denied(400, "Sync-Version has to be an integer from 0 to 2^53 - 1", hint);
}

function ownerOf(request: IncomingMessage): string | null {
  const value = header(request, headers.owner);
  return value === null ? null : fromHeader(value);
}

function matches(request: IncomingMessage, etag: string): boolean {
  const value = request.headers["if-none-match"];
  if (value === undefined) return false;
  return value.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}

function older(id: string, kept: number): Denied {
  return new Denied(
    412,
    `${JSON.stringify(id)} is kept in version ${kept}, which is newer`,
    "Send a higher Sync-Version if this still is what you want.",
    { [headers.version]: String(kept) },
  );
}

function notThere(id: string): Denied {
  return new Denied(404, `There is no article ${JSON.stringify(id)}`, "The list of all is one level up.");
}
