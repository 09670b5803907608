import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { mediaTypeJson } from "../protocol.ts";

/** A request, its query, and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** A request that cannot be served: answered with this status, and with message and hint as JSON. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** How to fix it. */
  readonly hint: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, hint: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.hint = hint;
    this.headers = headers;
  }
}

/** The client closed its connection: there is no one to answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/** Answers with a JSON value. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, `${JSON.stringify(value)}\n`, { "content-type": mediaTypeJson, ...headers });
}

/** Answers with a text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  // As bytes, for with a string Node would send the headers in its encoding too: an owner that is not
  // ASCII would arrive garbled.
  const bytes = Buffer.from(text);
  response.writeHead(status, { "content-length": String(bytes.length), ...headers });
  response.end(bytes);
}

/**
 * Reads a request's body.
 *
 * Of one that is too large the rest is read and dropped, up to the same size again: a client that is
 * still sending would take an answer in the middle for a broken connection.
 *
 * @throws {HttpError} 413 if it is larger than `sizeBytesMax`, 415 if it is compressed.
 * @throws {ClientGone}
 */
export function readBody(request: IncomingMessage, sizeBytesMax: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  return new Promise((resolve, reject) => {
    if (encoding !== "identity") {
      const message = `Cannot read a body with Content-Encoding ${encoding}`;
      reject(new HttpError(415, message, "Send it uncompressed."));
      return;
    }
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const rejectTooLarge = (headers: Readonly<Record<string, string>>): void => {
      const message = `The body has more than ${sizeBytesMax} bytes`;
      reject(new HttpError(413, message, "Send less at once; a batch can be cut in halves.", headers));
    };
    request.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= sizeBytesMax) chunks.push(chunk);
      else chunks.length = 0;
      if (sizeBytes > 2 * sizeBytesMax) {
        request.pause();
        rejectTooLarge({ connection: "close" });
      }
    });
    request.on("end", () => {
      if (sizeBytes > sizeBytesMax) rejectTooLarge({});
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.on("close", () => {
      if (!request.complete) reject(new ClientGone("request ended early"));
    });
    request.on("error", (error) => reject(new ClientGone("request broke off", { cause: error })));
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {HttpError} 400 if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new HttpError(400, "The body is not UTF-8", "JSON is always UTF-8; save or encode it so.");
  }
}

/** Lowercase hex SHA-256. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
