/** Serves the status over HTTP: probes, metrics, JSON, a page. Read only. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as http from "../http/server.ts";
import { acceptedLanguage } from "../messages/language.ts";
import { visible, visibleJson } from "../messages/terminal.ts";
import type { Verdict } from "../status.ts";
import type { Log } from "../sync/ports.ts";
import { createReader } from "./page/html.ts";
import { pagePolicy, statusPage } from "./page/page.ts";
import { iconOf, levelOf } from "./page/summary.ts";
import type { StatusService } from "./service.ts";
import { CHECKS } from "./verdicts.ts";

/** A listener that is serving. */
export interface Listener {
  /** Where people find the page, like `http://127.0.0.1:9300/`. */
  readonly url: string;
  /** Takes no more requests; those under way get a second. */
  close(): Promise<void>;
}

/** An answer. */
interface Reply {
  readonly status: number;
  /** Media type; of a text without its charset. */
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 75_000;
const CLOSE_MS = 1_000;
const CONNECTIONS_MAX = 200;
const FIND_LENGTH_MAX = 300;

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
  options: {
    readonly host: string;
    readonly port: number;
    /** Asked at each request: they may change while the listener stays. */
    readonly allowedHosts?: () => readonly string[];
    readonly log: Log;
  },
): Promise<Listener> {
  const { host, port, allowedHosts = () => [], log } = options;
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      const isAllowed = http.isHostAllowed(request.headers.host, { host, allowedHosts: allowedHosts() });
      void answer(request, response, isAllowed ? service : null, log);
    },
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
  service: StatusService | null,
  log: Log,
): Promise<void> {
  // Whatever comes along is not read; a connection with an unread body is of no further use.
  request.resume();
  const { method = "" } = request;
  try {
    if (service === null) return send(method, response, otherHost(request.headers.host ?? ""));
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
    const query = url?.searchParams ?? new URLSearchParams();
    const language = query.get("lang") ?? request.headers["accept-language"] ?? "";
    send(method, response, await replyTo(url?.pathname ?? "", query, language, service));
  } catch (error) {
    const { message, stack } = error as Error;
    log.emit("error", "status.failed", `Cannot answer ${request.url?.slice(0, 200)}: ${message}`, { stack });
    if (response.headersSent) response.destroy();
    else send(method, response, { status: 500, type: "text/plain", text: "The log says what went wrong\n" });
  }
}

/** For a page of another site whose name leads here. */
function otherHost(host: string): Reply {
  const hint = "Ask by a name of loopback or an address, or list the name in status.allowedHosts";
  return {
    status: 403,
    type: "text/plain",
    text: `There is no ${visible(host.slice(0, 200))} here. ${hint}\n`,
  };
}

async function replyTo(
  path: string,
  query: URLSearchParams,
  language: string,
  service: StatusService,
): Promise<Reply> {
  const find = (query.get("find") ?? "").trim().slice(0, FIND_LENGTH_MAX);
  switch (path) {
    case "/healthz":
      return query.has("verbose") ? listed("healthz", service.health()) : probe(service.health());
    case "/readyz":
      return query.has("verbose") ? listed("readyz", service.readiness()) : probe(service.readiness());
    case "/metrics":
      return { status: 200, ...(await service.exposition()) };
    case "/status":
      return json(find, service);
    case "/":
      return page(find, language, service);
    case "/icon.svg":
      return icon(query.get("level") ?? "", service);
    default: {
      const text = "There are /, /status, /metrics, /healthz and /readyz\n";
      return { status: 404, type: "text/plain", text };
    }
  }
}

/** A line for each reason, for a person who looks at a probe by hand. */
function probe({ ok, reasons }: Verdict): Reply {
  if (ok) return { status: 200, type: "text/plain", text: "ok\n" };
  const lines = reasons.map(({ code, message }) => `${code}: ${message}\n`);
  return { status: 503, type: "text/plain", text: lines.join("") };
}

/** A line for each check of a probe, as the probes of Kubernetes' own programs have them. */
function listed(name: keyof typeof CHECKS, { ok, reasons }: Verdict): Reply {
  const lines = Object.entries(CHECKS[name]).map(([check, codes]) => {
    const failed = reasons.filter(({ code }) => codes.includes(code));
    return failed.length === 0
      ? `[+]${check} ok\n`
      : `[-]${check} failed: ${failed.map(({ message }) => message).join("; ")}\n`;
  });
  const text = `${lines.join("")}${name} check ${ok ? "passed" : "failed"}\n`;
  return { status: ok ? 200 : 503, type: "text/plain", text };
}

async function json(find: string, service: StatusService): Promise<Reply> {
  const [found, snapshot] = await Promise.all([service.find(find), service.snapshotWithWarnings()]);
  if (snapshot === null) return STARTING;
  const body = find === "" ? snapshot : { ...snapshot, find, found };
  return { status: 200, type: "application/json", text: `${visibleJson(JSON.stringify(body, null, 2))}\n` };
}

async function page(find: string, language: string, service: StatusService): Promise<Reply> {
  const [found, snapshot] = await Promise.all([service.find(find), service.snapshotWithWarnings()]);
  if (snapshot === null) return STARTING;
  const reader = createReader(acceptedLanguage(language), Date.parse(snapshot.time));
  const text = statusPage(snapshot, find === "" ? null : { text: find, found }, reader);
  const headers = { "content-security-policy": pagePolicy, vary: "accept-language" };
  return { status: 200, type: "text/html", text, headers };
}

function icon(asked: string, service: StatusService): Reply {
  const isLevel = asked === "ok" || asked === "working" || asked === "attention" || asked === "trouble";
  const snapshot = isLevel ? null : service.snapshot();
  const level = isLevel ? asked : snapshot === null ? "working" : levelOf(snapshot);
  return { status: 200, type: "image/svg+xml", text: iconOf(level) };
}

const STARTING: Reply = {
  status: 503,
  type: "text/plain",
  text: "The agent is starting\n",
  headers: { "retry-after": "1" },
};

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
