import { isDeepStrictEqual } from "node:util";
import type { InserterSettings } from "../../config/settings.ts";
import { isLoopback } from "../../http/server.ts";
import type { BatchReply, InventoryReply, Log, Outgoing, Reply, Sink } from "../../sync/ports.ts";
import {
  articleUrl,
  batchPath,
  mediaTypeJson,
  mediaTypeNdjson,
  headers as names,
  toHeader,
} from "../protocol.ts";
import { excerptBytesMax, toAnswer } from "./answer.ts";
import { composeBatch, readBatchAnswer } from "./batch.ts";
import { Connections } from "./connections.ts";
import type { AnswerHead, Exchange, OutgoingRequest } from "./exchange.ts";
import { Fault } from "./fault.ts";
import { inventoryTimeouts, isNdjson, openListing } from "./inventory.ts";
import { Secrets } from "./secrets.ts";

/** What a client of an inserter is made of. */
export interface SinkOptions {
  /** `url` has to be that of an inserter, not `embedded`. */
  readonly settings: InserterSettings;
  /** Whose articles are sent; known by the time something is. */
  readonly identity: { readonly owner: string | null };
  /** For `User-Agent`. */
  readonly agentVersion: string;
  readonly log: Log;
  /** Variables for secrets and proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Failure = Extract<Reply, { kind: "failure" }>;

/** Statuses below 500 that do not say whether there is an inventory. */
const unclear = new Set([401, 403, 407, 408, 425, 429]);

/**
 * A client of the inserter API over HTTP. It sends each request once and leaves its meaning to the core, with
 * two exceptions: a connection that turns out to have been closed while idle is replaced at once, and after a
 * 401 secrets are read again and the request repeated if they had changed.
 *
 * Nothing is loaded or connected before the first request.
 *
 * @throws {UsageError} If the environment names a proxy that cannot be one.
 */
export function createSink(options: SinkOptions): Sink & { close(): Promise<void> } {
  return new HttpSink(options);
}

class HttpSink implements Sink {
  readonly #options: SinkOptions;
  readonly #url: string;
  readonly #secrets: Secrets;
  readonly #connections: Connections;

  constructor(options: SinkOptions) {
    const { settings, environment, log } = options;
    this.#options = options;
    this.#url = settings.url;
    this.#secrets = new Secrets(settings, environment);
    this.#connections = new Connections(settings, environment);
    const { protocol, hostname, host } = new URL(this.#url);
    if (protocol === "https:" || this.#secrets.isEmpty || isLoopback(hostname)) return;
    log.emit(
      "warn",
      "inserter.plaintext-token",
      `Credentials go to ${host} over plain HTTP, where anyone on the way can read them: use https:// in inserter.url`,
      { host },
    );
  }

  async send(operation: Outgoing, signal: AbortSignal): Promise<Reply> {
    return this.#exchange(this.#toRequest(operation), signal, (exchange, head) =>
      this.#readReply(exchange, head),
    );
  }

  async sendBatch(operations: readonly Outgoing[], signal: AbortSignal): Promise<BatchReply> {
    const request: OutgoingRequest = {
      method: "POST",
      url: `${this.#url}${batchPath}`,
      headers: { "content-type": mediaTypeNdjson, accept: mediaTypeNdjson },
      body: composeBatch(operations, this.#options.identity.owner ?? ""),
    };
    const reply = await this.#exchange<BatchReply | Reply>(request, signal, (exchange, head) =>
      head.status === 200
        ? this.#readBatchReply(exchange, head, operations)
        : this.#readReply(exchange, head),
    );
    return "whole" in reply ? reply : { whole: reply, lines: operations.map(() => null) };
  }

  async inventory(etag: string | null, signal: AbortSignal): Promise<InventoryReply> {
    const request: OutgoingRequest = {
      method: "GET",
      url: this.#url,
      headers: { accept: mediaTypeNdjson, ...(etag === null ? {} : { "if-none-match": etag }) },
      body: null,
    };
    const reply = await this.#exchange(request, signal, (exchange, head) =>
      this.#readInventory(exchange, head, etag),
    );
    return reply.kind === "failure" ? { kind: "unknown", reply } : reply;
  }

  async close(): Promise<void> {
    this.#connections.close();
  }

  #toRequest({ kind, id, version, digest, body }: Outgoing): OutgoingRequest {
    const headers: Record<string, string> = {
      [names.version]: String(version),
      [names.owner]: toHeader(this.#options.identity.owner ?? ""),
    };
    if (kind === "delete") {
      // An URL resolves these to the folder above, and that must never be deleted.
      if (id === "." || id === "..") throw new RangeError(`An URL cannot carry the id ${JSON.stringify(id)}`);
      return { method: "DELETE", url: articleUrl(this.#url, id), headers, body: null };
    }
    headers["content-type"] = mediaTypeJson;
    headers[names.digest] = digest ?? "";
    headers[names.idempotencyKey] = `${digest}-${version}`;
    return { method: "POST", url: this.#url, headers, body: body ?? new Uint8Array(0) };
  }

  /** Sends a request and has its answer read; a {@link Fault} on the way becomes a failure. */
  async #exchange<T>(
    request: OutgoingRequest,
    signal: AbortSignal,
    read: (exchange: Exchange, head: AnswerHead) => Promise<T>,
  ): Promise<T | Failure> {
    let exchange: Exchange | null = null;
    try {
      const secrets = this.#secrets.headers();
      exchange = await this.#open(this.#withHeaders(request, secrets), signal);
      if ((await exchange.head).status === 401) {
        this.#secrets.forget();
        const current = this.#secrets.headers();
        if (!isDeepStrictEqual(current, secrets)) {
          await exchange.start(0);
          exchange = await this.#open(this.#withHeaders(request, current), signal);
        }
      }
      return await read(exchange, await exchange.head);
    } catch (error) {
      exchange?.close();
      if (!(error instanceof Fault)) throw error;
      return { kind: "failure", why: error.why, message: this.#secrets.redact(error.message) };
    }
  }

  /** Sends a request and waits until it is answered, once more if the connection had gone stale. */
  async #open(request: OutgoingRequest, signal: AbortSignal): Promise<Exchange> {
    const { timeoutMs } = this.#options.settings;
    const exchange = await this.#connections.begin(request, timeoutMs, signal);
    try {
      await exchange.head;
      return exchange;
    } catch (error) {
      if (!(error instanceof Fault) || !error.stale) throw error;
    }
    // If one connection was closed while idle, the others most likely were too.
    this.#connections.dropIdle();
    return this.#connections.begin(request, timeoutMs, signal);
  }

  #withHeaders(request: OutgoingRequest, secrets: Readonly<Record<string, string>>): OutgoingRequest {
    const userAgent = { "user-agent": `sync-agent/${this.#options.agentVersion}` };
    const headers: Record<string, string> = { ...userAgent, ...secrets, ...request.headers };
    if (request.body !== null) headers["content-length"] = String(request.body.length);
    return { ...request, headers };
  }

  async #readReply(exchange: Exchange, head: AnswerHead): Promise<Reply> {
    const { bytes, more, fault } = await exchange.start(excerptBytesMax);
    // A refusal stands by its status. A success counts only if it arrived whole.
    if (fault !== null && head.status < 300) throw fault;
    return toAnswer(head, bytes, more || fault !== null, this.#secrets.redact);
  }

  async #readBatchReply(
    exchange: Exchange,
    head: AnswerHead,
    operations: readonly Outgoing[],
  ): Promise<BatchReply> {
    const { lines, fault } = await readBatchAnswer(exchange, operations, this.#secrets.redact);
    // What was acknowledged before the answer broke off stays acknowledged.
    if (fault !== null && lines.every((line) => line === null)) throw fault;
    return { whole: toAnswer(head, new Uint8Array(0), false, this.#secrets.redact), lines };
  }

  async #readInventory(
    exchange: Exchange,
    head: AnswerHead,
    askedEtag: string | null,
  ): Promise<InventoryReply> {
    const { status, headers } = head;
    const { timeoutMs } = this.#options.settings;
    if (status === 200 && isNdjson(headers["content-type"])) {
      const { batch, pages } = await openListing(exchange.chunks(inventoryTimeouts * timeoutMs));
      const etag = headers.etag ?? "";
      const isStrong = /^"[^"]*"$/.test(etag);
      return { kind: "listing", etag: isStrong ? etag : null, batch, pages };
    }
    if (status === 304 && askedEtag !== null) {
      await exchange.start(0);
      return { kind: "unchanged" };
    }
    if ((status >= 300 && status < 400) || unclear.has(status) || (status >= 500 && status !== 501)) {
      return { kind: "unknown", reply: await this.#readReply(exchange, head) };
    }
    await exchange.start(0);
    return { kind: "none" };
  }
}
