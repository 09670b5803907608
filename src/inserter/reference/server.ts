import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../../errors.ts";
import type { Log } from "../../sync/ports.ts";
import { batchLinesDefault } from "../protocol.ts";
import { Abandoned, Denied, sendJson, sha256 } from "./exchange.ts";
import { route, type Site } from "./routes.ts";
import { openStore, type Store } from "./store.ts";

/** How to serve the reference inserter. */
export interface InserterOptions {
  /** SQLite file, made where it is missing, or `":memory:"`. */
  readonly db: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Path of the inserter's URL, beginning with a slash; default `/post`. */
  readonly path?: string;
  readonly log: Log;
  /** If given, whoever reads or writes articles has to show it: `Authorization: Bearer <token>`. */
  readonly token?: string;
  /** Most operations a batch, default 500; 0 = takes none. */
  readonly batch?: number;
}

/** A reference inserter that is serving. */
export interface Inserter {
  /** What a client posts to, like `http://127.0.0.1:8081/post`. */
  readonly url: string;
  /** The page for people. */
  readonly pageUrl: string;
  /** The articles, for tests and for whoever runs it in the same process. */
  readonly store: Store;
  /** Takes no more requests, ends those in flight within 5 s, closes the database. May be called again. */
  close(): Promise<void>;
}

/** Longer than clients keep theirs, so that none sends into a connection that is just being closed. */
const keepAliveMs = 75_000;
const headersMs = 10_000;
const requestMs = 60_000;
const graceMs = 5_000;
const idleCheckMs = 20;
const reservedPaths = ["/", "/healthz", "/openapi.json", "/tags"];

/**
 * Serves the inserter API on SQLite, with search and a page to browse.
 *
 * @throws {UsageError} If the database cannot be used, or the address is taken: then its `code` is the
 *   system's, `EADDRINUSE`.
 */
export async function startInserter(options: InserterOptions): Promise<Inserter> {
  const path = options.path ?? "/post";
  if (!/^(?:\/[\w.~-]+)+$/.test(path) || reservedPaths.includes(path)) {
    throw new UsageError(`Cannot serve articles at ${JSON.stringify(path)}`, 'Give a path like "/post".');
  }
  const store = openStore(options.db, options.log);
  const site: Site = { store, path, batch: options.batch ?? batchLinesDefault, log: options.log };
  const secret = options.token === undefined ? null : Buffer.from(sha256(options.token));
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: 5_000,
      noDelay: true,
    },
    (request, response) => void answer(request, response, site, secret),
  );
  try {
    await listening(server, options.host, options.port);
  } catch (error) {
    store.close();
    throw error;
  }
  let closing: Promise<void> | null = null;
  const pageUrl = `http://${authority(server.address() as AddressInfo)}/`;
  return {
    url: pageUrl.slice(0, -1) + path,
    pageUrl,
    store,
    close: () => {
      closing ??= closed(server).then(() => store.close());
      return closing;
    },
  };
}

/** Never rejects: trouble becomes an answer, or, when one is under way already, a broken one. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  secret: Buffer | null,
): Promise<void> {
  try {
    await route(request, response, site, () => authorize(request, secret));
  } catch (error) {
    if (error instanceof Abandoned) return;
    const denied = error instanceof Denied ? error : broken(error, request, site.log);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendJson(response, denied.status, { error: denied.message, hint: denied.hint }, denied.headers);
  }
}

/** Digests are compared, so that the time it takes tells nothing about the token. */
function authorize(request: IncomingMessage, secret: Buffer | null): void {
  if (secret === null) return;
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token !== undefined && timingSafeEqual(Buffer.from(sha256(token)), secret)) return;
  const message = token === undefined ? "A token is needed" : "The token is not the right one";
  throw new Denied(401, message, "Send Authorization: Bearer <token>.", { "www-authenticate": "Bearer" });
}

/** Trouble of the database may pass, so it is answered with 503 and the client tries again. */
function broken(error: unknown, request: IncomingMessage, log: Log): Denied {
  const { message, code } = error as NodeJS.ErrnoException;
  const ofDatabase = code === "ERR_SQLITE_ERROR";
  const what = `Cannot answer ${request.method} ${request.url?.slice(0, 200)}: ${message}`;
  log.emit("error", "reference.failed", what, ofDatabase ? {} : { stack: (error as Error).stack });
  if (ofDatabase) return new Denied(503, `The database fails: ${message}`, "Is the disk full or read-only?");
  return new Denied(500, "The inserter failed", "Its log says more.");
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the address is in use" : error.message;
      const hint = "Give another HOST:PORT; port 0 takes any free one.";
      const wrapped = new UsageError(`Cannot listen on ${host}:${port}: ${why}`, hint, { cause: error });
      reject(Object.assign(wrapped, { code: error.code }));
    });
    server.listen(port, host, () => resolve());
  });
}

/** An address that can be connected to, also where it listens on all of them. */
function authority({ address, port }: AddressInfo): string {
  if (address === "0.0.0.0") return `127.0.0.1:${port}`;
  if (address === "::") return `[::1]:${port}`;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection whose last answer is under way becomes idle later, and would be kept alive.
    const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
    const grace = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(grace);
      resolve();
    });
    server.closeIdleConnections();
  });
}
