/**
 * An inserter that misbehaves by script: a server on raw sockets, so that it can say anything, cut it
 * anywhere, or say nothing at all, and that keeps what it was sent byte by byte.
 */
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Names in lower case; one that came twice is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Request line and headers, byte by byte, the empty line included. */
  readonly head: Buffer;
  readonly body: Buffer;
  /** Which connection it came on, from 1. */
  readonly connection: number;
}

/** Plays the answer to one request. */
export type Play = (socket: Socket, request: ReceivedRequest) => void | Promise<void>;

export interface ScriptedServer {
  /** Like `http://127.0.0.1:43210/post`. */
  readonly url: string;
  readonly port: number;
  /** What came, in the order it was complete. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections made so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  close(): Promise<void>;
}

/**
 * Starts a server on loopback.
 *
 * @param script The answer to each request in turn, the last one again for all that follow; or a function
 *   that picks one.
 * @param tls Key and certificate; then it speaks https.
 */
export async function startScriptedServer(
  script: readonly Play[] | ((request: ReceivedRequest, index: number) => Play),
  options: { readonly tls?: TlsOptions; readonly port?: number } = {},
): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const pick =
    typeof script === "function"
      ? script
      : (_: ReceivedRequest, index: number): Play => script[index] ?? script.at(-1) ?? silence();

  const onConnection = (socket: Socket): void => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    void readRequests(socket, connection, async (request) => {
      const index = requests.push(request) - 1;
      try {
        await pick(request, index)(socket, request);
      } catch (error) {
        // A script that fails has to end the test, not just the connection.
        queueMicrotask(() => {
          throw error;
        });
      }
    });
  };
  const server: Server =
    options.tls === undefined ? createServer(onConnection) : createTlsServer(options.tls, onConnection);
  // A client that breaks off the handshake is what some tests are about.
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}/post`,
    port,
    requests,
    get connections() {
      return connections;
    },
    get openConnections() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A whole answer with its length. `body` may be text, bytes or a value for JSON. */
export function answer(
  status: number,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
): Play {
  return (socket) => {
    socket.write(answerBytes(status, body, headers));
  };
}

/** Lines of JSON as `application/x-ndjson`. */
export function ndjson(lines: readonly unknown[], headers: Readonly<Record<string, string>> = {}): Play {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return answer(200, body, { "content-type": "application/x-ndjson", ...headers });
}

/** The bytes of a whole answer, for those who cut them. */
export function answerBytes(
  status: number,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8");
  const fields = { "content-length": String(bytes.length), ...headers };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Scripted\r\n${head.join("")}\r\n`, "latin1"), bytes]);
}

/** Never answers, and keeps the connection. */
export function silence(): Play {
  return () => {};
}

/** Waits, then plays. */
export function after(ms: number, play: Play): Play {
  return async (socket, request) => {
    await sleep(ms);
    await play(socket, request);
  };
}

/** Raw bytes; then the connection stays open, ends, or is reset. */
export function raw(bytes: string | Uint8Array, then: "stay" | "end" | "reset" = "stay"): Play {
  return (socket) => {
    socket.write(bytes, () => {
      if (then === "end") socket.end();
      if (then === "reset") resetConnection(socket);
    });
  };
}

/** Resets the connection without a word. */
export function reset(): Play {
  return (socket) => {
    resetConnection(socket);
  };
}

/** Under TLS the other side sees an end without a goodbye, which comes to the same. */
function resetConnection(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Closes the connection without a word. */
export function hangUp(): Play {
  return (socket) => {
    socket.end();
  };
}

/** Bytes in pieces with a pause after each, for as long as there are any and the client listens. */
export function drip(bytes: Uint8Array, pieceBytes: number, pauseMs: number): Play {
  return async (socket) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += pieceBytes) {
      socket.write(bytes.subarray(at, at + pieceBytes));
      await sleep(pauseMs);
    }
  };
}

/** Sends the client elsewhere. */
export function redirect(status: number, location: string): Play {
  return answer(status, "", { location });
}

/** A status with a body that never ends, sent as fast as it is taken. */
export function endless(status: number, headers: Readonly<Record<string, string>> = {}): Play {
  return async (socket) => {
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} Scripted\r\ntransfer-encoding: chunked\r\n${fields.join("")}\r\n`);
    const piece = Buffer.alloc(16 * 1024, "x");
    const chunk = Buffer.concat([
      Buffer.from(`${piece.length.toString(16)}\r\n`),
      piece,
      Buffer.from("\r\n"),
    ]);
    while (!socket.destroyed) {
      if (socket.write(chunk)) await sleep(0);
      else await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
    }
  };
}

/** Cuts what a connection brings into requests, by `Content-Length`, and passes them on in turn. */
async function readRequests(
  socket: Socket,
  connection: number,
  onRequest: (request: ReceivedRequest) => Promise<void>,
): Promise<void> {
  let buffer = Buffer.alloc(0);
  try {
    for await (const piece of socket.iterator({ destroyOnReturn: false })) {
      buffer = Buffer.concat([buffer, piece as Buffer]);
      for (;;) {
        const request = takeRequest(buffer, connection);
        if (request === null) break;
        buffer = buffer.subarray(request.head.length + request.body.length);
        await onRequest(request);
      }
    }
  } catch {
    // The connection broke, which is what half of the scripts are about.
  }
}

function takeRequest(buffer: Buffer, connection: number): ReceivedRequest | null {
  const end = buffer.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = buffer.subarray(0, end + 4);
  const [first = "", ...fields] = head.toString("latin1").trimEnd().split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(":");
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const length = Number(headers["content-length"] ?? 0);
  if (buffer.length < head.length + length) return null;
  const body = buffer.subarray(head.length, head.length + length);
  return { method, target, headers, head: Buffer.from(head), body: Buffer.from(body), connection };
}
