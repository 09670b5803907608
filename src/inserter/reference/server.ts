import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { UsageError } from "../../errors.ts";
import { type Address, close, limitConnections, listen } from "../../http/server.ts";
import type { Log } from "../../sync/ports.ts";
import { batchLinesDefault } from "../protocol.ts";
import { ClientGone, HttpError, sendJson } from "./http.ts";
import { route, type Site } from "./routes.ts";
import { type ArticleStore, StoreUnavailable } from "./store.ts";

/** How to serve the reference inserter. */
export interface InserterOptions extends Address {
  /** Closed with the inserter, and where the start fails. */
  readonly store: ArticleStore;
  /** Path of the inserter's URL, beginning with a slash; default `/post`. */
  readonly path?: string;
  readonly log: Log;
  /** If given, writes and the inventory have to show what it gives: `Authorization: Bearer <token>`. */
  readonly token?: () => string;
  /** Most operations a batch, default 500; 0 = takes none. */
  readonly batch?: number;
}

/** A reference inserter that is serving. */
export interface Inserter {
  /** What a client posts to, like `http://127.0.0.1:8081/post`. */
  readonly url: string;
  /** The page for people. */
  readonly pageUrl: string;
  /** Takes no more requests, ends those in flight within 4.5 s, closes the store. May be called again. */
  close(): Promise<void>;
}

/** Longer than clients keep theirs, so that none sends into a connection that is just being closed. */
const keepAliveMs = 75_000;
const headersMs = 10_000;
const requestMs = 60_000;
const graceMs = 4_500;
/** More than an agent and many readers need, and fewer than a process may usually have open. */
const connectionsMax = 500;
const reservedPaths = ["/", "/healthz", "/readyz", "/openapi.json", "/tags"];

/**
 * Serves the inserter API over a store, with search and a page to browse.
 *
 * @throws {UsageError} If the path cannot be served, or the address is taken.
 */
export async function startInserter(options: InserterOptions): Promise<Inserter> {
  const { store, log, path = "/post", batch = batchLinesDefault, token = null } = options;
  const site: Site = { store, path, batch, token, address: options };
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: 5_000,
      noDelay: true,
    },
    (request, response) => void answer(request, response, site, log),
  );
  limitConnections(server, connectionsMax);
  let pageUrl: string;
  try {
    if (!/^(?:\/[\w.~-]+)+$/.test(path) || reservedPaths.includes(path)) {
      throw new UsageError((words) => words.cannotServeAt(path));
    }
    pageUrl = await listen(server, options, "cannotListen");
    server.on("error", ({ message }) =>
      log.emit("error", "reference.failed", `Cannot take a connection: ${message}`),
    );
  } catch (error) {
    await store.close();
    throw error;
  }
  let closing: Promise<void> | null = null;
  return {
    url: pageUrl.slice(0, -1) + path,
    pageUrl,
    close: () => {
      closing ??= close(server, graceMs).then(() => store.close());
      return closing;
    },
  };
}

/** Never rejects: an error becomes an answer, or breaks off the one that is under way. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  log: Log,
): Promise<void> {
  try {
    await route(request, response, site);
  } catch (error) {
    if (error instanceof ClientGone) return;
    const { status, message, hint, headers } = toHttpError(error, request, log);
    if (response.headersSent) response.destroy();
    else sendJson(response, status, { error: message, hint }, headers);
  }
}

/** A store that fails may work again soon, so that is answered with 503 and the client tries again. */
function toHttpError(error: unknown, request: IncomingMessage, log: Log): HttpError {
  if (error instanceof HttpError) return error;
  const { message, stack } = error as Error;
  const what = `Cannot answer ${request.method} ${request.url?.slice(0, 200)}: ${message}`;
  if (error instanceof StoreUnavailable) {
    log.emit("error", "reference.failed", what);
    const after = error.retryAfterS;
    return new HttpError(
      error.status,
      message,
      error.hint,
      after === null ? {} : { "retry-after": String(after) },
    );
  }
  log.emit("error", "reference.failed", what, { stack });
  return new HttpError(500, "The inserter failed", "Its log says more.");
}
