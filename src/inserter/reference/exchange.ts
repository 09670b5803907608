import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { mediaTypeJson } from "../protocol.ts";

/** A request, what stands behind the `?`, and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** A request that cannot be done: answered with this status and the words as JSON. */
export class Denied extends Error {
  override readonly name = "Denied";
  readonly status: number;
  /** How to mend it. */
  readonly hint: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, hint: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.hint = hint;
    this.headers = headers;
  }
}

/** The one who asked is gone: nobody is there to be answered. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";
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

/** Answers with a text that is at hand. */
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
 * Of one that is too large the rest is read and dropped, up to the same size again: who is still
 * sending would take an answer in the middle for a broken connection.
 *
 * @throws {Denied} 413 if it is larger than `sizeBytesMax`, 415 if it is compressed.
 * @throws {Abandoned}
 */
export function readBody(request: IncomingMessage, sizeBytesMax: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  return new Promise((resolve, reject) => {
    if (encoding !== "identity") {
      const message = `Cannot read a body with Content-Encoding ${encoding}`;
      reject(new Denied(415, message, "Send it uncompressed."));
      return;
    }
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const tooLarge = (headers: Readonly<Record<string, string>>): void => {
      const message = `The body has more than ${sizeBytesMax} bytes`;
      reject(new Denied(413, message, "Send less at once; a batch can be cut in halves.", headers));
    };
    request.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= sizeBytesMax) chunks.push(chunk);
      else chunks.length = 0;
      if (sizeBytes > 2 * sizeBytesMax) {
        request.pause();
        tooLarge({ connection: "close" });
      }
    });
    request.on("end", () => {
      if (sizeBytes > sizeBytesMax) tooLarge({});
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.on("close", () => {
      if (!request.complete) reject(new Abandoned("request ended early"));
    });
    request.on("error", (error) => reject(new Abandoned("request broke off", { cause: error })));
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {Denied} 400 if the bytes are not UTF-8. */
export function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Denied(400, "The body is not UTF-8", "JSON is always UTF-8; save or encode it so.");
  }
}

/** Lowercase hex SHA-256. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
