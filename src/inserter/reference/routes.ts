import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptedLanguage } from "../../messages/accepted-language.ts";
import type { Log } from "../../sync/ports.ts";
import { batchPath } from "../protocol.ts";
import {
  deleteArticle,
  getArticle,
  listArticles,
  postArticle,
  sendInventory,
  wantsInventory,
} from "./articles.ts";
import { applyBatch } from "./batch.ts";
import { Denied, type Exchange, sendJson, sendText } from "./exchange.ts";
import { openApiDocument } from "./openapi/document.ts";
import { page } from "./page/page.ts";
import type { Store } from "./store.ts";

/** What the routes serve. */
export interface Site {
  readonly store: Store;
  /** Path of the inserter's URL. */
  readonly path: string;
  /** Most operations a batch; 0 = takes none. */
  readonly batch: number;
  readonly log: Log;
}

const tagsMax = 200;
type Methods = Readonly<Record<string, (exchange: Exchange) => void | Promise<void>>>;

/**
 * Finds what a request asks for, and does it.
 *
 * @param authorize Throws where the request may not see or change articles.
 * @throws {Denied} For whatever has to be answered with an error.
 */
export async function route(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  authorize: () => void,
): Promise<void> {
  // Not `new URL`: it would take `/post/%2e%2e` for `/`.
  const [path = "/", ...rest] = (request.url ?? "/").split("?");
  const exchange = { request, response, query: new URLSearchParams(rest.join("?")) };
  const open = openMethods(path, site);
  const methods = open ?? articleMethods(path, site);
  if (methods === null) {
    throw new Denied(404, `There is nothing at ${path.slice(0, 200)}`, `Articles are at ${site.path}.`);
  }
  if (open === null) authorize();
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "");
  const answer = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (answer === undefined) {
    const allow = Object.keys(methods).map((name) => (name === "GET" ? "GET, HEAD" : name));
    throw new Denied(405, `${path.slice(0, 200)} does not take ${method}`, `It takes ${allow.join(", ")}.`, {
      allow: allow.join(", "),
    });
  }
  if (method !== "GET") refuseOtherSites(request);
  await answer(exchange);
}

/** What anyone may read. */
function openMethods(path: string, site: Site): Methods | null {
  switch (path) {
    case "/":
      return {
        GET: ({ request, response }) => {
          const lang = acceptedLanguage(request.headers["accept-language"] ?? "");
          const { html, headers } = page(site.path, lang);
          sendText(response, 200, html, headers);
        },
      };
    case "/healthz":
      return {
        GET: ({ response }) => {
          site.store.etag(); // asks the database, and throws if that does not answer
          sendJson(response, 200, { ok: true });
        },
      };
    case "/openapi.json":
      return { GET: ({ response }) => sendJson(response, 200, openApiDocument(site.path, site.batch)) };
    default:
      return null;
  }
}

function articleMethods(path: string, site: Site): Methods | null {
  const { store, batch } = site;
  if (path === "/tags")
    return { GET: ({ response }) => sendJson(response, 200, { tags: store.tags(tagsMax) }) };
  if (path === site.path || path === `${site.path}/`) {
    return {
      GET: (exchange) =>
        wantsInventory(exchange.request)
          ? sendInventory(exchange, store, batch)
          : listArticles(exchange, store),
      POST: (exchange) => postArticle(exchange, store, site.path),
    };
  }
  if (!path.startsWith(`${site.path}/`)) return null;
  const id = decodedId(path.slice(site.path.length + 1));
  const methods: Methods = {
    GET: (exchange) => getArticle(exchange, store, id),
    DELETE: (exchange) => deleteArticle(exchange, store, id),
  };
  if (batch === 0 || path !== site.path + batchPath) return methods;
  return { ...methods, POST: (exchange) => applyBatch(exchange, store, batch) };
}

function decodedId(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Denied(
      400,
      `The id in the URL is not percent-encoded UTF-8: ${segment.slice(0, 200)}`,
      "Encode it.",
    );
  }
}

/** A page of another site, open in the browser of someone who can reach this, must not change articles. */
function refuseOtherSites(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  if (origin === undefined || origin.replace(/^https?:\/\//, "") === host) return;
  throw new Denied(403, `Pages of ${origin.slice(0, 200)} may not change articles`, "Write from a program.");
}
