import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Address, isForeignOrigin, isHostAllowed } from "../../http/server.ts";
import { acceptedLanguage } from "../../messages/language.ts";
import { batchPath } from "../protocol.ts";
import {
  applyBatch,
  deleteArticle,
  listArticles,
  listSimilar,
  listTags,
  readArticle,
  sendInventory,
  upsertArticle,
  wantsInventory,
} from "./articles.ts";
import { type Exchange, HttpError, sendJson, sendText, sha256 } from "./http.ts";
import { openApiDocument } from "./openapi.ts";
import { page } from "./page/page.ts";
import type { ArticleStore } from "./store.ts";

/** What the routes serve. */
export interface Site {
  readonly store: ArticleStore;
  /** Path of the inserter's URL. */
  readonly path: string;
  /** Most operations a batch; 0 = takes none. */
  readonly batch: number;
  /** Gives the token that writes and the inventory have to show; null where none is wanted. */
  readonly token: (() => string) | null;
  readonly address: Address;
}

/** After an article's URL: what is like it. An id with a slash has that percent-encoded. */
const similarPath = "/similar";

type Methods = Readonly<Record<string, (exchange: Exchange) => void | Promise<void>>>;

/**
 * Finds what a request asks for, and serves it.
 *
 * @throws {HttpError} For all that has to be answered with an error.
 */
export async function route(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  // Not `new URL`: it would take `/post/%2e%2e` for `/`.
  const [path = "/", ...rest] = (request.url ?? "/").split("?");
  // A probe names the address of its pod, which no list has; and it learns nothing of the articles.
  if (path !== "/healthz" && path !== "/readyz") refuseOtherHosts(request, site.address);
  const open = openMethods(path, site);
  const methods = open ?? articleMethods(path, site);
  if (methods === null) {
    throw new HttpError(404, `There is nothing at ${path.slice(0, 200)}`, `Articles are at ${site.path}.`);
  }
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "");
  const serve = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (serve === undefined) {
    const allow = Object.keys(methods)
      .map((name) => (name === "GET" ? "GET, HEAD" : name))
      .join(", ");
    const message = `${path.slice(0, 200)} does not take ${method}`;
    throw new HttpError(405, message, `It takes ${allow}.`, { allow });
  }
  if (method !== "GET") refuseOtherSites(request);
  if (open === null && needsToken(request)) authorize(request, site.token);
  await serve({ request, response, query: new URLSearchParams(rest.join("?")) });
}

/** What anyone may read. */
function openMethods(path: string, { store, path: url, batch }: Site): Methods | null {
  switch (path) {
    case "/":
      return {
        GET: ({ request, response }) => {
          const { html, headers } = page(url, acceptedLanguage(request.headers["accept-language"] ?? ""));
          sendText(response, 200, html, headers);
        },
      };
    case "/healthz":
      return {
        GET: ({ response }) => sendJson(response, 200, { ok: true }),
      };
    case "/readyz":
      return {
        GET: async ({ response }) => {
          await store.ready();
          sendJson(response, 200, { ok: true });
        },
      };
    case "/openapi.json":
      return { GET: ({ response }) => sendJson(response, 200, openApiDocument(url, batch)) };
    default:
      return null;
  }
}

function articleMethods(path: string, { store, path: url, batch }: Site): Methods | null {
  if (path === "/tags") return { GET: (exchange) => listTags(exchange, store) };
  if (path === url || path === `${url}/`) {
    return {
      GET: (exchange) =>
        wantsInventory(exchange.request)
          ? sendInventory(exchange, store, batch)
          : listArticles(exchange, store),
      POST: (exchange) => upsertArticle(exchange, store, url),
    };
  }
  if (!path.startsWith(`${url}/`)) return null;
  const rest = path.slice(url.length + 1);
  if (rest.endsWith(similarPath)) {
    const like = decodeId(rest.slice(0, -similarPath.length));
    return { GET: (exchange) => listSimilar(exchange, store, like) };
  }
  const id = decodeId(rest);
  return {
    GET: (exchange) => readArticle(exchange, store, id),
    DELETE: (exchange) => deleteArticle(exchange, store, id),
    ...(batch > 0 && path === url + batchPath
      ? { POST: (exchange: Exchange) => applyBatch(exchange, store, batch) }
      : {}),
  };
}

function decodeId(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    const message = `The id in the URL is not percent-encoded UTF-8: ${segment.slice(0, 200)}`;
    throw new HttpError(400, message, "Encode it.");
  }
}

/** Who only asks whether something changed, as the page does, learns nothing of the articles. */
function needsToken(request: IncomingMessage): boolean {
  return request.method === "GET" ? wantsInventory(request) : request.method !== "HEAD";
}

/** Digests are compared, so that the time it takes reveals nothing about the token. */
function authorize(request: IncomingMessage, expected: Site["token"]): void {
  if (expected === null) return;
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token !== undefined && timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(sha256(expected()))))
    return;
  const message = token === undefined ? "A token is needed" : "The token is not the right one";
  throw new HttpError(401, message, "Send Authorization: Bearer <token>.", { "www-authenticate": "Bearer" });
}

function refuseOtherHosts({ headers: { host } }: IncomingMessage, address: Address): void {
  if (isHostAllowed(host, address)) return;
  const message = `Requests for the host ${host?.slice(0, 200)} are not answered here`;
  throw new HttpError(403, message, "On loopback, ask for 127.0.0.1 or localhost.");
}

/** A page of another site must not change articles. */
function refuseOtherSites(request: IncomingMessage): void {
  if (!isForeignOrigin(request)) return;
  const message = `Pages of ${request.headers.origin?.slice(0, 200)} may not change articles`;
  throw new HttpError(403, message, "Write from a program.");
}
