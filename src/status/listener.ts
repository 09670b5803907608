/** Serves what is known of the agent over HTTP: to probes, to Prometheus, to programs, to people. Read only. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as http from "../http/server.ts";
import type { Log } from "../sync/ports.ts";
import type { Reply, StatusService } from "./service.ts";

/** A listener that is serving. */
export interface Listener {
  /** Where people find the page, like `http://127.0.0.1:9300/`. */
  readonly url: string;
  /** Takes no more requests; those under way get a second. */
  close(): Promise<void>;
}

const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 75_000;
const CLOSE_MS = 1_000;
const CONNECTIONS_MAX = 200;

/** On every answer. The page brings a policy of its own. */
const SECURITY: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * @param options.port 0 takes any free one.
 * @throws {UsageError} When the address cannot be listened on.
 */
export async function listen(
  service: StatusService,
  options: { readonly host: string; readonly port: number; readonly log: Log },
): Promise<Listener> {
  const { host, port, log } = options;
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void answer(request, response, service, log),
  );
  http.limitConnections(server, CONNECTIONS_MAX);
  const url = await http.listen(server, { host, port }, "cannotServeStatus");
  server.on("error", ({ message }) =>
    log.emit("error", "status.failed", `Cannot take a connection: ${message}`),
  );
  return { url, close: () => http.close(server, CLOSE_MS) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  service: StatusService,
  log: Log,
): Promise<void> {
  // Whatever comes along is not read; a connection with an unread body is of no further use.
  request.resume();
  const { method = "" } = request;
  try {
    if (method !== "GET" && method !== "HEAD") {
      const text = `${method} is not possible here: everything is read only\n`;
      return send(method, response, {
        status: 405,
        type: "text/plain",
        text,
        headers: { allow: "GET, HEAD" },
      });
    }
    const url = URL.parse(request.url ?? "/", "http://status");
    const asked = { language: request.headers["accept-language"] ?? "", query: url?.searchParams ?? null };
    send(method, response, await service.reply(url?.pathname ?? "", asked));
  } catch (error) {
    const { message, stack } = error as Error;
    log.emit("error", "status.failed", `Cannot answer ${request.url?.slice(0, 200)}: ${message}`, { stack });
    if (response.headersSent) response.destroy();
    else send(method, response, { status: 500, type: "text/plain", text: "The log says what went wrong\n" });
  }
}

function send(method: string, response: ServerResponse, { status, type, text, headers }: Reply): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    ...SECURITY,
    "content-type": type.startsWith("text/") && !type.includes(";") ? `${type}; charset=utf-8` : type,
    "content-length": bytes.length,
    ...headers,
  });
  response.end(method === "HEAD" ? undefined : bytes);
}
